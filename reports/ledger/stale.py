"""Entries of the ledger that have outlived what they pin, judged once, at the end of a run.

An entry that names its case is held to it wherever that case runs. One with a pattern happens in some of
its cases, and one may match no case at all: both show only where all that could match was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...adapters.ledger.entry import Entry
from ...adapters.ledger.ledger import Ledger
from ...adapters.targets.find import Found
from ...adapters.targets.version_names import without_version
from ...cases.model.case import TIERS
from ..rows.tally import Tally
from .suite import Suite


@dataclass(frozen=True)
class Stale:
    """An entry, by its file and line, and what is wrong with it."""

    where: str
    text: str


class Asked:
    """What a run asked of each target, versions apart, and which entries of the ledger it met."""

    def __init__(self, done: Tally) -> None:
        self.met, self.versions = done.met, done.versions
        self.answered = {(without_version(target), case) for target, case in done.settled}
        self.files = {line.file for line in done.lines}

    def completely(self, entry: Entry, found: Mapping[str, Found]) -> bool:
        """Whether every target that an entry speaks of was asked something."""
        return {without_version(name) for name in self.versions} >= {name for name in found if entry.names(name)}

    def holding(self, entry: Entry) -> set[str]:
        """The targets, asked in versions for which an entry holds."""
        return {without_version(name) for name, versions in self.versions.items() if entry.names(name) and entry.when.among(versions)}


def find_stale_entries(done: Tally, ledger: Ledger, found: Mapping[str, Found], suite: Suite) -> list[Stale]:
    """The entries that a run shows to be stale; none where it leaves open whether they are."""
    asked = Asked(done)
    judged = ((entry, fault(entry, asked, found, suite)) for entry in ledger.entries if entry.where not in asked.met)
    return [Stale(entry.where, f"{entry.where}: {text}; take the entry out") for entry, text in judged if text]


def fault(entry: Entry, asked: Asked, found: Mapping[str, Found], suite: Suite) -> str | None:
    """What is wrong with an entry that pinned nothing, if all that it could pin was asked."""
    if not any(entry.names(name) for name in found):
        return f"there is no target {entry.target}"
    holding, files = asked.holding(entry), suite.files_of(entry)
    if not (holding and asked.completely(entry, found) and asked.files.issuperset(files)):
        return None
    count = 0
    for case, tier in suite.matching(entry):
        if any((name, case.id) not in asked.answered and takes(found[name], tier) for name in holding):
            return None
        count += 1
    if not count:
        return f"no case is called {entry.case}"
    return f"{entry.pinned} is pinned and happens in none of {count} cases any more" if entry.wide else None


def takes(found: Found, tier: str) -> bool:
    """Whether a target is asked the cases of a tier."""
    return TIERS.index(tier) <= TIERS.index(found.target.tier)
