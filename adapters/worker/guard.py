"""The guard of a worker: a second, idle process that ends it, and removes its folders, when the parent is gone."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
from collections.abc import Sequence

from ..common.processes import kill_marked


def start_guard(folders: Sequence[str]) -> None:
    """Fork the guard, which kills whatever the worker started once nobody holds the other end of standard input.

    A thread could not: a framework that never releases the interpreter's lock would outlive the parent. Must be
    called before anything starts a thread, by a process that leads its group. When the parent ends a worker itself,
    it kills the guard as a member of the group, and removes the `folders` itself.
    """
    worker = os.getpid()
    if os.fork():
        return
    os.close(1)  # else the parent would go on waiting for a worker that has died
    os.close(2)
    hangup = select.poll()
    hangup.register(0, 0)
    hangup.poll()
    os.setpgid(0, 0)  # to survive the group that it kills
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker, signal.SIGKILL)
    kill_marked()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)
