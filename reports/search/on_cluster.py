"""A search on a Dask cluster: workers examine blocks of questions and shrink what is odd; what is new is decided here alone."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ...cases.judge.fingerprint import Fingerprint
from ..cluster.columns import Column, group_columns
from ..cluster.dispatch import Dispatcher
from ..cluster.exchange import TOGETHER
from .finds import Find, Kind
from .in_worker import Order, examine_block, reduce_oddity
from .search import Oddity, Plan, Sieve, Smallest, TimedSearch

AHEAD = 2
"""Blocks that each worker is given at a time, so that none waits for its next one."""
Failure = tuple[str, str, str, str]
"""What kinds have in common that differ in their features alone."""
Sighting = TypeVar("Sighting", Oddity, Smallest)
"""What a question showed about a target."""


@dataclass(frozen=True, eq=False)
class Share:
    """The targets of a search that are asked in one place, and what the tasks for them have in common."""

    columns: tuple[Column, ...]
    order: Order

    def name_here(self, sighting: Sighting) -> Sighting:
        """What was seen, with the name that its target has in rows."""
        return rename_target(sighting, {column.there: column.name for column in self.columns})

    def name_there(self, sighting: Sighting) -> Sighting:
        """What was seen, with the name that its target has on workers."""
        return rename_target(sighting, {column.name: column.there for column in self.columns})


def rename_target(sighting: Sighting, names: Mapping[str, str]) -> Sighting:
    """What was seen, with another name of its target."""
    return replace(sighting, anomaly=replace(sighting.anomaly, target=names[sighting.anomaly.target]))


@dataclass(frozen=True, eq=False)
class ShareTask:
    """What a worker does on the targets of a share."""

    share: Share

    @property
    def columns(self) -> tuple[Column, ...]:
        """The targets that a worker must have for it."""
        return self.share.columns

    def split(self) -> tuple[()]:
        """Nothing: modes of one framework are compared with each other."""
        return ()


@dataclass(frozen=True, eq=False)
class ExamineTask(ShareTask):
    """A block of questions, by their numbers, for the targets of a share."""

    numbers: range

    @property
    def place(self) -> str:
        """What it is, for messages."""
        return f"the questions {self.numbers.start} to {self.numbers.stop - 1} of the seed {self.share.order.plan.seed}"

    def call(self) -> tuple[Any, ...]:
        """What a worker runs."""
        return examine_block, self.share.order, self.numbers


@dataclass(frozen=True, eq=False)
class ReduceTask(ShareTask):
    """An anomaly whose smallest question is to be found, `tries` questions after the search began."""

    oddity: Oddity
    kinds: Sequence[Kind]
    tries: int

    @property
    def place(self) -> str:
        """What it is, for messages."""
        return f"the question {self.oddity.number} of the seed {self.share.order.plan.seed}"

    def call(self) -> tuple[Any, ...]:
        """What a worker runs."""
        return reduce_oddity, self.share.order, self.share.name_there(self.oddity), self.kinds


class ClusterSearch(TimedSearch):
    """A search on the targets of a cluster, which asks the questions that a search on one machine asks with the same seed."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        plan: Plan,
        fingerprints: Mapping[str, Fingerprint],
        sieve: Sieve,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(plan, sieve, clock)
        self.dispatcher = dispatcher
        self.shares = [make_share(columns, dispatcher, plan, fingerprints, every=sieve.ledger is None) for columns in self.place_targets()]
        self.blocks = {share: plan.blocks() for share in self.shares}
        self.share_counts: Counter[range] = Counter()
        self.waiting: deque[tuple[Share, Oddity, int]] = deque()
        self.examining: set[ExamineTask] = set()
        self.reducing: dict[Failure, ReduceTask] = {}

    def place_targets(self) -> Iterator[tuple[Column, ...]]:
        """The targets that are asked in one place: those of a framework, whose modes are compared, and others beside them where there is room."""
        for columns in group_columns(self.dispatcher.columns.values(), len(self.dispatcher.columns)):
            frameworks: dict[str, list[Column]] = {}
            for column in columns:
                frameworks.setdefault(column.target.adapter.framework, []).append(column)
            place: list[Column] = []
            for group in frameworks.values():
                if place and len(place) + len(group) > TOGETHER:
                    yield tuple(place)
                    place = []
                place += group
            yield tuple(place)

    def run(self) -> Iterator[Find]:
        """Every new find, until the plan ends; what is being shrunk then is still waited for."""
        while True:
            if self.out_of_time:
                self.dispatcher.cancel(self.examining)
                self.examining.clear()
                self.waiting.clear()
            else:
                self.send_blocks()
            self.send_oddities()
            if not self.examining and not self.reducing:
                return
            for task, answer in self.dispatcher.wait():
                if isinstance(task, ExamineTask):
                    self.take_block(task, *answer)
                elif find := self.take_smallest(task, answer):
                    yield find
            self.watch(self.tally)

    def send_blocks(self) -> None:
        """Keep the workers of each share busy."""
        for share in self.shares:
            under_way = sum(task.share is share for task in self.examining)
            limit = AHEAD * max(len(set[str].intersection(*(set(column.workers) for column in share.columns))), 1)
            for _, numbers in zip(range(limit - under_way), self.blocks[share], strict=False):
                task = ExamineTask(share, numbers)
                self.examining.add(task)
                self.dispatcher.send(task)

    def send_oddities(self) -> None:
        """Have workers shrink what may be new: of anomalies that may turn out to be one, one at a time."""
        for _ in range(len(self.waiting)):
            share, oddity, tries = self.waiting.popleft()
            failure = failure_of(oddity.kind)
            if failure in self.reducing:
                self.waiting.append((share, oddity, tries))
            elif not self.sieve.is_known(oddity.kind, oddity.anomaly):
                self.reducing[failure] = task = ReduceTask(share, oddity, tuple(self.sieve.kinds), tries)
                self.dispatcher.send(task)

    def take_block(self, task: ExamineTask, worker: str, oddities: Iterable[Iterable[Oddity]]) -> None:
        """Count a block that was examined, and note what is odd."""
        self.examining.remove(task)
        self.share_counts[task.numbers] += 1
        self.dispatcher.answer_counts[self.dispatcher.machine(worker)] += len(task.numbers)
        self.tally.answers += len(task.numbers) * len(task.columns)
        if self.share_counts[task.numbers] == len(self.shares):
            self.tally.questions += len(task.numbers)
        for at, some in enumerate(oddities):
            for oddity in map(task.share.name_here, some):
                self.tally.anomalies[oddity.anomaly.key] += 1
                self.waiting.append((task.share, oddity, task.numbers[at] + 1))

    def take_smallest(self, task: ReduceTask, smallest: Smallest) -> Find | None:
        """The find that a smallest question makes, None if it is known."""
        del self.reducing[failure_of(task.oddity.kind)]
        return self.sieve.accept(task.share.name_here(smallest), task.tries)


def make_share(
    columns: tuple[Column, ...], dispatcher: Dispatcher, plan: Plan, fingerprints: Mapping[str, Fingerprint], *, every: bool
) -> Share:
    """The share of some columns."""
    share_fingerprints = {column.there: fingerprints[column.name] for column in columns if column.name in fingerprints}
    own = replace(plan, targets=tuple(column.there for column in columns))
    return Share(columns, Order(dispatcher.settings, own, share_fingerprints, every))


def failure_of(kind: Kind) -> Failure:
    """What a kind has in common with those that differ in their features alone."""
    return kind.framework, kind.op, kind.attribute, kind.failure
