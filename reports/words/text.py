"""Text that others wrote, made fit to be shown: nothing in it steers a terminal or a page, and it does not run on."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

STYLE = re.compile(r"\x1b\[[\d;]*m")
"""How programs colour what they print; it says nothing to a reader of ours."""

STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Controls, invisible marks, half characters and separators of lines, as Unicode classes them."""

LONG = 240
WIDTH = 100


def make_printable(text: str) -> str:
    """A text without colours, whose characters that do not print are told by their codes; line breaks and tabs stay."""
    if text.isprintable():
        return text
    return "\n".join(line if line.isprintable() else escape_line(line) for line in STYLE.sub("", text).split("\n"))


def escape_line(line: str) -> str:
    """A line whose characters that do not print are told by their codes; tabs stay."""
    return "".join(each if each == "\t" or unicodedata.category(each) not in STEERING else escape_character(each) for each in line)


def escape_character(character: str) -> str:
    """A character's code, as Python writes it."""
    return character.encode("unicode_escape").decode("ascii")


def split_message(text: str) -> tuple[str, str]:
    """What of a message is read at once, and what may be folded away: whatever is past its first line or too long."""
    first, newline, rest = text.partition("\n")
    if len(first) > LONG:
        return first[:LONG], first[LONG:] + newline + rest
    return first, rest


def format_count(count: int, noun: str) -> str:
    """So many of something."""
    return f"{count} {noun}{'s' * (count != 1)}"


def format_value(value: Any) -> str:
    """A value of a row in one line."""
    if isinstance(value, dict) and "dtype" in value:
        cells = value.get("data", value.get("differing", value.get("digest")))
        return shorten(f"{cells} ({value['dtype']}, shape {tuple(value['shape'])})")
    return shorten(str(value))


def shorten(text: str) -> str:
    """A text of bounded length."""
    return text if len(text) <= 4 * WIDTH else f"{text[: 3 * WIDTH]} ... {text[-WIDTH // 2 :]}"
