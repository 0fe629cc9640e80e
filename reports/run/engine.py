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
from ...adapters.targets.choose import SelectedTarget
from ...cases.judge.answer import Answer, Finding
from ...cases.judge.cause import add_causes, is_searched
from ...cases.judge.judge import judge
from ...cases.model.case import Case
from ...cases.model.layers import framework_defaults
from ..rows.encode import encode_row
from ..rows.records import Header, Readings, Row
from ..rows.ways import CALL, DROP_IN, WAYS
from .answer_cache import AnswerCache, base_of, is_lasting
from .cache_file import CacheFile
from .plan import APART, EQUAL, PlannedCall, plan_calls
from .repetition import TIMES, is_worth_repeating, mark_unsteady
from .surroundings import describe_surroundings

WINDOW = 128
"""So many cases are given to every target at a time, and as many in advance. Rows are written in the order of the cases, so fast
targets that ran far ahead of slow ones would keep answers that are neither counted nor written, and that a killed run loses."""
PATIENCE = 1.0
"""Seconds after which a wait for answers looks whether the host still runs."""


@dataclass(eq=False)
class Pending:
    """A case on a target: its calls, and the answers as they come; or the rows of an earlier run, and nothing to call."""

    case: Case
    target: SelectedTarget
    calls: dict[str, PlannedCall] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    rows: list[Row] | None = None

    @property
    def is_missing(self) -> bool:
        """Whether an answer is still to come."""
        return len(self.answers) < len(self.calls)


@dataclass(frozen=True, eq=False)
class Judgement:
    """The rows of a case on a target, whether its answers would come again, and whether they came from the answer cache."""

    rows: list[Row]
    lasts: bool = True
    cached: bool = False


