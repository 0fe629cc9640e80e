"""What templates are given besides their values: the language, the words, and that whatever others wrote is escaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..diff.text import HEADINGS
from ..diff.wording import upgrades
from ..fingerprint.wording import REFERENCES, SIGNS, format_cell, format_name, format_phrase
from ..rows.verdicts import FAULTS, MEANINGS, SYMBOLS, word
from ..words import language
from ..words.phrases import axis_title, short_word
from ..words.text import make_printable, split_message
from .arrays import draw, shape
from .documents import tally
from .issue_text import issue

TEMPLATES = Path(__file__).with_name("templates")


def environment() -> Environment:
    """The templates' surroundings; whatever they are given is made printable, then escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, finalize=shown, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals.update(_=text, ngettext=counted, SYMBOLS=SYMBOLS, MEANINGS=MEANINGS, FAULTS=FAULTS, REFERENCES=REFERENCES)
    made.globals.update(
        format_cell=format_cell,
        format_short_value=short_word,
        format_title=axis_title,
        format_phrase=format_phrase,
        SIGNS=SIGNS,
        issue=issue,
    )
    made.globals.update(upgrades=upgrades, HEADINGS=HEADINGS)
    made.globals.update(draw=draw, tally=tally, split_message=split_message, format_name=format_name, link=link)
    made.filters.update(word=said, shape=shape, said=language.gettext)
    return made


def shown(value: Any) -> Any:
    """What a template puts into the page; markup of its own stays as it is."""
    return make_printable(value) if type(value) is str else value


def text(message: str, **values: Any) -> Markup:
    """A text of ours, which may hold markup, in the language that is spoken; what is filled in is made printable and escaped."""
    told = Markup(language.gettext(message))  # noqa: S704 (ours; templates hand over literals alone, which a test holds)
    return told % {name: shown(value) for name, value in values.items()} if values else told


def counted(one: str, many: str, count: int, **values: Any) -> Markup:
    """A text of ours in the form for so many of something; `num` is filled in."""
    told = Markup(language.ngettext(one, many, count))  # noqa: S704 (as above)
    return told % {"num": f"{count:,}", **{name: shown(value) for name, value in values.items()}}


def said(verdict: str) -> str:
    """A verdict, or another name of ours, in the language that is spoken."""
    return language.gettext(word(verdict))


def link(**filters: str) -> str:
    """Where the page shows what is asked for: a case by its id, or the table filtered."""
    return f"#{urlencode(filters)}"
