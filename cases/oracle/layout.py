"""Windows in n dimensions: products of the windows along each spatial axis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from ..model.pool import Pool, Refused
from ..model.rules import Rules
from .window import Axis, adaptive_windows, sliding_windows

Position = tuple[int, ...]


@dataclass(frozen=True)
class Window:
    """What one output cell is made of: a window of each axis, positions in row-major order."""

    axes: tuple[Axis, ...]
    index: Position

    @cached_property
    def cells(self) -> tuple[Position, ...]:
        """The positions that hold a cell of the input."""
        return tuple(product(*(axis.cells(i) for axis, i in self.pairs)))

    @cached_property
    def padded(self) -> tuple[Position, ...]:
        """The positions in the input or its padding."""
        return tuple(product(*(axis.padded(i) for axis, i in self.pairs)))

    @cached_property
    def edged(self) -> tuple[Position, ...]:
        """The positions in the input or its padding, each moved to the nearest cell; none where there is no cell."""
        clipped = ([min(max(at, 0), axis.n - 1) for at in axis.padded(i)] for axis, i in self.pairs)
        return tuple(product(*clipped)) if all(axis.n for axis in self.axes) else ()

    @property
    def positions(self) -> Iterator[Position]:
        """All positions, in the input, its padding or beyond."""
        return product(*(axis.windows[i] for axis, i in self.pairs))

    @property
    def taps(self) -> int:
        """How many positions there are."""
        return math.prod(len(axis.windows[i]) for axis, i in self.pairs)

    def columns(self, padded: bool) -> int:
        """How many positions the window has along its last axis, in the input or in its padding as well."""
        axis, i = self.axes[-1], self.index[-1]
        return len(axis.padded(i) if padded else axis.cells(i))

    @property
    def whole(self) -> bool:
        """Whether the window is the whole input, and no more."""
        return self.taps == len(self.cells) == math.prod(axis.n for axis in self.axes)

    @property
    def pairs(self) -> Iterator[tuple[Axis, int]]:
        """Each axis with the index of its window."""
        return zip(self.axes, self.index, strict=True)


def windows(axes: Sequence[Axis]) -> Iterator[Window]:
    """The window behind every output cell."""
    return (Window(tuple(axes), index) for index in product(*(range(axis.size) for axis in axes)))


def layout(shape: Sequence[int], pool: Pool, rules: Rules) -> tuple[Axis, ...]:
    """Lay out the windows of a pooling over an input of this spatial shape, or raise Refused."""
    check_ranks(pool, len(shape))
    if pool.op.startswith("global"):
        return tuple(Axis(n, (range(n),)) for n in shape)
    if pool.op.startswith("adaptive"):
        return tuple(adaptive_windows(n, size, rules) for n, size in zip(shape, required(pool, "output_size"), strict=True))
    parts = zip(shape, required(pool, "kernel"), *strides_and_dilations(pool, rules), padding_of_axes(pool, len(shape), rules), strict=True)
    return tuple(sliding_windows(*part, bool(pool.ceil_mode), rules) for part in parts)


def check_ranks(pool: Pool, rank: int) -> None:
    """Refuse parameters that do not have one entry for each spatial axis."""
    for name, value in pool.stated().items():
        if isinstance(value, tuple) and len(value) != rank:
            raise Refused(f"{name} is {value}; expected {rank} entries, one for each spatial axis of the input")


def required(pool: Pool, name: str) -> Any:
    """The value of a parameter that an operation cannot do without."""
    value = getattr(pool, name)
    if value is None:
        raise Refused(f"{pool.op} has no {name}; expected one integer for each spatial axis")
    return value


def strides_and_dilations(pool: Pool, rules: Rules) -> tuple[Position, Position]:
    """The stride and the dilation of a sliding window."""
    kernel = required(pool, "kernel")
    ones = (1,) * len(kernel)
    return pool.stride or (kernel if rules.stride_default == "window" else ones), pool.dilation or ones


def padding_of_axes(pool: Pool, rank: int, rules: Rules) -> Sequence[str | tuple[int, int]]:
    """The padding of each axis: its name, or cells on the (low, high) side."""
    padding = pool.padding or (rules.padding_default if pool.op == "conv" else "valid")
    return [padding] * rank if isinstance(padding, str) else padding
