"""Layers drawn at random as people write them: of a signature's arguments some by place, some by name, some left out."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...cases.model.call_text import REQUIRED
from ...cases.model.layers import Layer
from ...cases.model.pool import ADAPTIVE, FIRST, GLOBAL, LAST, WINDOWED
from .random_values import SELDOM, Bits, Drawing, value

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


def written(known: Mapping[str, Layer], framework: str, seed: int) -> Iterator[Written]:
    """Layers of a framework, without end, the same ones for a seed; nothing where it has none of its own."""
    bits = random.Random(f"{framework} {seed}")  # noqa: S311 - no secret
    ours = {name: layer for name, layer in known.items() if layer.framework == framework}
    by_op = {op: [name for name, each in ours.items() if each.op == op] for op in (*WINDOWED, *GLOBAL, *ADAPTIVE)}
    kinds = [op for op, names in by_op.items() if names for _ in range(1 + 2 * (op in WINDOWED))]
    while kinds:
        name = bits.choice(by_op[bits.choice(kinds)])
        yield one(name, ours[name], bits)


def one(name: str, layer: Layer, bits: Bits) -> Written:
    """One layer drawn at random."""
    rank = layer.rank or bits.choice(RANKS)
    place = bits.choice((FIRST, LAST)) if "data_format" in layer.signature and bits.random() < 0.4 else layer.data_format
    drawing = Drawing(layer, rank, tuple(bits.randint(1, 4) for _ in range(rank)), place, bits)
    values = {key: value(key, drawing) for key in layer.signature if given(key, drawing)}
    if values.get("auto_pad", "NOTSET") != "NOTSET":
        values.pop("pads", None)
    sizes = [bits.randint(3, 14) for _ in range(rank)]
    channels, batch = ([3], [2]) if bits.random() < 0.8 else ([bits.randint(1, 4)], [bits.randint(1, 3)])  # as samples have them, mostly
    if layer.framework == "torch" and bits.random() < 0.1:
        batch = []
    return Written(f"{name}({arguments(layer, values, bits)})", (*batch, *([*sizes, *channels] if place == LAST else [*channels, *sizes])))


def given(key: str, drawing: Drawing) -> bool:
    """Whether an argument is written."""
    layer, meaning = drawing.layer, drawing.layer.means.get(key)
    if layer.signature[key] is REQUIRED or (meaning == "kernel" and not layer.rank):
        return True
    if meaning == "data_format" and drawing.place != layer.data_format:
        return True
    often = 0.1 * (key in SELDOM) if meaning is None or key == "border_mode" else OFTEN.get(meaning, 0.0)
    return drawing.bits.random() < often


def arguments(layer: Layer, values: Mapping[str, Any], bits: Bits) -> str:
    """Arguments as text: some of the first ones by their place, the others by name in any order."""
    leading = next((count for count, key in enumerate(layer.signature) if key not in values), len(layer.signature))
    by_place = bits.randint(0, leading)
    first = [repr(values[key]) for key in list(layer.signature)[:by_place]]
    others = [f"{key}={each!r}" for key, each in values.items() if key not in list(layer.signature)[:by_place]]
    bits.shuffle(others)
    return ", ".join([*first, *others])
