"""Updating the ledger so that it expects the rows of a run: entries to add, to narrow, and to remove."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...adapters.common.wildcards import matches_pattern
from ...adapters.ledger.conditions import When
from ...adapters.ledger.entry import ACCEPTANCE, TODO, VARIES, Entry, acceptance_of, causes_of
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


def mark_known_rows(rows_read: Rows, ledger: Ledger) -> Rows:
    """The rows of a run marked with what a ledger knows of them now, whatever was known when they were written."""
    rows_by_id: dict[int, Row] = {}
    for case_run in find_case_runs(rows_read):
        known_differences = ledger.about(case_run.instance.target, dict(case_run.instance.versions))
        rows_by_id |= {
            id(row): mark_row(row, known_differences.find_entries(with_row_tolerance(case_run.case, row), row)) for row in case_run.needy
        }
    return replace(rows_read, rows=[rows_by_id.get(id(row)) or mark_row(row, ()) for row in rows_read.rows])


def plan_change(rows_read: Rows, ledger: Ledger, framework_names: Collection[str], outlived_entries: Outlived) -> Change:
    """The change that lets a ledger expect the rows of a run; `framework_names` are those of all targets."""
    machine_ledger, case_runs = entries_for_machine(rows_read, ledger), find_case_runs(rows_read)
    replacements = dict(narrow_entries(machine_ledger, case_runs, framework_names, outlived_entries))
    remaining_ledger = Ledger(
        [entry for entry_before in machine_ledger.entries for entry in replacements.get(entry_before.where, [entry_before])]
    )
    by_framework: dict[str, list[CaseRun]] = defaultdict(list)
    for case_run in case_runs:
        by_framework[case_run.instance.framework].append(case_run)
    day = rows_read.header.get("started", "")[:10]
    new = {
        name: [replace(entry, measured=day) for entry in new_entries(runs_of_framework, remaining_ledger, framework_names)]
        for name, runs_of_framework in by_framework.items()
    }
    return Change(replacements, {name: entries for name, entries in new.items() if entries})


def entries_for_machine(rows_read: Rows, ledger: Ledger) -> Ledger:
    """The entries that hold on the machine of a run."""
    return ledger.on(rows_read.header.get("platform", ""), rows_read.header.get("cpu_features", ()))


def new_entries(case_runs: Sequence[CaseRun], ledger: Ledger, framework_names: Collection[str]) -> list[Entry]:
    """New entries for all rows of a framework that a ledger does not expect, causes before answers."""
    unknown = [(case_run, row) for case_run in case_runs for row in case_run.unknown(ledger)]
    scopes = find_scopes({case_run.instance for case_run in case_runs}, framework_names)
    facts = {fact_from_row(case_run, row) for case_run in case_runs for row in case_run.needy}
    due_facts = dict.fromkeys(fact_from_row(case_run, row) for case_run, row in unknown)
    pins = generalise_facts([fact for fact in facts if fact.causes], [fact for fact in due_facts if fact.causes], scopes)
    return [*map(cause_entry, pins), *answer_entries(case_runs, unknown, scopes)]


def fact_from_row(case_run: CaseRun, row: Row) -> Fact:
    """The causes that explain a row, with its case and its instance."""
    return Fact(case_run.case, case_run.instance, frozenset(causes_of(row, case_run.case.asks)))


def cause_entry(pin: Pin) -> Entry:
    """The entry that pins a cause, which is its own reason."""
    condition = replace(pin.when, versions=dict(pin.scope.versions))
    return Entry(pin.case, pin.scope.target, None, None, "", pin.cause, condition)


def answer_entries(case_runs: Sequence[CaseRun], unknown: Iterable[tuple[CaseRun, Row]], scopes: Sequence[Scope]) -> Iterator[Entry]:
    """Entries that name the case and the answer, for rows without a cause."""
    ran: dict[str, set[Instance]] = defaultdict(set)
    for case_run in case_runs:
        ran[case_run.case.id].add(case_run.instance)
    rows: dict[CaseRun, list[Row]] = defaultdict(list)
    for case_run, row in unknown:
        if not row["cause"] and not row["answer"]:
            rows[case_run].append(row)
    answers_by_key: dict[tuple[str, str, str], tuple[Any, set[Instance]]] = {}
    for case_run, lost_rows in rows.items():
        for attribute, answer in answers_to_pin(lost_rows):
            answers_by_key.setdefault((case_run.case.id, attribute, repr(answer)), (answer, set()))[1].add(case_run.instance)
    cases_by_answer: dict[tuple[Scope, str, str], tuple[Any, list[str]]] = {}
    for (case, attribute, answer_text), (answer, instances) in answers_by_key.items():
        for scope in cover_instances(instances, ran[case] - instances, scopes):
            cases_by_answer.setdefault((scope, attribute, answer_text), (answer, []))[1].append(case)
    for (scope, attribute, _), (answer, cases) in cases_by_answer.items():
        for name in name_cases(cases, cases_answering(case_runs, scope, attribute)):
            yield Entry(name, scope.target, attribute, answer, TODO, when=When(dict(scope.versions)))


def cases_answering(case_runs: Iterable[CaseRun], scope: Scope, attribute: str) -> set[str]:
    """The cases in which an attribute has an answer, or acceptance a refusal, on some instance of a scope."""
    return {
        case_run.case.id
        for case_run in case_runs
        if case_run.instance in scope.instances
        for row in case_run.rows
        if row["attribute"] == attribute and (row["got"] is not None or attribute == ACCEPTANCE)
    }


def name_cases(cases: Sequence[str], all_cases: Collection[str]) -> Iterator[str]:
    """Patterns and names that match these cases and no other: patterns within a file first, then single names."""
    unnamed = dict.fromkeys(cases)
    for case in cases:
        for pattern in case_patterns(case) if case in unnamed else ():
            matching_cases = {case for case in all_cases if matches_pattern(case, pattern)}
            if pattern == case or ("::" in pattern and len(matching_cases) > 1 and matching_cases <= {*cases}):
                yield pattern
                unnamed = {case: None for case in unnamed if case not in matching_cases}
                break


def answers_to_pin(rows: Iterable[Row]) -> Iterator[tuple[str, Any]]:
    """The attributes of a case's rows to pin, each with its answer, without those that another one implies."""
    rows_by_attribute = {row["attribute"]: row for row in rows}
    if ACCEPTANCE in rows_by_attribute:
        yield ACCEPTANCE, acceptance_of(rows_by_attribute[ACCEPTANCE])
        return
    for attribute, row in rows_by_attribute.items():
        if row["verdict"] in FATAL:
            yield attribute, acceptance_of(row)
        elif attribute != "shape" or not states_cells(rows_by_attribute.get("values")):
            yield attribute, VARIES if row.get("unsteady") else answer_of(row["got"])


def states_cells(row: Row | None) -> bool:
    """Whether a row of values has the cells themselves, and so their shape; a large array is stated by its digest alone."""
    return row is not None and (not isinstance(row["got"], Mapping) or "data" in row["got"])


def answer_of(got: Any) -> Any:
    """An answer for an entry: an array as its cells, or as its digest where it is large."""
    return got.get("data", got.get("digest")) if isinstance(got, Mapping) else got