class Engine:
    """Runs cases on targets, each target in a worker of its own, all of them at the same time.

    What a `cache` has of earlier runs is not asked again, and its programs are not compiled again; without one, programs
    are kept as long as the run takes.
    """

    window = WINDOW

    def __init__(self, targets: Iterable[SelectedTarget], limits: Limits = Limits(), cache: CacheFile | None = None) -> None:
        environment = dict(os.environ)  # once, before any thread starts a process
        self.targets = {target.name: target for target in targets}
        bases = {name: base_of(target, limits, environment) for name, target in self.targets.items()} if cache else {}
        self.answer_cache = AnswerCache(cache, bases) if cache else None
        self.limits, self.environment = limits, environment
        self.condition = threading.Condition()
        self.pending: dict[tuple[str, str], Pending] = {}
        self.running: dict[tuple[str, str], tuple[Pending, str]] = {}
        self.programs = CompileCache(compile_cache_path() if cache else None)
        self.hosts = {name: self.make_host(name) for name in self.targets}

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

    def make_host(self, target: str) -> Host:
        """What holds a target's worker, which starts with the first job."""
        return Host(self.targets[target].launch, self.limits, self.receiver(target), self.environment, self.programs)

    def close(self) -> None:
        """End every worker at once, and raise what stopped a host, if anything did."""
        self.__exit__(None, None, None)

    def header(self) -> Header:
        """What runs where."""
        return describe_surroundings(self.targets)

    def release(self, target: str) -> None:
        """End a target's worker, whose framework would fill the memory while other targets run; further cases start another one."""
        self.hosts[target].close()
        self.hosts[target].join()
        self.hosts[target] = self.make_host(target)

    def feed(self, target: str, cases: Sequence[Case]) -> None:
        """Ask a target all of its cases; answers stream back while the next ones run."""
        selected_target = self.targets[target]
        jobs = [job for case in cases if (target, case.id) not in self.pending for job in self.prepare(case, selected_target)]
        if jobs:
            self.hosts[target].feed(jobs)

    def prepare(self, case: Case, target: SelectedTarget) -> Iterator[Job]:
        """The calls to run for a case; what is decided before the call is answered here."""
        if self.answer_cache and (rows := self.answer_cache.get(case, target.name)):
            self.pending[target.name, case.id] = Pending(case, target, rows=rows)
            return
        calls = {planned_call.name: planned_call for planned_call in plan_calls(case, target.adapter, target.target)}
        pending = Pending(case, target, calls)
        with self.condition:
            self.pending[target.name, case.id] = pending
            pending.answers.update({name: planned_call.answer for name, planned_call in calls.items() if planned_call.answer})
        for name, planned_call in calls.items():
            if planned_call.call and not shares_main_call(calls, name):
                job = Job(f"{name} {case.id}", planned_call.call, planned_call.arrays(), planned_call.wants)
                self.running[target.name, job.id] = pending, name
                yield job

    def receiver(self, target: str) -> Callable[[str, Answer], None]:
        """What takes a target's answers, from its host's thread."""

        def receive(job: str, answer: Answer) -> None:
            pending, name = self.running.pop((target, job))
            with self.condition:
                pending.answers[name] = pending.calls[name].with_plane_indices(pending.case, answer)
                if name == CALL:
                    shared_names = [other for other in pending.calls if shares_main_call(pending.calls, other)]
                    pending.answers.update(dict.fromkeys(shared_names, pending.answers[CALL]))
                self.condition.notify_all()

        return receive

    def wait(self, case: Case, target: str) -> Pending:
        """What was asked of a target for a case, as soon as all its answers are there; raises what stopped the target's host."""
        pending = self.pending[target, case.id]
        self.await_answers(pending)
        with self.condition:
            del self.pending[target, case.id]
        return pending

    def await_answers(self, pending: Pending) -> None:
        """Wait until all answers of a case on a target are there; raises what stopped the target's host."""
        with self.condition:
            while pending.is_missing:
                if error := self.hosts[pending.target.name].error:
                    raise error
                self.condition.wait(PATIENCE)

    def arrivals(self, pairs: Iterable[tuple[Case, str]]) -> Iterator[tuple[Case, str]]:
        """Pairs of a case and a target in the order in which their rows are best waited for: as they stand."""
        return iter(pairs)

    def rows(self, case: Case, target: str) -> list[Row]:
        """The rows of a case on a target, as soon as all its answers are there."""
        return self.judge_when_complete(case, target).rows

    def judge_when_complete(self, case: Case, target: str) -> Judgement:
        """The rows of a case on a target, and where they are from, as soon as all its answers are there."""
        pending = self.wait(case, target)
        if pending.rows is not None:
            return Judgement(pending.rows, cached=True)
        judgement = Judgement(list(self.judge_answers(pending)), all(map(is_lasting, pending.answers.values())))
        if self.answer_cache and judgement.lasts:
            self.answer_cache.put(case, target, judgement.rows)
        return judgement

    def readings(self, case: Case) -> Readings | None:
        """What the answers to a case may mean, if the answer cache can keep that."""
        return self.answer_cache.readings(case) if self.answer_cache else None

    def describe_machines(self) -> str:
        """Nothing: only this machine answers."""
        return ""

    def describe_cache_use(self) -> str:
        """How many answers were there from earlier runs, and why none could be; empty where none was looked for."""
        cache = self.answer_cache
        return "\n".join(filter(None, (cache.describe_use() if cache else "", self.programs.trouble)))

    def judge_answers(self, pending: Pending) -> Iterator[Row]:
        """Every finding on a case's answers, as rows."""
        case, target, calls = pending.case, pending.target, pending.calls
        versions = self.hosts[target.name].versions or target.versions
        for way in (way for way in WAYS if way in calls):
            answers = {name: pending.answers[name] for name in APART if name in calls and way == CALL}
            codes = {name: write_code(calls, name, target) for name in (way, *answers)}
            findings = judge(case, pending.answers[way], pending.answers.get(EQUAL), answers)
            for explained_finding in add_causes(as_stated(case, way), findings, pending.answers[way], answers):
                name = explained_finding.attribute if explained_finding.attribute in answers else way
                finding = self.check_steadiness(pending, name, explained_finding) if way == CALL else explained_finding
                yield encode_row(case, target.name, versions, way, pending.answers[name], with_notes(finding, calls[name]), codes[name])

    def check_steadiness(self, pending: Pending, name: str, finding: Finding) -> Finding:
        """A finding; if it is numbers that no rule explains, the question is asked again, which may show that they change."""
        case, answer = pending.case, pending.answers[name]
        if not (is_searched(case, pending.answers[CALL]) and is_worth_repeating(case, finding, answer)):
            return finding
        return mark_unsteady(finding, answer, self.ask_again(pending, name))

    def ask_again(self, pending: Pending, name: str) -> list[Answer]:
        """The answers to one call of a case, asked several times more."""
        planned_call, target = pending.calls[name], pending.target.name
        assert planned_call.call is not None
        again = Pending(pending.case, pending.target, {f"again {number}": planned_call for number in range(TIMES)})
        jobs = [
            Job(f"{again_name} {name} {pending.case.id}", planned_call.call, planned_call.arrays(), planned_call.wants)
            for again_name in again.calls
        ]
        self.running |= {(target, job.id): (again, again_name) for job, again_name in zip(jobs, again.calls, strict=True)}
        self.hosts[target].feed(jobs)
        self.await_answers(again)
        return list(again.answers.values())


def as_stated(case: Case, way: str) -> Case:
    """The case as a way states it: a drop-in leaves open what its source did not write, and means its source's defaults."""
    if way != DROP_IN or case.spelling is None:
        return case
    return replace(case, pool=case.spelling.written_pool, rules={**case.rules, **framework_defaults(case.spelling)})


def write_code(calls: Mapping[str, PlannedCall], name: str, target: SelectedTarget) -> str | None:
    """The native code of a call; of the main call of a case that equals another operation, that of both sides."""
    code, other = calls[name].code(target.adapter, target.target), calls.get(EQUAL)
    equal = other.code(target.adapter, target.target) if other and name == CALL else None
    return f"{code}\n\n# the operation that gives the same\n{equal}" if code and equal else code


def shares_main_call(calls: Mapping[str, PlannedCall], name: str) -> bool:
    """Whether a call is the very same as the main one, so that one answer serves both."""
    return name != CALL and calls[name].call is not None and calls[name].call == calls[CALL].call


def with_notes(finding: Finding, planned_call: PlannedCall) -> Finding:
    """A finding on acceptance with what was filled in for the call."""
    if finding.attribute != "acceptance" or planned_call.call is None or not planned_call.call.notes:
        return finding
    return replace(finding, detail="; ".join(filter(None, (finding.detail, *planned_call.call.notes))))
