"""What a test makes of a case on a target: the worst of its attributes, as the ledger expects it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...adapters.ledger.entry import VARIES, Entry, subject_of
from ...adapters.ledger.ledger import Ledger
from ...cases.judge.answer import AGREES, NOT_RUN, UNSUPPORTED
from ...cases.model.case import Case
from ..rows.records import Row
from ..rows.verdicts import must_be_pinned
from ..rows.ways import CALL

PASSED, FAILED, XFAILED, SKIPPED = OUTCOMES = ("passed", "failed", "xfailed", "skipped")


@dataclass(frozen=True)
class ItemOutcome:
    """A test's outcome, and why: one reason for each attribute that decided it."""

    kind: str
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "; ".join(dict.fromkeys(self.reasons))


def settle_item(case: Case, target: str, rows: Sequence[Row], ledger: Ledger) -> tuple[ItemOutcome, list[Row]]:
    """The outcome of a case on a target, and its rows with what the ledger knows of each."""
    known, subject = ledger.about(target, rows[0]["versions"]), subject_of(case)
    marked = [mark(row, known.pinning(subject, row) if must_be_pinned(case.kind, row) else ()) for row in rows]
    return outcome(case, [row for row in marked if row["way"] == CALL], known.exactly(subject)), marked


def mark(row: Row, pinning: Sequence[Entry]) -> Row:
    """A row with why the ledger expects this very answer, the thread about it, and the places of the entries that pin it."""
    first = pinning[0] if pinning else None
    return {
        **row,
        "known": first.reason if first else None,
        "link": first.link if first else None,
        "pinned_by": [entry.where for entry in pinning],
    }


def outcome(case: Case, rows: Sequence[Row], entries: Sequence[Entry]) -> ItemOutcome:
    """The outcome of rows that are marked, where some entries name the case."""
    if all(row["verdict"] == UNSUPPORTED or (row["verdict"] == NOT_RUN and case.waiting) for row in rows):
        stale = tuple(f"{entry.where}: {entry.pinned} is pinned, and the case is not run here" for entry in entries)
        return ItemOutcome(FAILED if stale else SKIPPED, stale or tuple(row["detail"] for row in rows))
    if wrong := tuple(faults(case, rows, entries)):
        return ItemOutcome(FAILED, wrong)
    expected = tuple(row["known"] for row in rows if row["known"] and row["verdict"] != AGREES)
    return ItemOutcome(XFAILED, expected) if expected and not case.asks else ItemOutcome(PASSED)


def faults(case: Case, rows: Sequence[Row], entries: Sequence[Entry]) -> Iterator[str]:
    """Everything about a case on a target that is not as the ledger expects it."""
    for row in rows:
        if must_be_pinned(case.kind, row) and not row["known"]:
            near = next((entry for entry in entries if entry.covers(row)), None)
            yield f"{near.where} pins {near.pinned}; {unpinned(case, row)}" if near else unpinned(case, row)
        elif row["verdict"] == NOT_RUN:
            yield f"{row['attribute']}: {row['detail']}"
    for entry in entries:
        if entry.answer != VARIES and not any(happens(case, row, entry, entries) for row in rows):
            yield f"{entry.where}: {entry.pinned} is pinned and no longer happens; take the entry out"


def happens(case: Case, row: Row, entry: Entry, entries: Sequence[Entry]) -> bool:
    """Whether a row is what an entry is there for: pinned by one that names the case, or by none at all."""
    named = {each.where for each in entries}
    return entry.covers(row) and must_be_pinned(case.kind, row) and (not row["known"] or not named.isdisjoint(row["pinned_by"]))


def unpinned(case: Case, row: Row) -> str:
    """What is wrong with a row that nothing excuses."""
    if row["answer"]:
        return f"the answer is not pinned: {row['detail']}"
    return f"{row['attribute']} {row['verdict']}: {row['detail']}"
