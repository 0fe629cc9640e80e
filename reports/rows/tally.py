"""What tables, claims and the ledger need of a run, folded as its rows come, so that no row has to be kept."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from ...cases.judge.answer import NOT_RUN
from .records import CaseLine, Header, Row
from .verdicts import INFERRED, must_be_pinned, verdict_of, worst
from .ways import CALL


class Line(NamedTuple):
    """A case on a target, asked in one way.

    `verdict` is that of its answer, `inferred_verdict` the verdict on the shape that was inferred without one, empty if there is
    none. `unexpected` says whether only the ledger could excuse a row of it, and does not.
    """

    case: str
    target: str
    way: str
    file: str
    verdict: str
    inferred_verdict: str
    unexpected: bool


@dataclass(eq=False)
class Tally:
    """A run; `whole` if it came to its end.

    `stands` has how each claim is said to stand, and the worst verdict of each target that was asked it
    by call. `entry_places` are the places of the entries of the ledger that pinned something, `waiting` the cases that wait.
    """

    header: Header
    whole: bool = False
    lines: list[Line] = field(default_factory=list)
    versions: dict[str, Mapping[str, str]] = field(default_factory=dict)
    stands: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    entry_places: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)

    @property
    def targets(self) -> list[str]:
        """Every target, in the order of the header, those it does not name after them."""
        return order_targets(self.header, self.versions)

    def add(self, case: CaseLine, rows: Sequence[Row]) -> None:
        """Fold in the rows of a case on a target."""
        for way, way_rows in groupby(rows, key=lambda row: str(row["way"])):
            self.ask(case, way, list(way_rows))

    def ask(self, case: CaseLine, way: str, rows: Sequence[Row]) -> None:
        """Fold in the rows of a case on a target, asked in one way."""
        name, target, file = (sys.intern(text) for text in (case["case"], rows[0]["target"], case["case"].partition("::")[0]))
        inferred_verdict = next((row["verdict"] for row in rows if row["attribute"] == INFERRED), "")
        verdicts = verdict_of(case["kind"], rows), inferred_verdict, any(is_unexpected(case, row) for row in rows)
        self.lines.append(Line(name, target, sys.intern(way), file, *verdicts))
        self.versions.setdefault(target, rows[0]["versions"])
        if way == CALL:
            self.entry_places.update(place for row in rows for place in row.get("pinned_by", ()))
            if case["waiting"]:
                self.waiting.add(name)
            if case["stands"]:
                self.stands.setdefault(name, (case["stands"], {}))[1][target] = worst(row["verdict"] for row in rows)

    @property
    def settled_pairs(self) -> set[tuple[str, str]]:
        """The targets and the cases of which there is nothing more to be had by call."""
        return {
            (line.target, line.case) for line in self.lines if line.way == CALL and (line.verdict != NOT_RUN or line.case in self.waiting)
        }


def is_unexpected(case: CaseLine, row: Row) -> bool:
    """Whether only the ledger can excuse a row, and does not."""
    return row["way"] == CALL and not row.get("known") and must_be_pinned(case["kind"], row)


def order_targets(header: Header, targets: Iterable[str]) -> list[str]:
    """Targets in the order of the header, those it does not name after them."""
    target_set = set(targets)
    header_order = [name for name in header.get("targets", {}) if name in target_set]
    return [*header_order, *sorted(target_set.difference(header_order))]
