"""Fingerprints beside each other: the axes on which targets differ, those on which all agree, and where a rule depends on the context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ...cases.judge.fingerprint import Part
from ...cases.judge.words import PHRASES
from ...cases.model.rules import axes
from ..words.language import gettext
from .fingerprint import MIXED, NOT_APPLICABLE, NOT_MEASURED, Print
from .places import listed, told, where

REFERENCES = {axis: values[0] for axis, values in axes().items()}
"""What the reference rules do on each axis."""

NOTHING = (NOT_APPLICABLE, NOT_MEASURED)


@dataclass(frozen=True)
class Comparison:
    """Some targets' fingerprints, to be shown beside each other."""

    prints: Mapping[str, Print]

    @cached_property
    def shared(self) -> dict[str, str]:
        """The axes on which all targets that have them do the same, wherever it was seen, with what they do; none for a target by itself."""
        if len(self.prints) == 1:
            return {}
        words = {axis: {depends(each, axis) or each.word(axis) for each in self.prints.values()} - {*NOTHING} for axis in axes()}
        return {
            axis: next(iter(each))
            for axis, each in words.items()
            if len(each) == 1 and not any(one.word(axis) == MIXED for one in self.prints.values())
        }

    @cached_property
    def unknown(self) -> list[str]:
        """The axes of which nothing is known of any target."""
        return [axis for axis in axes() if all(each.word(axis) in NOTHING for each in self.prints.values())]

    @cached_property
    def differing(self) -> list[str]:
        """All other axes."""
        return [axis for axis in axes() if axis not in self.shared and axis not in self.unknown]

    @cached_property
    def columns(self) -> list[list[str]]:
        """The targets, those together that are told the same of on all axes that differ."""
        found: dict[tuple[str, ...], list[str]] = {}
        for name, each in self.prints.items():
            found.setdefault(tuple(f"{each.word(axis)} {depends(each, axis)}" for axis in self.differing), []).append(name)
        return list(found.values())

    @cached_property
    def contexts(self) -> dict[str, dict[str, list[str]]]:
        """For each axis that depends on the context, in words how, with the targets of which that is told."""
        found: dict[str, dict[str, list[str]]] = {}
        for axis in self.differing:
            for name, each in self.prints.items():
                if text := depends(each, axis):
                    found.setdefault(axis, {}).setdefault(text, []).append(name)
        return found

    @cached_property
    def meanings(self) -> dict[str, dict[str, str]]:
        """For each axis that differs, the values that occur, in the words of people."""
        found = {}
        for axis in self.differing:
            values = {value for each in self.prints.values() for part in each.parts(axis) for value in part.words(axis)}
            found[axis] = {value: phrase for (name, value), phrase in PHRASES.items() if name == axis and value in values}
        return found

    @cached_property
    def refused(self) -> dict[str, str]:
        """For each target that refused probes without a known cause, where it did."""
        return {name: told(each.refused, each.refused) for name, each in self.prints.items() if each.refused}


def depends(each: Print, axis: str) -> str:
    """How an axis of a target depends on the context, in words: what it mostly is, then where it is not; nothing where it does not."""
    measured, parts = each.measured(axis), each.parts(axis)
    if confined(each, axis):
        return placed(axis, parts[0], listed(parts[0].shown))
    others = "; ".join(placed(axis, part, where(measured, part)) for part in parts[1:] if part.values != parts[0].values)
    return gettext("%(rule)s, but %(others)s") % {"rule": named(axis, parts[0]), "others": others} if others else ""


def placed(axis: str, part: Part, places: str) -> str:
    """A part of an axis with the places where it holds."""
    return gettext("%(rule)s for %(places)s") % {"rule": named(axis, part), "places": places}


def confined(each: Print, axis: str) -> bool:
    """Whether the one thing that was seen of an axis, which is not what the reference says, holds for the contexts in which it was seen alone."""
    measured = each.measured(axis)
    return len(measured.parts) == 1 and bool(measured.keys) and REFERENCES[axis] not in measured.parts[0].values


def named(axis: str, part: Part) -> str:
    """The values of a part in words."""
    return gettext(" or ").join(part.words(axis))


def short(each: Print, axis: str) -> str:
    """What a target does on an axis; where that depends on the context, what it mostly does, and a star."""
    parts = each.parts(axis)
    return f"{named(axis, parts[0])}*" if len(parts) > 1 or confined(each, axis) else each.word(axis)
