"""The ledger: known differences, each with what is expected and why, found by what they speak of.

Read in the parent process alone, for it needs YAML.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ...cases.model.mistake import Mistake, UserError
from ..common.loading import FRAMEWORKS
from .entry import Changes, Entry, Row, Subject, causes_of
from .file import read_file

OWN_LEDGER = FRAMEWORKS
"""Where poolparity's own ledger is: a file in each framework's folder."""


class BadLedger(UserError):
    """A ledger that cannot be used; the text has a line for every mistake."""


class Ledger:
    """All entries, those about each target found when it is first asked for."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries = tuple(entries)
        self.targets: dict[tuple[str, frozenset[tuple[str, str]]], KnownDifferences] = {}

    def on(self, platform: str, cpu: Iterable[str]) -> Ledger:
        """The entries that hold on a machine."""
        features = frozenset(cpu)
        return Ledger(entry for entry in self.entries if entry.when.on(platform, features))

    def about(self, target: str, versions: Mapping[str, str]) -> KnownDifferences:
        """What is known of a target in some versions."""
        key = target, frozenset(versions.items())
        if key not in self.targets:
            self.targets[key] = KnownDifferences(entry for entry in self.entries if entry.names(target) and entry.when.among(versions))
        return self.targets[key]


class KnownDifferences:
    """What is known of one target: entries by the case that they name, and those with a pattern by the cause that they pin."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.named: dict[str, list[Entry]] = {}
        self.wide: dict[Changes | None, list[Entry]] = {}
        self.deadly: list[Entry] = []
        for entry in entries:
            if entry.wide:
                self.wide.setdefault(entry.cause, []).append(entry)
            else:
                self.named.setdefault(entry.case, []).append(entry)
            if entry.kills:
                self.deadly.append(entry)

    def exactly(self, case: Subject) -> Sequence[Entry]:
        """The entries that name a case."""
        return [entry for entry in self.named.get(case.id, ()) if entry.matches(case)]

    def kills(self, case: Subject) -> bool:
        """Whether a case is known to kill the target's worker."""
        return any(entry.matches(case) for entry in self.deadly)

    def pinning(self, case: Subject, row: Row) -> Sequence[Entry]:
        """The entries that expect a row, those that name its case first."""
        causes = (*causes_of(row, case.asks), None)
        candidates = (*self.named.get(case.id, ()), *(entry for cause in causes for entry in self.wide.get(cause, ())))
        return [entry for entry in candidates if entry.matches(case) and entry.pins(case, row)]


def find_ledger_files(folder: Path) -> list[Path]:
    """The files of a ledger: of our own one for each framework, else all YAML files of the folder."""
    return sorted(folder.glob("*/known.yaml" if folder == OWN_LEDGER else "*.yaml"))


def ledger_file(folder: Path, framework: str) -> Path:
    """The file of a ledger that holds a framework's entries."""
    return folder / framework / "known.yaml" if folder == OWN_LEDGER else folder / f"{framework}.yaml"


def read_ledger(*folders: Path) -> Ledger:
    """Read every file of some folders, our own unless given, or raise `BadLedger` with all their mistakes."""
    for folder in folders:
        if not folder.is_dir():
            raise BadLedger(f"{folder}: no such folder; expected one with files of a ledger, or an empty one")
    found = [each for folder in folders or (OWN_LEDGER,) for path in find_ledger_files(folder) for each in read_file(path)]
    mistakes = [each for each in found if isinstance(each, Mistake)]
    if mistakes:
        raise BadLedger("\n".join(map(str, mistakes)))
    return Ledger(each for each in found if isinstance(each, Entry))
