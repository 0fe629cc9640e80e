"""A case as the page shows it: its answers grouped, what was expected, and the code to reproduce it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..rows.records import CaseLine, Row, Rows
from ..rows.ways import CALL
from .answers import Group, group_answers, group_codes
from .window_pictures import Picture, draw_windows


@dataclass(frozen=True)
class CaseView:
    """A case with everything that is shown of it.

    `call_groups` has the answers by call alone, `due` the expected values by attribute; `pictures` are of the
    windows of the cell `at`.
    """

    line: CaseLine
    groups: Sequence[Group]
    call_groups: Sequence[Group]
    due: Mapping[str, Row]
    codes: Mapping[str, Sequence[str]]
    at: str
    pictures: Sequence[Picture]

    @property
    def name(self) -> str:
        """The name of the case within its file."""
        return str(self.line["case"].partition("::")[2])

    @property
    def expects_error(self) -> bool:
        """Whether an error is expected."""
        return "acceptance" in self.due and self.due["acceptance"]["due"] == "rejects"


def build_case_views(rows: Rows, cases: Iterable[str]) -> dict[str, CaseView]:
    """Some cases with their answers, by id."""
    by_case: dict[str, list[Row]] = {case: [] for case in cases}
    for row in rows.rows:
        if row["case"] in by_case:
            by_case[row["case"]].append(row)
    return {case: build_case_view(rows.cases[case], case_rows) for case, case_rows in by_case.items()}


def build_case_view(line: CaseLine, rows: Sequence[Row]) -> CaseView:
    """One case with all of its rows."""
    call_rows = [row for row in rows if row["way"] == CALL]
    all_groups, called_groups = group_answers(line, rows), group_answers(line, call_rows)
    expected = select_expected(line, call_rows)
    at, pictures = draw_windows(line, called_groups, expected.get("values"))
    return CaseView(line, all_groups, called_groups, expected, group_codes(rows), at, pictures)


def select_expected(line: CaseLine, rows: Iterable[Row]) -> dict[str, Row]:
    """A row for each attribute with an expected value; none where each target is compared with another operation on itself."""
    if line["equals"]:
        return {}
    expected: dict[str, Row] = {}
    for row in rows:
        if row["due"] is not None:
            expected.setdefault(row["attribute"], row)
    if "values" in expected:
        expected.pop("shape", None)
    return expected
