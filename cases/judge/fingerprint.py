"""Fingerprints: the rules that a target follows, from what each of its answers is consistent with.

An observation is consistent with some values of an axis. If those of all contexts have one in common,
the fingerprint has that value; else contexts are separated by the fewest keys that make the values
agree. An axis that is `BOUND` to keys is always separated by them.
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
    """What may decide which rule a target follows, in the order in which contexts are separated.

    `asked` is output, indices, gradient or inferred_shape; `padding` says whether an average counts it:
    counted, left_out, or open.
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
    """A change of another axis that alone would have given the observed answer, with `standing` the value in force there."""

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
    """The value of an axis in some places, each with a case that shows it; several values if no case separates them."""

    values: frozenset[str]
    cases_by_place: Mapping[Place, str]
    weight: int

    def words(self, axis: str) -> tuple[str, ...]:
        """The values in the order of the axis, and UNEXPLAINED last."""
        return tuple(sorted(self.values, key=lambda value: (*AXIS_VALUES[axis], value).index(value)))


@dataclass(frozen=True)
class MeasuredAxis:
    """An axis on a target: its parts, separated by keys of the context.

    `torn` has the parts of places in which cases contradict each other; only their cases separate them.
    """

    keys: tuple[str, ...]
    parts: tuple[Part, ...]
    torn: tuple[Part, ...] = ()

    def at(self, context: Context) -> frozenset[str]:
        """All values that were seen in a context; none if that is not known."""
        own_place = place(context, self.keys)
        values = [part.values for part in self.parts if own_place in part.cases_by_place]
        values += [part.values for part in self.torn if place(context, KEYS) in part.cases_by_place]
        return frozenset().union(*values)


@dataclass(frozen=True)
class Fingerprint:
    """All that is known of the rules of a target."""

    axes: Mapping[str, MeasuredAxis] = field(default_factory=dict)

    def at(self, axis: str, context: Context) -> frozenset[str]:
        """The values of an axis in a context; none if that is not known."""
        return self.axes[axis].at(context) if axis in self.axes else frozenset()

    def contradicts(self, cause: Cause, context: Context) -> bool:
        """Whether a change of a cause is not what the target does in this context."""
        places_by_change = [(change["value"], self.at(change["axis"], context)) for change in cause]
        return any(values and value not in values for value, values in places_by_change)

    def confirms(self, cause: Cause, context: Context) -> bool:
        """Whether every change of a cause is what the target does in this context."""
        return all(change["value"] in self.at(change["axis"], context) for change in cause)

    def likely(self, causes: list[Cause], context: Context) -> list[Cause]:
        """The alternatives that the target's other answers confirm, or else do not contradict; all if none is left."""
        possible = [cause for cause in causes if not self.contradicts(cause, context)]
        return [cause for cause in possible if self.confirms(cause, context)] or possible or causes


def fit_fingerprint(observations: Iterable[Observation]) -> Fingerprint:
    """The fingerprint of one target; observations with rivals count only if no rival is known to be the target's rule.

    Where they do not fit together, which of them go together depends on their order; so they are put into one of their own.
    """
    facts = sorted(observations, key=lambda observation: (observation.case, observation.context, sorted(observation.values)))
    firm = fit_axes(observation for observation in facts if not observation.rivals)
    return fit_axes(
        observation for observation in facts if not any(prevails(rival, firm, observation.context) for rival in observation.rivals)
    )


def prevails(rival: Rival, firm: Fingerprint, context: Context) -> bool:
    """Whether a target is known to follow a rival in a context, and not the rule that was in force."""
    values = firm.at(rival.axis, context)
    return rival.value in values and rival.standing not in values


def fit_axes(observations: Iterable[Observation]) -> Fingerprint:
    """Every axis that is observed, fitted on its own."""
    by_axis: dict[str, list[Observation]] = {}
    for observation in observations:
        by_axis.setdefault(observation.axis, []).append(observation)
    return Fingerprint({axis: fit_axis(by_axis[axis]) for axis in AXIS_VALUES if axis in by_axis})


def fit_axis(observations: Sequence[Observation]) -> MeasuredAxis:
    """One axis: its contexts separated by the fewest keys under which those that are alike have a value in common."""
    by_context: dict[Context, list[Observation]] = {}
    for observation in observations:
        by_context.setdefault(observation.context, []).append(observation)
    parts_by_context = keep_decisive({context: settle_context(observation) for context, observation in by_context.items()})
    whole = {context: parts[0] for context, parts in parts_by_context.items() if len(parts) == 1}
    keys = next(keys for keys in key_subsets(observations[0].axis) if all(part.values for part in join_contexts(whole, keys).values()))
    torn = [part for parts in parts_by_context.values() if len(parts) > 1 for part in parts]
    return MeasuredAxis(keys, tuple(merge_parts(join_contexts(whole, keys).values())), tuple(merge_parts(torn)))


def keep_decisive(parts_by_context: Mapping[Context, list[Part]]) -> Mapping[Context, list[Part]]:
    """The contexts without those whose rule was only as pinned, unless there are no others; of those, only the consistent ones."""
    strong = {context: parts for context, parts in parts_by_context.items() if parts[0].weight > HELD}
    return strong or {context: parts for context, parts in parts_by_context.items() if len(parts) == 1}


def key_subsets(axis: str) -> Iterator[tuple[str, ...]]:
    """Every choice of keys by which the contexts of an axis may be separated, the fewest first."""
    subsets = (keys for count in range(len(KEYS) + 1) for keys in combinations(KEYS, count))
    return (keys for keys in subsets if {*BOUND.get(axis, ())} <= {*keys})


def settle_context(observations: Sequence[Observation]) -> list[Part]:
    """What the observations of one context have in common, by decreasing weight; one part for each value if they contradict."""
    most = max(observation.weight for observation in observations)
    parts: list[Part] = []
    for observation in sorted(observations, key=lambda observation: (-observation.weight, len(observation.values))):
        alone = Part(observation.values, {place(observation.context, KEYS): observation.case}, observation.weight)
        near = next((at for at, part in enumerate(parts) if part.values & observation.values), None)
        if near is not None:
            parts[near] = intersect(parts[near], alone)
        elif observation.weight == most:
            parts.append(alone)
    return parts


def join_contexts(parts: Mapping[Context, Part], keys: tuple[str, ...]) -> dict[Place, Part]:
    """The contexts with the same values of some keys as one, with the values that all of them have."""
    groups: dict[Place, list[Part]] = {}
    for context, part in parts.items():
        here = place(context, keys)
        groups.setdefault(here, []).append(Part(part.values, dict.fromkeys([here], *part.cases_by_place.values()), part.weight))
    return {group_place: reduce(intersect, group) for group_place, group in groups.items()}


def merge_parts(parts: Iterable[Part]) -> list[Part]:
    """Parts with a value in common, merged; the largest part comes first, unexplained ones last."""
    result: list[Part] = []
    for part in sorted(parts, key=lambda part: len(part.values)):
        result.sort(key=lambda part: -len(part.cases_by_place))
        near = next((at for at, other in enumerate(result) if other.values & part.values), None)
        if near is None:
            result.append(part)
        else:
            result[near] = intersect(result[near], part)
    return sorted(result, key=lambda part: (UNEXPLAINED in part.values, -len(part.cases_by_place)))


def intersect(one: Part, other: Part) -> Part:
    """Two parts as one, with the values of both, shown where either is."""
    return Part(one.values & other.values, {**other.cases_by_place, **one.cases_by_place}, max(one.weight, other.weight))
