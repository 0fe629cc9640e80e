"""What of some rows a ledger can pin: those of each case on each target in each version, asked in the way that it speaks of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ...adapters.ledger.entry import Entry, Subject
from ...adapters.ledger.ledger import Ledger
from ...cases.judge.answer import NOT_RUN
from ...cases.judge.tolerance import EXACT, Tolerance
from ..rows.records import Row, Rows
from ..rows.verdicts import must_be_pinned
from ..rows.ways import CALL
from .scopes import Instance, instance_of


@dataclass(frozen=True, eq=False)
class Asked:
    """A case on an instance: the rows of the way that the ledger pins."""

    case: Subject
    kind: str
    instance: Instance
    rows: Sequence[Row]

    @cached_property
    def needy(self) -> list[Row]:
        """The rows that only the ledger can excuse."""
        return [row for row in self.rows if must_be_pinned(self.kind, row)]

    def unknown(self, ledger: Ledger) -> list[Row]:
        """The rows that a ledger does not excuse."""
        known = ledger.about(self.instance.target, dict(self.instance.versions))
        return [row for row in self.needy if not known.pinning(subject(self.case, row), row)]

    def met(self, entry: Entry) -> bool:
        """Whether an entry pins something here."""
        return any(entry.pins(subject(self.case, row), row) for row in self.needy)


def subject(case: Subject, row: Row) -> Subject:
    """A case with the tolerance of one of its rows."""
    return replace(case, tolerance=lambda: Tolerance(row["tolerance"]["ulp"]) if row["tolerance"] else EXACT)


def asked(done: Rows) -> list[Asked]:
    """Every case on every instance that was asked it."""
    found: dict[tuple[str, Instance], list[Row]] = defaultdict(list)
    for row in done.rows:
        if row["way"] == CALL and row["verdict"] != NOT_RUN:
            found[row["case"], instance_of(row)].append(row)
    return [Asked(of_line(done.cases[case]), done.cases[case]["kind"], instance, rows) for (case, instance), rows in found.items()]


def of_line(line: Row) -> Subject:
    """What an entry looks at in a case, out of its line in a file of rows."""
    return Subject(line["case"], line["input"]["dtype"], line["rank"], line["asks"])
