"""A run on a Dask cluster has the rows of a plain run, whatever becomes of its workers."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from random import Random

import pytest
from support.clusters import PATIENCE, Cluster
from support.many_cases import COUNT, MANY
from typer.testing import CliRunner

from poolparity.reports.cli import app
from poolparity.reports.rows.reader import read_rows

pytest.importorskip("distributed", reason="distributed is not installed; to install: pip install 'poolparity[cluster]'")
pytestmark = pytest.mark.slow

RUN = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from poolparity.reports.cli import main; main()"
"""The command, which heeds Ctrl-C even where these tests ignore it."""
ADAPTER = str(Path(__file__).parents[1] / "support" / "shy.py")
SPEC = (
    MANY
    + """
  pins:
    about: The larger of two cells, which is not what is written here.
    input: [[[1, 5, 2, 4]]]
    pool: {kernel: [2], stride: [2]}
    output: [[[5, 3]]]
"""
)
CASES = COUNT + 1
NUMBERS = count()
COMMON = ("run", "specs", "--adapter", ADAPTER, "--target", "numpy", "--target", "shy")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with a spec, and a folder with the module that the target `shy` needs."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "specs").mkdir()
    (folder / "specs" / "pairs.yaml").write_text(SPEC)
    (folder / "modules").mkdir()
    (folder / "modules" / "seldom_there.py").write_text("")
    return folder


@pytest.fixture(scope="module")
def shy(project):
    """The variables with which an interpreter finds what the target `shy` needs."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(project / "modules"), os.environ.get("PYTHONPATH"))))}


@pytest.fixture(scope="module")
def plain_rows(project, shy):
    """The rows of a run without a cluster."""
    run(project, *COMMON, "--rows", "plain.jsonl", "--no-cache", **shy)
    return read_rows(project / "plain.jsonl")


