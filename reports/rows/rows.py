"""Rows: the one stream of JSON lines that everything people see is made from.

A file holds a header, a line for each case, a row for each case, target, way and attribute, and a
footer; without its footer it is partial. The `record` key of a line tells which it is, and
`specs/rows.schema.json` describes them all.
"""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from ...cases.model.mistake import UserError

Row = dict[str, Any]

FORMAT = 1
SCHEMA = Path(__file__).parents[2] / "specs" / "rows.schema.json"


class Writer:
    """Writes a file of rows case by case, so that what was measured survives whatever happens next."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.stream: TextIO = path.open("w", encoding="utf-8", errors="backslashreplace")  # half a character becomes its JSON escape
        self.cases: set[str] = set()
        self.count = 0
        self.write({"record": "header", "format": FORMAT, **header})

    def add(self, case: Row, rows: Sequence[Row]) -> None:
        """Write all rows of a case on a target, the last of them marked, after the line of the case itself."""
        new = [] if case["case"] in self.cases else [case]
        self.cases.add(case["case"])
        self.count += len(rows)
        self.write(*new, *({**row, "last": at == len(rows)} for at, row in enumerate(rows, 1)))

    def close(self, whole: bool) -> None:
        """Close the file; only a run that came to its end gets a footer."""
        if whole:
            self.write({"record": "footer", "cases": len(self.cases), "rows": self.count})
        self.stream.close()

    def move(self, path: Path) -> None:
        """Take the place of another file, at once and whole, and write on there."""
        os.fsync(self.stream.fileno())
        self.path = self.path.replace(path)

    def write(self, *lines: Mapping[str, Any]) -> None:
        """Write whole lines, at once."""
        self.stream.write("".join(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n" for line in lines))
        self.stream.flush()


class Unwritable(UserError):
    """Rows cannot be written as they were asked for."""


class BadRows(UserError):
    """A file of rows that cannot be read, or files that cannot be put together."""


@dataclass
class Rows:
    """What a file of rows holds; `whole` if it came to its end."""

    header: Row = field(default_factory=dict)
    cases: dict[str, Row] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    whole: bool = False


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: rows are many and hold no cycles, and to walk over all of them time and again takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@uncollected()
def read_rows(path: Path) -> Rows:
    """Read a file of rows; a last line that was cut off is left out, and the file is partial then.

    Raises `BadRows` with file and line for anything else that is not a row.
    """
    found = Rows()
    for place, told in lines_of(path):
        take(found, told, str(place))
    return found


@cache
def required() -> dict[str, frozenset[str]]:
    """The keys that a line must have, by its record."""
    defined = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]
    return {record: frozenset(defined[record]["required"]) for record in ("header", "case", "row", "footer")}


class Place(NamedTuple):
    """A line of a file, counted from one, and the byte at which it begins."""

    path: Path
    line: int
    offset: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


def lines_of(path: Path) -> Iterator[tuple[Place, Row]]:
    """The whole lines of a file of rows, the header first, each with its place; raises `BadRows` at the first that is none."""
    count = offset = 0
    with path.open("rb") as stream:
        for count, text in enumerate((text for text in stream if text.endswith(b"\n")), 1):
            told = line_of(text, str(place := Place(path, count, offset)))
            if (told["record"] == "header") != (count == 1):
                raise BadRows(f"{place}: a {told['record']} here; expected one header, in the first line")
            offset += len(text)
            yield place, told
    if not count:
        raise BadRows(f"{path}: not a single whole line; expected a file written by `poolparity run --rows` or `pytest --rows`")


def line_of(text: bytes, where: str) -> Row:
    """One line, with all keys that its record must have; raises `BadRows`."""
    try:
        told: Row = json.loads(text.decode(errors="replace"))
        lacking = required()[told["record"]] - told.keys()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadRows(f"{where}: not a line of rows; expected a JSON object whose record is {', '.join(required())}") from None
    if lacking:
        raise BadRows(f"{where}: a {told['record']} without {', '.join(sorted(lacking))}; expected the keys that {SCHEMA.name} names")
    if told.get("format", FORMAT) != FORMAT:
        raise BadRows(f"{where}: rows of format {told['format']}; expected format {FORMAT}, as this version of poolparity writes it")
    return told


def take(found: Rows, told: Row, where: str) -> None:
    """Put one line in its place."""
    match told["record"]:
        case "header":
            found.header = told
        case "case":
            known = found.cases.setdefault(told["case"], told)
            if known["case_hash"] != told["case_hash"]:
                raise BadRows(f"{where}: {told['case']} has two hashes; expected rows of one version of each case")
        case "row":
            if told["case"] not in found.cases:
                raise BadRows(f"{where}: a row of {told['case']}, which has no line of its own; expected that before")
            found.rows.append(told)
        case "footer":
            found.whole = told["rows"] == len(found.rows)
