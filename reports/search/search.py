"""The search: blocks of questions, what is odd about their answers, and the smallest question for each kind of oddity."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase
from hypothesis.errors import Flaky, NoSuchExample

from ..rows.ways import CALL
from .draw import Scope, questions
from .examine import Examiner
from .finds import Find, Folder, Kind, kind_of
from .judgement import Anomaly
from .known import KnownAnswers, Threads
from .question import Question

BLOCK = 100
"""Questions that are drawn and asked together."""
PATIENCE = 20.0
"""Seconds that the search for a smaller question may take."""
ALIKE = 5
"""Finds that may differ in their features alone; further ones are counted and not written."""


@dataclass(frozen=True)
class Plan:
    """What is searched: the questions in question, the targets, and when it ends, by examples or by the clock."""

    scope: Scope
    targets: tuple[str, ...]
    seed: int
    examples: int | None = None
    seconds: float | None = None
    patience: float = PATIENCE
    shrinks: bool = True


@dataclass
class Tally:
    """What a search did: questions, anomalies by kind of failure, and those that were known, and why."""

    questions: int = 0
    answers: int = 0
    anomalies: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    alike: Counter[str] = field(default_factory=Counter)
    first: dict[Kind, int] = field(default_factory=dict)


@dataclass
class Search:
    """A search on some targets."""

    examiner: Examiner
    plan: Plan
    folder: Folder
    ledger: KnownAnswers | None = None
    clock: Callable[[], float] = time.monotonic
    tally: Tally = field(default_factory=Tally)
    kinds: list[Kind] = field(default_factory=list)
    watch: Callable[[Tally], None] = lambda tally: None

    def __post_init__(self) -> None:
        self.end = self.clock() + self.plan.seconds if self.plan.seconds else None
        self.threads: Threads | None = None

    @property
    def over(self) -> bool:
        """Whether the time is up or all questions were asked."""
        out_of_time = self.end is not None and self.clock() >= self.end
        return out_of_time or (self.plan.examples is not None and self.tally.questions >= self.plan.examples)

    def run(self) -> Iterator[Find]:
        """Every new find, until the plan ends."""
        while not self.over:
            yield from self.search_block(self.tally.questions)

    def search_block(self, first: int) -> Iterator[Find]:
        """Draw a block of questions from a number on, ask them, and look into what is odd."""
        left = BLOCK if self.plan.examples is None else min(BLOCK, self.plan.examples - first)
        block = draw_questions(self.plan.scope, self.plan.seed, range(first, first + left))
        examined = self.examiner.examine(block, self.plan.targets)
        asked = dict(zip((question.hash for question in block), examined, strict=True))
        for at, (question, anomalies) in enumerate(zip(block, examined, strict=True)):
            seed = f"{self.plan.seed}/{self.tally.questions}"
            self.tally.questions += 1
            self.tally.answers += len(self.plan.targets)
            for anomaly in anomalies:
                self.tally.anomalies[anomaly.key] += 1
                if found := self.look_into(question, anomaly, seed, asked):
                    yield found
            self.watch(self.tally)
            if at % 8 == 0 and self.end is not None and self.clock() >= self.end:
                return

    def look_into(self, question: Question, anomaly: Anomaly, seed: str, asked: dict[str, list[Anomaly]]) -> Find | None:
        """The find that an anomaly leads to, None if it is known."""
        tries = self.tally.questions
        kind = self.kind_of(question, anomaly)
        if self.is_known(kind, anomaly):
            return None
        smallest, shrunk = self.shrink(question, anomaly, seed, asked) if self.plan.shrinks else (question, False)
        kind = self.kind_of(smallest, anomaly)
        if self.is_known(kind, anomaly):
            return None
        self.kinds.append(kind)
        self.tally.first[kind] = tries
        final = next((other for other in asked.get(smallest.hash, ()) if other.key == anomaly.key), anomaly)
        record = {"target": anomaly.target, "detail": final.detail, "seed": self.plan.seed, "tries": tries, "shrunk": shrunk}
        if not self.folder.claim(kind, record):
            self.tally.known["earlier finds"] += 1
            return None
        return self.complete(Find(kind, smallest, final, {}, "", tries, shrunk))

    def complete(self, found: Find) -> Find:
        """A find with its versions, its native code, and the threads about something like it."""
        target = self.examiner.asker.targets[found.anomaly.target]
        [reply] = self.examiner.asker.ask([found.question.case], [target.name])[target.name]
        name = found.anomaly.attribute if found.anomaly.attribute in reply.code else CALL
        versions = dict(self.examiner.asker.versions(target.name))
        links: list[str] = []
        if self.ledger:
            self.threads = self.threads or Threads(self.ledger)
            links = self.threads.about(found.kind, target.adapter.title or found.kind.framework)
        return replace(found, versions=versions, code=reply.code.get(name) or "", threads=links)

    def kind_of(self, question: Question, anomaly: Anomaly) -> Kind:
        """The kind of an anomaly."""
        return kind_of(question, anomaly, self.examiner.asker.targets[anomaly.target].adapter.framework)

    def is_known(self, kind: Kind, anomaly: Anomaly) -> bool:
        """Whether a kind was found before, here or by another search, or the ledger has it; counts why."""
        if any(other.covers(kind) for other in self.kinds):
            self.tally.known["earlier in this search"] += 1
            return True
        if sum(other.same_failure(kind) for other in self.kinds) >= ALIKE:
            self.tally.alike[f"{anomaly.target}: {kind.op}: {anomaly.failure}"] += 1
            return True
        if any(other.covers(kind) for other in self.folder.refresh()):
            self.tally.known["earlier finds"] += 1
            return True
        if self.ledger and self.ledger.find(kind, anomaly):
            self.tally.known["ledger"] += 1
            self.kinds.append(kind)
            return True
        return False

    def shrink(self, question: Question, anomaly: Anomaly, seed: str, asked: dict[str, list[Anomaly]]) -> tuple[Question, bool]:
        """The smallest question with an anomaly of this kind that is not known, and whether the anomaly was seen with it alone.

        The question is drawn anew from its seed, and Hypothesis goes on from there.
        """
        deadline, framework = self.clock() + self.plan.patience, self.examiner.asker.targets[anomaly.target].adapter.framework
        targets = [name for name in self.plan.targets if self.examiner.asker.targets[name].adapter.framework == framework] \
            if anomaly.attribute == "mode" else [anomaly.target]  # fmt: skip
        alone: set[str] = set()

        def is_odd(other: Question) -> bool:
            if other.hash not in asked:
                if self.clock() >= deadline:
                    return False
                [asked[other.hash]] = self.examiner.examine([other], targets)
                if any(found.key == anomaly.key for found in asked[other.hash]):
                    alone.add(other.hash)
            if other.pool.op != question.pool.op or all(found.key != anomaly.key for found in asked[other.hash]):
                return False
            return other.hash == question.hash or not any(known.covers(self.kind_of(other, anomaly)) for known in self.kinds)

        try:
            smallest = draw_until(self.plan.scope, seed, is_odd, self.database(), str(self.kind_of(question, anomaly)))
        except (NoSuchExample, Flaky):
            return question, False
        if smallest.hash == question.hash:
            [again] = self.examiner.examine([smallest], targets)
            return smallest, any(found.key == anomaly.key for found in again)
        return smallest, smallest.hash in alone

    def database(self) -> ExampleDatabase | None:
        """Hypothesis's example database, in the folder of the finds."""
        return DirectoryBasedExampleDatabase(self.folder.path / ".examples") if self.folder.path else None


def draw_questions(scope: Scope, seed: int, numbers: range) -> list[Question]:
    """The questions with some numbers, each of which the seed and its number decide."""
    return [draw_question(scope, f"{seed}/{number}") for number in numbers]


def draw_question(scope: Scope, seed: str) -> Question:
    """The question that a seed decides. Raises NoSuchExample where the scope allows none."""
    drawn: list[Question] = []

    def collect(question: Question) -> bool:
        drawn.append(question)
        return False

    with suppress(NoSuchExample):
        draw_until(scope, seed, collect)
    if not drawn:
        raise NoSuchExample(f"{scope}")
    return drawn[-1]


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
    return sorted(finds, key=lambda found: (found.impact, found.kind.name))
