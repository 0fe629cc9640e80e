"""Random values of layers' arguments, in the spellings that frameworks accept; an adapter chooses among them or adds its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...cases.model.layers import Layer
from ...cases.model.pool import LAST


@dataclass(frozen=True)
class Draw:
    """What the value of an argument depends on: the layer, its number of spatial axes, its window, and where the channel axis stands."""

    layer: Layer
    rank: int
    kernel: tuple[int, ...]
    data_format: str
    rng: random.Random

    def per_axis(self, least: int, most: int) -> Any:
        """An integer for each axis, or one for all where the layer's name says how many axes there are."""
        value = tuple(self.rng.randint(least, most) for _ in range(self.rank))
        return value[0] if self.layer.rank and self.rng.random() < 0.5 else value


Maker = Callable[[Draw], Any]


def one_of(*makers: Maker) -> Maker:
    """A maker that uses one of several at random."""
    return lambda draw: draw.rng.choice(makers)(draw)


def choice(*values: Any) -> Maker:
    """A maker of one of several values."""
    return lambda draw: draw.rng.choice(values)


def constant(value: Any) -> Maker:
    """A maker of always the same value, to be one of several."""
    return lambda draw: value


def kernel(draw: Draw) -> Any:
    """The window, mostly as one integer where all of its sides are of one length."""
    is_square = draw.layer.rank and len(set(draw.kernel)) == 1
    return draw.kernel[0] if is_square and draw.rng.random() < 0.7 else draw.kernel


def half_padding(draw: Draw) -> Any:
    """At most half a window on both sides of each axis; in one of twenty draws one cell more, which torch rejects."""
    more = draw.rng.random() < 0.05
    sides = tuple(draw.rng.randint(0, taps // 2) + more for taps in draw.kernel)
    return sides[0] if len(set(sides)) == 1 else sides


def padding_pairs(draw: Draw) -> tuple[tuple[int, int], ...]:
    """A pair of (low, high) for each spatial axis."""
    return tuple((draw.rng.randint(0, taps - 1), draw.rng.randint(0, taps - 1)) for taps in draw.kernel)


def padding_pairs_of_all_axes(draw: Draw) -> list[list[int]]:
    """A pair for each axis, those of batch and channels being zero."""
    inner = [*map(list, padding_pairs(draw))]
    return [[0, 0], *inner, [0, 0]] if draw.data_format == LAST else [[0, 0], [0, 0], *inner]


def pads(draw: Draw) -> list[int]:
    """All low sides, then all high ones."""
    low, high = zip(*padding_pairs(draw), strict=True)
    return [*low, *high]


def flag(draw: Draw) -> bool:
    """True or False with equal chances."""
    return draw.rng.random() < 0.5


def integer_flag(draw: Draw) -> int:
    """1 or 0, as ONNX writes truth values."""
    return int(flag(draw))


DEFAULTS: Mapping[str, Maker] = {
    "kernel": kernel,
    "stride": lambda draw: draw.per_axis(1, 3),
    "padding": choice("valid", "same"),
    "pads": pads,
    "dilation": lambda draw: draw.per_axis(1, 2),
    "ceil_mode": flag,
    "count_include_pad": flag,
    "divisor_override": lambda draw: draw.rng.randint(1, 9),
    "keepdims": flag,
    "data_format": lambda draw: draw.data_format,
    "output_size": lambda draw: draw.per_axis(1, 6),
    "p": choice(1, 2, 3, 2.5),
}
"""How the value of an argument is drawn, by its meaning, unless the adapter says otherwise."""
