"""The drop-in: the same arguments typed into the target's nearest layer, and whether that gives the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...adapters.contract import OPEN, Ask, Call, Feature, Gap, Unsupported
from ...adapters.contract.call import flatten
from ...adapters.targets.choose import Chosen
from ...cases.judge.answer import ACCEPTS, Cause
from ...cases.judge.cause import add_causes
from ...cases.judge.judge import judge
from ...cases.judge.words import alternatives
from ...cases.model.pool import PARAMETERS, Pool, Refused
from ...cases.model.rules import Rules
from .plans import STATED, Plan
from .samples import NUMBERS, Sample
from .search import Found, Search
from .source import ordinary

BUILT = ("layer", "node")
"""What steps call a layer or a node that they build."""


@dataclass(frozen=True)
class Nearest:
    """The pooling that a target is asked for with the source's arguments, and sentences on those that had to be left out or filled in."""

    pool: Pool
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class DropIn:
    """What typing the same arguments comes to: the `line`, and what was `found`, or what `differs` on ordinary numbers and by which rules."""

    line: str
    left_out: tuple[str, ...] = ()
    differs: str = ""
    cause: list[Cause] | None = None
    found: Found | None = None

    @property
    def agrees(self) -> bool:
        """Whether it gives the same on ordinary numbers."""
        return self.found is not None

    @property
    def why(self) -> str:
        """Which rules differ, in words."""
        return alternatives(self.cause) if self.cause else ""


def drop_in(search: Search) -> DropIn:
    """Type the source's arguments into the target's nearest layer, and compare."""
    source, samples = search.source, search.trial.samples
    try:
        nearest = nearest_of(search.chosen, source.asked(samples[-1]), source.written, source.pool)
        calls = [search.chosen.adapter.call(replace(source.asked(sample), pool=nearest.pool), search.chosen.target) for sample in samples]
    except Unsupported as gap:
        return DropIn("", (str(gap),))
    plan, line = Plan(nearest.pool, Rules(), STATED), typed(calls[-1])
    first = ordinary(samples)
    found = search.different(first, calls[: len(first)]) or search.different(samples, calls)
    if NUMBERS in found:
        small = " x ".join(map(str, samples[0].tensor.shape))
        cause = cause_of(search, nearest.pool, samples[0], calls[0])
        return DropIn(line, nearest.left_out, f"on {small} {found[NUMBERS]}", cause)
    try:
        found |= search.sloping(plan, samples)
    except Unsupported as gap:
        return DropIn(line, nearest.left_out, str(gap))
    if NUMBERS in found:
        return DropIn(line, nearest.left_out, found[NUMBERS])
    return DropIn(line, nearest.left_out, found=Found(plan, calls[-1], found, len(samples)))


def nearest_of(chosen: Chosen, ask: Ask, written: Pool, stated: Pool) -> Nearest:
    """The pooling with the arguments that a target has; or `Unsupported` where it has no such layer."""
    pool, left_out = written.without("data_format"), []
    for _ in PARAMETERS:
        try:
            chosen.adapter.call(replace(ask, pool=pool), chosen.target)
        except Unsupported as refused:
            pool, sentence = without(pool, refused.gap, stated)
            left_out.append(sentence)
        else:
            break
    return Nearest(pool, tuple(left_out))


def without(pool: Pool, gap: Gap, stated: Pool) -> tuple[Pool, str]:
    """The pooling without what a target has no counterpart for, or with what it insists on, and a sentence about it."""
    name, opened = gap.feature.parameter, gap.feature.state == OPEN
    if name not in PARAMETERS or (opened and getattr(stated, name) is None):
        raise Unsupported(gap)
    value = getattr(stated, name)
    if opened:
        return replace(pool, **{name: value}), f"{name} is required and got {value}, as the source has it"
    if name == "padding" and halves(pool) and gap.feature != Feature("padding", "same"):
        return replace(pool, padding="same"), f"padding {shown(pool.padding)} became 'same': {gap.why}"
    return pool.without(name), f"{name}={shown(getattr(pool, name))} was left out: {gap.why}"


def halves(pool: Pool) -> bool:
    """Whether padding is what people write for 'same': half the window on both sides."""
    if not isinstance(pool.padding, tuple) or pool.kernel is None:
        return False
    return all(low == high == taps // 2 for (low, high), taps in zip(pool.padding, pool.kernel, strict=True))


def shown(value: object) -> str:
    """A value in a sentence; padding of one size as that."""
    if isinstance(value, tuple) and len({each for sides in value for each in (sides if isinstance(sides, tuple) else (sides,))}) == 1:
        return str(value[0][0] if isinstance(value[0], tuple) else value[0])
    return repr(value)


def cause_of(search: Search, pool: Pool, sample: Sample, call: Call) -> list[Cause] | None:
    """The rules by which a drop-in's answer differs, None where none are known."""
    [answer] = search.trial.asker.answers(search.chosen, [(call, {"x": sample.tensor})])
    due = search.trial.due[sample].output
    try:
        case = search.source.case(sample, due, pool)
        findings = judge(case, answer)
        found = [each for each in add_causes(case, findings, answer, {}) if each.cause]
    except Refused:
        return None
    return found[0].cause if found and answer.outcome == ACCEPTS else None


def typed(call: Call) -> str:
    """The layer or function of a call as one types it: what is built, or else its first step that is given parameters by name."""
    every = list(flatten(call.steps))
    return next((step.expression for step in every if step.result in BUILT or step.kwargs), every[-1].expression)
