"""Rows: the one stream of JSON lines that everything people see is made from.

A file holds a header, a line for each case, a row for each case, target, way and attribute, and a
footer; without its footer it is partial. The `record` key of a line tells which it is.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from ..cases.answer import Answer, Finding
from ..cases.case import Case
from ..cases.pool import Pool
from ..cases.readings import readings
from ..cases.tolerance import Tolerance

Row = dict[str, Any]

FORMAT = 1
CELLS = 1024
"""Arrays of more cells than this stand in a row as a digest and their first differing cells."""


def row_of(case: Case, target: str, versions: Mapping[str, str], way: str, answer: Answer, finding: Finding, code: str | None) -> Row:
    """One finding as a row."""
    return {
        "record": "row",
        "case": case.id,
        "case_hash": case.hash,
        "target": target,
        "versions": dict(versions),
        "way": way,
        "attribute": finding.attribute,
        "verdict": finding.verdict,
        "answer": finding.named,
        "cause": finding.cause,
        "consistent_with": finding.consistent,
        "due": plain(finding.due, finding.got),
        "got": plain(finding.got, finding.due),
        "tolerance": plain(finding.tolerance),
        "detail": finding.detail,
        "code": code,
        "seconds": round(answer.seconds, 6),
    }


def case_line(case: Case) -> Row:
    """What a report says of a case, apart from its answers."""
    spelling = case.spelling
    return {
        "record": "case",
        "case": case.id,
        "case_hash": case.hash,
        "kind": case.kind,
        "op": case.pool.op,
        "rank": case.input.value.ndim - 1 - case.batched,
        "pool": plain(case.pool.stated()),
        "layer": spelling.text if spelling else None,
        "as_written": case.as_written,
        "input": {"expression": case.input.expression, **plain(case.input.value)},
        "layout": case.layout,
        "batched": case.batched,
        "rules": dict(case.rules),
        "equals": plain(case.due.equals),
        "asks": case.asks,
        "readings": {answer: [{"axis": axis, "value": value} for axis, value in each] for answer, each in readings(case).items()},
        "about": case.about,
        "source": {"document": case.source.document, "place": case.source.place} if case.source else None,
        "stands": case.stands,
        "waiting": case.waiting,
        "tier": case.tier,
        "tags": list(case.tags),
    }


def plain(value: Any, other: Any = None) -> Any:
    """A value as JSON; an array past the limit as a digest and the cells in which it differs from another."""
    if isinstance(value, np.ndarray):
        return array(value, other)
    if isinstance(value, Tolerance):
        return {"ulp": value.ulp}
    if isinstance(value, Pool):
        return {"op": value.op, "pool": plain(value.stated())}
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return number(value)


def array(value: np.ndarray[Any, Any], other: Any) -> Row:
    """An array with its dtype and shape."""
    told = {"dtype": value.dtype.name, "shape": list(value.shape)}
    if value.size <= CELLS:
        return {**told, "data": plain(value.tolist())}
    digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
    told |= {"digest": digest[:16]}
    if isinstance(other, np.ndarray) and other.shape == value.shape:
        cells = np.argwhere((value != other) & ~((value != value) & (other != other)))[:8]
        told["differing"] = [{"at": at.tolist(), "value": number(value[tuple(at)].item())} for at in cells]
    return told


def number(value: Any) -> Any:
    """A number that JSON can hold; NaN, infinities and integers beyond 2^53 as strings."""
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 1 << 53 else value


class Writer:
    """Writes a file of rows line by line, so that what was measured survives whatever happens next."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.stream: TextIO = path.open("w", encoding="utf-8", errors="backslashreplace")  # half a character becomes its JSON escape
        self.cases: set[str] = set()
        self.count = 0
        self.line({"record": "header", "format": FORMAT, **header})

    def add(self, case: Row, rows: Iterable[Row]) -> None:
        """Write the rows of a case on a target, after the line of the case itself."""
        if case["case"] not in self.cases:
            self.cases.add(case["case"])
            self.line(case)
        for row in rows:
            self.count += 1
            self.line(row)

    def close(self, whole: bool) -> None:
        """Close the file; only a run that came to its end gets a footer."""
        if whole:
            self.line({"record": "footer", "cases": len(self.cases), "rows": self.count})
        self.stream.close()

    def line(self, told: Mapping[str, Any]) -> None:
        """Write one line, whole, at once."""
        self.stream.write(json.dumps(told, ensure_ascii=False, allow_nan=False) + "\n")
        self.stream.flush()


class BadRows(ValueError):
    """A file of rows that cannot be read, or files that cannot be put together."""


@dataclass
class Rows:
    """What a file of rows holds; `whole` if it came to its end."""

    header: Row = field(default_factory=dict)
    cases: dict[str, Row] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    whole: bool = False


def read_rows(path: Path) -> Rows:
    """Read a file of rows; a last line that was cut off is left out, and the file is partial then.

    Raises `BadRows` with file and line for anything else that is not a row.
    """
    found = Rows()
    with path.open(encoding="utf-8", errors="replace") as stream:
        for count, text in enumerate(stream, 1):
            if not text.endswith("\n"):
                break
            try:
                told = json.loads(text)
                kind = told["record"]
            except (ValueError, KeyError, TypeError):
                raise BadRows(f"{path}:{count}: not a line of rows; expected a JSON object with a record key") from None
            take(found, told, kind, f"{path}:{count}")
    if not found.header:
        raise BadRows(f"{path}:1: no header; expected a file written by `poolparity run --rows` or `pytest --rows`")
    return found


def take(found: Rows, told: Row, kind: str, where: str) -> None:
    """Put one line in its place."""
    match kind:
        case "header":
            found.header = told
        case "case":
            known = found.cases.setdefault(told["case"], told)
            if known["case_hash"] != told["case_hash"]:
                raise BadRows(f"{where}: {told['case']} has two hashes; expected rows of one version of each case")
        case "row":
            found.rows.append(told)
        case "footer":
            found.whole = told["rows"] == len(found.rows)
        case _:
            raise BadRows(f"{where}: record is {kind!r}; expected header, case, row or footer")
