"""What a test makes of a case on a target: the worst of its attributes, as the ledger expects it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..adapters._ledger import Entry, Ledger
from ..cases.answer import AGREES, CRASHES, NOT_RUN, TIMES_OUT, UNSUPPORTED
from ..cases.case import Case
from .plan import CALL
from .rows import Row

PASSED, FAILED, XFAILED, SKIPPED = OUTCOMES = ("passed", "failed", "xfailed", "skipped")


@dataclass(frozen=True)
class Outcome:
    """A test's outcome, and why: one reason for each attribute that decided it."""

    kind: str
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "; ".join(dict.fromkeys(self.reasons))


def settle(case: Case, target: str, rows: Sequence[Row], ledger: Ledger) -> tuple[Outcome, list[Row]]:
    """The outcome of a case on a target, and its rows with what the ledger knows of each."""
    entries = ledger.of(case.id, target)
    marked = [{**row, "known": known(case, row, entries)} for row in rows]
    judged = [row for row in marked if row["way"] == CALL]
    if all(row["verdict"] == UNSUPPORTED or (row["verdict"] == NOT_RUN and case.waiting) for row in judged):
        stale = tuple(f"{entry.where}: {entry.attribute} is pinned, and the case is not run here" for entry in entries)
        return Outcome(FAILED if stale else SKIPPED, stale or tuple(row["detail"] for row in judged)), marked
    wrong = tuple(faults(case, judged, entries))
    if wrong:
        return Outcome(FAILED, wrong), marked
    expected = tuple(row["known"] for row in judged if row["known"] and row["verdict"] != AGREES)
    return (Outcome(XFAILED, expected) if expected and not case.asks else Outcome(PASSED)), marked


def known(case: Case, row: Row, entries: Sequence[Entry]) -> str | None:
    """Why the ledger expects this very answer, or None."""
    return next((entry.why for entry in entries if entry.pins(case, row)), None)


def faults(case: Case, rows: Sequence[Row], entries: Sequence[Entry]) -> Iterator[str]:
    """Everything about a case on a target that is not as the ledger expects it."""
    for row in rows:
        if must_be_pinned(case.kind, row) and not row["known"]:
            near = next((entry for entry in entries if entry.covers(row)), None)
            yield f"{near.where} pins another answer: {near.answer}" if near else unpinned(case, row)
        elif row["verdict"] == NOT_RUN:
            yield f"{row['attribute']}: {row['detail']}"
    for entry in entries:
        if not any(entry.covers(row) and must_be_pinned(case.kind, row) for row in rows):
            yield f"{entry.where}: the pinned {entry.attribute} no longer happens; take the entry out"


def must_be_pinned(kind: str, row: Row) -> bool:
    """Whether only the ledger can excuse a row of such a case."""
    if kind == "observe":
        return row["verdict"] in (CRASHES, TIMES_OUT)
    return bool(row["answer"]) or row["verdict"] not in (AGREES, UNSUPPORTED, NOT_RUN)


def unpinned(case: Case, row: Row) -> str:
    """What is wrong with a row that nothing excuses."""
    if row["answer"]:
        return f"the answer is not pinned: {row['detail']}"
    return f"{row['attribute']} {row['verdict']}: {row['detail']}"
