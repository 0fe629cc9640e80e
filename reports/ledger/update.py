"""What the ledger has to become so that it expects the rows of a run: entries to write, to narrow, and to take out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...adapters.ledger.conditions import When, like
from ...adapters.ledger.entry import ACCEPTANCE, TODO, Entry, acceptance_of, causes_of
from ...adapters.ledger.ledger import Ledger
from ...cases.judge.answer import CRASHES, REJECTS, TIMES_OUT
from ..rows.records import Row, Rows
from .generalise import Fact, Pin, patterns, widest
from .item_outcome import mark
from .narrowing import Outlived, narrowed
from .pinnable import Asked, asked, subject
from .scopes import Instance, Scope, cover, scopes

FATES = {REJECTS, CRASHES, TIMES_OUT}


@dataclass(frozen=True)
class Change:
    """What becomes of the ledger: entries by place with those that stand there instead, and new ones by framework."""

    instead: Mapping[str, Sequence[Entry]]
    new: Mapping[str, Sequence[Entry]]


def marked(done: Rows, ledger: Ledger) -> Rows:
    """The rows of a run with what a ledger knows of them now, whatever they were marked with when they were written."""
    pinned: dict[int, Row] = {}
    for each in asked(done):
        known = ledger.about(each.instance.target, dict(each.instance.versions))
        pinned |= {id(row): mark(row, known.pinning(subject(each.case, row), row)) for row in each.needy}
    return replace(done, rows=[pinned.get(id(row)) or mark(row, ()) for row in done.rows])


def change(done: Rows, ledger: Ledger, known: Collection[str], outlived: Outlived) -> Change:
    """What a ledger must become; `known` are all targets."""
    here, everything = at(done, ledger), asked(done)
    instead = dict(narrowed(here, everything, known, outlived))
    left = Ledger([entry for each in here.entries for entry in instead.get(each.where, [each])])
    by_framework: dict[str, list[Asked]] = defaultdict(list)
    for each in everything:
        by_framework[each.instance.framework].append(each)
    day = done.header.get("started", "")[:10]
    new = {name: [replace(entry, measured=day) for entry in written(some, left, known)] for name, some in by_framework.items()}
    return Change(instead, {name: entries for name, entries in new.items() if entries})


def at(done: Rows, ledger: Ledger) -> Ledger:
    """The entries that hold on the machine of a run."""
    return ledger.on(done.header.get("platform", ""), done.header.get("cpu_features", ()))


def written(some: Sequence[Asked], ledger: Ledger, known: Collection[str]) -> list[Entry]:
    """New entries for everything of a framework that a ledger does not expect, causes before answers."""
    unknown = [(each, row) for each in some for row in each.unknown(ledger)]
    among = scopes({each.instance for each in some}, known)
    facts = {fact_of(each, row) for each in some for row in each.needy}
    wanted = dict.fromkeys(fact_of(each, row) for each, row in unknown)
    pins = widest([fact for fact in facts if fact.causes], [fact for fact in wanted if fact.causes], among)
    return [*map(caused, pins), *answered(some, unknown, among)]


def fact_of(each: Asked, row: Row) -> Fact:
    """What a row shows."""
    return Fact(each.case, each.instance, frozenset(causes_of(row, each.case.asks)))


def caused(pin: Pin) -> Entry:
    """The entry of a cause."""
    when = replace(pin.when, versions=dict(pin.scope.versions))
    return Entry(pin.case, pin.scope.target, None, None, TODO, pin.cause, when)


def answered(some: Sequence[Asked], unknown: Iterable[tuple[Asked, Row]], among: Sequence[Scope]) -> Iterator[Entry]:
    """Entries that name the case and the answer, for rows that nothing explains."""
    ran: dict[str, set[Instance]] = defaultdict(set)
    for each in some:
        ran[each.case.id].add(each.instance)
    rows: dict[Asked, list[Row]] = defaultdict(list)
    for each, row in unknown:
        if not row["cause"] and not row["answer"]:
            rows[each].append(row)
    given: dict[tuple[str, str, str], tuple[Any, set[Instance]]] = {}
    for each, lost in rows.items():
        for attribute, answer in answers(lost):
            given.setdefault((each.case.id, attribute, repr(answer)), (answer, set()))[1].add(each.instance)
    pinned: dict[tuple[Scope, str, str], tuple[Any, list[str]]] = {}
    for (case, attribute, told), (answer, instances) in given.items():
        for scope in cover(instances, ran[case] - instances, among):
            pinned.setdefault((scope, attribute, told), (answer, []))[1].append(case)
    for (scope, attribute, _), (answer, cases) in pinned.items():
        for name in names(cases, answering(some, scope, attribute)):
            yield Entry(name, scope.target, attribute, answer, TODO, when=When(dict(scope.versions)))


def answering(some: Iterable[Asked], scope: Scope, attribute: str) -> set[str]:
    """The cases in which an attribute has an answer on some instance of a scope, be it a refusal of the case."""
    return {
        each.case.id
        for each in some
        if each.instance in scope.instances
        for row in each.rows
        if row["attribute"] == attribute and (row["got"] is not None or attribute == ACCEPTANCE)
    }


def names(cases: Sequence[str], among: Collection[str]) -> Iterator[str]:
    """What stands for some of several cases, and for no other: patterns within a file, and the names that are left."""
    left = dict.fromkeys(cases)
    for case in cases:
        for pattern in patterns(case) if case in left else ():
            meant = {each for each in among if like(each, pattern)}
            if pattern == case or ("::" in pattern and len(meant) > 1 and meant <= {*cases}):
                yield pattern
                left = {each: None for each in left if each not in meant}
                break


def answers(rows: Iterable[Row]) -> Iterator[tuple[str, Any]]:
    """The attributes to pin of a case's rows, each with its answer; what one of them implies is left out."""
    found = {row["attribute"]: row for row in rows}
    if ACCEPTANCE in found:
        yield ACCEPTANCE, acceptance_of(found[ACCEPTANCE])
        return
    for attribute, row in found.items():
        if row["verdict"] in FATES:
            yield attribute, acceptance_of(row)
        elif attribute != "shape" or "values" not in found:
            yield attribute, plain(row["got"])


def plain(got: Any) -> Any:
    """An answer as an entry has it: an array as its cells, or as its digest where it is large."""
    return got.get("data", got.get("digest")) if isinstance(got, Mapping) else got
