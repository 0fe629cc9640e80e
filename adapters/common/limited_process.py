"""Running a library on a file that nobody has checked: in a process of its own, with limits on its time, memory and output."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

BOOT = """\
import resource, runpy, sys
seconds, memory, output = map(int, sys.argv[1:4])
for name, most in (("CPU", seconds), ("AS", memory), ("FSIZE", output), ("CORE", 0)):
    limit = getattr(resource, f"RLIMIT_{name}")
    hard = resource.getrlimit(limit)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(limit, (most, most))
runpy.run_path(sys.argv[4], run_name="__main__")
"""
"""Sets the limits before the script loads anything; a file that it may not write includes its output, which is a file."""


class ProcessFailed(Exception):
    """A limited process that gave no output; the text says why."""


@dataclass(frozen=True)
class ProcessLimits:
    """Seconds of computing, seconds that may pass meanwhile, and bytes of memory and of output."""

    seconds: int = 20
    patience: int = 120
    memory: int = 4 << 30
    output: int = 1 << 25


def run_limited(script: Path, stream: BinaryIO, limits: ProcessLimits = ProcessLimits()) -> bytes:
    """What a Python script writes to standard output when it reads a file from standard input; raises `ProcessFailed`."""
    command = [sys.executable, "-B", "-P", "-c", BOOT, *map(str, (limits.seconds, limits.memory, limits.output, script))]
    stream.seek(0)
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdin=stream, stdout=output, stderr=errors)  # noqa: S603 our own script
        try:
            status = process.wait(limits.patience)
        except subprocess.TimeoutExpired:
            raise ProcessFailed(f"it took more than {limits.patience} s") from None
        finally:
            process.kill()
            process.wait()
        if status:
            raise ProcessFailed(describe_failure(status, errors, limits))
        output.seek(0)
        return output.read(limits.output)


def describe_failure(status: int, errors: BinaryIO, limits: ProcessLimits) -> str:
    """Why a process failed: the signal that ended it, or the last line of what it said."""
    if status < 0:
        return f"signal {-status} ended it; it may compute for {limits.seconds} s and use {limits.memory >> 20:,} MiB"
    errors.seek(0)
    lines = errors.read(limits.output).decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else f"it ended with status {status}"
