"""The end of a run, for pytest and the commands alike: what is judged over all of its answers, and the exit status."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...adapters.ledger.ledger import Ledger
from ...adapters.targets.find import AdapterEntry
from ...cases.model.case import Case
from ...cases.read.spec import Spec
from ..ledger.item_outcome import FAILED, ItemOutcome
from ..ledger.stale import find_stale_entries
from ..ledger.suite import Suite
from ..rows.records import CaseLine, Row
from ..rows.tally import Tally
from ..words.text import format_count
from .claims import stands
from .run import NOTHING, Present, Run
from .store import RowStore

UNEXPECTED, INTERRUPTED = 1, 130
"""The exit statuses of a run with unexpected outcomes, and of one that did not come to its end."""


@dataclass(frozen=True)
class Judgement:
    """A claim or a ledger entry, judged over the whole run; `place` is the id of the claim's case, or the entry's `file:line`."""

    place: str
    kind: str
    outcome: str
    text: str


CLAIM, ENTRY = "stands", "stale"


@dataclass(frozen=True)
class Conclusion:
    """What a run came to: its answers in sum, what was judged over all of them, and how many of its cases failed."""

    tally: Tally
    judgements: Sequence[Judgement]
    failures: int

    @property
    def failed_judgements(self) -> list[Judgement]:
        """The claims whose `stands` is wrong, and the ledger entries that nothing needs any more."""
        return [judgement for judgement in self.judgements if judgement.outcome == FAILED]

    @property
    def status(self) -> int:
        """The exit status."""
        if not self.tally.whole:
            return INTERRUPTED
        return UNEXPECTED if self.failures or self.failed_judgements else 0

    @property
    def summary(self) -> str:
        """How much was unexpected, by kind."""
        claims, entries = (sum(judgement.kind == kind for judgement in self.failed_judgements) for kind in (CLAIM, ENTRY))
        return (
            f"{format_count(self.failures, 'unexpected outcome')}, {format_count(claims, 'claim')} whose `stands` is wrong, "
            f"{entries} stale ledger {'entry' if entries == 1 else 'entries'}"
        )


def record_answers(
    run: Run, cases: Iterable[Case], store: RowStore, patterns: Collection[str], past: Present = NOTHING
) -> Iterator[tuple[Case, str, ItemOutcome, list[Row]]]:
    """Ask every target its cases and keep the rows; yield each case, target, outcome and rows as soon as they are store."""
    line: CaseLine | None = None
    for case, target, rows in run.answers(cases, patterns, past):
        outcome, marked_rows = run.settle(case, target, rows)
        line = line if line and line["case"] == case.id else run.line(case)
        store.add(line, marked_rows)
        yield case, target, outcome, marked_rows


def conclude(
    tally: Tally, ledger: Ledger, entries: Mapping[str, AdapterEntry], read: Callable[[Path], Spec], failures: int = 0
) -> Conclusion:
    """Judge a run that came to its end; the claims and ledger entries of an interrupted run are not judged, since answers are missing.

    `entries` are all targets that there are, and `read` reads one of our own spec files.
    """
    return Conclusion(tally, list(judge_run(tally, ledger, entries, read)) if tally.whole else [], failures)


def judge_run(tally: Tally, ledger: Ledger, entries: Mapping[str, AdapterEntry], read: Callable[[Path], Spec]) -> Iterator[Judgement]:
    """Judge every claim, and find the ledger entries that are stale."""
    for claim in stands(tally, ledger):
        yield Judgement(claim.case, CLAIM, claim.outcome, claim.text)
    for entry in find_stale_entries(tally, ledger, entries, Suite(read)):
        yield Judgement(entry.where, ENTRY, FAILED, entry.text)
