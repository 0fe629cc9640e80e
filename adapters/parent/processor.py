"""What the system says of the processor, which compiled programs and rounded results depend on."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from pathlib import Path

DECISIVE = ("model name", "flags", "Features", "CPU part")


@cache
def read_cpuinfo() -> tuple[str, ...]:
    """The lines of /proc/cpuinfo; none where the system has no such file."""
    try:
        return tuple(Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines())
    except OSError:
        return ()


def describe_processor() -> list[str]:
    """The model and everything that it can do, as sorted lines."""
    lines = read_cpuinfo()
    return sorted({line for line in lines if line.startswith(DECISIVE)}) if lines else [platform.processor()]


def processor_digest() -> str:
    """A short name that is the same for processors of the same model and abilities."""
    return hashlib.sha256("\n".join([platform.machine(), *describe_processor()]).encode()).hexdigest()[:16]
