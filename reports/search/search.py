"""The search: blocks of questions, what is odd about their answers, and the smallest question for each kind of oddity."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from random import Random

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase
from hypothesis.errors import Flaky, NoSuchExample

from ...adapters.targets.choose import SelectedTarget
from ..rows.ways import CALL
from .draw import Scope, questions
from .examine import Examiner
from .finds import Find, Folder, Kind, kind_of
from .judgement import Anomaly
from .known import KnownAnswers, Threads
from .question import Question
from .writing import write_report, write_spec

BLOCK = 100
"""Questions that are drawn and asked together."""
PATIENCE = 20.0
"""Seconds that the search for a smaller question may take."""
ALIKE = 5
"""Finds that may differ in their features alone; further ones are counted and not written."""


@dataclass(frozen=True)
class Plan:
    """What is searched: which questions may be asked, of which targets, and when it ends: after so many examples or seconds.

    A find is shrunk for at most `patience` seconds, and not at all without `shrinks`.
    """

    scope: Scope
    targets: tuple[str, ...]
    seed: int
    examples: int | None = None
    seconds: float | None = None
    patience: float = PATIENCE
    shrinks: bool = True

    def blocks(self) -> Iterator[range]:
        """The numbers of the questions, in blocks that are asked together."""
        for first in count(0, BLOCK) if self.examples is None else range(0, self.examples, BLOCK):
            yield range(first, first + BLOCK if self.examples is None else min(first + BLOCK, self.examples))


@dataclass
class Tally:
    """What a search did: questions, answers, anomalies by their keys, how many of them were known and why, and how many were more of a kind.

    `first` has the number of the question that showed each find.
    """

    questions: int = 0
    answers: int = 0
    anomalies: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    known_counts: Counter[str] = field(default_factory=Counter)
    alike: Counter[str] = field(default_factory=Counter)
    first: dict[Kind, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Oddity:
    """An anomaly in the answer to the question with a number, and its kind there."""

    number: int
    kind: Kind
    anomaly: Anomaly


@dataclass(frozen=True, eq=False)
class Smallest:
    """The smallest question that shows an anomaly, what it shows, whether it was seen with this question alone, native code, and versions."""

    question: Question
    kind: Kind
    anomaly: Anomaly
    shrunk: bool
    code: str
    versions: dict[str, str]


@dataclass
class Searcher:
    """Asks the questions of a search, each of which the seed and its number decide, and finds the smallest one for what is odd."""

    examiner: Examiner
    plan: Plan
    database: ExampleDatabase | None = None
    clock: Callable[[], float] = time.monotonic

    def examine(self, numbers: range, anomalies_by_hash: dict[str, list[Anomaly]]) -> list[list[Oddity]]:
        """What is odd about the answers to each of some questions; notes the anomalies by the digests of questions."""
        block = draw_questions(self.plan.scope, self.plan.seed, numbers)
        anomalies_of_block = self.examiner.examine(block, self.plan.targets)
        anomalies_by_hash.update(zip((question.hash for question in block), anomalies_of_block, strict=True))
        return [
            [Oddity(number, self.kind_of(question, anomaly), anomaly) for anomaly in anomalies]
            for number, question, anomalies in zip(numbers, block, anomalies_of_block, strict=True)
        ]

    def reduce(self, oddity: Oddity, kinds: Sequence[Kind], anomalies_by_hash: dict[str, list[Anomaly]]) -> Smallest:
        """The smallest question that shows an anomaly which none of some kinds covers, with native code."""
        anomaly, question = oddity.anomaly, draw_question(self.plan.scope, f"{self.plan.seed}/{oddity.number}")
        smallest, shrunk = self.shrink(question, oddity, kinds, anomalies_by_hash) if self.plan.shrinks else (question, False)
        final = next((other for other in anomalies_by_hash.get(smallest.hash, ()) if other.key == anomaly.key), anomaly)
        [reply] = self.examiner.asker.ask([smallest.case], [anomaly.target])[anomaly.target]
        code = reply.code.get(anomaly.attribute if anomaly.attribute in reply.code else CALL) or ""
        return Smallest(smallest, self.kind_of(smallest, anomaly), final, shrunk, code, dict(self.examiner.asker.versions(anomaly.target)))

    def framework(self, target: str) -> str:
        """The framework of a target."""
        return self.examiner.asker.targets[target].adapter.framework

    def kind_of(self, question: Question, anomaly: Anomaly) -> Kind:
        """The kind of an anomaly."""
        return kind_of(question, anomaly, self.framework(anomaly.target))

    def shrink(
        self, question: Question, oddity: Oddity, kinds: Sequence[Kind], anomalies_by_hash: dict[str, list[Anomaly]]
    ) -> tuple[Question, bool]:
        """The smallest question with an anomaly of this kind that is not known, and whether the anomaly was seen with it alone.

        The question is drawn anew from its seed, and Hypothesis goes on from there.
        """
        anomaly, deadline = oddity.anomaly, self.clock() + self.plan.patience
        targets = [name for name in self.plan.targets if self.framework(name) == self.framework(anomaly.target)] \
            if anomaly.attribute == "mode" else [anomaly.target]  # fmt: skip
        alone: set[str] = set()

        def is_odd(other: Question) -> bool:
            if other.hash not in anomalies_by_hash:
                if self.clock() >= deadline:
                    return False
                [anomalies_by_hash[other.hash]] = self.examiner.examine([other], targets)
                if any(other_anomaly.key == anomaly.key for other_anomaly in anomalies_by_hash[other.hash]):
                    alone.add(other.hash)
            if other.pool.op != question.pool.op or all(
                other_anomaly.key != anomaly.key for other_anomaly in anomalies_by_hash[other.hash]
            ):
                return False
            return other.hash == question.hash or not any(kind.covers(self.kind_of(other, anomaly)) for kind in kinds)

        try:
            smallest = draw_until(self.plan.scope, f"{self.plan.seed}/{oddity.number}", is_odd, self.database, str(oddity.kind))
        except (NoSuchExample, Flaky):
            return question, False
        if smallest.hash == question.hash:
            [again] = self.examiner.examine([smallest], targets)
            return smallest, any(other_anomaly.key == anomaly.key for other_anomaly in again)
        return smallest, smallest.hash in alone


@dataclass
class Sieve:
    """Decides what is new among the anomalies of a search: each kind once, and nothing that the ledger or another search has.

    `titles` are the names of the targets' frameworks, as public threads have them.
    """

    folder: Folder
    seed: int
    titles: Mapping[str, str]
    ledger: KnownAnswers | None = None
    tally: Tally = field(default_factory=Tally)
    kinds: list[Kind] = field(default_factory=list)

    def is_known(self, kind: Kind, anomaly: Anomaly) -> bool:
        """Whether a kind was found before, here or by another search, or the ledger has it; counts why."""
        if any(other.covers(kind) for other in self.kinds):
            self.tally.known_counts["earlier in this search"] += 1
            return True
        if sum(other.same_failure(kind) for other in self.kinds) >= ALIKE:
            self.tally.alike[f"{anomaly.target}: {kind.op}: {anomaly.failure}"] += 1
            return True
        if any(other.covers(kind) for other in self.folder.refresh()):
            self.tally.known_counts["earlier finds"] += 1
            return True
        if self.ledger and self.ledger.find(kind, anomaly):
            self.tally.known_counts["ledger"] += 1
            self.kinds.append(kind)
            return True
        return False

    def accept(self, smallest: Smallest, tries: int) -> Find | None:
        """The find that a smallest question makes, None if it is known."""
        kind, anomaly = smallest.kind, smallest.anomaly
        if self.is_known(kind, anomaly):
            return None
        self.kinds.append(kind)
        self.tally.first[kind] = tries
        record = {"target": anomaly.target, "detail": anomaly.detail, "seed": self.seed, "tries": tries, "shrunk": smallest.shrunk}
        links = self.threads.about(kind, self.titles[anomaly.target] or kind.framework) if self.threads else []
        find = Find(kind, smallest.question, anomaly, smallest.versions, smallest.code, tries, smallest.shrunk, links)
        if self.folder.claim(kind, record, {".yaml": write_spec(find), ".md": write_report(find)}):
            return find
        self.tally.known_counts["earlier finds"] += 1
        return None

    @cached_property
    def threads(self) -> Threads | None:
        """The public threads about something like a find, where the ledger counts."""
        return Threads(self.ledger) if self.ledger else None


class TimedSearch:
    """What a search has wherever its questions are asked: its plan, what is new of what it finds, and the time at which it ends."""

    def __init__(self, plan: Plan, sieve: Sieve, clock: Callable[[], float]) -> None:
        self.plan, self.sieve, self.clock = plan, sieve, clock
        self.watch: Callable[[Tally], None] = lambda tally: None
        self.end = clock() + plan.seconds if plan.seconds is not None else None

    @property
    def tally(self) -> Tally:
        """What the search did."""
        return self.sieve.tally

    @property
    def out_of_time(self) -> bool:
        """Whether the time is up."""
        return self.end is not None and self.clock() >= self.end


class Search(TimedSearch):
    """A search on some targets of this machine."""

    def __init__(
        self,
        examiner: Examiner,
        plan: Plan,
        folder: Folder,
        ledger: KnownAnswers | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(plan, Sieve(folder, plan.seed, titles_of(examiner.asker.targets), ledger), clock)
        database = DirectoryBasedExampleDatabase(folder.path / ".examples") if folder.path else None
        self.searcher = Searcher(examiner, plan, database, clock)

    def run(self) -> Iterator[Find]:
        """Every new find, until the plan ends."""
        for numbers in self.plan.blocks():
            if self.out_of_time:
                return
            yield from self.search_block(numbers)

    def search_block(self, numbers: range) -> Iterator[Find]:
        """Ask a block of questions, and look into what is odd."""
        anomalies_by_hash: dict[str, list[Anomaly]] = {}
        for at, oddities in enumerate(self.searcher.examine(numbers, anomalies_by_hash)):
            self.tally.questions += 1
            self.tally.answers += len(self.plan.targets)
            for oddity in oddities:
                self.tally.anomalies[oddity.anomaly.key] += 1
                if not self.sieve.is_known(oddity.kind, oddity.anomaly):
                    tries = self.tally.questions
                    if find := self.sieve.accept(self.searcher.reduce(oddity, self.sieve.kinds, anomalies_by_hash), tries):
                        yield find
            self.watch(self.tally)
            if at % 8 == 0 and self.out_of_time:
                return


def titles_of(targets: Mapping[str, SelectedTarget]) -> dict[str, str]:
    """The names of the frameworks of targets, as public threads have them."""
    return {name: target.adapter.title for name, target in targets.items()}


def draw_questions(scope: Scope, seed: int, numbers: range) -> list[Question]:
    """The questions with some numbers, each of which the seed and its number decide."""
    return [draw_question(scope, f"{seed}/{number}") for number in numbers]


def draw_question(scope: Scope, seed: str) -> Question:
    """The question that a seed decides. Raises NoSuchExample where the scope allows none."""
    candidates: list[Question] = []

    def collect(question: Question) -> bool:
        candidates.append(question)
        return False

    with suppress(NoSuchExample):
        draw_until(scope, seed, collect)
    if not candidates:
        raise NoSuchExample(f"{scope}")
    return candidates[-1]


def draw_until(
    scope: Scope, seed: str, condition: Callable[[Question], bool], database: ExampleDatabase | None = None, key: str = ""
) -> Question:
    """The smallest question that meets a condition, from the one that a seed decides on; raises NoSuchExample.

    Hypothesis draws the simplest question first, and then one at random. Questions are drawn one by one, since those that it draws
    after each other repeat parts of each other, and so meet rare combinations less often.
    """
    options = settings(
        max_examples=2, database=database, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    return find(questions(scope), condition, settings=options, random=Random(seed), database_key=key.encode() or None)  # noqa: S311


def order_by_impact(finds: Sequence[Find]) -> list[Find]:
    """Finds with the most serious ones first."""
    return sorted(finds, key=lambda find: (find.impact, find.kind.name))
