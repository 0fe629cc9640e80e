"""What it takes to merge, compare and report a million rows: those of a run, repeated as those of other versions."""

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from figures import record
from timing import show

from poolparity.reports.rows.reader import open_rows

MILLION = 1_000_000
VERSION = re.compile(rb'("versions": \{"[^"]+": "[^"]+)')
"""A version, the first of those of a target."""
COMMAND = [sys.executable, "-c", "from poolparity.reports.cli import main; main()"]


def million(options):
    """Make the files, and run each command on them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = Path(options.rows or measure(folder))
        lines = read_lines(base)
        rows = sum(line.startswith(b'{"record": "row"') for line in lines)
        copies = max(2, -(-options.count // rows))
        files = [folder / f"version-{number}.jsonl.gz" for number in range(copies)]
        for number, file in enumerate(files):
            write_copy(lines, number, file)
        whole = str(folder / "all.jsonl.gz")
        commands = {
            "merge": ["merge", *map(str, files), "--output", whole],
            "diff": ["diff", whole],
            "report": ["report", whole, "--output", str(folder / "report.html"), "--output", str(folder / "report.md")],
        }
        table = [[name, *measure_command(command)] for name, command in commands.items()]
    show(
        f"{copies * rows:,} rows: {base.name} in {copies} versions",
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


def write_copy(lines, number, path):
    """Write the lines with the number in the first of the versions of each target."""
    with gzip.open(path, "wb", 1) as stream:
        stream.writelines(VERSION.sub(b"\\1.dev%d" % number, line) for line in lines)
        records = [sum(line.startswith(b'{"record": "%s"' % kind) for line in lines) for kind in (b"case", b"row")]
        footer = {"record": "footer", **dict(zip(("cases", "rows"), records, strict=True)), "not_asked": {}}
        stream.write(json.dumps(footer).encode() + b"\n")


def measure_command(arguments):
    """The status of a command, the seconds of the processor and the MiB that it took."""
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), f"{usage.ru_utime + usage.ru_stime:.0f}", usage.ru_maxrss >> 10
