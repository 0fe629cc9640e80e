"""The engine that `pytest` and `poolparity run` share: cases on targets, answers judged into rows."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType

from ..adapters._find import Chosen
from ..adapters._host import Host, Job, Limits
from ..cases.answer import Answer
from ..cases.case import Case
from ..cases.judge import judge
from .plan import CALL, EQUAL, WAYS, Question, questions, tensors
from .rows import Row, row_of


@dataclass(eq=False)
class Pending:
    """A case on a target: its questions, and the answers as they come."""

    case: Case
    chosen: Chosen
    questions: dict[str, Question]
    answers: dict[str, Answer] = field(default_factory=dict)

    @property
    def missing(self) -> bool:
        """Whether an answer is still to come."""
        return len(self.answers) < len(self.questions)


class Engine:
    """Runs cases on targets, each target in a worker of its own, all of them at the same time."""

    def __init__(self, targets: Iterable[Chosen], limits: Limits = Limits()) -> None:
        environment = dict(os.environ)  # once, before any thread starts a process
        self.targets = {chosen.name: chosen for chosen in targets}
        self.changed = threading.Condition()
        self.pending: dict[tuple[str, str], Pending] = {}
        self.hosts = {name: Host(chosen.launch, limits, self.receiver(name), environment) for name, chosen in self.targets.items()}

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End every worker at once, and raise what stopped a host, if anything did."""
        for host in self.hosts.values():
            host.close()
        for host in self.hosts.values():
            host.join()

    def feed(self, target: str, cases: Sequence[Case]) -> None:
        """Ask a target all of its cases; answers stream back while the next ones run."""
        chosen = self.targets[target]
        jobs = [job for case in cases if (target, case.id) not in self.pending for job in self.prepare(case, chosen)]
        if jobs:
            self.hosts[target].feed(jobs)

    def prepare(self, case: Case, chosen: Chosen) -> Iterator[Job]:
        """The calls to run for a case; what is decided before the call is answered here."""
        asked = {question.way: question for question in questions(case, chosen.adapter)}
        pending = Pending(case, chosen, asked)
        with self.changed:
            self.pending[chosen.name, case.id] = pending
            for way, question in asked.items():
                if question.answer:
                    pending.answers[way] = question.answer
        for way, question in asked.items():
            if question.call and not self.twin(asked, way):
                arrays = {name: tensor.value for name, tensor in tensors(case).items()}
                yield Job(f"{way} {case.id}", question.call, arrays, question.wants)

    @staticmethod
    def twin(asked: Mapping[str, Question], way: str) -> bool:
        """Whether another way asks the very same call first, so that one answer serves both."""
        return way != CALL and asked[way].call == asked[CALL].call

    def receiver(self, target: str):  # type: ignore[no-untyped-def]
        """What takes a target's answers, from its host's thread."""

        def receive(job: str, answer: Answer) -> None:
            way, _, case = job.partition(" ")
            pending = self.pending[target, case]
            with self.changed:
                pending.answers[way] = answer
                if way == CALL:
                    for other in pending.questions:
                        if pending.questions[other].call and self.twin(pending.questions, other):
                            pending.answers[other] = answer
                self.changed.notify_all()

        return receive

    def rows(self, case: Case, target: str) -> list[Row]:
        """The rows of a case on a target, as soon as all its answers are there."""
        pending = self.pending[target, case.id]
        with self.changed:
            while pending.missing:
                self.changed.wait()
            del self.pending[target, case.id]
        return list(self.judged(pending))

    def judged(self, pending: Pending) -> Iterator[Row]:
        """Every finding on a case's answers, as rows."""
        case, chosen, other = pending.case, pending.chosen, pending.answers.get(EQUAL)
        versions = self.hosts[chosen.name].versions or chosen.versions
        for way in WAYS:
            if way in pending.questions:
                question, answer = pending.questions[way], pending.answers[way]
                code = question.code(chosen.adapter, chosen.target, case)
                for finding in judge(case, answer, other):
                    if finding.attribute == "acceptance" and question.call and question.call.notes:
                        finding = replace(finding, detail="; ".join(filter(None, (finding.detail, *question.call.notes))))
                    yield row_of(case, chosen.name, versions, way, answer, finding, code)
