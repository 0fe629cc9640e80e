"""Fingerprints: the rules that a target follows, put together from what each of its answers is consistent with.

An observation leaves an axis some of its values. Where those of all contexts have one in common it
stands once; else contexts are told apart by the fewest keys that do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import combinations
from typing import NamedTuple

from ..model.rules import AXIS_VALUES
from .answer import Cause

HELD, EXPLAINED, ASKED = range(3)
"""What an observation rests on: an answer as due where the rule was pinned, the cause of a difference, a probe's answer."""

UNEXPLAINED = "unexplained"
"""Stands for the value where a probe's answer is none of those that it names, and no other rule explains it."""


class Context(NamedTuple):
    """What may decide which rule a target follows, in the order in which contexts are told apart.

    `asked` is output, indices, gradient or inferred_shape; `padding` whether an average was told to
    count it: counted, left_out, or open.
    """

    op: str
    dtype: str
    rank: int
    asked: str
    padding: str


KEYS = Context._fields
BOUND: Mapping[str, tuple[str, ...]] = {"element_type": ("op", "dtype")}
"""Axes that are about some keys of the context themselves: what is seen of one operation and type says nothing of another."""
Place = tuple[tuple[str, str | int], ...]
"""Contexts that have some keys in common: pairs of a key and its value."""


def place(context: Context, keys: Iterable[str]) -> Place:
    """Some keys of a context with their values."""
    return tuple((key, getattr(context, key)) for key in keys)


@dataclass(frozen=True)
class Rival:
    """A change of another axis that alone would have given the same answer as the one observed, where `standing` was in force."""

    axis: str
    value: str
    standing: str


@dataclass(frozen=True)
class Observation:
    """What one case shows of an axis on a target: the values that the answer is consistent with."""

    axis: str
    values: frozenset[str]
    context: Context
    case: str
    weight: int = ASKED
    rivals: tuple[Rival, ...] = ()


@dataclass(frozen=True)
class Part:
    """What an axis is in some places, and a case that shows it in each; several values where no case tells them apart."""

    values: frozenset[str]
    shown: Mapping[Place, str]
    weight: int

    def words(self, axis: str) -> tuple[str, ...]:
        """The values in the order of the axis; what is none of them, as an unexplained one, comes last."""
        return tuple(sorted(self.values, key=lambda value: (*AXIS_VALUES[axis], value).index(value)))


@dataclass(frozen=True)
class Measured:
    """An axis on a target: its parts, told apart by keys of the context.

    `torn` has parts of places in which cases contradict each other; their cases are all there is to tell them by.
    """

    keys: tuple[str, ...]
    parts: tuple[Part, ...]
    torn: tuple[Part, ...] = ()

    def at(self, context: Context) -> frozenset[str]:
        """The values in a context, all that were seen there; none where that is not known."""
        here = place(context, self.keys)
        found = [part.values for part in self.parts if here in part.shown]
        found += [part.values for part in self.torn if place(context, KEYS) in part.shown]
        return frozenset().union(*found)


@dataclass(frozen=True)
class Fingerprint:
    """All that is known of the rules of a target."""

    axes: Mapping[str, Measured] = field(default_factory=dict)

    def at(self, axis: str, context: Context) -> frozenset[str]:
        """The values of an axis in a context; none where that is not known."""
        return self.axes[axis].at(context) if axis in self.axes else frozenset()

    def contradicts(self, cause: Cause, context: Context) -> bool:
        """Whether some change of a cause is not what the target does in this context."""
        known = [(each["value"], self.at(each["axis"], context)) for each in cause]
        return any(values and value not in values for value, values in known)

    def confirms(self, cause: Cause, context: Context) -> bool:
        """Whether every change of a cause is what the target does in this context."""
        return all(each["value"] in self.at(each["axis"], context) for each in cause)

    def likely(self, causes: list[Cause], context: Context) -> list[Cause]:
        """Of alternatives those that the target's other answers do not contradict, or confirm where they do so; all where none is left."""
        left = [cause for cause in causes if not self.contradicts(cause, context)]
        return [cause for cause in left if self.confirms(cause, context)] or left or causes


