"""The rows that a ledger can pin, grouped by case, target and versions: those of the way `call`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ...adapters.ledger.entry import Entry, Subject
from ...adapters.ledger.ledger import Ledger
from ...cases.judge.answer import NOT_RUN, UNSUPPORTED
from ...cases.judge.tolerance import EXACT, Tolerance
from ..rows.records import CaseLine, Row, Rows
from ..rows.verdicts import must_be_pinned
from ..rows.ways import CALL
from .scopes import Instance, instance_of


@dataclass(frozen=True, eq=False)
class CaseRun:
    """One case on one instance of a target, with its rows."""

    case: Subject
    kind: str
    instance: Instance
    rows: Sequence[Row]

    @cached_property
    def needy(self) -> list[Row]:
        """The rows that need an entry of the ledger."""
        return [row for row in self.rows if must_be_pinned(self.kind, row)]

    @property
    def is_unsupported(self) -> bool:
        """Whether the target has no counterpart of the case, so that it did not run."""
        return all(row["verdict"] == UNSUPPORTED for row in self.rows)

    def unknown(self, ledger: Ledger) -> list[Row]:
        """The rows that need an entry and have none in a ledger."""
        known_differences = ledger.about(self.instance.target, dict(self.instance.versions))
        return [row for row in self.needy if not known_differences.find_entries(with_row_tolerance(self.case, row), row)]

    def has_pinned_row(self, entry: Entry) -> bool:
        """Whether an entry pins one of the rows."""
        return any(entry.pins(with_row_tolerance(self.case, row), row) for row in self.needy)


def with_row_tolerance(case: Subject, row: Row) -> Subject:
    """A case with the tolerance of one of its rows."""
    return replace(case, tolerance=lambda: Tolerance(row["tolerance"]["ulp"]) if row["tolerance"] else EXACT)


def find_case_runs(rows_read: Rows) -> list[CaseRun]:
    """Every case on every instance of a target that ran it."""
    rows_by_run: dict[tuple[str, Instance], list[Row]] = defaultdict(list)
    for row in rows_read.rows:
        if row["way"] == CALL and row["verdict"] != NOT_RUN:
            rows_by_run[row["case"], instance_of(row)].append(row)
    return [
        CaseRun(subject_of_record(rows_read.cases[case]), rows_read.cases[case]["kind"], instance, rows)
        for (case, instance), rows in rows_by_run.items()
    ]


def subject_of_record(line: CaseLine) -> Subject:
    """What an entry needs to know of a case, from its record in a file of rows."""
    return Subject(line["case"], line["input"]["dtype"], line["rank"], line["asks"])
