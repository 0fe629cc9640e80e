"""The specs that come with us, as far as the ledger speaks of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path

from ...adapters.ledger.entry import Entry, Subject, subject_of
from ...cases.judge.tolerance import EXACT
from ...cases.model.case import Case
from ...cases.read.check import find_spec_files
from ...cases.read.spec import Spec, place_of

SPECS = Path(__file__).parents[2] / "specs"


class Suite:
    """All cases of our own specs, each file read when it is first asked for."""

    def __init__(self, read: Callable[[Path], Spec], folder: Path = SPECS) -> None:
        self.folder = folder
        self.listed = cache(lambda path: [(listed(case), case.tier) for case in read(path).cases])

    @cached_property
    def files(self) -> dict[str, Path]:
        """The spec files by how the ids of their cases begin."""
        return {place_of(path, self.folder.parent): path for path in find_spec_files([self.folder])}

    def files_of(self, entry: Entry) -> list[str]:
        """The files that can hold what an entry speaks of."""
        start = re.split(r"[*?]", entry.case)[0]
        return [name for name in self.files if f"{name}::".startswith(start) or start.startswith(f"{name}::")]

    def ours(self, entry: Entry) -> bool:
        """Whether an entry speaks of our specs, and not of those in another project."""
        return entry.case.startswith("specs/")

    def matching(self, entry: Entry) -> Iterator[tuple[Subject, str]]:
        """The cases that an entry speaks of, each with its tier."""
        for name in self.files_of(entry):
            yield from (each for each in self.listed(self.files[name]) if entry.matches(each[0]))


def listed(case: Case) -> Subject:
    """What an entry looks at in a case before it has answers; the arrays are let go."""
    return replace(subject_of(case), tolerance=lambda: EXACT)
