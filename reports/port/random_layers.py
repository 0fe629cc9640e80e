"""Layers drawn at random as people write them: of a signature's arguments some by place, some by name, some left out."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...adapters.contract import Adapter
from ...adapters.contract.random_values import DEFAULTS, Draw
from ...cases.model.call_text import REQUIRED
from ...cases.model.layers import Layer
from ...cases.model.pool import ADAPTIVE, FIRST, GLOBAL, LAST, WINDOWED

RANKS = (1, 2, 2, 2, 3)
OFTEN = {
    "kernel": 0.9, "stride": 0.8, "padding": 0.7, "pads": 0.5, "dilation": 0.25, "ceil_mode": 0.4, "count_include_pad": 0.5,
    "divisor_override": 0.2, "keepdims": 0.5, "data_format": 0.2, "p": 0.6,
}  # fmt: skip
"""How often an argument of some meaning is written that need not be; one that means nothing to the values is at times."""


@dataclass(frozen=True)
class Written:
    """A layer's text, and the shape of an input for it, as the layer takes it."""

    text: str
    shape: tuple[int, ...]


def written(adapter: Adapter, seed: int) -> Iterator[Written]:
    """Layers of a framework, without end, the same ones for a seed; nothing where it has none of its own."""
    rng = random.Random(f"{adapter.framework} {seed}")  # noqa: S311 - no secret
    by_op = {op: [name for name, layer in adapter.layers.items() if layer.op == op] for op in (*WINDOWED, *GLOBAL, *ADAPTIVE)}
    kinds = [op for op, names in by_op.items() if names for _ in range(1 + 2 * (op in WINDOWED))]
    while kinds:
        name = rng.choice(by_op[rng.choice(kinds)])
        yield one(name, adapter, rng)


def one(name: str, adapter: Adapter, rng: random.Random) -> Written:
    """One layer drawn at random."""
    layer = adapter.layers[name]
    rank = layer.rank or rng.choice(RANKS)
    place = rng.choice((FIRST, LAST)) if "data_format" in layer.signature and rng.random() < 0.4 else layer.data_format
    draw = Draw(layer, rank, tuple(rng.randint(1, 4) for _ in range(rank)), place, rng)
    values = {key: draw_value(key, draw, adapter) for key in layer.signature if given(key, draw, adapter)}
    if any(layer.means.get(key) == "padding" and value != layer.signature[key] for key, value in values.items()):
        values = {key: value for key, value in values.items() if layer.means.get(key) != "pads"}  # which it takes one of at a time
    sizes = [rng.randint(3, 14) for _ in range(rank)]
    channels, batch = ([3], [2]) if rng.random() < 0.8 else ([rng.randint(1, 4)], [rng.randint(1, 3)])  # as samples have them, mostly
    if adapter.random_unbatched and rng.random() < adapter.random_unbatched:
        batch = []
    return Written(f"{name}({arguments(layer, values, rng)})", (*batch, *([*sizes, *channels] if place == LAST else [*channels, *sizes])))


def draw_value(key: str, draw: Draw, adapter: Adapter) -> Any:
    """An argument's value."""
    meaning = draw.layer.means.get(key, key)
    maker = adapter.random_values.get(key) or adapter.random_values.get(meaning) or DEFAULTS[meaning]
    return maker(draw)


def given(key: str, draw: Draw, adapter: Adapter) -> bool:
    """Whether an argument is written."""
    layer, meaning = draw.layer, draw.layer.means.get(key)
    if layer.signature[key] is REQUIRED or (meaning == "kernel" and not layer.rank):
        return True
    if meaning == "data_format" and draw.data_format != layer.data_format:
        return True
    if meaning is None:
        often = 0.1 * (key in adapter.random_values)
    else:
        former = key != next(name for name in layer.signature if layer.means.get(name) == meaning)
        often = 0.0 if former else OFTEN.get(meaning, 0.0)  # an argument's name of former versions is never written
    return draw.rng.random() < often


def arguments(layer: Layer, values: Mapping[str, Any], rng: random.Random) -> str:
    """Arguments as text: some of the first ones by their place, the others by name in any order."""
    leading = next((count for count, key in enumerate(layer.signature) if key not in values), len(layer.signature))
    by_place = rng.randint(0, leading)
    first = [repr(values[key]) for key in list(layer.signature)[:by_place]]
    others = [f"{key}={each!r}" for key, each in values.items() if key not in list(layer.signature)[:by_place]]
    rng.shuffle(others)
    return ", ".join([*first, *others])
