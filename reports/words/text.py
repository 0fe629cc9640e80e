"""Text of unknown origin made fit to be shown: it cannot control a terminal or a page, and its length is limited."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

STYLE = re.compile(r"\x1b\[[\d;]*m")
"""Terminal colours, which are removed."""

WRAPPER = re.compile(r"\A(\w+: )?Exception encountered when calling [^\n]*\n\s*")
"""The first line of a message that says only which layer was called, after the type of the error."""
ANNOUNCEMENT = "; it said last:"
"""The end of a line that announces what a process wrote before it ended."""

CONTROLS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""The Unicode categories of controls, invisible marks, surrogates and line separators."""

FIRST_PART = 240
WIDTH = 100
SENTENCE = 240
"""Characters of a message that is shown in one line."""


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


def find_reason(text: str) -> str:
    """The line of an error message that says why, with the type of the error: the first that says more than what was called.

    A long line is shortened in its middle, between words: its reason may be at either end.
    """
    text = make_printable(text).strip()
    match = WRAPPER.match(text)
    reason = f"{match[1] or ''}{text[match.end() :]}" if match else text
    return shorten_between_words(reason.partition("\n")[0].removesuffix(ANNOUNCEMENT).rstrip())


def shorten_between_words(line: str, limit: int = SENTENCE) -> str:
    """A line of at most about `limit` characters, with words in its middle left out."""
    if len(line) <= limit:
        return line
    words = line.split(" ")
    head, tail = list[str](), list[str]()
    while words and len(" ".join(head)) < limit // 2:
        head.append(words.pop(0))
    while words and len(" ".join(tail)) < limit // 2:
        tail.insert(0, words.pop())
    return shorten(" ".join([*head, *(["..."] if words else []), *tail]))


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
