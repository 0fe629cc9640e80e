"""Observations folded into a fingerprint.

An observation leaves an axis some of its values. Where those of all contexts have one in common it
stands once; else contexts are told apart by the fewest keys that do. An axis that is `BOUND` to keys keeps them always.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import combinations

from ..model.rules import axes
from .fingerprint import BOUND, HELD, KEYS, UNEXPLAINED, Context, Fingerprint, Measured, Observation, Part, Place, Rival, place


def fingerprint(observations: Iterable[Observation]) -> Fingerprint:
    """What some observations of one target come to; those with rivals count where no rival is known to be the target's rule."""
    told = list(observations)
    firm = measured(each for each in told if not each.rivals)
    return measured(each for each in told if not any(prevails(rival, firm, each.context) for rival in each.rivals))


def prevails(rival: Rival, firm: Fingerprint, context: Context) -> bool:
    """Whether a target is known to follow a rival in a context, and not the rule that was in force instead."""
    values = firm.at(rival.axis, context)
    return rival.value in values and rival.standing not in values


def measured(observations: Iterable[Observation]) -> Fingerprint:
    """Every axis that is observed, folded."""
    by_axis: dict[str, list[Observation]] = {}
    for each in observations:
        by_axis.setdefault(each.axis, []).append(each)
    return Fingerprint({axis: folded(by_axis[axis]) for axis in axes() if axis in by_axis})


def folded(observations: Sequence[Observation]) -> Measured:
    """One axis: its contexts told apart by the fewest keys under which those that are alike have a value in common."""
    by_context: dict[Context, list[Observation]] = {}
    for each in observations:
        by_context.setdefault(each.context, []).append(each)
    settled = weighty({context: settle(each) for context, each in by_context.items()})
    whole = {context: parts[0] for context, parts in settled.items() if len(parts) == 1}
    keys = next(keys for keys in subsets(observations[0].axis) if all(part.values for part in joined(whole, keys).values()))
    torn = [part for parts in settled.values() if len(parts) > 1 for part in parts]
    return Measured(keys, tuple(merged(joined(whole, keys).values())), tuple(merged(torn)))


def weighty(settled: Mapping[Context, list[Part]]) -> Mapping[Context, list[Part]]:
    """Without contexts where the rule was only held to, unless there are no others, nor those where that came to nothing."""
    strong = {context: parts for context, parts in settled.items() if parts[0].weight > HELD}
    return strong or {context: parts for context, parts in settled.items() if len(parts) == 1}


def subsets(axis: str) -> Iterator[tuple[str, ...]]:
    """Every choice of keys by which the contexts of an axis may be told apart, the fewest first."""
    chosen = (keys for count in range(len(KEYS) + 1) for keys in combinations(KEYS, count))
    return (keys for keys in chosen if {*BOUND.get(axis, ())} <= {*keys})


def settle(observations: Sequence[Observation]) -> list[Part]:
    """What the observations of one context have in common, the weightiest deciding; a part for each value where they have nothing."""
    most = max(each.weight for each in observations)
    found: list[Part] = []
    for each in sorted(observations, key=lambda each: (-each.weight, len(each.values))):
        alone = Part(each.values, {place(each.context, KEYS): each.case}, each.weight)
        near = next((at for at, part in enumerate(found) if part.values & each.values), None)
        if near is not None:
            found[near] = both(found[near], alone)
        elif each.weight == most:
            found.append(alone)
    return found


def joined(parts: Mapping[Context, Part], keys: tuple[str, ...]) -> dict[Place, Part]:
    """The contexts that have some keys in common as one, with the values that all of them leave."""
    groups: dict[Place, list[Part]] = {}
    for context, part in parts.items():
        here = place(context, keys)
        groups.setdefault(here, []).append(Part(part.values, dict.fromkeys([here], *part.shown.values()), part.weight))
    return {here: reduce(both, group) for here, group in groups.items()}


def merged(parts: Iterable[Part]) -> list[Part]:
    """Parts that have a value in common, put together: the surest first, others where most places are; the largest part first, unexplained ones last."""
    found: list[Part] = []
    for part in sorted(parts, key=lambda part: len(part.values)):
        found.sort(key=lambda part: -len(part.shown))
        near = next((at for at, other in enumerate(found) if other.values & part.values), None)
        if near is None:
            found.append(part)
        else:
            found[near] = both(found[near], part)
    return sorted(found, key=lambda part: (UNEXPLAINED in part.values, -len(part.shown)))


def both(one: Part, other: Part) -> Part:
    """Two parts as one, shown where either is."""
    return Part(one.values & other.values, {**other.shown, **one.shown}, max(one.weight, other.weight))
