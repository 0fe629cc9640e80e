"""The one reader of files of rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .records import FORMAT, SCHEMA, BadRows, Row, Rows, uncollected


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
