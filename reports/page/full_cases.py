"""Cases in full, as far as a page has room for them: each is rendered once, packed by the dozen, and unpacked when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ..rows.records import Rows
from ..rows.verdicts import FAULTS
from ..rows.ways import CALL
from .case_views import Entry
from .compression import pack

DETAILS = 2_500
"""A page has so many cases in full: those to which it leads, those with unexpected answers, others that differ, then the rest."""
DOZEN = 24
"""So many cases are packed together."""


@dataclass(frozen=True)
class Details:
    """Packs of cases in full, and for each case of the run where it stands in them, -1 where it does not."""

    packs: Sequence[str]
    places: Sequence[int]

    @property
    def whole(self) -> bool:
        """Whether every case is there."""
        return -1 not in self.places


def chosen(rows: Rows, found: pd.DataFrame, led_to: Collection[str] = ()) -> list[str]:
    """The cases that a page shows in full, in the order of the run; `found` has a line for each case, target and way."""
    called = found[found["way"] == CALL]
    marked = called.assign(faulty=called["verdict"].isin(FAULTS)).groupby("case")[["unexpected", "faulty"]].any()
    weight = marked["unexpected"] * 2 + marked["faulty"]
    first = {*sorted(rows.cases, key=lambda case: -weight.get(case, 0) - 4 * (case in led_to))[:DETAILS]}
    return [case for case in rows.cases if case in first]


def details(cases: Iterable[str], entries: Mapping[str, Entry], render: Callable[[Entry], str]) -> Details:
    """Cases in full."""
    texts: list[str] = []
    places = []
    for case in cases:
        places.append(len(texts) if case in entries else -1)
        texts += [render(entries[case])] if case in entries else []
    return Details([pack(texts[start : start + DOZEN]) for start in range(0, len(texts), DOZEN)], places)
