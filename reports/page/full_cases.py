"""The cases that the page shows in full: chosen up to a limit, rendered once, and compressed in packs that are unpacked when a case is opened."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..rows.records import Rows
from ..rows.tally import Tally
from ..rows.verdicts import FAULTS
from ..rows.ways import CALL
from .case_views import CaseView
from .compression import compress_json

CASE_LIMIT = 2_500
"""A page has at most this many cases in full: first those it links to, then unexpected answers, then other differences, then the rest."""
PACK_SIZE = 32
"""This many cases are compressed together."""


@dataclass(frozen=True)
class FullCases:
    """Packs of rendered cases, and the position of each case of the run in them, -1 for a case that is not included."""

    packs: Sequence[str]
    places: Sequence[int]

    @property
    def whole(self) -> bool:
        """Whether every case is included."""
        return -1 not in self.places


def choose_cases(rows: Rows, rows_read: Tally, linked_cases: Collection[str] = ()) -> list[str]:
    """The cases that a page shows in full, in the order of the run; `linked_cases` are those that other sections link to."""
    call_lines = [line for line in rows_read.lines if line.way == CALL]
    unexpected_cases = {line.case for line in call_lines if line.unexpected}
    faulty = {line.case for line in call_lines if line.verdict in FAULTS}
    ordered_cases = sorted(rows.cases, key=lambda case: (case not in linked_cases, case not in unexpected_cases, case not in faulty))
    first = {*ordered_cases[:CASE_LIMIT]}
    return [case for case in rows.cases if case in first]


def render_cases(cases: Iterable[str], views: Mapping[str, CaseView], render: Callable[[CaseView], str]) -> FullCases:
    """Render the cases that have a view."""
    texts: list[str] = []
    places = []
    for case in cases:
        places.append(len(texts) if case in views else -1)
        texts += [render(views[case])] if case in views else []
    return FullCases([compress_json(texts[start : start + PACK_SIZE]) for start in range(0, len(texts), PACK_SIZE)], places)
