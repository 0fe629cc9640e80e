"""The output of the command, where the terminal is not what one expects."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MAIN = [sys.executable, "-c", "from poolparity.reports.cli import main; main()"]
EXPLAIN = ("explain", "torch.nn.AvgPool2d(3, padding=1)", "--input", "1,1,8,8", "--to", "numpy")


def poolparity(*arguments, stdout=subprocess.PIPE, encoding="utf-8", **environment):
    return subprocess.run(
        [*MAIN, *arguments], stdout=stdout, stderr=subprocess.PIPE, encoding=encoding, env={**os.environ, **environment}, timeout=300
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_characters_that_the_encoding_lacks_are_replaced_by_similar_ones(encoding):
    process = poolparity(*EXPLAIN, encoding=encoding, PYTHONIOENCODING=encoding)
    assert process.returncode == 0, process.stderr
    assert "\n  o # # " in process.stdout


def test_a_width_of_nothing_is_ignored():
    process = poolparity("list", "--tier", "smoke", COLUMNS="0")
    assert process.returncode == 0, process.stderr
    assert "numpy: installed" in process.stdout.splitlines()
    assert "Usage: poolparity" in poolparity("--help", COLUMNS="0").stdout


def test_a_narrow_terminal_shows_everything():
    process = poolparity("list", "--tier", "smoke", COLUMNS="1")
    assert "numpy: installed" in process.stdout.splitlines()


@pytest.mark.parametrize("arguments", [("list", "--tier", "smoke"), ("--version",), ("--help",)])
def test_output_that_cannot_be_written_is_a_sentence_and_status_2(arguments):
    with Path("/dev/full").open("w") as full:
        process = poolparity(*arguments, stdout=full)
    assert process.returncode == 2
    assert process.stderr.endswith("no space left on device\n")
    assert "Traceback" not in process.stderr


def test_a_reader_that_closes_the_pipe_ends_the_command_without_a_word():
    with subprocess.Popen([*MAIN, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.stdout.close()
        message = process.stderr.read()
    assert (process.returncode, message) == (141, "")
