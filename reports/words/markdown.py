"""Markdown: tables and headings, and text that others wrote made harmless."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .language import ngettext
from .text import make_printable

SPECIAL = re.compile(r"([\\`*_{}\[\]#!|<>&~$@])")


def table(lines: Sequence[Sequence[object]]) -> Iterator[str]:
    """Lines as a table, the first its heading."""
    head, *rest = ([safe(str(each)) for each in line] for line in lines)
    yield row(head)
    yield row(["---"] * len(head))
    yield from map(row, rest)
    yield ""


def row(cells: Iterable[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


def heading(text: str, depth: int = 2) -> str:
    """A heading."""
    return f"{'#' * depth} {text}\n"


def more(count: int) -> str:
    """How many lines of a list are left out."""
    return ngettext("and %(num)s more", "and %(num)s more", count) % {"num": count}


def safe(text: str) -> str:
    """A text that others wrote, in one line, none of whose characters means anything in Markdown or HTML."""
    return (
        SPECIAL.sub(r"\\\1", " ".join(make_printable(text).split())).replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\&", "&amp;")
    )
