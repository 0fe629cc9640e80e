"""Fingerprints: the rules that a target follows, put together from what each of its answers is consistent with.

An observation leaves an axis some of its values. Where those of all contexts have one in common it
stands once; else contexts are told apart by the fewest keys that do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..model.rules import axes
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
        return tuple(sorted(self.values, key=lambda value: (*axes()[axis], value).index(value)))


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
