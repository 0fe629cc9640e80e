"""What it takes to merge, compare and report a million rows: those of a run, repeated under other case ids."""

import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from figures import record
from timing import show

from poolparity.reports.rows.reader import open_rows

MILLION = 1_000_000
COMMAND = [sys.executable, "-c", "from poolparity.reports.cli import main; main()"]


def million(options):
    """Make the files, and run each command on them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = Path(options.rows or measure(folder))
        lines = read_lines(base)
        rows = sum(line.startswith(b'{"record": "row"') for line in lines)
        copies = -(-options.count // rows)
        halves = folder / "first.jsonl.gz", folder / "second.jsonl.gz"
        whole = folder / "all.jsonl.gz"
        for half, numbers in zip(halves, (range(copies // 2), range(copies // 2, copies)), strict=True):
            write_copies(lines, numbers, half)
        commands = {
            "merge": ["merge", *map(str, halves), "--output", str(whole)],
            "diff": ["diff", str(whole), str(whole)],
            "report": ["report", str(whole), "--output", str(folder / "report.html"), "--output", str(folder / "report.md")],
        }
        table = [[name, *spent(command)] for name, command in commands.items()]
    show(
        f"{copies * rows:,} rows: {base.name} under {copies} sets of case ids",
        ["", "status", "processor seconds", "MiB"],
        table,
    )
    if copies * rows >= MILLION:
        record({f"MiB to {name} a million rows": mebibytes for name, _, _, mebibytes in table})


def measure(folder):
    """The rows of a run on the targets that need no compiler."""
    path = folder / "base.jsonl"
    targets = [part for name in ("numpy", "torch", "onnxruntime") for part in ("--target", name)]
    subprocess.run([*COMMAND, "run", *targets, "--rows", str(path)], check=True, stdout=subprocess.DEVNULL)
    return path


def read_lines(path):
    """The lines of a file but its footer."""
    with open_rows(path) as stream:
        return [line for line in stream if not line.startswith(b'{"record": "footer"') and line.endswith(b"\n")]


def write_copies(lines, numbers, path):
    """Write the lines once for each number, which their case ids end with."""
    header, *rest = lines
    parts = [split(line) for line in rest]
    cases = len({line for line in rest if line.startswith(b'{"record": "case"')})
    rows = len(rest) - cases
    with gzip.open(path, "wb", 1) as stream:
        stream.write(header)
        for number in numbers:
            stream.writelines(b"%s~%d%s" % (before, number, after) for before, after in parts)
        footer = {"record": "footer", "cases": cases * len(numbers), "rows": rows * len(numbers), "not_asked": {}}
        stream.write(json.dumps(footer).encode() + b"\n")


def split(line):
    """The parts of a line before and after the end of its case id."""
    before, mark, after = line.partition(b'", "case_hash": ')
    assert mark, line[:80]
    return before, mark + after


def spent(arguments):
    """The status of a command, the seconds of the processor and the MiB that it took."""
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), f"{usage.ru_utime + usage.ru_stime:.0f}", usage.ru_maxrss >> 10
