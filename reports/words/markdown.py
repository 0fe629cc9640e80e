"""Markdown: tables and headings, and text of unknown origin escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .language import ngettext
from .text import make_printable

SPECIAL = re.compile(r"([\\`*_{}\[\]#!|~$@]|^[-+=]|(?<=:)/(?=/))")
"""Characters with a meaning in Markdown, at the beginning of a line, or in an address."""
DOTTED = re.compile(r"(^\d+|\bwww)([.)])", re.IGNORECASE)
"""The beginning of a numbered list, or of an address without a scheme."""
ENTITIES = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;"})


def format_table(lines: Sequence[Sequence[object]]) -> Iterator[str]:
    """A table of some lines, of which the first is the heading."""
    head, *rest = ([escape_markdown(str(cell)) for cell in line] for line in lines)
    yield format_row(head)
    yield format_row(["---"] * len(head))
    yield from map(format_row, rest)
    yield ""


def format_row(cells: Iterable[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


def format_heading(text: str, depth: int = 2) -> str:
    """A heading of a depth, with an empty line after it."""
    return f"{'#' * depth} {text}\n"


def format_remainder(count: int) -> str:
    """The number of lines of a list that are not shown."""
    return ngettext("and %(num)s more", "and %(num)s more", count) % {"num": count}


def escape_markdown(text: str) -> str:
    """A text in one line in which no character has a meaning in Markdown or HTML, and no address becomes a link."""
    line = " ".join(make_printable(text).split())
    return DOTTED.sub(r"\1\\\2", SPECIAL.sub(r"\\\1", line)).translate(ENTITIES)
