"""Layers drawn at random as people write them: of a signature's arguments some by place, some by name, some left out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..cases._calls import REQUIRED
from ..cases.layers import Layer
from ..cases.pool import ADAPTIVE, FIRST, GLOBAL, LAST, WINDOWED

RANKS = (1, 2, 2, 2, 3)
OFTEN = {
    "kernel": 0.9, "stride": 0.8, "padding": 0.7, "pads": 0.5, "dilation": 0.25, "ceil_mode": 0.4, "count_include_pad": 0.5,
    "divisor_override": 0.2, "keepdims": 0.5, "data_format": 0.2, "p": 0.6,
}  # fmt: skip
"""How often an argument of some meaning is written that need not be; one that means nothing to the values is at times."""
SELDOM = {"return_indices": (True, False), "storage_order": (0, 1)}
LETTERS = {FIRST: {1: "NCW", 2: "NCHW", 3: "NCDHW"}, LAST: {1: "NWC", 2: "NHWC", 3: "NDHWC"}}

Bits = random.Random
Maker = Callable[["Drawing"], Any]


@dataclass(frozen=True)
class Written:
    """A layer's text, and the shape of an input for it, as the layer takes it."""

    text: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Drawing:
    """What an argument's value is drawn by: the layer, its spatial axes, its window, and where its channel axis stands."""

    layer: Layer
    rank: int
    kernel: tuple[int, ...]
    place: str
    bits: Bits

    def cells(self, least: int, most: int) -> Any:
        """A number for each axis, or one for all where the layer knows its axes by itself."""
        value = tuple(self.bits.randint(least, most) for _ in range(self.rank))
        return value[0] if self.layer.rank and self.bits.random() < 0.5 else value


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


def value(key: str, drawing: Drawing) -> Any:
    """An argument's value."""
    meaning = drawing.layer.means.get(key)
    return MAKERS[meaning](drawing) if meaning else drawing.bits.choice(SELDOM[key])


def kernel(drawing: Drawing) -> Any:
    """The window, as one number where all of its sides are of one length."""
    alike = drawing.layer.rank and len(set(drawing.kernel)) == 1
    return drawing.kernel[0] if alike and drawing.bits.random() < 0.7 else drawing.kernel


def padding(drawing: Drawing) -> Any:
    """Padding in the ways of a framework."""
    return drawing.bits.choice(PADDINGS[drawing.layer.framework])(drawing)


def halves(drawing: Drawing) -> Any:
    """At most half a window on both sides of each axis, as torch has it; at times one cell more than it takes."""
    more = drawing.bits.random() < 0.05
    sides = tuple(drawing.bits.randint(0, taps // 2) + more for taps in drawing.kernel)
    return sides[0] if len(set(sides)) == 1 else sides


def pairs(drawing: Drawing) -> tuple[tuple[int, int], ...]:
    """Each side of each axis for itself."""
    return tuple((drawing.bits.randint(0, taps - 1), drawing.bits.randint(0, taps - 1)) for taps in drawing.kernel)


def everywhere(drawing: Drawing) -> list[list[int]]:
    """Such pairs amid those of batch and channels."""
    inner = [*map(list, pairs(drawing))]
    return [[0, 0], *inner, [0, 0]] if drawing.place == LAST else [[0, 0], [0, 0], *inner]


def in_order(drawing: Drawing) -> list[int]:
    """All low sides, then all high ones."""
    low, high = zip(*pairs(drawing), strict=True)
    return [*low, *high]


def named(*names: str) -> tuple[Maker, ...]:
    """Padding by some names."""
    return tuple(lambda drawing, name=name: name for name in names)


PADDINGS: Mapping[str, Sequence[Maker]] = {
    "torch": (halves,),
    "keras": named("valid", "same"),
    "tensorflow": (*named("VALID", "SAME", "VALID", "SAME"), everywhere),
    "flax": (*named("VALID", "SAME"), pairs),
    "onnxruntime": named("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"),
}


def data_format(drawing: Drawing) -> str:
    """Where channels stand, in words or in the letters of all axes."""
    return LETTERS[drawing.place][drawing.rank] if drawing.layer.framework == "tensorflow" else drawing.place


def flag(drawing: Drawing) -> Any:
    """True or False, or 1 or 0 where that is how it is written."""
    truth = drawing.bits.random() < 0.5
    return int(truth) if drawing.layer.framework == "onnxruntime" else truth


MAKERS: Mapping[str, Maker] = {
    "kernel": kernel,
    "stride": lambda drawing: drawing.cells(1, 3),
    "padding": padding,
    "pads": in_order,
    "dilation": lambda drawing: drawing.cells(1, 2),
    "ceil_mode": flag,
    "count_include_pad": flag,
    "divisor_override": lambda drawing: drawing.bits.randint(1, 9),
    "keepdims": flag,
    "data_format": data_format,
    "output_size": lambda drawing: drawing.cells(1, 6),
    "p": lambda drawing: drawing.bits.choice((1, 2, 3)) if drawing.layer.framework == "onnxruntime" else drawing.bits.choice((1, 2, 3, 2.5)),
}  # fmt: skip
"""How the value of an argument is drawn, by its meaning."""
