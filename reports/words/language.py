"""The language of a report: English as in the code, or the translations of a catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).with_name("locale")


@dataclass(frozen=True)
class Language:
    """A language: its code in a page, and its translations; none for English."""

    code: str
    texts: Mapping[str, str] = field(default_factory=dict)


ENGLISH = Language("en")
CODES = {"en": "en", "zh": "zh-Hans"}
"""The available languages, and their codes in a page."""

current_language: ContextVar[Language] = ContextVar("current_language", default=ENGLISH)


@cache
def load_language(name: str) -> Language:
    """Read the catalogue of a language; `name` is a key of `CODES`."""
    if name == "en":
        return ENGLISH
    with (CATALOGUES / f"{name}.po").open("rb") as stream:
        catalogue = read_po(stream, locale=name)
    return Language(CODES[name], {last_form(message.id): last_form(message.string) for message in catalogue if message.id})


def last_form(text: str | Sequence[str] | None) -> str:
    """The last of the forms of a text, which is the plural: the languages of our catalogues have a single form."""
    return text if isinstance(text, str) else (text or [""])[-1]


@contextmanager
def use_language(name: str) -> Iterator[Language]:
    """Translate into a language within a `with` block."""
    language = load_language(name)
    token = current_language.set(language)
    try:
        yield language
    finally:
        current_language.reset(token)


def gettext(text: str) -> str:
    """A text in the current language."""
    return current_language.get().texts.get(text, text)


def ngettext(one: str, many: str, count: int) -> str:
    """A text in its form for a count, in the current language."""
    return gettext(many) if many in current_language.get().texts else one if count == 1 else many


def mark(text: str) -> str:
    """Mark a text for the catalogues and leave it as it is, for tables that are translated when they are shown."""
    return text
