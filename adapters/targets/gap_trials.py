"""Trying declared gaps: a framework is asked, for real, for what its adapter says it cannot be asked for.

For one's own adapter a test is a line: `assert not [str(each) for each in try_gaps(launch) if each.taken]`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from ...cases.judge.answer import Answer
from ...cases.model.pool import LAST, OPS
from ..common.loading import load_adapter
from ..contract import Adapter, Feature, Gap
from ..contract.call import Call, Ref, Step
from ..parent.host import Host
from ..parent.job import Job
from ..parent.launch import Launch
from ..parent.limits import Limits
from ..worker.attempt import NotTried, run

OPERATION = Feature("op")
CONTROLS = ("before", "after")
"""Jobs that nothing in a framework can stop; without their success nothing was tried."""


@dataclass(frozen=True)
class Attempt:
    """Native code that asks for a gap's feature; `error` is what stopped it, None if the framework took it."""

    gap: Gap
    op: str
    rank: int
    code: str
    error: str | None = None

    @property
    def taken(self) -> bool:
        """Whether the gap is none, or was not really tried."""
        return self.error is None or self.error.startswith(NotTried.__name__)

    def __str__(self) -> str:
        found = f"stops with {self.error}" if self.error else "the framework takes it"
        return f"{self.gap.feature} of {self.op} with {self.rank} spatial axes, declared as a gap since {self.gap.why}: {self.code} {found}"


def plan_attempts(adapter: Adapter) -> Iterator[Attempt]:
    """What is to be tried: each gap for every operation and rank that it covers."""
    for gap, op, rank in product(adapter.gaps, OPS, (1, 2, 3)):
        form = adapter.forms.get(f"{op}{rank}") or adapter.forms.get(op)
        if gap.covers(op, rank) and (form or gap.feature == OPERATION):
            call = form.call.format(rank=rank) if form else ""
            yield Attempt(gap, op, rank, gap.tried.replace("{call}", call).replace("{op}", op).replace("{rank}", str(rank)))


def try_gaps(launch: Launch) -> list[Attempt]:
    """Try every declared gap of an adapter in a worker of a target; RuntimeError if that cannot be done."""
    adapter = load_adapter(launch.adapter)
    asked = list(plan_attempts(adapter))
    jobs = [trial_job(adapter, name, "x") for name in CONTROLS]
    jobs[1:1] = [trial_job(adapter, str(count), each.code, each.rank, "{call}" not in each.gap.tried) for count, each in enumerate(asked)]
    answers: dict[str, Answer] = {}
    host = Host(launch, Limits(), answers.__setitem__, dict(os.environ))
    host.feed(jobs)
    host.join()
    for name in CONTROLS:
        if answers[name].outcome != "accepts":
            raise RuntimeError(f"no gap of {launch.target.name} was tried: {answers[name].detail}; expected a worker that runs")
    return [replace(attempt, error=error_of(answers[str(count)])) for count, attempt in enumerate(asked)]


def trial_job(adapter: Adapter, name: str, code: str, rank: int = 1, absent: bool = False) -> Job:
    """Native code as a worker is asked to run it; `absent` if what it names need not be there, which proves the gap."""
    return Job(name, Call((Step("y", f"{run.__module__}.{run.__name__}", (code, absent, Ref("x"))),)), {"x": trial_input(adapter, rank)})


def error_of(answer: Answer) -> str | None:
    """What stopped an attempt, None if nothing did."""
    return None if answer.outcome == "accepts" else answer.detail


def trial_input(adapter: Adapter, rank: int) -> np.ndarray[Any, np.dtype[Any]]:
    """The input that attempts use."""
    shape = (1, *(6,) * rank, 2) if adapter.layout == LAST else (1, 2, *(6,) * rank)
    return np.arange(2 * 6**rank, dtype="float32").reshape(shape)
