"""A fingerprint's cells, in a word or two of the language that is spoken."""

from __future__ import annotations

from ...cases.judge.words import PHRASES
from ..words.language import gettext
from ..words.short_words import SHORT, TITLES
from .comparison import confined
from .fingerprint import NOT_APPLICABLE, NOT_MEASURED, Print

SIGNS = {NOT_APPLICABLE: "–", NOT_MEASURED: "?"}  # noqa: RUF001 (a dash that is as wide as a digit)


def title(axis: str) -> str:
    """What an axis is about."""
    return gettext(TITLES.get(axis, axis))


def brief_word(axis: str, value: str) -> str:
    """A choice on an axis."""
    return gettext(SHORT.get(axis, {}).get(value, value))


def brief(each: Print, axis: str) -> str:
    """What a target does on an axis; where that depends on the context, what it mostly does, and a star."""
    parts = each.parts(axis)
    star = "*" if len(parts) > 1 or confined(each, axis) else ""
    return gettext(" or ").join(brief_word(axis, value) for value in parts[0].words(axis)) + star


def meaning(axis: str, word: str) -> str:
    """What all targets do on an axis, as a phrase where it is one choice."""
    told = PHRASES.get((axis, word))
    return gettext(told) if told else word
