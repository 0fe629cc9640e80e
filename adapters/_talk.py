"""What is said between the parent and one worker, from its start to its end."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..cases.answer import Answer
from ._call import Call
from ._channel import Array, Frame, Garbled, encode
from ._launch import Launch
from ._pack import pack_steps
from ._process import Process, clean

TICK = 0.05
"""Seconds after which a waiting parent looks up for new jobs, a stop, or a silent death."""
AHEAD = 1 << 16
"""Bytes of jobs that are kept ready for the pipe, which holds about as many, so that the worker never waits."""


@dataclass(frozen=True, eq=False)
class Job:
    """One call on one target: its arrays by the names that the steps know them by, and its own limit in seconds."""

    id: str
    call: Call
    arrays: Mapping[str, Array]
    wants: frozenset[str] = frozenset()
    timeout: float | None = None

    def request(self) -> list[bytes]:
        """The frame that asks for it; TypeError or ValueError where something cannot travel."""
        call = self.call
        told = {"id": self.id, "steps": pack_steps(call.steps), "moves": dict(call.moves)}
        return encode({**told, "results": call.results, "wants": sorted(self.wants)}, self.arrays)


@dataclass(frozen=True)
class Limits:
    """Seconds for a case and for a start, bytes for an answer, and failed starts in a row."""

    case: float = 60.0
    start: float = 180.0
    answer_bytes: int = 1 << 28
    starts: int = 2


class Overdue(Exception):
    """The worker was silent for too long."""


@dataclass
class Talk:
    """One life of a worker, as the protocol sees it.

    Of the jobs in `queue`, the first `ahead` were sent, and the very first is being done if
    `running`; it leaves the queue with its answer, and so nothing is lost where the talk breaks off.
    `barren` until a case was started.
    """

    process: Process
    queue: deque[Job]
    limits: Limits
    versions: dict[str, str]
    tell: Callable[[Job, Answer], None]
    ahead: int = 0
    ready: bool = False
    running: bool = False
    barren: bool = True
    limit: float = math.inf
    deadline: float = math.inf

    def open(self, launch: Launch) -> None:
        """Say which target the worker is to be."""
        self.process.send(encode({"adapter": launch.adapter, "target": launch.target.name}))
        self.wait(self.limits.start)

    def turn(self) -> None:
        """Send what fits and hear what comes; raises `Ended`, `Garbled` or `Overdue` where the talk breaks off."""
        if self.ready:
            self.refill()
        for frame in self.process.exchange(TICK):
            self.hear(frame)
        if time.monotonic() > self.deadline:
            raise Overdue(f"{'no answer' if self.running else 'not ready'} within {self.limit:g} s")

    def wait(self, seconds: float) -> None:
        """Set the clock."""
        self.limit, self.deadline = seconds, time.monotonic() + seconds

    def refill(self) -> None:
        """Send jobs ahead; one that cannot be sent is told of, and is none of the worker's faults."""
        while self.ahead < len(self.queue) and len(self.process.unsent) < AHEAD:
            job = self.queue[self.ahead]
            try:
                request = job.request()
            except (TypeError, ValueError) as error:
                del self.queue[self.ahead]
                self.tell(job, Answer("crashes", detail=f"the call cannot be sent: {error}"))
                continue
            self.process.send(request)
            self.ahead += 1
        if self.ahead and self.deadline == math.inf:
            self.wait(self.limits.case)

    def hear(self, frame: Frame) -> None:
        """Take in one message, or raise `Garbled` where it is none that is due."""
        match frame.message:
            case {"kind": "hello", "versions": dict(versions)} if not self.ready:
                self.versions.update({str(name): str(version) for name, version in versions.items()})
            case {"kind": "ready"} if not self.ready:
                self.ready, self.deadline = True, math.inf
            case {"kind": "started", "id": name} if self.ahead and not self.running and name == self.queue[0].id:
                self.running, self.barren = True, False
                self.wait(self.queue[0].timeout or self.limits.case)
            case {"kind": "answer", "id": name} if self.running and name == self.queue[0].id:
                self.answered(answer_of(frame))
            case message:
                raise Garbled(f"{clean(str(message))[:80]} is no message that was due")

    def answered(self, answer: Answer) -> None:
        """Let go of the job that was running."""
        job = self.queue.popleft()
        self.ahead, self.running, self.deadline = self.ahead - 1, False, math.inf
        self.tell(job, answer)


def answer_of(frame: Frame) -> Answer:
    """What a worker's answer says."""
    match frame.message:
        case {"error": str(text), "seconds": float(seconds)}:
            return Answer("rejects", detail=clean(text), seconds=seconds)
        case {"failed": str(text)}:
            return Answer("crashes", detail=f"the answer cannot be had: {clean(text)}")
        case {"seconds": float(seconds), "parameters": int() | None as parameters}:
            arrays = frame.arrays()
            return Answer("accepts", arrays.pop("y", None), parameters, seconds=seconds, extra=arrays)
    raise Garbled(f"{clean(str(frame.message))[:80]} is no answer")