def fit_fingerprint(observations: Iterable[Observation]) -> Fingerprint:
    """What some observations of one target come to; those with rivals count where no rival is known to be the target's rule."""
    told = list(observations)
    firm = fit_axes(each for each in told if not each.rivals)
    return fit_axes(each for each in told if not any(prevails(rival, firm, each.context) for rival in each.rivals))


def prevails(rival: Rival, firm: Fingerprint, context: Context) -> bool:
    """Whether a target is known to follow a rival in a context, and not the rule that was in force instead."""
    values = firm.at(rival.axis, context)
    return rival.value in values and rival.standing not in values


def fit_axes(observations: Iterable[Observation]) -> Fingerprint:
    """Every axis that is observed, folded."""
    by_axis: dict[str, list[Observation]] = {}
    for each in observations:
        by_axis.setdefault(each.axis, []).append(each)
    return Fingerprint({axis: fit_axis(by_axis[axis]) for axis in AXIS_VALUES if axis in by_axis})


def fit_axis(observations: Sequence[Observation]) -> Measured:
    """One axis: its contexts told apart by the fewest keys under which those that are alike have a value in common."""
    by_context: dict[Context, list[Observation]] = {}
    for each in observations:
        by_context.setdefault(each.context, []).append(each)
    settled = keep_decisive({context: settle_context(each) for context, each in by_context.items()})
    whole = {context: parts[0] for context, parts in settled.items() if len(parts) == 1}
    keys = next(keys for keys in key_subsets(observations[0].axis) if all(part.values for part in join_contexts(whole, keys).values()))
    torn = [part for parts in settled.values() if len(parts) > 1 for part in parts]
    return Measured(keys, tuple(merge_parts(join_contexts(whole, keys).values())), tuple(merge_parts(torn)))


def keep_decisive(settled: Mapping[Context, list[Part]]) -> Mapping[Context, list[Part]]:
    """Without contexts where the rule was only held to, unless there are no others, nor those where that came to nothing."""
    strong = {context: parts for context, parts in settled.items() if parts[0].weight > HELD}
    return strong or {context: parts for context, parts in settled.items() if len(parts) == 1}


def key_subsets(axis: str) -> Iterator[tuple[str, ...]]:
    """Every choice of keys by which the contexts of an axis may be told apart, the fewest first."""
    chosen = (keys for count in range(len(KEYS) + 1) for keys in combinations(KEYS, count))
    return (keys for keys in chosen if {*BOUND.get(axis, ())} <= {*keys})


def settle_context(observations: Sequence[Observation]) -> list[Part]:
    """What the observations of one context have in common, the weightiest deciding; a part for each value where they have nothing."""
    most = max(each.weight for each in observations)
    found: list[Part] = []
    for each in sorted(observations, key=lambda each: (-each.weight, len(each.values))):
        alone = Part(each.values, {place(each.context, KEYS): each.case}, each.weight)
        near = next((at for at, part in enumerate(found) if part.values & each.values), None)
        if near is not None:
            found[near] = intersect(found[near], alone)
        elif each.weight == most:
            found.append(alone)
    return found


def join_contexts(parts: Mapping[Context, Part], keys: tuple[str, ...]) -> dict[Place, Part]:
    """The contexts that have some keys in common as one, with the values that all of them leave."""
    groups: dict[Place, list[Part]] = {}
    for context, part in parts.items():
        here = place(context, keys)
        groups.setdefault(here, []).append(Part(part.values, dict.fromkeys([here], *part.shown.values()), part.weight))
    return {here: reduce(intersect, group) for here, group in groups.items()}


def merge_parts(parts: Iterable[Part]) -> list[Part]:
    """Parts that have a value in common, put together: the surest first, others where most places are; the largest part first, unexplained ones last."""
    found: list[Part] = []
    for part in sorted(parts, key=lambda part: len(part.values)):
        found.sort(key=lambda part: -len(part.shown))
        near = next((at for at, other in enumerate(found) if other.values & part.values), None)
        if near is None:
            found.append(part)
        else:
            found[near] = intersect(found[near], part)
    return sorted(found, key=lambda part: (UNEXPLAINED in part.values, -len(part.shown)))


def intersect(one: Part, other: Part) -> Part:
    """Two parts as one, shown where either is."""
    return Part(one.values & other.values, {**other.shown, **one.shown}, max(one.weight, other.weight))
