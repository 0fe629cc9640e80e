"""The caches of answers and of compiled programs: those of a run, changed in some places; read by a second `run` of the same cases.

Its rows have to be those of the first run, whatever was damaged.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Any

from fuzz_mutations import mutate_bytes

import poolparity.reports.cli.run  # noqa: F401 - here, so that no child has to import it

STATUSES = {0}
ADAPTER = Path(__file__).parents[1] / "fuzz_trusting.py"
LENGTHS = range(4, 12)
SPEC = "op: max_pool\ncases:\n" + "".join(
    f"  of_{length}: {{input: [[{[*range(length)]}]], pool: {{kernel: [2], stride: [2]}}, output: [[{[*range(1, length, 2)]}]]}}\n"
    for length in LENGTHS
)
SAMPLE = Path(tempfile.mkdtemp(prefix="poolparity-fuzz-sample-"))
atexit.register(shutil.rmtree, SAMPLE, ignore_errors=True)
CACHE = "cache"
PASSING = ("seconds", "code", "last")
"""Keys of rows that are no part of an answer."""


def command(folder: Path) -> list[str]:
    """The command that runs the cases in a folder."""
    return ["run", str(SAMPLE / "specs"), "--adapter", str(ADAPTER), "--target", "trusting", "--rows", str(folder / "rows.jsonl")]


def read_answers(path: Path) -> list[dict[str, Any]]:
    """The rows of a file without what may differ from run to run."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [{key: value for key, value in line.items() if key not in PASSING} for line in lines if line["record"] == "row"]


def run_sample() -> list[dict[str, Any]]:
    """Fill the caches, and give the rows."""
    (SAMPLE / "specs").mkdir()
    (SAMPLE / "specs" / "lines.yaml").write_text(SPEC, encoding="utf-8")
    with tempfile.TemporaryDirectory(
        prefix="poolparity-fuzz-"
    ) as work:  # beside the sample, as where the inputs run: ids of cases have paths
        process = subprocess.run(
            [sys.executable, "-c", "from poolparity.reports.cli import main; main()", *command(SAMPLE)],
            cwd=work, env={**os.environ, "XDG_CACHE_HOME": str(SAMPLE / CACHE)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    return read_answers(SAMPLE / "rows.jsonl")


EXPECTED = run_sample()


def make_input(rng: Random, folder: Path) -> list[str]:
    """The caches with one to three files changed, gone, or with a stranger beside them; mostly without the answers, so that programs are needed."""
    cache = folder / CACHE
    shutil.copytree(SAMPLE / CACHE, cache)
    os.environ["XDG_CACHE_HOME"] = str(cache)
    files = sorted(file for file in cache.rglob("*") if file.is_file())
    [answers] = [file for file in files if file.suffix == ".sqlite"]
    if rng.random() < 0.5:
        damaged = [answers]
    else:
        answers.unlink()
        damaged = rng.sample([file for file in files if file != answers], rng.randint(1, 3))
    for file in damaged:
        change(rng, file)
    return command(folder)


def change(rng: Random, file: Path) -> None:
    """Change a file in one to four places, or replace it by something else."""
    match rng.randrange(12):
        case 0:
            file.unlink()
        case 1:
            file.write_bytes(b"")
        case 2:
            file.write_bytes(rng.randbytes(rng.choice((1, 16, 4096))))
        case 3:
            file.unlink()
            file.mkdir()
        case 4:
            file.with_name(f"{file.name}-journal").write_bytes(rng.randbytes(600))
        case _:
            file.write_bytes(mutate_bytes(rng, file.read_bytes()))


def find_fault(folder: Path) -> str | None:
    """What is wrong with the rows of the run."""
    answers = read_answers(folder / "rows.jsonl")
    return None if answers == EXPECTED else f"other rows than those of the first run: {next(a for a in answers if a not in EXPECTED)}"
