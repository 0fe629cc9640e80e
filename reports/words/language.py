"""The language in which a report speaks: English as it stands in the code, or the translations of a catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).with_name("locale")


@dataclass(frozen=True)
class Language:
    """A language by the code that stands in a page, and its translations of our texts; none for English."""

    code: str
    texts: Mapping[str, str] = field(default_factory=dict)


ENGLISH = Language("en")
CODES = {"en": "en", "zh": "zh-Hans"}
"""The languages that may be asked for, and their codes in a page."""

spoken: ContextVar[Language] = ContextVar("spoken", default=ENGLISH)


def language(name: str) -> Language:
    """A language by the name by which it is asked for."""
    if name == "en":
        return ENGLISH
    with (CATALOGUES / f"{name}.po").open("rb") as stream:
        catalogue = read_po(stream, locale=name)
    return Language(CODES[name], {key(each.id): key(each.string) for each in catalogue if each.id})


def key(text: str | Sequence[str] | None) -> str:
    """The last form of a text, which is the one for many; a catalogue of ours has languages without a singular alone."""
    return text if isinstance(text, str) else (text or [""])[-1]


@contextmanager
def speaking(name: str) -> Iterator[Language]:
    """Speak a language for a while."""
    chosen = language(name)
    token = spoken.set(chosen)
    try:
        yield chosen
    finally:
        spoken.reset(token)


def gettext(text: str) -> str:
    """A text in the language that is spoken."""
    return spoken.get().texts.get(text, text)


def ngettext(one: str, many: str, count: int) -> str:
    """A text in the form for so many of something, in the language that is spoken."""
    return gettext(many) if many in spoken.get().texts else one if count == 1 else many
