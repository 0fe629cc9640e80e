"""Gives the command mutated files of each kind, and fails on a traceback, a wrong exit status, or work without a bound.

`python .ci/fuzz.py [PART]... [--count N] [--seed N]`; `tox -e fuzz` does the same. A part is a module in `fuzz_parts/` with

- `STATUSES`, the exit statuses that the command may end with, and
- `make_input(rng, folder)`, which writes one input into an empty folder and returns the arguments of the command.

A part may have `find_fault(folder)`, which says what is wrong with what the command left there, or None.

`fuzz_mutations.py` has what parts share. The inputs follow from the part's name, the seed and their number alone, so
`--only NUMBER` makes one again; `--keep FOLDER` keeps the inputs that failed. Inputs run in a forked child, where each may take
5 s of processor time and 1 GiB of memory.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib.util
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PARTS = HERE / "fuzz_parts"
PROCESSOR_SECONDS = 5
CLOCK_SECONDS = 120
"""Other work on the machine may slow an input down: only an input that waits for something takes so long."""
MEMORY = 1 << 30

sys.path.insert(0, str(HERE))  # for `fuzz_mutations`


@dataclass(frozen=True)
class Part:
    """One kind of input."""

    name: str
    statuses: frozenset[int]
    make_input: Callable[[random.Random, Path], Sequence[str]]
    find_fault: Callable[[Path], str | None] = lambda folder: None


@dataclass(frozen=True)
class Failure:
    """An input that was not handled well, and why."""

    part: str
    number: int
    arguments: Sequence[str]
    why: str


def load_part(name: str) -> Part:
    """The part in a module of `fuzz_parts`."""
    spec = importlib.util.spec_from_file_location(f"fuzz_parts.{name}", PARTS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    optional = {"find_fault": module.find_fault} if hasattr(module, "find_fault") else {}
    return Part(name, frozenset(module.STATUSES), module.make_input, **optional)


def part_names() -> list[str]:
    """The parts that there are."""
    return sorted(path.stem for path in PARTS.glob("*.py"))


def write_input(part: Part, seed: int, number: int, folder: Path) -> list[str]:
    """Write an input into an empty folder; the arguments of the command that reads it."""
    return list(part.make_input(random.Random(f"{part.name} {seed} {number}"), folder))  # noqa: S311 - no secret


def run_inputs(part: Part, seed: int, numbers: Sequence[int], keep: Path | None) -> Iterator[Failure]:
    """Run inputs one after another in a child; a new child goes on behind an input that ended the one before."""
    with tempfile.TemporaryDirectory(prefix="poolparity-fuzz-") as work:
        position = 0
        while position < len(numbers):
            count = 0
            for number, arguments, reason in run_child(part, seed, numbers[position:], Path(work)):
                count += 1
                if reason:
                    if keep:
                        shutil.copytree(Path(work) / str(number), keep / f"{part.name}-{number}", symlinks=True, dirs_exist_ok=True)
                    yield Failure(part.name, number, arguments, reason)
                shutil.rmtree(Path(work) / str(number), ignore_errors=True)
            position += count


def run_child(part: Part, seed: int, numbers: Sequence[int], work: Path) -> Iterator[tuple[int, list[str], str | None]]:
    """Fork a child that runs inputs, and tell of each its number, its arguments and why it failed, until the child ends."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with os.fdopen(writing, "w", buffering=1) as results:
            serve_inputs(part, seed, numbers, work, results)
        os._exit(0)
    os.close(writing)
    names_started: list[str] = []
    current = numbers[0]
    with os.fdopen(reading) as results:
        for line in results:
            kind, current, content = json.loads(line)
            if kind == "start":
                names_started = content
            else:
                yield current, names_started, content
                names_started = []
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        limits = {signal.SIGPROF: f"more than {PROCESSOR_SECONDS} s of processor time", signal.SIGALRM: f"more than {CLOCK_SECONDS} s"}
        yield current, names_started, limits.get(signal.Signals(number), f"ended by {signal.Signals(number).name}")
    elif status:
        yield current, names_started, f"the child ended with status {os.WEXITSTATUS(status)}"


def serve_inputs(part: Part, seed: int, numbers: Iterable[int], work: Path, results: io.TextIOBase) -> None:
    """What the child does: make each input, say so, run it within the limits, and say how that went."""
    os.chdir(work)
    for number in numbers:
        folder = work / str(number)
        folder.mkdir()
        arguments = write_input(part, seed, number, folder)
        results.write(f"{json.dumps(['start', number, arguments])}\n")
        limit_memory()
        signal.setitimer(signal.ITIMER_PROF, PROCESSOR_SECONDS)
        signal.alarm(CLOCK_SECONDS)
        reason = run_command(arguments, part.statuses) or part.find_fault(folder)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        results.write(f"{json.dumps(['end', number, reason])}\n")


def limit_memory() -> None:
    """Let the process take no more than the limit beyond what it has now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, hard))


def run_command(arguments: list[str], statuses: frozenset[int]) -> str | None:
    """Run the command in this process: why it failed, None if it did not."""
    from poolparity.reports.cli import main
    from poolparity.reports.cli.commands import WRONG_USE

    status: object = 0
    output = io.StringIO()
    sys.argv = ["poolparity", *arguments]
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            main()
    except SystemExit as end:
        status = end.code or 0
    except MemoryError:
        return f"more than {MEMORY >> 20} MiB\n{traceback.format_exc()}"
    except BaseException:  # noqa: BLE001 - whatever it is, it is what we look for
        return traceback.format_exc()
    if "Traceback" in output.getvalue():
        return output.getvalue()
    if status == WRONG_USE and not output.getvalue().strip():
        return f"status {status} without a message"
    return None if status in statuses else f"status {status}\n{output.getvalue()}"


def main() -> int:
    """Run the parts that are named, or all; the exit status is 1 where an input failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(part_names())}; all unless given")
    parser.add_argument("--count", type=int, default=2000, help="how many inputs of each part (default 2000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, metavar="NUMBER", help="run one input alone")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the inputs that fail here")
    options = parser.parse_args()
    if unknown := set(options.parts) - {*part_names()}:
        parser.error(f"unknown part {', '.join(sorted(unknown))}; expected some of {', '.join(part_names())}")
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    import typer.main

    typer.main.get_command = functools.cache(typer.main.get_command)  # making the parser takes longer than checking a file
    import poolparity.reports.cli.check  # noqa: F401 - here, so that no child has to import it

    failed = 0
    for name in options.parts or part_names():
        numbers = range(options.count) if options.only is None else [options.only]
        began = time.monotonic()
        failure_count = 0
        for failure in run_inputs(load_part(name), options.seed, numbers, options.keep):
            failure_count += 1
            sys.stdout.write(f"{failure.part} {failure.number}: poolparity {' '.join(failure.arguments)}\n{failure.why}\n")
            again = f"python .ci/fuzz.py {failure.part} --seed {options.seed} --only {failure.number} --keep FOLDER"
            sys.stdout.write(f"reproduce: {again}\n\n")
        sys.stdout.write(f"{name}: {len(numbers)} inputs, {failure_count} failures, {time.monotonic() - began:.0f} s\n")
        sys.stdout.flush()
        failed += failure_count
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
