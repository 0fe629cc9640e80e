"""A command that a signal ends keeps the rows it wrote, and leaves no worker and no temporary file."""

import os
import signal
import subprocess
import sys
import time

import pytest
from support.many_cases import MANY

from poolparity.reports.rows.reader import read_rows

CODE = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); from poolparity.reports.cli import main; main()"
"""The command, which heeds SIGHUP even where these tests ignore it."""
PATIENCE = 60


def children_of(pid):
    text = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(child) for child in text.split()]


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_whole_rows_and_nothing_else(tmp_path, number):
    rows, temporary = tmp_path / "rows.jsonl", tmp_path / "temporary"
    temporary.mkdir()
    (tmp_path / "spec.yaml").write_text(MANY)
    command = [sys.executable, "-c", CODE, "run", "spec.yaml", "--target", "numpy", "--no-cache"]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    process = subprocess.Popen([*command, "--rows", rows], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    with process:
        end = time.monotonic() + PATIENCE
        while not (rows.exists() and rows.stat().st_size > 5000) and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        workers = children_of(process.pid)
        process.send_signal(number)
        errors = process.communicate(timeout=PATIENCE)[1].decode()
    assert process.returncode == 128 + number, errors
    assert f"poolparity: stopped by {number.name}" in errors
    assert "Traceback" not in errors
    assert not read_rows(rows).whole
    assert read_rows(rows).rows
    assert list(temporary.iterdir()) == []
    assert workers
    assert not any(map(is_running, workers))
