"""The outcome of a test, which is a case on a target: the worst of its attributes, judged against the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...adapters.ledger.entry import VARIES, Entry, causes_of, subject_of
from ...adapters.ledger.ledger import Ledger
from ...cases.judge.answer import AGREES, NOT_RUN, UNSUPPORTED
from ...cases.model.case import Case
from ..rows.records import Row
from ..rows.verdicts import must_be_pinned
from ..rows.ways import CALL

PASSED, FAILED, XFAILED, SKIPPED = ("passed", "failed", "xfailed", "skipped")


@dataclass(frozen=True)
class ItemOutcome:
    """The outcome of a test and its reasons, one for each attribute that decided it."""

    kind: str
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "; ".join(dict.fromkeys(self.reasons))


def settle_item(case: Case, target: str, rows: Sequence[Row], ledger: Ledger) -> tuple[ItemOutcome, list[Row]]:
    """The outcome of a case on a target, and its rows marked with what the ledger knows of each."""
    expected_entries, subject = ledger.about(target, rows[0]["versions"]), subject_of(case)
    marked_rows = [
        mark_row(
            row,
            expected_entries.find_entries(subject, row) if must_be_pinned(case.kind, row) else (),
            varies=expected_entries.vary(subject, row),
        )
        for row in rows
    ]
    return decide_outcome(case, [row for row in marked_rows if row["way"] == CALL], expected_entries.exactly(subject)), marked_rows


def mark_row(row: Row, pinning: Sequence[Entry], *, varies: bool = False) -> Row:
    """A row with the reason why the ledger expects its answer, the link, the places of the entries that pin it, and whether it varies."""
    first = pinning[0] if pinning else None
    marked_row: Row = {
        **row,
        "known": reason_of(row, pinning) if first else None,
        "link": first.link if first else None,
        "pinned_by": [entry.where for entry in pinning],
    }
    if varies:
        marked_row["varies"] = True
    return marked_row


def reason_of(row: Row, pinning: Sequence[Entry]) -> str:
    """The reason of the first entry; those of all entries if each pins a part of the cause only."""
    is_whole = row["answer"] or pinning[0].cause is None or pinning[0].cause in causes_of(row, None)
    return pinning[0].reason if is_whole else " ".join(dict.fromkeys(entry.reason for entry in pinning))


def decide_outcome(case: Case, rows: Sequence[Row], entries: Sequence[Entry]) -> ItemOutcome:
    """The outcome of marked rows; `entries` are those that name the case."""
    if all(row["verdict"] == UNSUPPORTED or (row["verdict"] == NOT_RUN and case.waiting) for row in rows):
        stale = tuple(f"{entry.where}: {entry.pinned_text} is pinned, but the case does not run here" for entry in entries)
        return ItemOutcome(FAILED if stale else SKIPPED, stale or tuple(row["detail"] for row in rows))
    if faults := tuple(find_faults(case, rows, entries)):
        return ItemOutcome(FAILED, faults)
    expected = tuple(row["known"] for row in rows if row["known"] and row["verdict"] != AGREES)
    return ItemOutcome(XFAILED, expected) if expected and not case.asks else ItemOutcome(PASSED)


def find_faults(case: Case, rows: Sequence[Row], entries: Sequence[Entry]) -> Iterator[str]:
    """Every difference between the rows of a case on a target and what the ledger expects."""
    for row in rows:
        if must_be_pinned(case.kind, row) and not row["known"]:
            near = next((entry for entry in entries if entry.covers(row)), None)
            yield f"{near.where} pins {near.pinned_text}; {describe_unpinned_row(case, row)}" if near else describe_unpinned_row(case, row)
        elif row["verdict"] == NOT_RUN:
            yield f"{row['attribute']}: {row['detail']}"
    for entry in entries:
        if entry.answer != VARIES and not any(is_entry_met(case, row, entry, entries) for row in rows):
            yield f"{entry.where}: {entry.pinned_text} is pinned but no longer occurs; remove the entry"


def is_entry_met(case: Case, row: Row, entry: Entry, entries: Sequence[Entry]) -> bool:
    """Whether a row shows that an entry is still needed: one that names the case pins it, or none does."""
    named_places = {other.where for other in entries}
    return entry.covers(row) and must_be_pinned(case.kind, row) and (not row["known"] or not named_places.isdisjoint(row["pinned_by"]))


def describe_unpinned_row(case: Case, row: Row) -> str:
    """Why a row fails that no entry pins."""
    if row["answer"]:
        return f"the answer is not pinned: {row['detail']}"
    return f"{row['attribute']} {row['verdict']}: {row['detail']}"
