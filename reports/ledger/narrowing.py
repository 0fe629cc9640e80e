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


def find_outlived_entries(rows_read: Rows, ledger: Ledger, entries: Mapping[str, AdapterEntry], suite: Suite) -> Outlived:
    """The entries that are stale in one of several runs, even if they occur in another, with the instances of that run."""
    lost_instances: dict[str, set[Instance]] = defaultdict(set)
    entries_by_place = {entry.where: entry for entry in ledger.entries}
    for run in split_environments(rows_read):
        instances = {instance_of(row) for row in run.rows}
        for stale_entry in find_stale_entries(tally_rows(run), ledger, entries, suite):
            lost_instances[stale_entry.where].update(
                instance for instance in instances if entry_holds(entries_by_place[stale_entry.where], instance)
            )
    return lost_instances


def split_environments(rows_read: Rows) -> Iterator[Rows]:
    """The rows of each environment, which is the targets that ran together; the shards of one run are one environment."""
    together = dict.fromkeys(frozenset(run["targets"]) for run in rows_read.header.get("runs", ()))
    for names in together:
        yield replace(rows_read, rows=[row for row in rows_read.rows if row["target"] in names])
    if not together:
        yield rows_read


def narrow_entries(
    ledger: Ledger, case_runs: Sequence[CaseRun], framework_names: Collection[str], outlived_entries: Outlived
) -> Iterator[tuple[str, list[Entry]]]:
    """Entries that do not occur everywhere, by place, with what is left of them; `framework_names` are those of all targets."""
    by_case: dict[str, list[CaseRun]] = defaultdict(list)
    for case_run in case_runs:
        by_case[case_run.case.id].append(case_run)
    instances = {case_run.instance for case_run in case_runs}
    for entry in ledger.entries:
        matching_runs = [case_run for case_run in by_case.get(entry.case, ()) if entry_applies(entry, case_run)]
        present = {case_run.instance for case_run in matching_runs} or {case_run for case_run in instances if entry_holds(entry, case_run)}
        lost_instances = instances_without(entry, matching_runs) | outlived_entries.get(entry.where, frozenset())
        if lost_instances or entry.where in outlived_entries:
            kept_instances = present - lost_instances | instances_not_run(entry, present, framework_names)
            yield (
                entry.where,
                [
                    narrow_entry(entry, scope)
                    for scope in cover_instances(
                        kept_instances, lost_instances, find_scopes(kept_instances | lost_instances, framework_names)
                    )
                ],
            )


def instances_without(entry: Entry, matching_runs: Iterable[CaseRun]) -> set[Instance]:
    """The instances in which an entry that names a case no longer occurs; values that vary may agree by chance wherever the case runs."""
    return {
        case_run.instance
        for case_run in matching_runs
        if (case_run.is_unsupported if entry.answer == VARIES else not case_run.has_pinned_row(entry))
    }


def instances_not_run(entry: Entry, present: Collection[Instance], framework_names: Collection[str]) -> set[Instance]:
    """The targets of an entry that did not run, with unknown versions."""
    targets = {instance.target for instance in present}
    return {Instance(name, ()) for name in framework_names if entry.names(name) and name not in targets}


def entry_holds(entry: Entry, instance: Instance) -> bool:
    """Whether an entry is about an instance."""
    return entry.names(instance.target) and entry.when.among(dict(instance.versions))


def entry_applies(entry: Entry, case_run: CaseRun) -> bool:
    """Whether an entry that names a case is about it on an instance."""
    return entry_holds(entry, case_run.instance) and entry.matches(case_run.case)


def narrow_entry(entry: Entry, scope: Scope) -> Entry:
    """An entry limited to some of its targets and versions."""
    versions = {name: ",".join(filter(None, (entry.when.versions.get(name), specifier))) for name, specifier in scope.versions}
    return replace(entry, target=scope.target, when=replace(entry.when, versions={**entry.when.versions, **versions}))
