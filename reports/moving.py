"""The table of pairs as a page shows it: how many standard layers move from one framework to another, and each with its recipe."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from .flat import Unwritable
from .port_table import FORMAT

WORST = ("impossible", "recipe", "drop_in")
"""Verdicts of a port in the order in which a reader wants to know of them."""

Port = Mapping[str, Any]


@dataclass(frozen=True)
class Pairs:
    """What `poolparity port --table` wrote."""

    told: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a table of pairs; raises `Unwritable` where the file is none."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            whole = told["format"] == FORMAT and told["pairs"] and told["ports"] and told["layers"]
        except (ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            raise Unwritable(f"{path}: not a table of pairs; expected a file written by `poolparity port --table {path}`")
        return cls(told)

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
