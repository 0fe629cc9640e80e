"""The table of pairs as the page shows it: how many standard layers can be ported from one framework to another, each with its recipe."""

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

WORST_FIRST = ("impossible", "recipe", "drop_in")
"""The verdicts of a port, in the order in which they are shown."""

RECORD = Path(__file__).with_name("standard_ports.json.gz")
"""The table of pairs of the versions in constraints.txt, as `poolparity port --table` wrote it."""

Port = Mapping[str, Any]
Versions = Mapping[str, str]
"""Package versions by distribution name."""


@dataclass(frozen=True)
class Pairs:
    """A table of pairs; `document` is the JSON that `poolparity port --table` writes."""

    document: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a table of pairs; raises `Unwritable` for any other file."""
        document = parse_table(path)
        if document is None:
            raise Unwritable(f"{path}: not a table of pairs; expected a file written by `poolparity port --table {path}`")
        return cls(document)

    @classmethod
    def read_recorded(cls, ran: Mapping[str, Versions]) -> Self | None:
        """The recorded table, reduced to the frameworks that ran in the recorded versions; None where fewer than two did."""
        document = json.loads(gzip.decompress(RECORD.read_bytes()))
        same = {
            name: record for name, record in document["targets"].items() if same_releases(record["versions"], ran.get(record["target"], {}))
        }
        pairs, ports = (
            [record for record in document[name] if {record["from"], record["to"]} <= same.keys()] for name in ("pairs", "ports")
        )
        return cls({**document, "targets": same, "pairs": pairs, "ports": ports}) if pairs else None

    @property
    def frameworks(self) -> list[str]:
        """The frameworks, in the order of the file."""
        return list(self.document["targets"])

    @property
    def layers(self) -> Mapping[str, Any]:
        """The layers by name."""
        return {layer["name"]: layer for layer in self.document["layers"]}

    @cached_property
    def counts(self) -> Mapping[tuple[str, str], Mapping[str, int]]:
        """The number of layers with each verdict, by pair."""
        return {(pair["from"], pair["to"]): pair for pair in self.document["pairs"]}

    def ports(self, start: str, end: str) -> list[Port]:
        """The layers of a pair, the worst verdicts first."""
        ports = [port for port in self.document["ports"] if (port["from"], port["to"]) == (start, end)]
        return sorted(ports, key=lambda port: WORST_FIRST.index(port["verdict"]))

    def render(self, render: Callable[[str, str, Sequence[Port]], str]) -> dict[str, str]:
        """The rendered recipes of each pair, by the pair's name in an address."""
        return {f"{start} {end}": render(start, end, self.ports(start, end)) for start, end in self.counts}


def same_releases(recorded_versions: Versions, ran: Versions) -> bool:
    """Whether the same releases ran; NumPy and the build of a release do not count."""
    return all(strip_build(version) == strip_build(ran.get(name, "")) for name, version in recorded_versions.items() if name != "numpy")


def strip_build(version: str) -> str:
    """A version without the name of its build, as in 2.13.0+cpu."""
    return version.partition("+")[0]
