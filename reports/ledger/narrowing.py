"""Entries of the ledger that do not happen in every version of every target that they name, and what is left of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from ...adapters.ledger.entry import VARIES, Entry
from ...adapters.ledger.ledger import Ledger
from ...adapters.targets.find import Found
from ..rows.records import Rows
from ..rows.tables import tally_rows
from .pinnable import Asked
from .scopes import Instance, Scope, cover, instance_of, scopes
from .stale import find_stale_entries
from .suite import Suite

Outlived = Mapping[str, AbstractSet[Instance]]
"""The places of entries that pin nothing in some instances."""


def outlived(done: Rows, ledger: Ledger, found: Mapping[str, Found], suite: Suite) -> Outlived:
    """The entries that one of several runs shows to be stale, be they met in another, with the instances for which that is shown."""
    gone: dict[str, set[Instance]] = defaultdict(set)
    entries = {entry.where: entry for entry in ledger.entries}
    for run in environments(done):
        instances = {instance_of(row) for row in run.rows}
        for each in find_stale_entries(tally_rows(run), ledger, found, suite):
            gone[each.where].update(instance for instance in instances if holds(entries[each.where], instance))
    return gone


def environments(done: Rows) -> Iterator[Rows]:
    """The rows of the targets that ran together; shares of one run are one."""
    together = dict.fromkeys(frozenset(run["targets"]) for run in done.header.get("runs", ()))
    for names in together:
        yield replace(done, rows=[row for row in done.rows if row["target"] in names])
    if not together:
        yield done


def narrowed(ledger: Ledger, everything: Sequence[Asked], known: Collection[str], gone: Outlived) -> Iterator[tuple[str, list[Entry]]]:
    """Entries that do not happen everywhere, by place, with what is left of them; `known` are all targets."""
    by_case: dict[str, list[Asked]] = defaultdict(list)
    for each in everything:
        by_case[each.case.id].append(each)
    instances = {each.instance for each in everything}
    for entry in ledger.entries:
        spoken = [each for each in by_case.get(entry.case, ()) if speaks(entry, each)]
        there = {each.instance for each in spoken} or {each for each in instances if holds(entry, each)}
        lost = missing(entry, spoken) | gone.get(entry.where, frozenset())
        if lost or entry.where in gone:
            kept = there - lost | unasked(entry, there, known)
            yield entry.where, [narrow(entry, scope) for scope in cover(kept, lost, scopes(kept | lost, known))]


def missing(entry: Entry, spoken: Iterable[Asked]) -> set[Instance]:
    """The instances in which an entry that names a case no longer happens; numbers that vary may be right by chance."""
    return {each.instance for each in spoken if entry.answer != VARIES and not each.met(entry)}


def unasked(entry: Entry, there: Collection[Instance], known: Collection[str]) -> set[Instance]:
    """The targets of an entry that were not asked, in versions that nobody knows."""
    asked = {each.target for each in there}
    return {Instance(name, ()) for name in known if entry.names(name) and name not in asked}


def holds(entry: Entry, instance: Instance) -> bool:
    """Whether an entry speaks of an instance."""
    return entry.names(instance.target) and entry.when.among(dict(instance.versions))


def speaks(entry: Entry, each: Asked) -> bool:
    """Whether an entry that names a case speaks of it on an instance."""
    return holds(entry, each.instance) and entry.matches(each.case)


def narrow(entry: Entry, scope: Scope) -> Entry:
    """An entry for some of its targets, in some of its versions."""
    versions = {name: ",".join(filter(None, (entry.when.versions.get(name), each))) for name, each in scope.versions}
    return replace(entry, target=scope.target, when=replace(entry.when, versions={**entry.when.versions, **versions}))
