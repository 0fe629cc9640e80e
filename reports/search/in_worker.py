"""What a Dask worker does for a search: it draws and examines blocks of questions, and finds the smallest question for what is odd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from distributed import get_worker

from ...cases.judge.fingerprint import Fingerprint
from ..cluster.exchange import Settings
from ..cluster.worker import Session, session_for
from .asking import Asker
from .examine import Examiner
from .finds import Kind
from .judgement import Judge
from .search import Oddity, Plan, Searcher, Smallest

ASKERS: WeakKeyDictionary[Session, Asker] = WeakKeyDictionary()
"""What asks the targets of each session; it numbers the questions, so that none is taken for another."""


@dataclass(frozen=True)
class Order:
    """What all tasks of a search on the same targets have in common; the targets have the names that workers give them.

    `every` also reports differences that rules explain.
    """

    settings: Settings
    plan: Plan
    fingerprints: Mapping[str, Fingerprint]
    every: bool

    def searcher(self, session: Session) -> Searcher:
        """What asks the questions."""
        asker = ASKERS.setdefault(session, Asker(session.engine))
        judges = {name: Judge(name, self.fingerprints.get(name, Fingerprint()), every=self.every) for name in self.plan.targets}
        return Searcher(Examiner(asker, judges), self.plan)


def examine_block(order: Order, numbers: range) -> tuple[str, list[list[Oddity]]]:
    """The address of this worker, and what is odd about the answers to each of some questions."""
    with session_for(order.settings, order.plan.targets) as session:
        return get_worker().address, order.searcher(session).examine(numbers, {})


def reduce_oddity(order: Order, oddity: Oddity, kinds: Sequence[Kind]) -> Smallest:
    """The smallest question that shows an anomaly which none of some kinds covers."""
    with session_for(order.settings, order.plan.targets) as session:
        return order.searcher(session).reduce(oddity, kinds, {})
