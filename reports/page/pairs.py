"""The table of pairs as a page shows it: how many standard layers move from one framework to another, and each with its recipe."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from ..port.record import parse_table
from ..rows.records import Unwritable

WORST = ("impossible", "recipe", "drop_in")
"""Verdicts of a port in the order in which a reader wants to know of them."""

RECORD = Path(__file__).with_name("standard_ports.json.gz")
"""The table of pairs of the versions in constraints.txt, as `poolparity port --table` wrote it."""

Port = Mapping[str, Any]
Versions = Mapping[str, str]
"""What took part, by distribution."""


@dataclass(frozen=True)
class Pairs:
    """What `poolparity port --table` wrote."""

    told: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a table of pairs; raises `Unwritable` where the file is none."""
        told = parse_table(path)
        if told is None:
            raise Unwritable(f"{path}: not a table of pairs; expected a file written by `poolparity port --table {path}`")
        return cls(told)

    @classmethod
    def recorded(cls, ran: Mapping[str, Versions]) -> Self | None:
        """What is known of the frameworks of a run in the very versions that its targets have; None of fewer than two."""
        told = json.loads(gzip.decompress(RECORD.read_bytes()))
        same = {name: each for name, each in told["targets"].items() if alike(each["versions"], ran.get(each["target"], {}))}
        pairs, ports = ([each for each in told[name] if {each["from"], each["to"]} <= same.keys()] for name in ("pairs", "ports"))
        return cls({**told, "targets": same, "pairs": pairs, "ports": ports}) if pairs else None

    @property
    def frameworks(self) -> list[str]:
        """The frameworks, in the order of the file."""
        return list(self.told["targets"])

    @property
    def layers(self) -> Mapping[str, Any]:
        """The layers by their names."""
        return {each["name"]: each for each in self.told["layers"]}

    @cached_property
    def counts(self) -> Mapping[tuple[str, str], Mapping[str, int]]:
        """How many layers of each pair have each verdict."""
        return {(each["from"], each["to"]): each for each in self.told["pairs"]}

    def ports(self, start: str, end: str) -> list[Port]:
        """The layers of a pair, those first that move worst."""
        found = [each for each in self.told["ports"] if (each["from"], each["to"]) == (start, end)]
        return sorted(found, key=lambda each: WORST.index(each["verdict"]))

    def rendered(self, render: Callable[[str, str, Sequence[Port]], str]) -> dict[str, str]:
        """The recipes of each pair, by its name in an address."""
        return {f"{start} {end}": render(start, end, self.ports(start, end)) for start, end in self.counts}


def alike(recorded: Versions, ran: Versions) -> bool:
    """Whether the same releases took part, whatever NumPy and whichever build of a release."""
    return all(release(version) == release(ran.get(name, "")) for name, version in recorded.items() if name != "numpy")


def release(version: str) -> str:
    """A version without the name of its build, as in 2.13.0+cpu."""
    return version.partition("+")[0]
