"""The Jinja environment of the page: functions, translations, and escaping of everything that is filled in."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..diff.wording import HEADINGS, group_upgrades
from ..fingerprint.wording import REFERENCES, SIGNS, format_cell, format_name, format_phrase
from ..rows.verdicts import FAULTS, MEANINGS, SYMBOLS, word
from ..words import language
from ..words.phrases import axis_title, short_word
from ..words.text import make_printable, split_message
from .arrays import draw_array, format_shape
from .documents import count_outcomes
from .families import summarise_rules
from .glossary import GLOSSARY
from .issue_text import write_issue

TEMPLATES = Path(__file__).with_name("templates")


@cache
def make_environment() -> Environment:
    """The environment, which compiles each template once for all pages and languages; values are made printable, then escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    tables = {
        "SYMBOLS": SYMBOLS,
        "MEANINGS": MEANINGS,
        "FAULTS": FAULTS,
        "REFERENCES": REFERENCES,
        "SIGNS": SIGNS,
        "HEADINGS": HEADINGS,
        "GLOSSARY": GLOSSARY,
    }
    functions = (
        format_cell, short_word, axis_title, format_phrase, format_name, write_issue, group_upgrades, draw_array, count_outcomes,
        split_message, make_link, summarise_rules,
    )  # fmt: skip
    environment.globals.update(tables, _=translate, ngettext=translate_count, **{function.__name__: function for function in functions})
    environment.filters.update(word=translate_word, shape=format_shape, translated=language.gettext, definition=translate)
    return environment


def finalize(value: Any) -> Any:
    """A value as a template writes it into the page; markup of our own stays as it is."""
    return make_printable(value) if type(value) is str else value


def translate(message: str, **values: Any) -> Markup:
    """One of our texts, which may contain markup, in the current language; the values that are filled in are escaped."""
    text = Markup(language.gettext(message))  # noqa: S704 (ours; templates pass literals or our tables only, which a test checks)
    return text % {name: finalize(value) for name, value in values.items()} if values else text


def translate_count(one: str, many: str, count: int, **values: Any) -> Markup:
    """One of our texts in its form for a count, which is filled in as `num`."""
    text = Markup(language.ngettext(one, many, count))  # noqa: S704 (as above)
    return text % {"num": f"{count:,}", **{name: finalize(value) for name, value in values.items()}}


def translate_word(name: str) -> str:
    """A verdict, or another name of ours, in the current language."""
    return language.gettext(word(name))


def make_link(**filters: str) -> str:
    """The address within the page of a case by its id, or of the table with some filters."""
    return f"#{urlencode(filters)}"
