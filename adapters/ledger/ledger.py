"""The ledger: known differences, each with its reason, found by the cases and targets that they are about.

Used in the parent process only, because it needs YAML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from ...cases.model.files import read_bytes
from ...cases.model.mistake import Mistake, UserError, quote_path
from ...cases.read.yaml import SIZE_LIMIT
from ..common.loading import FRAMEWORKS
from ..common.wildcards import matches_pattern
from ..targets.version_names import without_version
from .entry import ACCEPTANCE, VARIES, Changes, Entry, Row, Subject, causes_of
from .file import read_file

OWN_LEDGER = FRAMEWORKS
"""The folder of poolparity's own ledger: the file of a framework is `known.yaml` in its folder."""
OWN_NAME = "known.yaml"
OWN_TARGET = re.compile(r"^(?:- |  )target: (\S+)$", re.MULTILINE)
"""A line with the target of an entry, as poolparity's own ledger is written."""


class BadLedger(UserError):
    """A ledger that cannot be used; the text has a line for every mistake."""


class Ledger:
    """Entries; those about a target are collected once.

    `read_others` reads the entries that were left out because they are about other targets than those of a run.
    """

    def __init__(self, entries: Iterable[Entry] = (), read_others: Callable[[], Ledger] | None = None) -> None:
        self.entries, self.read_others = tuple(entries), read_others
        self.targets: dict[tuple[str, frozenset[tuple[str, str]]], KnownDifferences] = {}

    def on(self, platform: str, cpu: Iterable[str]) -> Ledger:
        """The entries that hold on a machine."""
        features, read_others = frozenset(cpu), self.read_others
        return Ledger(
            (entry for entry in self.entries if entry.when.on(platform, features)),
            read_others and (lambda: read_others().on(platform, features)),
        )

    @cached_property
    def whole(self) -> tuple[Entry, ...]:
        """The entries about all targets; those that were left out are read now."""
        return self.entries + (self.read_others().whole if self.read_others else ())

    def about(self, target: str, versions: Mapping[str, str]) -> KnownDifferences:
        """The entries about a target in some versions."""
        key = target, frozenset(versions.items())
        if key not in self.targets:
            self.targets[key] = KnownDifferences(entry for entry in self.entries if entry.names(target) and entry.when.among(versions))
        return self.targets[key]


class KnownDifferences:
    """The entries about one target, by the case that they name or, where they have a pattern, by the cause that they pin."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries_by_case: dict[str, list[Entry]] = {}
        self.wide: dict[Changes | None, list[Entry]] = {}
        self.deadly: list[Entry] = []
        self.varying: list[Entry] = []
        for entry in entries:
            if entry.wide:
                self.wide.setdefault(entry.cause, []).append(entry)
            else:
                self.entries_by_case.setdefault(entry.case, []).append(entry)
            if entry.answer == VARIES:
                self.varying.append(entry)
            if entry.kills:
                self.deadly.append(entry)

    def exactly(self, case: Subject) -> Sequence[Entry]:
        """The entries that name a case without a pattern."""
        return [entry for entry in self.entries_by_case.get(case.id, ()) if entry.matches(case)]

    def kills(self, case: Subject) -> bool:
        """Whether a case is known to end the target's worker."""
        return any(entry.matches(case) for entry in self.deadly)

    def find_entries(self, case: Subject, row: Row) -> Sequence[Entry]:
        """The entries that expect a row, those that name its case first; if there are none, those that expect it together."""
        causes = (*causes_of(row, case.asks), None)
        candidates = (*self.entries_by_case.get(case.id, ()), *(entry for cause in causes for entry in self.wide.get(cause, ())))
        return [entry for entry in candidates if entry.matches(case) and entry.pins(case, row)] or self.find_parts(case, row)

    def find_parts(self, case: Subject, row: Row) -> Sequence[Entry]:
        """The entries with a pattern whose causes make up one of a row's: rules that hold for a case one by one hold together."""
        for cause in causes_of(row, case.asks):
            parts = [
                entry
                for changes, entries in self.wide.items()
                if changes is not None and changes < cause
                for entry in entries
                if entry.matches(case) and entry.covers(row)
            ]
            if frozenset[tuple[str, str]]().union(*(entry.cause or () for entry in parts)) == cause:
                return parts
        return []

    def vary(self, case: Subject, row: Row) -> bool:
        """Whether an attribute of a case is known to vary from run to run, whatever this row holds of it."""
        return any(entry.attribute in (row["attribute"], ACCEPTANCE) and entry.matches(case) for entry in self.varying)


def has_framework_folders(folder: Path) -> bool:
    """Whether a ledger is laid out as poolparity's own, with a folder for each framework: it is that ledger, or a copy of it."""
    return folder.resolve() == OWN_LEDGER.resolve() or any(folder.glob(f"*/{OWN_NAME}"))


def find_ledger_files(folder: Path) -> list[Path]:
    """The files of a ledger: `FRAMEWORK/known.yaml` in poolparity's own, all `*.yaml` in another folder."""
    return sorted(folder.glob(f"*/{OWN_NAME}" if has_framework_folders(folder) else "*.yaml"))


def ledger_file_of(folder: Path, framework: str) -> Path:
    """The file of a ledger with the entries of a framework, whether it exists or not."""
    return folder / framework / OWN_NAME if has_framework_folders(folder) else folder / f"{framework}.yaml"


def framework_of(file: Path) -> str:
    """The framework whose entries a file of a ledger has."""
    return file.parent.name if file.name == OWN_NAME else file.stem


def find_targets_in(file: Path) -> set[str]:
    """The targets and patterns that a file of poolparity's own ledger is about, without reading its entries."""
    return set(OWN_TARGET.findall(read_bytes(file, SIZE_LIMIT).decode(errors="replace")))


def read_ledger(*folders: Path, targets: Collection[str] | None = None) -> Ledger:
    """Read every file of some folders, or of poolparity's own ledger; raises BadLedger with all mistakes.

    Where `targets` are given, the files of poolparity's own ledger that are about none of them are left out until they are needed:
    reading them takes most of the time of a short run.
    """
    for folder in folders:
        if not folder.is_dir():
            raise BadLedger(f"{quote_path(folder)}: no such folder; expected a folder of ledger files, or an empty one")
    files = [(folder, file) for folder in folders or (OWN_LEDGER,) for file in find_ledger_files(folder)]
    names = None if targets is None else {without_version(target) for target in targets}
    needed_files = [file for folder, file in files if names is None or folder != OWN_LEDGER or is_about(file, names)]
    other_files = [file for _, file in files if file not in needed_files]
    return Ledger(read_entries(needed_files), (lambda: Ledger(read_entries(other_files))) if other_files else None)


def read_entries(files: Iterable[Path]) -> list[Entry]:
    """The entries of some files; raises BadLedger with all mistakes."""
    contents = [item for file in files for item in read_file(file)]
    mistakes = [item for item in contents if isinstance(item, Mistake)]
    if mistakes:
        raise BadLedger("\n".join(map(str, mistakes)))
    return [item for item in contents if isinstance(item, Entry)]


def is_about(file: Path, targets: Iterable[str]) -> bool:
    """Whether a file of poolparity's own ledger has an entry about one of some targets."""
    patterns = find_targets_in(file)
    return any(matches_pattern(target, pattern) for target in targets for pattern in patterns)
