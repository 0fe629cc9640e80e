"""A case as the page shows it: where it stands on the page, and its answers put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..cases.answer import ATTEMPTED
from . import tables
from .answers import Group, codes, groups, named
from .plan import CALL, DROP_IN
from .rows import Row, Rows
from .verdicts import FAULTS, MEASURED, seen

CODE = 3_000_000
"""Where the native codes of a run have more characters than this, only cases that differ show theirs."""


@dataclass(frozen=True)
class Cell:
    """A target's verdict by call and the word for it, and the verdict by drop-in where that is another one.

    None stands where there is no row; the word of a probe's answer is its name.
    """

    target: str
    verdict: str | None
    word: str
    drop_in: str | None


@dataclass(frozen=True)
class Entry:
    """A case with everything that is shown of it; `called` has the answers by call alone."""

    line: Row
    anchor: str
    cells: Sequence[Cell]
    groups: Sequence[Group]
    called: Sequence[Group]
    due: Mapping[str, Row]
    codes: Mapping[str, Sequence[str]]

    @property
    def file(self) -> str:
        """The spec file."""
        return str(self.line["case"].partition("::")[0])

    @property
    def name(self) -> str:
        """The case's name in its file."""
        return str(self.line["case"].partition("::")[2])

    @property
    def differs(self) -> bool:
        """Whether some target, in one way or the other, did not give what was due, or measured something else than another."""
        measured = sum(group.verdict == MEASURED for group in self.groups)
        return measured > 1 or any(group.verdict in FAULTS for group in self.groups)

    @property
    def contested(self) -> bool:
        """Whether some target, asked for all that the case states, did not give what was due."""
        return any(cell.verdict in FAULTS for cell in self.cells)

    @property
    def refused(self) -> bool:
        """Whether an error is due."""
        return "acceptance" in self.due and self.due["acceptance"]["due"] == "rejects"

    @property
    def attempted(self) -> bool:
        """Whether any target was asked for all that the case states."""
        return any(cell.verdict in ATTEMPTED for cell in self.cells)


def entries(rows: Rows) -> list[Entry]:
    """Every case with its answers; those of one file together, files as they are met first."""
    by_case: dict[str, list[Row]] = {case: [] for case in rows.cases}
    for row in rows.rows:
        by_case[row["case"]].append(row)
    heavy = sum(len(code) for each in by_case.values() for code in codes(each)) > CODE
    places, names = anchors(rows.cases), tables.targets(rows)
    asked = tables.asked(rows)
    listed = [
        entry(line, places[case], by_case[case], [cell(line, name, asked) for name in names], heavy=heavy)
        for case, line in rows.cases.items()
    ]
    files = list(dict.fromkeys(each.file for each in listed))
    return sorted(listed, key=lambda each: files.index(each.file))


def entry(line: Row, anchor: str, rows: Sequence[Row], cells: Sequence[Cell], *, heavy: bool) -> Entry:
    """One case."""
    called = [row for row in rows if row["way"] == CALL]
    answers = groups(line, rows)
    lean = heavy and all(group.verdict not in FAULTS for group in answers)
    return Entry(line, anchor, cells, answers, groups(line, called), due(line, called), {} if lean else codes(rows))


def cell(line: Row, target: str, asked: Mapping[tuple[str, str, str], Sequence[Row]]) -> Cell:
    """A cell of the matrix."""
    called, dropped = (asked.get((line["case"], target, way), ()) for way in (CALL, DROP_IN))
    verdict, drop_in = (seen(line["kind"], rows) if rows else None for rows in (called, dropped))
    return Cell(target, verdict, named(line, called) if called else "no row", drop_in if drop_in != verdict else None)


def due(line: Row, rows: Iterable[Row]) -> dict[str, Row]:
    """A row for each attribute of which something is due; none where each target is due another operation's answer."""
    if line["equals"]:
        return {}
    found: dict[str, Row] = {}
    for row in rows:
        if row["due"] is not None:
            found.setdefault(row["attribute"], row)
    if "values" in found:
        found.pop("shape", None)
    return found


def anchors(cases: Iterable[str]) -> dict[str, str]:
    """Where each case stands on the page: its id in letters that an address may hold, with its number where two are alike."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for number, case in enumerate(cases):
        place = "case-" + re.sub(r"[^\w.-]+", "-", case.removeprefix("specs/").replace(".yaml::", "-"), flags=re.ASCII)
        found[case] = f"{place}--{number}" if place in taken else place
        taken.add(found[case])
    return found
