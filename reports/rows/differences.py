"""Differences by their cause: what nothing explains first, then what is different each time, then the rules that explain most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...cases.judge.answer import CRASHES, DIFFERS, REJECTS
from ..words.language import gettext
from ..words.phrases import UNSTEADY, alternatives, consistent
from . import tables
from .records import CaseLine, Row, Rows
from .ways import CALL

SEARCHED = frozenset({DIFFERS, REJECTS, CRASHES})
"""Verdicts whose causes are looked for."""
EXPLAINED = 3
"""The rank of a difference that rules explain."""


@dataclass(frozen=True)
class Difference:
    """Answers that one cause explains: the cause in words, how sure it is, and for each target the cases in which it gave them.

    `reasons` are those that the ledger has for answers that no rule explains, each with the number of these answers.

    `rank` is 0 where nothing explains them, 1 where they are different each time, 2 where a set of answers is all that is known, else `EXPLAINED`.
    """

    cause: str
    rank: int
    cases: dict[str, list[str]] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def unexplained(self) -> bool:
        """Whether nothing explains the answers."""
        return self.rank == 0

    @property
    def unsteady(self) -> bool:
        """Whether the answers are different each time."""
        return self.rank == 1

    @property
    def count(self) -> int:
        """How many answers there are."""
        return sum(map(len, self.cases.values()))


def differences(rows: Rows) -> list[Difference]:
    """Every difference that was looked into, by cause: the unexplained first, then the unsteady, then what fits a set of answers, then the most frequent."""
    differences_by_cause: dict[str, Difference] = {}
    for (case, target, way), case_rows in tables.group_rows(rows).items():
        if way == CALL and has_cause_search(rows.cases[case]):
            rows_by_cause = {cause(row): row for row in reversed(wrong(case_rows))}
            for text, row in rows_by_cause.items():
                difference = differences_by_cause.setdefault(text, Difference(text, rank(row)))
                difference.cases.setdefault(target, []).append(case)
                if rank(row) < EXPLAINED and (reason := row.get("known")):
                    difference.reasons[reason] = difference.reasons.get(reason, 0) + 1
    return sorted(differences_by_cause.values(), key=lambda difference: (difference.rank, -difference.count))


def has_cause_search(line: CaseLine) -> bool:
    """Whether causes are looked for in a case: where the rules say what is due."""
    return not (line["equals"] or line["as_written"] or line["stands"] == "contradicted" or line["kind"] == "observe")


def wrong(rows: Iterable[Row]) -> list[Row]:
    """The findings of an answer that are differences, those apart that a refusal leaves out beside it."""
    wrong_rows = [row for row in rows if row["verdict"] in SEARCHED and not row["answer"]]
    refusals = {row["verdict"] for row in wrong_rows if row["attribute"] == "acceptance"}
    return [row for row in wrong_rows if row["attribute"] == "acceptance" or row["verdict"] not in refusals]


def cause(row: Row) -> str:
    """The cause of a difference in words."""
    if row.get("unsteady"):
        return gettext(UNSTEADY)
    if row["cause"] is None and row["consistent_with"]:
        return consistent(row["consistent_with"])
    return alternatives(row["cause"])


def rank(row: Row) -> int:
    """How sure the cause of a difference is: 0 where there is none."""
    if row["cause"] is not None:
        return EXPLAINED
    return 2 if row["consistent_with"] else int(row.get("unsteady", False))
