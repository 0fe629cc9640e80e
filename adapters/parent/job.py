"""What a worker is asked for: jobs one by one, or several of them in one program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..common.frames import Array, encode, join_arrays
from ..common.packing import Numbers
from ..contract import Target
from ..contract.call import Call

LARGE = 1 << 25
"""Bytes of arrays in a worker from which a batch is large."""


@dataclass(frozen=True, eq=False)
class Job:
    """One call on one target: its arrays by the names that the steps know them by, and its own limit in seconds."""

    id: str
    call: Call
    arrays: Mapping[str, Array]
    wants: frozenset[str] = frozenset()
    timeout: float | None = None

    def as_message(self) -> dict[str, Any]:
        """What a worker is told of it beside its steps and arrays."""
        call = self.call
        return {"moves": dict(call.moves), "results": call.results, "wants": sorted(self.wants), "before": len(call.before)}


@dataclass(frozen=True, eq=False)
class Batch:
    """Jobs that are asked for at once: a single one, or several that the target puts into one program."""

    jobs: tuple[Job, ...]

    @property
    def id(self) -> str:
        """What the channel calls it."""
        return self.jobs[0].id + (f" and {len(self.jobs) - 1} more" if self.several else "")

    @property
    def several(self) -> bool:
        """Whether it is a program of several jobs, whose failure is nobody's yet."""
        return len(self.jobs) > 1

    @property
    def is_large(self) -> bool:
        """Whether its arrays take so much memory that a worker should hold no others beside them."""
        return sum(array.size * array.itemsize for job in self.jobs for array in job.arrays.values()) > LARGE

    def request(self, numbers: Numbers) -> list[bytes]:
        """The frame that asks a worker for it who knows steps by these numbers; TypeError or ValueError where something cannot travel."""
        steps = numbers.pack((*job.call.before, *job.call.steps) for job in self.jobs)
        message = {"id": self.id, "steps": steps, "jobs": [job.as_message() for job in self.jobs]}
        return encode(message, join_arrays(job.arrays for job in self.jobs), may_repeat=True)

    def limit(self, usual: float) -> float:
        """Seconds that it may take: the longest of its jobs' limits."""
        return max(job.timeout or usual for job in self.jobs)

    def halves(self) -> tuple[Batch, Batch]:
        """What is asked for instead where several failed together."""
        middle = len(self.jobs) // 2
        return Batch(self.jobs[:middle]), Batch(self.jobs[middle:])


def batches(jobs: Iterable[Job], target: Target) -> Iterator[Batch]:
    """Jobs as they are asked for: first those that go into programs, as many as one takes, then all others alone."""
    fits = [(job, one_program(job, target)) for job in jobs]
    yield from (Batch(tuple(batch_jobs)) for batch_jobs in parts([job for job, fit in fits if fit], target.together))
    yield from (Batch((job,)) for job, fit in fits if not fit)


def one_program(job: Job, target: Target) -> bool:
    """Whether a job is the run of one compiled function and no more, and its target takes several of those together.

    Others, gradients among them, run one program after another, and these would not give the same as one of both.
    """
    return target.together > 1 and job.call.steps[-2:-1] == target.mode


def parts(jobs: Sequence[Job], size: int) -> Iterator[Sequence[Job]]:
    """Jobs in parts of at most so many."""
    return (jobs[start : start + size] for start in range(0, len(jobs), size))
