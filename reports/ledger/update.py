"""Updating the ledger so that it expects the rows of a run: entries to add, to narrow, and to remove."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...adapters.ledger.conditions import When, matches_pattern
from ...adapters.ledger.entry import ACCEPTANCE, TODO, Entry, acceptance_of, causes_of
from ...adapters.ledger.ledger import Ledger
from ...cases.judge.answer import CRASHES, REJECTS, TIMES_OUT
from ..rows.records import Row, Rows
from .generalise import Fact, Pin, case_patterns, generalise_facts
from .item_outcome import mark_row
from .narrowing import Outlived, narrow_entries
from .pinnable import CaseRun, find_case_runs, with_row_tolerance
from .scopes import Instance, Scope, cover_instances, find_scopes

FATAL = {REJECTS, CRASHES, TIMES_OUT}


@dataclass(frozen=True)
class Change:
    """The change of a ledger: for each changed entry, by place, its replacements; and the new entries by framework."""

    instead: Mapping[str, Sequence[Entry]]
    new: Mapping[str, Sequence[Entry]]


def mark_known_rows(done: Rows, ledger: Ledger) -> Rows:
    """The rows of a run marked with what a ledger knows of them now, whatever was known when they were written."""
    pinned: dict[int, Row] = {}
    for each in find_case_runs(done):
        known = ledger.about(each.instance.target, dict(each.instance.versions))
        pinned |= {id(row): mark_row(row, known.pinning(with_row_tolerance(each.case, row), row)) for row in each.needy}
    return replace(done, rows=[pinned.get(id(row)) or mark_row(row, ()) for row in done.rows])


def plan_change(done: Rows, ledger: Ledger, known: Collection[str], outlived: Outlived) -> Change:
    """The change that lets a ledger expect the rows of a run; `known` are all targets."""
    here, everything = entries_for_machine(done, ledger), find_case_runs(done)
    instead = dict(narrow_entries(here, everything, known, outlived))
    left = Ledger([entry for each in here.entries for entry in instead.get(each.where, [each])])
    by_framework: dict[str, list[CaseRun]] = defaultdict(list)
    for each in everything:
        by_framework[each.instance.framework].append(each)
    day = done.header.get("started", "")[:10]
    new = {name: [replace(entry, measured=day) for entry in new_entries(some, left, known)] for name, some in by_framework.items()}
    return Change(instead, {name: entries for name, entries in new.items() if entries})


def entries_for_machine(done: Rows, ledger: Ledger) -> Ledger:
    """The entries that hold on the machine of a run."""
    return ledger.on(done.header.get("platform", ""), done.header.get("cpu_features", ()))


def new_entries(some: Sequence[CaseRun], ledger: Ledger, known: Collection[str]) -> list[Entry]:
    """New entries for all rows of a framework that a ledger does not expect, causes before answers."""
    unknown = [(each, row) for each in some for row in each.unknown(ledger)]
    among = find_scopes({each.instance for each in some}, known)
    facts = {fact_from_row(each, row) for each in some for row in each.needy}
    wanted = dict.fromkeys(fact_from_row(each, row) for each, row in unknown)
    pins = generalise_facts([fact for fact in facts if fact.causes], [fact for fact in wanted if fact.causes], among)
    return [*map(cause_entry, pins), *answer_entries(some, unknown, among)]


def fact_from_row(each: CaseRun, row: Row) -> Fact:
    """The causes that explain a row, with its case and its instance."""
    return Fact(each.case, each.instance, frozenset(causes_of(row, each.case.asks)))


def cause_entry(pin: Pin) -> Entry:
    """The entry that pins a cause."""
    when = replace(pin.when, versions=dict(pin.scope.versions))
    return Entry(pin.case, pin.scope.target, None, None, TODO, pin.cause, when)


def answer_entries(some: Sequence[CaseRun], unknown: Iterable[tuple[CaseRun, Row]], among: Sequence[Scope]) -> Iterator[Entry]:
    """Entries that name the case and the answer, for rows without a cause."""
    ran: dict[str, set[Instance]] = defaultdict(set)
    for each in some:
        ran[each.case.id].add(each.instance)
    rows: dict[CaseRun, list[Row]] = defaultdict(list)
    for each, row in unknown:
        if not row["cause"] and not row["answer"]:
            rows[each].append(row)
    given: dict[tuple[str, str, str], tuple[Any, set[Instance]]] = {}
    for each, lost in rows.items():
        for attribute, answer in answers_to_pin(lost):
            given.setdefault((each.case.id, attribute, repr(answer)), (answer, set()))[1].add(each.instance)
    pinned: dict[tuple[Scope, str, str], tuple[Any, list[str]]] = {}
    for (case, attribute, told), (answer, instances) in given.items():
        for scope in cover_instances(instances, ran[case] - instances, among):
            pinned.setdefault((scope, attribute, told), (answer, []))[1].append(case)
    for (scope, attribute, _), (answer, cases) in pinned.items():
        for name in name_cases(cases, cases_answering(some, scope, attribute)):
            yield Entry(name, scope.target, attribute, answer, TODO, when=When(dict(scope.versions)))


def cases_answering(some: Iterable[CaseRun], scope: Scope, attribute: str) -> set[str]:
    """The cases in which an attribute has an answer, or acceptance a refusal, on some instance of a scope."""
    return {
        each.case.id
        for each in some
        if each.instance in scope.instances
        for row in each.rows
        if row["attribute"] == attribute and (row["got"] is not None or attribute == ACCEPTANCE)
    }


def name_cases(cases: Sequence[str], among: Collection[str]) -> Iterator[str]:
    """Patterns and names that match these cases and no other: patterns within a file first, then single names."""
    left = dict.fromkeys(cases)
    for case in cases:
        for pattern in case_patterns(case) if case in left else ():
            meant = {each for each in among if matches_pattern(each, pattern)}
            if pattern == case or ("::" in pattern and len(meant) > 1 and meant <= {*cases}):
                yield pattern
                left = {each: None for each in left if each not in meant}
                break


def answers_to_pin(rows: Iterable[Row]) -> Iterator[tuple[str, Any]]:
    """The attributes of a case's rows to pin, each with its answer, without those that another one implies."""
    found = {row["attribute"]: row for row in rows}
    if ACCEPTANCE in found:
        yield ACCEPTANCE, acceptance_of(found[ACCEPTANCE])
        return
    for attribute, row in found.items():
        if row["verdict"] in FATAL:
            yield attribute, acceptance_of(row)
        elif attribute != "shape" or "values" not in found:
            yield attribute, answer_of(row["got"])


def answer_of(got: Any) -> Any:
    """An answer for an entry: an array as its cells, or as its digest where it is large."""
    return got.get("data", got.get("digest")) if isinstance(got, Mapping) else got
