"""Trying declared gaps: native code uses what the adapter says the framework does not have, and must fail.

A test for an adapter of your own: `assert not [str(attempt) for attempt in try_gaps(launch) if attempt.is_refuted]`.
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
"""Jobs that succeed in every working framework; if they fail, no gap was tried."""


@dataclass(frozen=True)
class Attempt:
    """Native code that uses a gap's feature; `error` is how it failed, None if it ran."""

    gap: Gap
    op: str
    rank: int
    code: str
    error: str | None = None

    @property
    def is_refuted(self) -> bool:
        """Whether the framework has the feature after all, or the code was not really tried."""
        return self.error is None or self.error.startswith(NotTried.__name__)

    def __str__(self) -> str:
        outcome = f"fails with {self.error}" if self.error else "runs"
        return f"{self.gap.feature} of {self.op} with {self.rank} spatial axes, declared as a gap because {self.gap.why}: {self.code} {outcome}"


def plan_attempts(adapter: Adapter, target: str, own: bool = False) -> Iterator[Attempt]:
    """The attempts to make on a target: each of its gaps, for every operation and rank that the gap covers."""
    gaps = (gap for gap in adapter.gaps if gap.is_of(target) and not (own and gap.is_of_all))
    for gap, op, rank in product(gaps, OPS, (1, 2, 3)):
        form = adapter.forms.get(f"{op}{rank}") or adapter.forms.get(op)
        if gap.covers(op, rank) and (form or gap.feature == OPERATION):
            call = form.call.format(rank=rank) if form else ""
            yield Attempt(gap, op, rank, gap.code.replace("{call}", call).replace("{op}", op).replace("{rank}", str(rank)))


def try_gaps(launch: Launch, own: bool = False) -> list[Attempt]:
    """Try every declared gap of an adapter in a worker of a target; raises RuntimeError if the worker does not run.

    With `own`, only gaps that name their targets are tried.
    """
    adapter = load_adapter(launch.adapter)
    attempts = list(plan_attempts(adapter, launch.target.name, own))
    jobs = [trial_job(adapter, name, "x") for name in CONTROLS]
    jobs[1:1] = [
        trial_job(adapter, str(count), attempt.code, attempt.rank, "{call}" not in attempt.gap.code)
        for count, attempt in enumerate(attempts)
    ]
    answers: dict[str, Answer] = {}
    host = Host(launch, Limits(), answers.__setitem__, dict(os.environ))
    host.feed(jobs)
    host.join()
    for name in CONTROLS:
        if answers[name].outcome != "accepts":
            raise RuntimeError(f"no gap of {launch.target.name} was tried: {answers[name].detail}; expected a worker that runs")
    return [replace(attempt, error=error_of(answers[str(count)])) for count, attempt in enumerate(attempts)]


def trial_job(adapter: Adapter, name: str, code: str, rank: int = 1, absent: bool = False) -> Job:
    """A job that runs native code; with `absent`, a name that does not exist proves the gap."""
    return Job(name, Call((Step("y", f"{run.__module__}.{run.__name__}", (code, absent, Ref("x"))),)), {"x": trial_input(adapter, rank)})


def error_of(answer: Answer) -> str | None:
    """How an attempt failed, None if it ran."""
    return None if answer.outcome == "accepts" else answer.detail


def trial_input(adapter: Adapter, rank: int) -> np.ndarray[Any, np.dtype[Any]]:
    """The input `x` of attempts: one batch, 2 channels, 6 cells along each spatial axis."""
    shape = (1, *(6,) * rank, 2) if adapter.layout == LAST else (1, 2, *(6,) * rank)
    return np.arange(2 * 6**rank, dtype="float32").reshape(shape)
