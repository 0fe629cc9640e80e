"""Text of unknown origin made fit to be shown: it cannot control a terminal or a page, and its length is limited."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

STYLE = re.compile(r"\x1b\[[\d;]*m")
"""Terminal colours, which are removed."""

CONTROLS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""The Unicode categories of controls, invisible marks, surrogates and line separators."""

FIRST_PART = 240
WIDTH = 100


def make_printable(text: str) -> str:
    """A text without colours, with escapes in place of characters that do not print; line breaks and tabs stay."""
    if text.isprintable():
        return text
    return "\n".join(line if line.isprintable() else escape_line(line) for line in STYLE.sub("", text).split("\n"))


def escape_line(line: str) -> str:
    """A line with escapes in place of characters that do not print; tabs stay."""
    return "".join(
        escape_character(character) if character != "\t" and unicodedata.category(character) in CONTROLS else character
        for character in line
    )


def escape_character(character: str) -> str:
    """The escape of a character in Python's notation."""
    return character.encode("unicode_escape").decode("ascii")


def split_message(text: str) -> tuple[str, str]:
    """The part of a message to show at once, its first line up to a limit, and the rest."""
    first, newline, rest = text.partition("\n")
    if len(first) > FIRST_PART:
        return first[:FIRST_PART], first[FIRST_PART:] + newline + rest
    return first, rest


def format_count(count: int, noun: str) -> str:
    """A count with its noun, in the plural unless it is one."""
    return f"{count} {noun}{'s' * (count != 1)}"


def format_value(value: Any) -> str:
    """A value of a row in one line: an array with its type and shape."""
    if isinstance(value, dict) and "dtype" in value:
        cells = value.get("data", value.get("differing", value.get("digest")))
        return shorten(f"{cells} ({value['dtype']}, shape {tuple(value['shape'])})")
    return shorten(str(value))


def shorten(text: str) -> str:
    """A text of limited length, with the middle left out."""
    return text if len(text) <= 4 * WIDTH else f"{text[: 3 * WIDTH]} ... {text[-WIDTH // 2 :]}"
