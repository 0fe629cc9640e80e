"""Differences by their cause: what nothing explains first, then the rules that explain most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...cases.judge.answer import CRASHES, DIFFERS, REJECTS
from ..words.phrases import alternatives, consistent
from . import tables
from .records import CaseLine, Row, Rows
from .ways import CALL

SEARCHED = frozenset({DIFFERS, REJECTS, CRASHES})
"""Verdicts whose causes are looked for."""


@dataclass(frozen=True)
class Difference:
    """Answers that one cause explains: the cause in words, how sure it is, and for each target the cases in which it gave them.

    `rank` is 0 where nothing explains them, 1 where a set of answers is all that is known, else 2.
    """

    cause: str
    rank: int
    cases: dict[str, list[str]] = field(default_factory=dict)

    @property
    def unexplained(self) -> bool:
        """Whether nothing explains the answers."""
        return self.rank == 0

    @property
    def count(self) -> int:
        """How many answers there are."""
        return sum(map(len, self.cases.values()))


def differences(rows: Rows) -> list[Difference]:
    """Every difference that was looked into, by cause: the unexplained first, then what fits a set of answers, then the most frequent."""
    differences_by_cause: dict[str, Difference] = {}
    for (case, target, way), case_rows in tables.group_rows(rows).items():
        if way == CALL and searched(rows.cases[case]):
            ranks_by_cause = {cause(row): rank(row) for row in wrong(case_rows)}
            for text, sure in ranks_by_cause.items():
                differences_by_cause.setdefault(text, Difference(text, sure)).cases.setdefault(target, []).append(case)
    return sorted(differences_by_cause.values(), key=lambda difference: (difference.rank, -difference.count))


def searched(line: CaseLine) -> bool:
    """Whether causes are looked for in a case: where the rules say what is due."""
    return not (line["equals"] or line["as_written"] or line["stands"] == "contradicted" or line["kind"] == "observe")


def wrong(rows: Iterable[Row]) -> list[Row]:
    """The findings of an answer that are differences, those apart that a refusal leaves out beside it."""
    wrong_rows = [row for row in rows if row["verdict"] in SEARCHED and not row["answer"]]
    refusals = {row["verdict"] for row in wrong_rows if row["attribute"] == "acceptance"}
    return [row for row in wrong_rows if row["attribute"] == "acceptance" or row["verdict"] not in refusals]


def cause(row: Row) -> str:
    """The cause of a difference in words."""
    if row["cause"] is None and row["consistent_with"]:
        return consistent(row["consistent_with"])
    return alternatives(row["cause"])


def rank(row: Row) -> int:
    """How sure the cause of a difference is: 0 where there is none."""
    return 2 if row["cause"] is not None else int(bool(row["consistent_with"]))
