"""What is said between the parent and one worker, from its start to its end."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...cases.judge.answer import Answer
from ..common.frames import Array, Frame, Garbled, encode, split_arrays
from ..common.packing import Numbers
from .job import Batch, Job
from .launch import Launch
from .limits import MEBIBYTE, Limits
from .process import Process
from .wording import clean, plain

TICK = 0.05
"""Seconds after which a waiting parent looks up for new jobs, a stop, or a silent death."""
PAUSE = 0.001
"""Seconds for which a parent lets answers gather while the worker has more to do: to be woken by each would cost both of them."""
LOOK = 0.02
"""Seconds between two looks at a worker's memory."""
AHEAD = 1 << 16
"""Bytes of jobs that are kept ready for the pipe, which holds about as many, so that the worker never waits."""


class TimeLimitExceeded(Exception):
    """The worker was silent for too long."""


class MemoryLimitExceeded(Exception):
    """The worker holds more memory than it may."""


class NeedsRestart(Exception):
    """Earlier cases left too much memory behind, or a damaged interpreter; a new worker is to go on, and no case is in flight."""


@dataclass
class Conversation:
    """What is said between the parent and one worker process.

    Of the batches in `queue`, the first `ahead` were sent, and the very first is being done if
    `running`; it leaves the queue with its answer, and so nothing is lost where the conversation breaks off.
    `started_nothing` until a case was started; `start` is when the last batch was, in seconds of `time.time`.
    """

    process: Process
    queue: deque[Batch]
    limits: Limits
    versions: dict[str, str]
    deliver: Callable[[Job, Answer], None]
    numbers: Numbers = field(default_factory=Numbers)
    ahead: int = 0
    ready: bool = False
    running: bool = False
    started_nothing: bool = True
    start: float = 0.0
    limit: float = math.inf
    deadline: float = math.inf
    look: float = 0.0
    memory: int = 0
    base: int = 0

    def open(self, launch: Launch) -> None:
        """Say which target the worker is to be."""
        self.process.send(encode(launch.setup()))
        self.set_deadline(self.limits.start)

    def turn(self) -> None:
        """Send what fits, hear what comes, and look at clock and memory; raises whatever ends the conversation."""
        if self.ready:
            self.refill()
        has_received = False
        for frame in self.process.exchange(TICK):
            self.receive(frame)
            has_received = True
        now = time.monotonic()
        if now > self.deadline:
            raise TimeLimitExceeded(f"{'no answer' if self.running else 'not ready'} within {self.limit:g} s")
        if now > self.look:
            self.look = now + LOOK
            self.check_memory()
        if has_received and self.ahead > 1:
            time.sleep(PAUSE)

    def set_deadline(self, seconds: float) -> None:
        """Expect the next message within so many seconds."""
        self.limit, self.deadline = seconds, time.monotonic() + seconds

    def check_memory(self) -> None:
        """Look at how much the worker holds."""
        self.memory = self.process.resident()
        if self.memory > self.limits.memory:
            raise MemoryLimitExceeded(
                f"it held {self.memory // MEBIBYTE:,} MiB of memory; at most {self.limits.memory // MEBIBYTE:,} MiB are allowed"
            )

    def refill(self) -> None:
        """Send batches ahead; what cannot be sent is told of, and is none of the worker's faults."""
        while self.ahead < len(self.queue) and len(self.process.unsent) < AHEAD:
            batch = self.queue[self.ahead]
            if self.ahead and (batch.is_large or self.queue[self.ahead - 1].is_large):
                break  # a large batch is sent alone
            try:
                request = batch.request(self.numbers)
            except (TypeError, ValueError) as error:
                self.numbers = Numbers()  # for the worker was not told of those that it may have given
                del self.queue[self.ahead]
                self.fail(batch, Answer("crashes", detail=f"the call cannot be sent: {error}"))
                continue
            self.process.send(request)
            self.ahead += 1
        if self.ahead and self.deadline == math.inf:
            self.set_deadline(self.limits.case)

    def fail(self, batch: Batch, answer: Answer) -> None:
        """Let the failure of a single job be its verdict; several are asked again by halves, behind what was sent already."""
        if not batch.several:
            self.deliver(batch.jobs[0], answer)
            return
        for half in reversed(batch.halves()):
            self.queue.insert(self.ahead, half)

    def receive(self, frame: Frame) -> None:
        """Take in one message, or raise `Garbled` where it is none that is due."""
        match frame.message:
            case {"kind": "hello", "versions": dict(versions)} if not self.ready:
                self.versions.update({str(name): str(version) for name, version in versions.items()})
            case {"kind": "ready"} if not self.ready:
                self.ready, self.deadline = True, math.inf
                self.base = self.process.resident()
            case {"kind": "started"} if self.ahead and not self.running:
                self.running, self.started_nothing, self.start = True, False, time.time()
                self.set_deadline(self.queue[0].limit(self.limits.case))
            case {"kind": "answer", "id": name} if self.running and name == self.queue[0].id:
                self.finish_batch(frame)
            case message:
                raise Garbled(f"{clean(str(message))[:80]} is no message that was due")

    def finish_batch(self, frame: Frame) -> None:
        """Take the running batch off the queue and deliver its answers; `NeedsRestart` if another worker has to go on."""
        batch = self.queue[0]
        answers = answers_of(frame, batch)
        self.queue.popleft()
        self.ahead, self.running, self.deadline = self.ahead - 1, False, math.inf
        if isinstance(answers, Answer):
            self.fail(batch, answers)
        else:
            for job, answer in zip(batch.jobs, answers, strict=True):
                self.deliver(job, answer)
        if self.memory - self.base > self.limits.growth or isinstance(answers, Answer) or not frame.message.get("intact", True):
            raise NeedsRestart


def answers_of(frame: Frame, batch: Batch) -> list[Answer] | Answer:
    """What a worker's answer says of each job, or of all if that cannot be had."""
    match frame.message:
        case {"failed": str(text)}:
            return Answer("crashes", detail=f"the answer cannot be had: {plain(text)}")
        case {"broken": str(text)}:
            return [Answer("not_run", detail=plain(text))] * len(batch.jobs)
        case {"told": list(replies)} if len(replies) == len(batch.jobs):
            arrays = split_arrays(frame.arrays(), len(replies))
            return [answer_of(reply, share) for reply, share in zip(replies, arrays, strict=True)]
    raise Garbled(f"{clean(str(frame.message))[:80]} is no answer")


def answer_of(reply: Any, arrays: dict[str, Array]) -> Answer:
    """What is said of one job, with the arrays that it gave."""
    match reply:
        case {"error": str(text), "seconds": float() | int() as seconds}:
            return Answer("rejects", detail=plain(text), seconds=seconds)
        case {"seconds": float() | int() as seconds, "parameters": int() | None as parameters}:
            return Answer("accepts", arrays.pop("y", None), parameters, seconds=seconds, extra=arrays)
    raise Garbled(f"{clean(str(reply))[:80]} is no answer")
