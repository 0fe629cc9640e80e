"""The table of pairs: for each ordered pair of frameworks, how well the pooling layers of well-known networks port.

`record.py` describes the file that it is written to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml
from rich.table import Table

from ...adapters.contract import Ask, Unsupported
from ...adapters.contract.compose import moved_axes
from ...adapters.targets.choose import SelectedTarget, select_targets
from ...adapters.targets.find import AdapterEntry, is_installed
from ...cases.model.pool import FIRST, LAST, Pool
from ..rows.encode import to_json
from .answer import Porter
from .record import DROP_IN, FORMAT, IMPOSSIBLE, RECIPE, VERDICTS
from .request import Unportable, list_targets
from .source import SourceLayer
from .workers import Workers

STANDARD_LAYERS = Path(__file__).with_name("standard_layers.yaml")


@dataclass(frozen=True)
class StandardLayer:
    """A layer by its parameters: a name, the network that has it, and the shape of its input, channels first."""

    name: str
    of: str
    pool: Pool
    shape: tuple[int, ...]


@dataclass(frozen=True)
class TableEntry:
    """A layer of one framework on another; `port` is the answer as JSON."""

    layer: StandardLayer
    start: str
    end: str
    port: Mapping[str, Any]

    @property
    def verdict(self) -> str:
        """The verdict of the answer."""
        return str(self.port["verdict"])


def read_standard_layers() -> list[StandardLayer]:
    """The pooling layers of well-known networks."""
    entries = yaml.safe_load(STANDARD_LAYERS.read_text(encoding="utf-8"))
    return [
        StandardLayer(entry["name"], entry["of"], Pool(op=entry["op"], **to_tuples(entry["pool"])), tuple(entry["input"]))
        for entry in entries
    ]


def to_tuples(value: Any) -> Any:
    """A value with tuples in place of lists, at every depth."""
    if isinstance(value, list):
        return tuple(map(to_tuples, value))
    return {name: to_tuples(part) for name, part in value.items()} if isinstance(value, dict) else value


def list_frameworks(entries: Mapping[str, AdapterEntry]) -> list[str]:
    """The short names of the frameworks that have a place in the table: those whose layers or functions can be read."""
    adapters = (entry.adapter for entry in entries.values() if entry.adapter.layers or entry.adapter.functions)
    return list(dict.fromkeys(adapter.short_name for adapter in adapters if not adapter.reference and not adapter.variant_of))


def installed_frameworks(entries: Mapping[str, AdapterEntry]) -> dict[str, SelectedTarget]:
    """The frameworks that are installed, each with the target that stands for it."""
    targets = {
        name: next((target for target in list_targets(name, entries) if is_installed(entries[target].target)), None)
        for name in list_frameworks(entries)
    }
    return {name: select_targets([target], entries)[0] for name, target in targets.items() if target}


def source_of_pool(layer: StandardLayer, name: str, target: SelectedTarget) -> SourceLayer | None:
    """A layer as a framework has it, in its own layout; None if it has no such layer."""
    layout = target.adapter.layout or FIRST
    last = len(layer.shape) - 1
    shape = tuple(layer.shape[axis] for axis in moved_axes(last + 1, (1, last))) if layout == LAST else layer.shape
    ask = Ask(layer.pool, shape, "float32", layout)
    try:
        target.adapter.call(ask, target.target)
    except Unsupported:
        return None
    return SourceLayer(f"{name}: {layer.pool}", name, ask, layer.pool, target)


def fill_table(workers: Workers, frameworks: Mapping[str, SelectedTarget], layers: Iterable[StandardLayer]) -> Iterator[TableEntry]:
    """Port each layer from each framework that has and accepts it to each other one."""
    for layer in layers:
        for start, own in frameworks.items():
            source = source_of_pool(layer, start, own)
            porter = source and try_source(source, workers)
            for end, target in frameworks.items() if porter else ():
                if porter and end != start:
                    yield TableEntry(layer, start, end, porter.port(target, complete=False).as_json())


def try_source(source: SourceLayer, workers: Workers) -> Porter | None:
    """A porter of a layer; None if its own framework rejects it."""
    try:
        return Porter(source, workers)
    except Unportable:
        return None


def count_pairs(entries: Sequence[TableEntry]) -> list[dict[str, Any]]:
    """How many layers of each ordered pair have each verdict, and how many agree on special numbers too."""
    counts = Counter((entry.start, entry.end, entry.verdict) for entry in entries)
    exact = Counter((entry.start, entry.end) for entry in entries if entry.verdict != IMPOSSIBLE and not entry.port["exceptions"])
    pairs = dict.fromkeys((entry.start, entry.end) for entry in entries)
    return [
        {"from": start, "to": end, **{verdict: counts[start, end, verdict] for verdict in VERDICTS}, "exact": exact[start, end]}
        for start, end in pairs
    ]


def table_as_json(frameworks: Mapping[str, SelectedTarget], entries: Sequence[TableEntry]) -> dict[str, Any]:
    """The whole table as JSON."""
    layers = {entry.layer.name: entry.layer for entry in entries}
    return {
        "format": FORMAT, "suite": metadata.version("poolparity"),
        "targets": {name: {"target": target.name, "versions": target.versions} for name, target in frameworks.items()},
        "layers": [
            {"name": layer.name, "of": layer.of, "op": layer.pool.op, "pool": to_json(layer.pool.stated_parameters()), "input": list(layer.shape)}
            for layer in layers.values()
        ],
        "pairs": count_pairs(entries),
        "ports": [{"layer": entry.layer.name, "from": entry.start, **entry.port, "to": entry.end} for entry in entries],
    }  # fmt: skip


def render_table(frameworks: Mapping[str, SelectedTarget], entries: Sequence[TableEntry]) -> Table:
    """The table of pairs for a terminal."""
    counts = {(pair["from"], pair["to"]): pair for pair in count_pairs(entries)}
    table = Table(title="layers that port with the same arguments / by a recipe / not at all", title_justify="left")
    for name in ("from \\ to", *frameworks):
        table.add_column(name, justify="left" if name.startswith("from") else "right")
    for start in frameworks:
        cells = (
            "" if start == end else "/".join(str(counts[start, end][verdict]) for verdict in (DROP_IN, RECIPE, IMPOSSIBLE))
            for end in frameworks
        )
        table.add_row(start, *cells)
    return table
