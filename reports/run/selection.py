"""The cases that a run was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...cases.model.case import TIERS, Case, tiers_up_to
from ...cases.model.layers import Layer
from ...cases.model.mistake import UserError
from ...cases.read.check import find_spec_files
from ...cases.read.spec import read_spec
from ..ledger.suite import SPECS
from ..rows.records import SelectionRecord
from .shard import shard_of

HELD = 4096
"""So many cases are kept at most; those of further files are read again when it is their turn."""


class WrongUse(UserError):
    """Something the user asked for cannot be had."""


@dataclass(frozen=True)
class SelectionOptions:
    """What was asked for, as it was written."""

    paths: tuple[str, ...] = ()
    tier: str = "core"
    targets: tuple[str, ...] = ()
    adapters: tuple[str, ...] = ()
    ledgers: tuple[str, ...] = ()
    shard: str | None = None

    @classmethod
    def from_record(cls, record: SelectionRecord) -> SelectionOptions:
        """As the header of a file of rows holds it."""
        values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in record.items()}
        return cls(**values)

    def as_record(self) -> SelectionRecord:
        """For the header of a file of rows."""
        return {
            "paths": list(self.paths),
            "tier": self.tier,
            "targets": list(self.targets),
            "adapters": list(self.adapters),
            "ledgers": list(self.ledgers),
            "shard": self.shard,
        }


class Selection:
    """The cases that paths name, of a tier and below, and of one share; one that is named by its id whatever its tier.

    Each time they are gone through, files are read anew, so that only so many cases are ever held.
    """

    def __init__(self, options: SelectionOptions, layers: Mapping[str, Layer]) -> None:
        self.layers, self.tier = layers, options.tier
        self.places = [(file, name) for text in options.paths or (str(SPECS),) for file, name in places(text)]
        self.cases_by_place: dict[tuple[Path, str], list[Case]] = {}
        paths: dict[str, None] = {}
        for place in self.places:
            cases = self.read(*place)
            paths |= dict.fromkeys(case.id for case in cases)
            if len(paths) <= HELD:
                self.cases_by_place[place] = cases
        if not paths:
            names = ", ".join(options.paths) or str(SPECS)
            raise WrongUse(f"no case in {names}; expected spec files, folders of them, or FILE::CASE (see `poolparity list`)")
        self.ids = shard_of(options.shard).of(paths) if options.shard else list(paths)
        if not self.ids:
            raise WrongUse(f"--shard {options.shard}: the share is empty: there are {len(paths)} cases; expected at most that many shares")

    def __iter__(self) -> Iterator[Case]:
        """The cases in the order of their files, each once."""
        remaining = set(self.ids)
        for place in self.places:
            for case in self.cases_by_place[place] if place in self.cases_by_place else self.read(*place):
                if case.id in remaining:
                    remaining.remove(case.id)
                    yield case

    def read(self, file: Path, name: str) -> list[Case]:
        """The cases of a file, or the one that is named; raises `WrongUse` where the file has mistakes."""
        tiers = tiers_up_to(self.tier)
        spec = read_spec(file, self.layers, Path.cwd(), TIERS if name else tiers)
        if spec.mistakes:
            raise WrongUse("\n".join(map(str, spec.mistakes)))
        return [case for case in spec.cases if (case.name == name if name else case.tier in tiers)]


def places(text: str) -> Iterator[tuple[Path, str]]:
    """The spec files that a path means, each with the name of the case that is meant, if one is."""
    place, _, name = text.partition("::")
    return ((file, name) for file in find_spec_files([Path(place)]))
