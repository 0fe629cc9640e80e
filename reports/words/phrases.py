"""Rules in words of the language that is spoken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...cases.judge.answer import Cause
from ...cases.judge.words import PHRASES
from .language import gettext

UNEXPLAINED = "unexplained"


def in_words(cause: Cause) -> str:
    """A cause as a sentence's middle."""
    return gettext(" and ").join(phrase(each["axis"], each["value"]) for each in cause)


def phrase(axis: str, value: str) -> str:
    """A choice of a rule; one that has no words of its own by the names of axis and value."""
    told = PHRASES.get((axis, value))
    return gettext(told) if told else gettext("%(axis)s is %(value)s") % {"axis": axis, "value": value}


def alternatives(causes: Sequence[Cause] | None) -> str:
    """All causes of a difference; that there is none is said, too."""
    return gettext(UNEXPLAINED) if causes is None else either(causes)


def consistent(causes: Iterable[Cause]) -> str:
    """Sets of answers that an answer is one of."""
    return gettext("consistent with: %(rules)s") % {"rules": gettext(" or ").join(map(in_words, causes))}


def either(causes: Iterable[Cause]) -> str:
    """Causes each of which would do."""
    return gettext(", or ").join(map(in_words, causes))
