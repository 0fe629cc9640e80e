"""What is wrong with a file, where, and what was expected there."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WIDTH = 60
"""Values of more characters than this are cut short in messages."""


PATH_WIDTH = 200
"""Paths of more characters than this are shortened in messages."""


class UserError(ValueError):
    """Something that the user can correct; the text says where, what, and what was expected, and is shown without a traceback."""


@dataclass(frozen=True)
class Mistake:
    """One mistake; its text is `file:line: what; expected ...`."""

    file: str
    line: int
    what: str
    expected: str

    def __str__(self) -> str:
        return f"{quote_path(self.file)}:{self.line}: {self.what}; expected {self.expected}"


class Fault(ValueError):
    """A mistake in a file that is added later, by `at`."""

    def __init__(self, line: int, what: str, expected: str) -> None:
        super().__init__(f"line {line}: {what}; expected {expected}")
        self.line, self.what, self.expected = line, what, expected

    def at(self, file: str) -> Mistake:
        """The mistake in its file."""
        return Mistake(file, self.line, self.what, self.expected)


def quote_path(path: Path | str) -> str:
    """A path on one line of printable characters: others are escaped, and the middle of a long path is left out."""
    text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in os.fspath(path))
    half = (PATH_WIDTH - 3) // 2
    return text if len(text) <= PATH_WIDTH else f"{text[:half]}...{text[-half:]}"


def quote(value: Any) -> str:
    """A value as a message shows it, on one line and cut short."""
    text = quote_nested(value, depth=0) if isinstance(value, (dict, list, tuple)) else WORDS.get(repr(value), repr(value))
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


WORDS = {"None": "null", "True": "true", "False": "false", "nan": ".nan", "inf": ".inf", "-inf": "-.inf"}
"""What YAML calls the values that Python calls otherwise."""


def quote_nested(value: Any, depth: int) -> str:
    """A list or mapping as YAML writes it on one line, no further than a message reaches."""
    if depth > 8:
        return "..."
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key if key.isidentifier() else quote(key)}: {quote_nested(item, depth + 1)}' for key, item in list(value.items())[:WIDTH])}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(quote_nested(item, depth + 1) for item in value[:WIDTH])}]"
    return quote(value)


def join_with_or(names: Iterable[str]) -> str:
    """Names as a sentence lists alternatives."""
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def suggest(name: str, names: Iterable[str]) -> str:
    """A question that names the known word which comes nearest, if one does."""
    close = difflib.get_close_matches(name, list(names), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
