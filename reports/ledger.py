"""What the ledger has to become so that it expects the rows of a run: entries to write, to narrow, and to take out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..adapters._entry import ACCEPTANCE, TODO, Entry, Subject, explanations, outcome_of
from ..adapters._ledger import Ledger
from ..adapters._when import When
from ..cases.answer import CRASHES, NOT_RUN, REJECTS, TIMES_OUT
from ..cases.tolerance import EXACT, Tolerance
from .outcome import mark, must_be_pinned
from .plan import CALL
from .rows import Row, Rows
from .scopes import Instance, Scope, cover, instance_of, scopes
from .widest import Fact, Pin, widest

FATES = {REJECTS, CRASHES, TIMES_OUT}


@dataclass(frozen=True)
class Change:
    """What becomes of the ledger: entries by place with those that stand there instead, and new ones by framework."""

    instead: Mapping[str, Sequence[Entry]]
    new: Mapping[str, Sequence[Entry]]


@dataclass(frozen=True, eq=False)
class Asked:
    """A case on an instance: the rows of the way that the ledger pins."""

    case: Subject
    kind: str
    instance: Instance
    rows: Sequence[Row]

    @cached_property
    def needy(self) -> list[Row]:
        """The rows that only the ledger can excuse."""
        return [row for row in self.rows if must_be_pinned(self.kind, row)]

    def unknown(self, ledger: Ledger) -> list[Row]:
        """The rows that a ledger does not excuse."""
        known = ledger.about(self.instance.target, dict(self.instance.versions))
        return [row for row in self.needy if not known.pinning(subject(self.case, row), row)]

    def met(self, entry: Entry) -> bool:
        """Whether an entry pins something here."""
        return any(entry.pins(subject(self.case, row), row) for row in self.needy)


def subject(case: Subject, row: Row) -> Subject:
    """A case with the tolerance of one of its rows."""
    return replace(case, tolerance=lambda: Tolerance(row["tolerance"]["ulp"]) if row["tolerance"] else EXACT)


def asked(done: Rows) -> list[Asked]:
    """Every case on every instance that was asked it."""
    found: dict[tuple[str, Instance], list[Row]] = defaultdict(list)
    for row in done.rows:
        if row["way"] == CALL and row["verdict"] != NOT_RUN:
            found[row["case"], instance_of(row)].append(row)
    return [Asked(of_line(done.cases[case]), done.cases[case]["kind"], instance, rows) for (case, instance), rows in found.items()]


def of_line(line: Row) -> Subject:
    """What an entry looks at in a case, out of its line in a file of rows."""
    return Subject(line["case"], line["input"]["dtype"], line["rank"], line["asks"])


def marked(done: Rows, ledger: Ledger) -> Rows:
    """The rows of a run with what a ledger knows of them now, whatever they were marked with when they were written."""
    pinned: dict[int, Row] = {}
    for each in asked(done):
        known = ledger.about(each.instance.target, dict(each.instance.versions))
        pinned |= {id(row): mark(row, known.pinning(subject(each.case, row), row)) for row in each.needy}
    return replace(done, rows=[pinned.get(id(row)) or mark(row, ()) for row in done.rows])


def change(done: Rows, ledger: Ledger, known: Collection[str], outlived: Collection[str]) -> Change:
    """What a ledger must become; `known` are all targets, `outlived` the places of patterns that no longer happen."""
    here, everything = at(done, ledger), asked(done)
    instead: dict[str, list[Entry]] = {place: [] for place in outlived} | dict(narrowed(here, everything, known))
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


def narrowed(ledger: Ledger, everything: Sequence[Asked], known: Collection[str]) -> Iterator[tuple[str, list[Entry]]]:
    """Entries that name a case and do not happen everywhere, by place, with what is left of them."""
    by_case: dict[str, list[Asked]] = defaultdict(list)
    for each in everything:
        by_case[each.case.id].append(each)
    for entry in ledger.entries:
        spoken = [each for each in by_case.get(entry.case, ()) if speaks(entry, each)]
        gone = {each.instance for each in spoken if not each.met(entry)}
        if gone:
            unasked = {Instance(name, ()) for name in known if entry.names(name)} - {Instance(each.instance.target, ()) for each in spoken}
            kept = {each.instance for each in spoken} - gone | unasked
            yield entry.where, [narrow(entry, scope) for scope in cover(kept, gone, scopes(kept | gone, known))]


def speaks(entry: Entry, each: Asked) -> bool:
    """Whether an entry that names a case speaks of it on an instance."""
    return entry.names(each.instance.target) and entry.when.among(dict(each.instance.versions)) and entry.matches(each.case)


def narrow(entry: Entry, scope: Scope) -> Entry:
    """An entry for some of its targets, in some of its versions."""
    versions = {name: ",".join(filter(None, (entry.when.versions.get(name), each))) for name, each in scope.versions}
    return replace(entry, target=scope.target, when=replace(entry.when, versions={**entry.when.versions, **versions}))


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
    return Fact(each.case, each.instance, frozenset(explanations(row, each.case.asks)))


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
    for (case, attribute, _), (answer, instances) in given.items():
        for scope in cover(instances, ran[case] - instances, among):
            yield Entry(case, scope.target, attribute, answer, TODO, when=When(dict(scope.versions)))


def answers(rows: Iterable[Row]) -> Iterator[tuple[str, Any]]:
    """The attributes to pin of a case's rows, each with its answer; what one of them implies is left out."""
    found = {row["attribute"]: row for row in rows}
    if ACCEPTANCE in found:
        yield ACCEPTANCE, outcome_of(found[ACCEPTANCE])
        return
    for attribute, row in found.items():
        if row["verdict"] in FATES:
            yield attribute, outcome_of(row)
        elif attribute != "shape" or "values" not in found:
            yield attribute, plain(row["got"])


def plain(got: Any) -> Any:
    """An answer as an entry has it: an array as its cells, or as its digest where it is large."""
    return got.get("data", got.get("digest")) if isinstance(got, Mapping) else got
