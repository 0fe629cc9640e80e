"""Poolparity's own specs, as the ledger needs them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path

from ...adapters.common.wildcards import matches_pattern
from ...adapters.ledger.entry import Entry, Subject, subject_of
from ...cases.judge.tolerance import EXACT
from ...cases.model.case import Case
from ...cases.read.check import find_spec_files
from ...cases.read.spec import Spec, id_prefix

SPECS = Path(__file__).parents[2] / "specs"


class Suite:
    """All cases of poolparity's own specs; each file is read when it is first needed."""

    def __init__(self, read: Callable[[Path], Spec], folder: Path = SPECS) -> None:
        self.folder = folder
        self.read_cases = cache(lambda path: [(without_arrays(case), case.tier) for case in read(path).cases])
        self.files_of_prefix = cache(self.find_files)

    @cached_property
    def files(self) -> dict[str, Path]:
        """The spec files by the path with which the ids of their cases begin."""
        return {id_prefix(path, self.folder.parent): path for path in find_spec_files([self.folder])}

    def files_of(self, entry: Entry) -> list[str]:
        """The spec files that may have the cases that an entry is about.

        The id of a case has one "::", between its file and its name: the part of a pattern before "::" has to match the file.
        """
        place, separator, _ = entry.case.partition("::")
        files = self.files_of_prefix(re.split(r"[*?]", entry.case)[0])
        return [name for name in files if matches_pattern(name, place)] if separator else files

    def find_files(self, start: str) -> list[str]:
        """The spec files with a case whose id may begin so."""
        return [name for name in self.files if f"{name}::".startswith(start) or start.startswith(f"{name}::")]

    def owns(self, entry: Entry) -> bool:
        """Whether an entry is about these specs and not about those of another project."""
        return entry.case.startswith("specs/")

    def find_cases(self, entry: Entry) -> Iterator[tuple[Subject, str]]:
        """The cases that an entry is about, each with its tier."""
        for name in self.files_of(entry):
            yield from (entry_case for entry_case in self.read_cases(self.files[name]) if entry.matches(entry_case[0]))


def without_arrays(case: Case) -> Subject:
    """What an entry needs to know of a case, without keeping its arrays in memory."""
    return replace(subject_of(case), tolerance=lambda: EXACT)
