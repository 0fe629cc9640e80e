"""Values of layers' arguments, drawn at random in the ways in which each framework writes them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...cases.model.layers import Layer
from ...cases.model.pool import FIRST, LAST

SELDOM = {"return_indices": (True, False), "storage_order": (0, 1)}
LETTERS = {FIRST: {1: "NCW", 2: "NCHW", 3: "NCDHW"}, LAST: {1: "NWC", 2: "NHWC", 3: "NDHWC"}}
Bits = random.Random
Maker = Callable[["Drawing"], Any]


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
