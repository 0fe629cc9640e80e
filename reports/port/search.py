"""The search for a recipe: plans tried on a target until one gives what the source gives, the fewest steps first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ...adapters.contract import Call, Unsupported
from ...adapters.parent.recipe import arranged, gradient, recipe
from ...adapters.targets.choose import Chosen
from ...cases.judge.answer import Answer
from ...cases.judge.tolerance import Tolerance
from ...cases.model.pool import Refused
from .plans import Plan, mended, plans
from .samples import NUMBERS, Sample
from .source import Source, difference
from .trial import Trial

SLOPE = 16
"""By how many units in the last place of the largest of them gradients may be apart, which add up in any order."""

Exceptions = Mapping[str, str]
"""Kinds of input on which an answer is not the source's, each with what differs first."""


@dataclass(frozen=True)
class Found:
    """A plan that gives what the source gives, but for exceptions, and the call of it in the asked shape."""

    plan: Plan
    call: Call
    exceptions: Exceptions
    inputs: int


@dataclass(frozen=True, eq=False)
class Search:
    """Plans for a source, tried on one target."""

    trial: Trial
    chosen: Chosen
    refusals: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)

    @property
    def source(self) -> Source:
        """The layer that is to be moved."""
        return self.trial.source

    def call(self, plan: Plan, sample: Sample, *, slope: bool = False) -> Call:
        """A plan as a call for the shape and type of a sample; or `Unsupported`."""
        make = gradient if slope else recipe
        return make(self.chosen.adapter, self.chosen.target, self.source.asked(sample), plan.verbs, keeps=self.keeps(sample))

    def keeps(self, sample: Sample) -> bool:
        """Whether the source's answer has as many axes as the input."""
        due = self.trial.due[sample].output
        return due is not None and due.ndim == sample.tensor.value.ndim

    def failing(self, plan: Plan, given: Sequence[Sample]) -> dict[str, str]:
        """The kinds of input on which a plan is not as the source, each with what differs first; or `Unsupported`."""
        failing = self.different(given, [self.call(plan, sample) for sample in given])
        return failing if NUMBERS in failing else {**self.sloping(plan, given), **failing}

    def different(self, given: Sequence[Sample], calls: Sequence[Call]) -> dict[str, str]:
        """The kinds of input on which calls do not answer as the source."""
        tensors = ({"x": sample.tensor} for sample in given)
        answers = self.trial.asker.answers(self.chosen, list(zip(calls, tensors, strict=True)))
        due, near = self.trial.due, self.trial.tolerances
        found = {
            sample: difference(due[sample], got, near[sample], sample.tensor.value.dtype)
            for sample, got in zip(given, answers, strict=True)
        }
        return {sample.kind: text for sample, text in reversed(found.items()) if text}

    def sloping(self, plan: Plan, given: Sequence[Sample]) -> dict[str, str]:
        """The kinds of input on which the gradient is not the source's, where one is asked for; or `Unsupported`."""
        sloped = [sample for sample in given if sample in self.trial.slopes]
        asked = [
            (self.call(plan, sample, slope=True), {"x": sample.tensor, "cotangent": self.trial.cotangents[sample]}) for sample in sloped
        ]
        answers = self.trial.asker.answers(self.chosen, asked)
        pairs = {sample: (self.trial.slopes[sample], got) for sample, got in zip(sloped, answers, strict=True)}
        found = {
            sample: difference(sloping(due), sloping(got), steepest(sloping(due)), sample.tensor.value.dtype)
            for sample, (due, got) in pairs.items()
        }
        return {sample.kind: f"the gradient: {text}" for sample, text in reversed(found.items()) if text}

    def best(self) -> Found | None:
        """The recipe: of the plans that hold for all ordinary numbers the one of the fewest steps."""
        inner, _ = arranged(self.chosen.adapter, self.source.small)
        proven = (self.proven(plan) for plan in plans(self.source.pool, self.source.rules, inner))
        return next(filter(None, proven), None)

    def complete(self, found: Found) -> Found | None:
        """The same recipe with what it takes to have fewer exceptions; None where nothing helps."""
        kind = self.source.pool.kind
        proven = filter(None, map(self.proven, mended(found.plan, kind, self.source.ask.dtype, found.exceptions)))
        best = min(proven, key=badness, default=found)
        return best if len(best.exceptions) < len(found.exceptions) else None

    def proven(self, plan: Plan) -> Found | None:
        """A plan with its exceptions; None where it fails on ordinary numbers, seen or held back, or cannot be asked of the target."""
        seen = [sample for sample in self.trial.seen() if sample.kind == NUMBERS]
        try:
            for given in (seen, self.trial.seen(), self.trial.held()):
                if text := self.failing(plan, given).get(NUMBERS):
                    self.differing.append(text)
                    return None
            failing = self.failing(plan, self.trial.samples)
            call = self.call(plan, self.trial.samples[-1])
        except (Unsupported, Refused) as gap:
            self.refusals.append(str(gap))
            return None
        return Found(plan, call, failing, len(self.trial.samples))


def sloping(answer: Answer) -> Answer:
    """The answer with the gradient as its output."""
    return replace(answer, output=answer.extra.get("gradient"))


def steepest(slope: Answer) -> Tolerance:
    """How far another gradient may be from one, all of whose cells are sums of numbers about as large as its largest."""
    due = slope.output
    if due is None:
        return Tolerance(SLOPE)
    sizes = np.abs(due[np.isfinite(due)])
    return Tolerance(SLOPE, np.full(due.shape, sizes.max(initial=0), due.dtype))


def badness(found: Found) -> tuple[int, int]:
    """What makes a recipe worse than another: exceptions, then steps."""
    return len(found.exceptions), len(found.call.steps)
