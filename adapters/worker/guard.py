"""The guard of a worker: a second, idle process that ends it when the parent is gone."""

from __future__ import annotations

import os
import select
import signal


def guard() -> None:
    """Fork the guard, which kills the whole process group once nobody holds the other end of standard input.

    A thread could not: a framework that never lets go of the interpreter's lock would outlive the
    parent. Must be called before anything starts a thread, by a process that leads its group.
    """
    if os.fork():
        return
    os.close(1)  # else the parent would go on waiting for a worker that has died
    os.close(2)
    hangup = select.poll()
    hangup.register(0, 0)
    hangup.poll()
    os.killpg(0, signal.SIGKILL)
