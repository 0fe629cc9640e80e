"""A case as the page shows it: its answers put together, and what it takes to see them again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..rows.records import CaseLine, Row, Rows
from ..rows.ways import CALL
from .answers import Group, codes, groups
from .window_pictures import Picture, pictures


@dataclass(frozen=True)
class Entry:
    """A case with everything that is shown of it.

    `called` has the answers by call alone; `pictures` are of the windows behind the cell `at`.
    """

    line: CaseLine
    groups: Sequence[Group]
    called: Sequence[Group]
    due: Mapping[str, Row]
    codes: Mapping[str, Sequence[str]]
    at: str
    pictures: Sequence[Picture]

    @property
    def name(self) -> str:
        """The case's name in its file."""
        return str(self.line["case"].partition("::")[2])

    @property
    def refused(self) -> bool:
        """Whether an error is due."""
        return "acceptance" in self.due and self.due["acceptance"]["due"] == "rejects"


def entries(rows: Rows, cases: Iterable[str]) -> dict[str, Entry]:
    """Some cases with their answers."""
    by_case: dict[str, list[Row]] = {case: [] for case in cases}
    for row in rows.rows:
        if row["case"] in by_case:
            by_case[row["case"]].append(row)
    return {case: entry(rows.cases[case], each) for case, each in by_case.items()}


def entry(line: CaseLine, rows: Sequence[Row]) -> Entry:
    """One case."""
    called = [row for row in rows if row["way"] == CALL]
    answers, asked = groups(line, rows), groups(line, called)
    owed = due(line, called)
    at, drawn = pictures(line, asked, owed.get("values"))
    return Entry(line, answers, asked, owed, codes(rows), at, drawn)


def due(line: CaseLine, rows: Iterable[Row]) -> dict[str, Row]:
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
