"""The table of pairs: for each ordered pair of frameworks, which layers move as they are, by a recipe, or not at all.

As JSON it has `format`, the `suite`'s version, the `targets` with their `versions`, the `layers` with `name`, `of`, `op`,
`pool` and `input`, the `pairs` with `from`, `to` and how many of the layers that the first framework has
are `drop_in`, `recipe` or `impossible` there (`exact`: without an exception on special numbers), and the `ports`, each
with `layer`, `from`, `to` and what `poolparity port --json` says of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from itertools import islice
from typing import Any

from rich.table import Table

from ...adapters.contract import Ask, Unsupported
from ...adapters.contract.compose import moved_axes
from ...adapters.targets.choose import Chosen, select_targets
from ...adapters.targets.find import Found, is_installed
from ...cases.model.pool import FIRST, LAST
from ..rows.encode import to_json
from .answer import Porter
from .layers import Standard, drawn, standard
from .random_layers import written
from .record import DROP_IN, FORMAT, IMPOSSIBLE, RECIPE, VERDICTS
from .request import Unportable, source_of, targets_of
from .source import SourceLayer
from .workers import Workers


@dataclass(frozen=True)
class Moved:
    """A layer of one framework on another, as JSON tells it."""

    layer: Standard
    start: str
    end: str
    told: Mapping[str, Any]

    @property
    def verdict(self) -> str:
        """The verdict."""
        return str(self.told["verdict"])


def frameworks_of(found: Mapping[str, Found]) -> list[str]:
    """The frameworks of the table, by the names that people call them."""
    adapters = (each.adapter for each in found.values())
    return list(dict.fromkeys(adapter.short_name for adapter in adapters if not adapter.reference and not adapter.variant_of))


def present(found: Mapping[str, Found]) -> dict[str, Chosen]:
    """The frameworks that are installed, each with the target that stands for it."""
    names = frameworks_of(found)
    there = {name: next((each for each in targets_of(name, found) if is_installed(found[each].target)), None) for name in names}
    return {name: select_targets([target], found)[0] for name, target in there.items() if target}


def source(layer: Standard, name: str, chosen: Chosen) -> SourceLayer | None:
    """A layer as a framework has it, in its own layout; None where it has no such layer."""
    layout = chosen.adapter.layout or FIRST
    last = len(layer.shape) - 1
    shape = tuple(layer.shape[axis] for axis in moved_axes(last + 1, (1, last))) if layout == LAST else layer.shape
    ask = Ask(layer.pool, shape, "float32", layout)
    try:
        chosen.adapter.call(ask, chosen.target)
    except Unsupported:
        return None
    return SourceLayer(f"{name}: {layer.pool}", name, ask, layer.pool, chosen)


def porters(workers: Workers, frameworks: Mapping[str, Chosen], layers: Iterable[Standard]) -> Iterator[tuple[Standard, str, Porter]]:
    """Each layer in each framework that has it and does not refuse it."""
    for layer in layers:
        for name, chosen in frameworks.items():
            own = source(layer, name, chosen)
            if porter := own and unless_refused(own, workers):
                yield layer, name, porter


def moves(workers: Workers, frameworks: Mapping[str, Chosen], layers: Iterable[Standard]) -> Iterator[Moved]:
    """Each layer from each framework to each other one."""
    for layer, start, porter in porters(workers, frameworks, layers):
        for end, chosen in frameworks.items():
            if end != start:
                yield Moved(layer, start, end, porter.port(chosen, complete=False).as_json())


def random_sources(name: str, chosen: Chosen, found: Mapping[str, Found], seed: int) -> Iterator[tuple[Standard, SourceLayer]]:
    """Random layers of a framework, without end: as people write them, or by their parameters where it has no layers of its own."""
    if not chosen.adapter.layers:
        yield from ((each, own) for each in drawn(seed) if (own := source(each, name, chosen)))
    for count, each in enumerate(written(chosen.adapter, seed), 1):
        own = source_of(each.text, each.shape, "float32", found, chosen.name)
        yield Standard(f"{name}-{seed}-{count}", each.text, own.pool, each.shape), own


def random_moves(workers: Workers, frameworks: Mapping[str, Chosen], found: Mapping[str, Found], count: int, seed: int) -> Iterator[Moved]:
    """So many random layers of each framework, those that it refuses left out, moved to each other one."""
    for start, chosen in frameworks.items():
        drawings = random_sources(start, chosen, found, seed)
        accepted = ((layer, porter) for layer, own in drawings if (porter := unless_refused(own, workers)))
        for layer, porter in islice(accepted, count):
            others = ((end, each) for end, each in frameworks.items() if end != start)
            yield from (Moved(layer, start, end, porter.port(each, complete=False).as_json()) for end, each in others)


def unless_refused(own: SourceLayer, workers: Workers) -> Porter | None:
    """What moves a layer; None where its own framework refuses it."""
    try:
        return Porter(own, workers)
    except Unportable:
        return None


def pairs(moved: Sequence[Moved]) -> list[dict[str, Any]]:
    """How many layers of each ordered pair have each verdict."""
    counts = Counter((each.start, each.end, each.verdict) for each in moved)
    exact = Counter((each.start, each.end) for each in moved if each.verdict != IMPOSSIBLE and not each.told["exceptions"])
    ways = dict.fromkeys((each.start, each.end) for each in moved)
    return [
        {"from": start, "to": end, **{verdict: counts[start, end, verdict] for verdict in VERDICTS}, "exact": exact[start, end]}
        for start, end in ways
    ]


def document(frameworks: Mapping[str, Chosen], moved: Sequence[Moved]) -> dict[str, Any]:
    """The whole table as JSON."""
    layers = {each.layer.name: each.layer for each in moved}
    return {
        "format": FORMAT, "suite": metadata.version("poolparity"),
        "targets": {name: {"target": chosen.name, "versions": chosen.versions} for name, chosen in frameworks.items()},
        "layers": [{"name": each.name, "of": each.of, "op": each.pool.op, "pool": to_json(each.pool.stated()), "input": list(each.shape)} for each in layers.values()],
        "pairs": pairs(moved),
        "ports": [{"layer": each.layer.name, "from": each.start, **each.told, "to": each.end} for each in moved],
    }  # fmt: skip


def table(frameworks: Mapping[str, Chosen], moved: Sequence[Moved]) -> Table:
    """The table of pairs for a terminal: of each pair the layers that move as they are, by a recipe, and not at all."""
    counts = {(each["from"], each["to"]): each for each in pairs(moved)}
    found = Table(title="layers that move as they are / by a recipe / not at all", title_justify="left")
    for name in ("from \\ to", *frameworks):
        found.add_column(name, justify="left" if name.startswith("from") else "right")
    for start in frameworks:
        cells = (
            "" if start == end else "/".join(str(counts[start, end][verdict]) for verdict in (DROP_IN, RECIPE, IMPOSSIBLE))
            for end in frameworks
        )
        found.add_row(start, *cells)
    return found


def layers_of_table(
    workers: Workers, frameworks: Mapping[str, Chosen], found: Mapping[str, Found], count: int, seed: int
) -> Iterator[Moved]:
    """The standard layers, or so many random ones."""
    return random_moves(workers, frameworks, found, count, seed) if count else moves(workers, frameworks, standard())
