"""The rules in the language that is spoken: titles of axes, short words and phrases for their values, and causes as sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...cases.judge.answer import Cause
from ...cases.model.rules import AXES
from .language import gettext

UNEXPLAINED = "unexplained"
UNSTEADY = "the numbers change when asked again"


def axis_title(axis: str) -> str:
    """What an axis is about, in a few words."""
    return gettext(AXES[axis].title) if axis in AXES else axis


def short_word(axis: str, value: str) -> str:
    """A value of an axis in a word or two, as it fits into a cell; a value that is not in the table by its name."""
    return gettext(AXES[axis].values[value].short) if has_value(axis, value) else gettext(value)


def phrase(axis: str, value: str) -> str:
    """A value of an axis as a phrase; a value that is not in the table by the names of the axis and the value."""
    if has_value(axis, value):
        return gettext(AXES[axis].values[value].phrase)
    return gettext("%(axis)s is %(value)s") % {"axis": axis, "value": value}


def has_value(axis: str, value: str) -> bool:
    """Whether the table of axes has this value; rows of other versions and unexplained answers name others."""
    return axis in AXES and value in AXES[axis].values


def axis_texts() -> set[str]:
    """Every text of the table of axes that a catalogue translates."""
    values = [value for axis in AXES.values() for value in axis.values.values()]
    return {*(axis.title for axis in AXES.values()), *(value.short for value in values), *(value.phrase for value in values)}


def in_words(cause: Cause) -> str:
    """A cause, its changes joined."""
    return gettext(" and ").join(phrase(change["axis"], change["value"]) for change in cause)


def alternatives(causes: Sequence[Cause] | None) -> str:
    """All causes of a difference as alternatives, or that it is unexplained."""
    return gettext(UNEXPLAINED) if causes is None else join_causes(causes)


def consistent(causes: Iterable[Cause]) -> str:
    """The sets of possible answers that an unexplained answer fits."""
    return gettext("consistent with: %(rules)s") % {"rules": gettext(" or ").join(map(in_words, causes))}


def join_causes(causes: Iterable[Cause]) -> str:
    """Causes any of which explains a difference."""
    return gettext(", or ").join(map(in_words, causes))
