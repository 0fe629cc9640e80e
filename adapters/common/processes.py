"""Finding the processes that a worker started, wherever they went."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

MARKER = "POOLPARITY_WORKER"
"""An environment variable whose value is different for each worker, and which its processes inherit."""


def kill_marked(marker: str | None = None) -> None:
    """Kill every other process that carries a worker's marker, ours unless one is given.

    Reaches processes that left the worker's group, but none that were started with another environment. Does nothing
    where the system has no /proc.
    """
    entry = f"{MARKER}={os.environ.get(MARKER, '') if marker is None else marker}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or belongs to somebody else
            if int(process.name) != os.getpid() and entry in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)
