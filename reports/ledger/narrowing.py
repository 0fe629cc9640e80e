"""Narrowing entries of the ledger that do not occur in every version of every target that they name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from ...adapters.ledger.entry import VARIES, Entry
from ...adapters.ledger.ledger import Ledger
from ...adapters.targets.find import AdapterEntry
from ..rows.records import Rows
from ..rows.tables import tally_rows
from .pinnable import CaseRun
from .scopes import Instance, Scope, cover_instances, find_scopes, instance_of
from .stale import find_stale_entries
from .suite import Suite

Outlived = Mapping[str, AbstractSet[Instance]]
"""The places of entries, with the instances in which they no longer occur."""


def find_outlived_entries(done: Rows, ledger: Ledger, found: Mapping[str, AdapterEntry], suite: Suite) -> Outlived:
    """The entries that are stale in one of several runs, even if they occur in another, with the instances of that run."""
    gone: dict[str, set[Instance]] = defaultdict(set)
    entries = {entry.where: entry for entry in ledger.entries}
    for run in split_environments(done):
        instances = {instance_of(row) for row in run.rows}
        for each in find_stale_entries(tally_rows(run), ledger, found, suite):
            gone[each.where].update(instance for instance in instances if entry_holds(entries[each.where], instance))
    return gone


def split_environments(done: Rows) -> Iterator[Rows]:
    """The rows of each environment, which is the targets that ran together; the shards of one run are one environment."""
    together = dict.fromkeys(frozenset(run["targets"]) for run in done.header.get("runs", ()))
    for names in together:
        yield replace(done, rows=[row for row in done.rows if row["target"] in names])
    if not together:
        yield done


def narrow_entries(
    ledger: Ledger, everything: Sequence[CaseRun], known: Collection[str], gone: Outlived
) -> Iterator[tuple[str, list[Entry]]]:
    """Entries that do not occur everywhere, by place, with what is left of them; `known` are all targets."""
    by_case: dict[str, list[CaseRun]] = defaultdict(list)
    for each in everything:
        by_case[each.case.id].append(each)
    instances = {each.instance for each in everything}
    for entry in ledger.entries:
        spoken = [each for each in by_case.get(entry.case, ()) if entry_applies(entry, each)]
        there = {each.instance for each in spoken} or {each for each in instances if entry_holds(entry, each)}
        lost = instances_without(entry, spoken) | gone.get(entry.where, frozenset())
        if lost or entry.where in gone:
            kept = there - lost | instances_not_run(entry, there, known)
            yield entry.where, [narrow_entry(entry, scope) for scope in cover_instances(kept, lost, find_scopes(kept | lost, known))]


def instances_without(entry: Entry, spoken: Iterable[CaseRun]) -> set[Instance]:
    """The instances in which an entry that names a case no longer occurs; values that vary may agree by chance."""
    return {each.instance for each in spoken if entry.answer != VARIES and not each.met(entry)}


def instances_not_run(entry: Entry, there: Collection[Instance], known: Collection[str]) -> set[Instance]:
    """The targets of an entry that did not run, with unknown versions."""
    asked = {each.target for each in there}
    return {Instance(name, ()) for name in known if entry.names(name) and name not in asked}


def entry_holds(entry: Entry, instance: Instance) -> bool:
    """Whether an entry is about an instance."""
    return entry.names(instance.target) and entry.when.among(dict(instance.versions))


def entry_applies(entry: Entry, each: CaseRun) -> bool:
    """Whether an entry that names a case is about it on an instance."""
    return entry_holds(entry, each.instance) and entry.matches(each.case)


def narrow_entry(entry: Entry, scope: Scope) -> Entry:
    """An entry limited to some of its targets and versions."""
    versions = {name: ",".join(filter(None, (entry.when.versions.get(name), each))) for name, each in scope.versions}
    return replace(entry, target=scope.target, when=replace(entry.when, versions={**entry.when.versions, **versions}))
