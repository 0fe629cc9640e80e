"""A worker's process, seen from the parent: bytes that go in, come out, and how it ends."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..common.frames import MARK, Frame, Frames
from ..common.processes import MARKER, kill_marked
from .launch import Launch, start
from .wording import describe_exit, plain

CHUNK = 1 << 20
TAIL_BYTES = 1 << 16
SHOWN_CHARACTERS = 4000
PAGE = os.sysconf("SC_PAGE_SIZE")
END_SECONDS = 1.0
"""Seconds that a process which has closed its channel is given to end."""


class WorkerEnded(Exception):
    """The process has ended, or will say no more."""


class Process:
    """One life of a worker; its three pipes are moved along together, none of them ever waits for another."""

    def __init__(self, launch: Launch, environment: Mapping[str, str], limit: int, folders: Sequence[str] = ()) -> None:
        """Start it; OSError if that fails. `limit` is that of an answer in bytes, `folders` go if this process dies first."""
        self.marker = uuid.uuid4().hex
        self.popen = start(launch, {**environment, MARKER: self.marker}, folders)
        self.pipes = [pipe for pipe in (self.popen.stdin, self.popen.stdout, self.popen.stderr) if pipe]
        self.requests, self.answers, self.errors = (pipe.fileno() for pipe in self.pipes)
        self.frames = Frames(limit)
        self.unsent = memoryview(b"")
        self.tail = bytearray()
        self.errors_closed = False
        self.selector = selectors.DefaultSelector()
        for descriptor in (self.requests, self.answers, self.errors):
            os.set_blocking(descriptor, False)
        self.selector.register(self.answers, selectors.EVENT_READ)

    def send(self, parts: list[bytes]) -> None:
        """Send one more frame, as soon as the pipe takes it."""
        if not self.unsent:
            self.selector.register(self.requests, selectors.EVENT_WRITE)
        self.unsent = memoryview(b"".join([self.unsent, *parts]))

    def exchange(self, patience: float) -> Iterator[Frame]:
        """Wait for at most so many seconds, and move what can be moved: the frames that came in.

        Raises `WorkerEnded` when no more will come, which the channel alone cannot tell: processes that
        the worker has left behind may hold it open.
        """
        dead = self.popen.poll() is not None
        ready = {key.fd for key, _ in self.selector.select(0 if dead else patience)}
        if self.requests in ready:
            self.write()
        if self.answers in ready:
            yield from self.frames.feed(self.read())
        elif dead:
            raise WorkerEnded
        self.read_errors()
        self.watch_errors(self.answers not in ready)

    def write(self) -> None:
        """Send what the pipe takes now; a worker that has died is noticed by its silence."""
        try:
            self.unsent = self.unsent[os.write(self.requests, self.unsent) :]
        except BrokenPipeError:
            self.unsent = memoryview(b"")
        if not self.unsent:
            self.selector.unregister(self.requests)

    def read(self) -> bytes:
        """What has come in, or `WorkerEnded`."""
        data = os.read(self.answers, CHUNK)
        if not data:
            raise WorkerEnded
        return data

    def read_errors(self) -> None:
        """Keep the end of what was said on standard error."""
        try:
            data = os.read(self.errors, CHUNK)
        except BlockingIOError:
            return
        self.errors_closed = not data
        self.tail = (self.tail + data)[-TAIL_BYTES:]

    def watch_errors(self, silent: bool) -> None:
        """Be woken by what is said on standard error while the channel is silent, for as long as that lasts.

        Answers wake us anyway, and a worker that has to wake us twice for each is slower by a tenth.
        """
        attending = self.errors in self.selector.get_map()
        if silent and not attending and not self.errors_closed:
            self.selector.register(self.errors, selectors.EVENT_READ)
        elif attending and (self.errors_closed or not silent):
            self.selector.unregister(self.errors)

    def resident(self) -> int:
        """Bytes of memory that it holds; 0 where the system does not tell, or once it has ended."""
        try:
            return int(Path(f"/proc/{self.popen.pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE
        except (OSError, IndexError):
            return 0

    def describe_end(self) -> str:
        """How it ended, in words."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(END_SECONDS)
        return "closed its channel" if self.popen.returncode is None else describe_exit(self.popen.returncode)

    def close(self) -> None:
        """Kill it with all that it started, in its group or outside; only its last words are kept."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        kill_marked(self.marker)
        self.popen.wait()
        self.read_errors()  # all that a pipe holds
        self.selector.close()
        for pipe in self.pipes:
            pipe.close()

    def error_tail(self) -> str:
        """The end of what the last case said on standard error, without faulthandler's list of modules, which would fill it."""
        lines = self.tail.rpartition(MARK)[2].decode(errors="replace").splitlines()
        return plain("\n".join(line for line in lines if not line.startswith("Extension modules:"))).strip()[-SHOWN_CHARACTERS:]
