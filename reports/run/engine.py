"""The engine that `pytest` and `poolparity run` share: cases on targets, answers judged into rows."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from ...adapters.parent.compile_cache import CompileCache, compile_cache_path
from ...adapters.parent.host import Host, Job, Limits
from ...adapters.targets.choose import Chosen
from ...cases.judge.answer import Answer, Finding
from ...cases.judge.cause import add_causes
from ...cases.judge.judge import judge
from ...cases.model.case import Case
from ...cases.model.layers import framework_defaults
from ..rows.encode import encode_row
from ..rows.records import Row
from ..rows.ways import CALL, DROP_IN, WAYS
from .answer_cache import AnswerCache
from .cache_file import CacheFile
from .plan import APART, EQUAL, PlannedCall, plan_calls


@dataclass(eq=False)
class Pending:
    """A case on a target: its questions, and the answers as they come; or the rows of an earlier run, and nothing to ask."""

    case: Case
    chosen: Chosen
    questions: dict[str, PlannedCall] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    rows: list[Row] | None = None

    @property
    def missing(self) -> bool:
        """Whether an answer is still to come."""
        return len(self.answers) < len(self.questions)


class Engine:
    """Runs cases on targets, each target in a worker of its own, all of them at the same time.

    What a `cache` has of earlier runs is not asked again, and its programs are not compiled again; without one, programs
    are kept as long as the run takes.
    """

    def __init__(self, targets: Iterable[Chosen], limits: Limits = Limits(), cache: CacheFile | None = None) -> None:
        environment = dict(os.environ)  # once, before any thread starts a process
        self.targets = {chosen.name: chosen for chosen in targets}
        self.answer_cache = AnswerCache(cache, self.targets, limits, environment) if cache else None
        self.changed = threading.Condition()
        self.pending: dict[tuple[str, str], Pending] = {}
        self.programs = CompileCache(compile_cache_path() if cache else None)
        self.hosts = {
            name: Host(chosen.launch, limits, self.receiver(name), environment, self.programs) for name, chosen in self.targets.items()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End every worker at once, and raise what stopped a host, if anything did."""
        for host in self.hosts.values():
            host.close()
        if self.answer_cache:
            self.answer_cache.cache.close()
        try:
            for host in self.hosts.values():
                host.join()
        finally:
            self.programs.close()

    def feed(self, target: str, cases: Sequence[Case]) -> None:
        """Ask a target all of its cases; answers stream back while the next ones run."""
        chosen = self.targets[target]
        jobs = [job for case in cases if (target, case.id) not in self.pending for job in self.prepare(case, chosen)]
        if jobs:
            self.hosts[target].feed(jobs)

    def prepare(self, case: Case, chosen: Chosen) -> Iterator[Job]:
        """The calls to run for a case; what is decided before the call is answered here."""
        if self.answer_cache and (rows := self.answer_cache.get(case, chosen.name)):
            self.pending[chosen.name, case.id] = Pending(case, chosen, rows=rows)
            return
        asked = {question.name: question for question in plan_calls(case, chosen.adapter, chosen.target)}
        pending = Pending(case, chosen, asked)
        with self.changed:
            self.pending[chosen.name, case.id] = pending
            pending.answers.update({name: question.answer for name, question in asked.items() if question.answer})
        for name, question in asked.items():
            if question.call and not twin(asked, name):
                yield Job(f"{name} {case.id}", question.call, question.arrays(), question.wants)

    def receiver(self, target: str) -> Callable[[str, Answer], None]:
        """What takes a target's answers, from its host's thread."""

        def receive(job: str, answer: Answer) -> None:
            name, _, case = job.partition(" ")
            pending = self.pending[target, case]
            with self.changed:
                pending.answers[name] = pending.questions[name].heard(pending.case, answer)
                if name == CALL:
                    twins = [other for other in pending.questions if twin(pending.questions, other)]
                    pending.answers.update(dict.fromkeys(twins, pending.answers[CALL]))
                self.changed.notify_all()

        return receive

    def rows(self, case: Case, target: str) -> list[Row]:
        """The rows of a case on a target, as soon as all its answers are there."""
        pending = self.pending[target, case.id]
        with self.changed:
            while pending.missing:
                self.changed.wait()
            del self.pending[target, case.id]
        if pending.rows is not None:
            return pending.rows
        rows = list(self.judged(pending))
        if self.answer_cache:
            self.answer_cache.put(case, target, pending.answers.values(), rows)
        return rows

    def judged(self, pending: Pending) -> Iterator[Row]:
        """Every finding on a case's answers, as rows."""
        case, chosen, asked = pending.case, pending.chosen, pending.questions
        versions = self.hosts[chosen.name].versions or chosen.versions
        for way in (way for way in WAYS if way in asked):
            answers = {name: pending.answers[name] for name in APART if name in asked and way == CALL}
            codes = {name: asked[name].code(chosen.adapter, chosen.target) for name in (way, *answers)}
            judged = judge(case, pending.answers[way], pending.answers.get(EQUAL), answers)
            for finding in add_causes(stated(case, way), judged, pending.answers[way], answers):
                name = finding.attribute if finding.attribute in answers else way
                yield encode_row(case, chosen.name, versions, way, pending.answers[name], noted(finding, asked[name]), codes[name])


def stated(case: Case, way: str) -> Case:
    """The case as a way states it: a drop-in leaves open what its source did not write, and means its source's defaults."""
    if way != DROP_IN or case.spelling is None:
        return case
    return replace(case, pool=case.spelling.written, rules={**case.rules, **framework_defaults(case.spelling)})


def twin(asked: Mapping[str, PlannedCall], name: str) -> bool:
    """Whether the first question makes the very same call, so that one answer serves both."""
    return name != CALL and asked[name].call is not None and asked[name].call == asked[CALL].call


def noted(finding: Finding, question: PlannedCall) -> Finding:
    """A finding on acceptance with what was filled in for the call."""
    if finding.attribute != "acceptance" or question.call is None or not question.call.notes:
        return finding
    return replace(finding, detail="; ".join(filter(None, (finding.detail, *question.call.notes))))
