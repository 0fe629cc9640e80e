"""Differences by their cause: what nothing explains first, then the rules that explain most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..cases.answer import CRASHES, DIFFERS, REJECTS
from ..cases.words import alternatives, in_words
from . import tables
from .plan import CALL
from .rows import Row, Rows

UNEXPLAINED = "unexplained"
SEARCHED = frozenset({DIFFERS, REJECTS, CRASHES})
"""Verdicts whose causes are looked for."""


@dataclass(frozen=True)
class Difference:
    """Answers that one cause explains: the cause in words, and for each target the cases in which it gave them."""

    cause: str
    cases: dict[str, list[str]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many answers there are."""
        return sum(map(len, self.cases.values()))


def differences(rows: Rows) -> list[Difference]:
    """Every difference that was looked into, by cause: the unexplained first, then what fits a set of answers, then the most frequent."""
    found: dict[str, Difference] = {}
    for (case, target, way), each in tables.asked(rows).items():
        if way == CALL and searched(rows.cases[case]):
            for cause in dict.fromkeys(causes(each)):
                found.setdefault(cause, Difference(cause)).cases.setdefault(target, []).append(case)
    return sorted(found.values(), key=lambda each: (each.cause != UNEXPLAINED, not each.cause.startswith("consistent"), -each.count))


def searched(line: Row) -> bool:
    """Whether causes are looked for in a case: where the rules say what is due."""
    return not (line["equals"] or line["as_written"] or line["stands"] == "contradicted" or line["kind"] == "observe")


def causes(rows: Sequence[Row]) -> Iterator[str]:
    """The causes of what is not as due in an answer, in words; what a refusal leaves out beside it is no difference of its own."""
    wrong = [row for row in rows if row["verdict"] in SEARCHED and not row["answer"]]
    refusals = {row["verdict"] for row in wrong if row["attribute"] == "acceptance"}
    for row in wrong:
        if row["attribute"] == "acceptance" or row["verdict"] not in refusals:
            yield cause(row)


def cause(row: Row) -> str:
    """The cause of a difference in words."""
    if row["cause"] is None and row["consistent_with"]:
        return f"consistent with: {' or '.join(map(in_words, row['consistent_with']))}"
    return alternatives(row["cause"])
