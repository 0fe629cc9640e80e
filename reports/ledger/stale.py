"""Stale entries of the ledger, whose answer no longer occurs, found at the end of a run.

An entry that names its case is judged wherever that case runs. An entry with a pattern has to occur in only some
of its cases, and an entry may match no case at all: both can be judged only if everything that could match has run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...adapters.ledger.entry import Entry
from ...adapters.ledger.ledger import Ledger
from ...adapters.targets.find import AdapterEntry
from ...adapters.targets.version_names import without_version
from ...cases.model.case import TIERS
from ..rows.tally import Tally
from .suite import Suite

EVERYDAY = "core"
"""The tier that a run takes by default."""


@dataclass(frozen=True)
class Stale:
    """The place of a stale entry, and the message about it."""

    where: str
    text: str


class Coverage:
    """What has run on which target, versions aside, and which entries of the ledger occurred."""

    def __init__(self, rows_read: Tally, known_targets: Iterable[str]) -> None:
        self.entry_places, self.versions = rows_read.entry_places, rows_read.versions
        self.settled_pairs = {(without_version(target), case) for target, case in rows_read.settled_pairs}
        self.files = {line.file for line in rows_read.lines}
        self.targets = {without_version(name) for name in self.versions}
        self.known_targets = tuple(known_targets)
        self.targets_by_pattern: dict[str, frozenset[str]] = {}

    def known_targets_of(self, entry: Entry) -> frozenset[str]:
        """The targets that an entry is about, found once for all entries with the same pattern."""
        if entry.target not in self.targets_by_pattern:
            self.targets_by_pattern[entry.target] = frozenset(name for name in self.known_targets if entry.names(name))
        return self.targets_by_pattern[entry.target]

    def targets_in_versions_of(self, entry: Entry) -> set[str]:
        """The targets that ran in versions for which an entry holds."""
        return {without_version(name) for name, versions in self.versions.items() if entry.names(name) and entry.when.among(versions)}


def find_stale_entries(rows_read: Tally, ledger: Ledger, entries: Mapping[str, AdapterEntry], suite: Suite) -> list[Stale]:
    """The entries that a run shows to be stale; entries that it cannot judge are not among them."""
    ran = Coverage(rows_read, entries)
    texts_by_entry = (
        (entry, describe_stale_entry(entry, ran, entries, suite)) for entry in ledger.entries if entry.where not in ran.entry_places
    )
    return [Stale(entry.where, f"{entry.where}: {text}; remove the entry") for entry, text in texts_by_entry if text]


def describe_stale_entry(entry: Entry, ran: Coverage, entries: Mapping[str, AdapterEntry], suite: Suite) -> str | None:
    """Why an entry that pinned nothing in a run is stale; None where the run cannot tell."""
    targets = ran.known_targets_of(entry)
    if not targets:
        return f"no target matches {entry.target}"
    if not targets <= ran.targets:
        return None
    holding = ran.targets_in_versions_of(entry)
    if not (holding and ran.files.issuperset(suite.files_of(entry))):
        return None
    count = 0
    for case, tier in suite.find_cases(entry):
        if any((name, case.id) not in ran.settled_pairs and runs_tier(entries[name], tier) for name in holding):
            return None
        count += 1
    if not count:
        return f"no case matches {entry.case}"
    return f"{entry.pinned_text} is pinned but no longer occurs in any of {count} cases" if entry.wide else None


def runs_tier(framework_entry: AdapterEntry, tier: str) -> bool:
    """Whether a target that was selected runs the cases of a tier; one that was not may have left some of them out."""
    return TIERS.index(tier) <= max(TIERS.index(framework_entry.target.tier), TIERS.index(EVERYDAY))