class Command:
    """The command as it runs; what it says on standard error can be read meanwhile."""

    def __init__(self, project, *arguments, **environment):
        command = [sys.executable, "-c", RUN, *map(str, arguments)]
        self.log = project / f"{next(NUMBERS)}.log"
        with self.log.open("w") as stream:
            self.process = subprocess.Popen(
                command, cwd=project, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=stream, text=True
            )

    def stderr(self):
        return self.log.read_text()

    def wait_for(self, condition):
        """Wait until something is so while the command runs."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert self.process.poll() is None, self.stderr()
            assert time.monotonic() < end, self.stderr()
            time.sleep(0.02)

    def finish(self, status=1):
        """Wait for the end, with a status or with that of a run or of an error: what it has printed, on standard error first."""
        out = self.process.communicate(timeout=10 * PATIENCE)[0]
        text = self.stderr()
        assert self.process.returncode in ((status,) if status is not None else (1, 2)), text
        assert "Traceback" not in text
        return text + out


def start(project, *arguments, **environment):
    return Command(project, *arguments, **environment)


def run(project, *arguments, status=1, **environment):
    return Command(project, *arguments, **environment).finish(status)


def has_rows(path):
    return path.exists() and b'"record": "row"' in path.read_bytes()


def in_order(rows):
    """Rows without their times, in one order."""
    steady_rows = [{key: value for key, value in row.items() if key != "seconds"} for row in rows.rows]
    return sorted(steady_rows, key=lambda row: json.dumps([row[key] for key in ("case", "target", "way", "attribute")]))


def check_same(path, plain_rows):
    rows = read_rows(path)
    assert rows.whole
    assert rows.cases == plain_rows.cases
    assert in_order(rows) == in_order(plain_rows)


def test_the_rows_are_those_of_a_plain_run_and_blocks_go_where_their_target_is(cluster, workers, project, shy, plain_rows):
    workers(**shy)
    workers()
    printed = run(project, *COMMON, "--cluster", cluster.address, "--rows", "rows.jsonl", "--no-cache")
    assert "1 targets" in printed
    assert "2 targets" in printed
    check_same(project / "rows.jsonl", plain_rows)
    rows = read_rows(project / "rows.jsonl")
    assert {**rows.header, "started": ""} == {**plain_rows.header, "started": ""}
    comparison = CliRunner().invoke(app, ["diff", str(project / "plain.jsonl"), str(project / "rows.jsonl")])
    assert comparison.exit_code == 0
    assert "nothing changed" in comparison.output


def test_a_target_that_no_worker_has_is_reported_like_a_missing_framework(cluster, workers, project):
    workers()
    printed = run(project, *COMMON, "--cluster", cluster.address, status=2)
    assert "--target shy: shy skipped: module seldom_there is not installed" in printed


def test_a_worker_that_joins_late_takes_over_from_one_that_is_killed(cluster, workers, project, shy, plain_rows):
    first = workers(**shy, GATE=str(project / "never"))
    rows, gate = project / "late.jsonl", project / "gate of the late one"
    running = start(project, *COMMON, "--cluster", cluster.address, "--rows", rows, "--no-cache")
    running.wait_for(lambda: has_rows(rows))
    workers(**shy, GATE=str(gate))
    running.wait_for(lambda: running.stderr().count("2 targets") == 2)
    first.kill()
    running.wait_for(lambda: "is gone" in running.stderr())
    gate.touch()
    running.finish()
    check_same(rows, plain_rows)


def test_where_the_only_worker_was_killed_another_one_takes_its_blocks(cluster, workers, project, shy, plain_rows):
    first = workers(**shy, GATE=str(project / "never"))
    rows = project / "alone.jsonl"
    running = start(project, *COMMON, "--cluster", cluster.address, "--rows", rows, "--no-cache")
    running.wait_for(lambda: has_rows(rows))
    first.kill()
    running.wait_for(lambda: "is gone" in running.stderr())
    workers(**shy)
    running.finish()
    check_same(rows, plain_rows)


def test_an_interrupted_run_cancels_its_blocks_and_is_resumed(cluster, workers, project, shy, plain_rows):
    gate = project / "gate"
    workers(**shy, GATE=str(gate))
    rows = project / "cut.jsonl"
    running = start(project, *COMMON, "--cluster", cluster.address, "--rows", rows, "--no-cache")
    running.wait_for(lambda: has_rows(rows))
    running.process.send_signal(signal.SIGINT)
    assert "interrupted" in running.finish(130)
    assert not read_rows(rows).whole
    gate.touch()
    run(project, "run", "--resume", rows, "--cluster", cluster.address, "--no-cache")
    check_same(rows, plain_rows)


def test_a_worker_with_another_version_is_refused_with_the_reason(cluster, workers, project, tmp_path):
    info = tmp_path / "poolparity-9.9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: poolparity\nVersion: 9.9.9\n")
    workers(PYTHONPATH=str(tmp_path))
    arguments = ("run", "specs", "--target", "numpy", "--no-cache", "--cluster", cluster.address)
    printed = run(project, *arguments, status=2)
    assert "no worker can be asked: tcp://" in printed
    assert "it has poolparity 9.9.9; expected " in printed
    workers()
    assert "refused: it has poolparity 9.9.9" in run(project, *arguments)


def test_answers_come_from_the_cache_of_either_side(cluster, workers, project, tmp_path):
    workers(XDG_CACHE_HOME=str(tmp_path / "there"))
    arguments = ("run", "specs", "--target", "numpy", "--cluster", cluster.address)
    assert "answer cache" not in run(project, *arguments, XDG_CACHE_HOME=str(tmp_path / "here"))
    for here in ("here", "elsewhere"):
        printed = run(project, *arguments, XDG_CACHE_HOME=str(tmp_path / here))
        assert f"{CASES} of {CASES} answers came from the answer cache" in printed


@pytest.mark.parametrize("seed", [1, 2])
def test_a_run_whose_scheduler_is_started_again_at_a_random_moment_is_resumed(cluster, workers, project, shy, plain_rows, seed):
    """It goes on with workers of the new scheduler, or ends with a message; either way all rows are there in the end."""
    gate, rows = project / f"gate {seed}", project / f"restarted {seed}.jsonl"
    workers(**shy, GATE=str(gate))
    running = start(project, *COMMON, "--cluster", cluster.address, "--rows", rows, "--no-cache")
    running.wait_for(lambda: "2 targets" in running.stderr())
    time.sleep(Random(seed).uniform(0, 4))
    cluster.restart_scheduler()
    gate.touch()
    cluster.stop_workers()
    workers(**shy)
    text = running.finish(None)
    if running.process.returncode == 2:
        assert "what has arrived is kept, and --resume asks the rest" in text
        assert not read_rows(rows).whole
        run(project, "run", "--resume", rows, "--cluster", cluster.address, "--no-cache")
    check_same(rows, plain_rows)


def test_a_run_is_resumed_after_its_scheduler_has_gone_for_good(cluster, workers, project, shy, plain_rows):
    gate, rows = project / "gate of the gone one", project / "gone.jsonl"
    workers(**shy, GATE=str(gate))
    running = start(project, *COMMON, "--cluster", cluster.address, "--rows", rows, "--no-cache")
    running.wait_for(lambda: has_rows(rows))
    cluster.stop(cluster.processes[:1])
    text = running.finish(2)
    cluster.restart_scheduler()
    cluster.stop_workers()
    assert f"--cluster {cluster.address}: the scheduler is gone; what has arrived is kept, and --resume asks the rest" in text
    assert not read_rows(rows).whole
    workers(**shy)
    run(project, "run", "--resume", rows, "--cluster", cluster.address, "--no-cache")
    check_same(rows, plain_rows)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_cluster_with_tls_is_reached_with_the_files_that_the_page_names(project, plain_rows, tmp_path):
    make_certificates(tmp_path)
    options = [f"--tls-{name}={tmp_path / file}" for name, file in (("ca-file", "ca.pem"), ("cert", "node.pem"), ("key", "node-key.pem"))]
    cluster = Cluster(tmp_path, *options, host="tls://127.0.0.1")
    try:
        cluster.start()
        arguments = ("run", "specs", "--target", "numpy", "--no-cache", "--rows", "tls.jsonl", "--cluster", cluster.address)
        assert "no files for TLS are named" in run(project, *arguments, status=2)
        prefix = "DASK_DISTRIBUTED__COMM__TLS__"
        files = {"CA_FILE": "ca.pem", "CLIENT__CERT": "client.pem", "CLIENT__KEY": "client-key.pem"}
        run(project, *arguments, **{f"{prefix}{name}": str(tmp_path / file) for name, file in files.items()})
    finally:
        cluster.stop(cluster.processes)
    assert cluster.address.startswith("tls://")
    assert [row for row in in_order(plain_rows) if row["target"] == "numpy"] == in_order(read_rows(project / "tls.jsonl"))


def make_certificates(folder):
    """Make an authority and the certificates that it signs, with the commands of the page."""
    page = (Path(__file__).parents[2] / "CLUSTER.md").read_text(encoding="utf-8")
    [commands] = [block for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) if "openssl" in block]
    subprocess.run(["sh", "-e", "-c", commands], cwd=folder, check=True, capture_output=True)


def test_a_cluster_on_this_machine_is_started_and_ended(project, plain_rows):
    printed = run(project, "run", "specs", "--target", "numpy", "--no-cache", "--rows", "local.jsonl", "--cluster", "local:2")
    assert printed.count("1 targets") == 2
    assert [row for row in in_order(plain_rows) if row["target"] == "numpy"] == in_order(read_rows(project / "local.jsonl"))
