"""Windows in n dimensions: the products of the windows along each spatial axis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from ..model.pool import INT32, WINDOWED, Crashed, Pool, Refused
from ..model.rules import Rules
from .window import Axis, adaptive_windows, each_cell, sliding_windows

Position = tuple[int, ...]


@dataclass(frozen=True)
class Window:
    """The positions that one output cell is made of: one window of each axis, positions in row-major order."""

    axes: tuple[Axis, ...]
    index: Position

    @cached_property
    def cells(self) -> tuple[Position, ...]:
        """The positions inside the input."""
        return tuple(product(*(axis.cells(i) for axis, i in self.pairs)))

    @cached_property
    def padded_positions(self) -> tuple[Position, ...]:
        """The positions inside the input or its padding."""
        return tuple(product(*(axis.padded_positions(i) for axis, i in self.pairs)))

    @property
    def padded_count(self) -> int:
        """The number of positions inside the input or its padding."""
        return math.prod(len(axis.padded_positions(i)) for axis, i in self.pairs)

    @cached_property
    def edge_positions(self) -> tuple[Position, ...]:
        """The positions inside the input or its padding, each moved to the nearest cell; none if the input has no cell."""
        clipped_positions = ([min(max(at, 0), axis.n - 1) for at in axis.padded_positions(i)] for axis, i in self.pairs)
        return tuple(product(*clipped_positions)) if all(axis.n for axis in self.axes) else ()

    @property
    def positions(self) -> Iterator[Position]:
        """All positions, inside the input, in its padding or beyond."""
        return product(*(axis.windows[i] for axis, i in self.pairs))

    @property
    def taps(self) -> int:
        """The number of all positions."""
        return math.prod(len(axis.windows[i]) for axis, i in self.pairs)

    def columns(self, padded: bool) -> int:
        """The number of positions along the last axis, inside the input or, if `padded`, in its padding too."""
        axis, i = self.axes[-1], self.index[-1]
        return len(axis.padded_positions(i) if padded else axis.cells(i))

    @property
    def whole(self) -> bool:
        """Whether the window is the whole input and nothing else."""
        return self.taps == len(self.cells) == math.prod(axis.n for axis in self.axes)

    @property
    def pairs(self) -> Iterator[tuple[Axis, int]]:
        """Each axis with the number of its window."""
        return zip(self.axes, self.index, strict=True)


def windows(axes: Sequence[Axis]) -> Iterator[Window]:
    """The window of every output cell, in row-major order."""
    return (Window(tuple(axes), index) for index in product(*(range(axis.size) for axis in axes)))


def count_cells(axes: Sequence[Axis]) -> int:
    """The number of cells in all windows together, or somewhat more where windows differ."""
    return math.prod(axis.size * min(max(map(len, (*axis.windows[:2], *axis.windows[-2:])), default=0), axis.n) for axis in axes)


def layout(shape: Sequence[int], pool: Pool, rules: Rules) -> tuple[Axis, ...]:
    """The windows of a pooling along each axis of an input of this spatial shape; raises Refused if there are none."""
    check_ranks(pool, len(shape))
    if pool.op.startswith("global"):
        leading_count = len(shape) - 2 if rules.reduced_axes == "last_two" else 0
        return tuple(each_cell(n) if number < leading_count else Axis(n, (range(n),)) for number, n in enumerate(shape))
    if pool.op.startswith("adaptive"):
        return tuple(adaptive_windows(n, size, rules) for n, size in zip(shape, require_parameter(pool, "output_size"), strict=True))
    if rules.parameter_limit != "none" and pool.op in WINDOWED and any(size > INT32 for size in pool.sizes):
        failure = Crashed if rules.parameter_limit == "crash" else Refused
        raise failure(f"a parameter is {max(pool.sizes)}; expected at most {INT32}")
    kernel, paddings = require_parameter(pool, "kernel"), padding_of_axes(pool, len(shape), rules)
    parts = zip(shape, kernel, *strides_and_dilations(pool, rules), paddings, strict=True)
    ceil = takes_ceil(pool, rules)
    return tuple(sliding_windows(*part, ceil, rules) for part in parts)


def takes_ceil(pool: Pool, rules: Rules) -> bool:
    """Whether sizes are rounded up; raises Refused where a rule refuses that beside the name of a padding."""
    if not pool.ceil_mode:
        return False
    has_named_padding = isinstance(pool.padding, str)
    if has_named_padding and rules.named_ceil == "reject":
        raise Refused(f"ceil_mode is stated beside {pool.padding} padding; expected one of the two")
    return not (has_named_padding and rules.named_ceil == "ignored")


def check_ranks(pool: Pool, rank: int) -> None:
    """Raise Refused for parameters without exactly one entry for each spatial axis."""
    for name, value in pool.stated_parameters().items():
        if isinstance(value, tuple) and len(value) != rank:
            raise Refused(f"{name} is {value}; expected {rank} entries, one for each spatial axis of the input")


def require_parameter(pool: Pool, name: str) -> Any:
    """The value of a parameter; raises Refused if it is left open."""
    value = getattr(pool, name)
    if value is None:
        raise Refused(f"{pool.op} has no {name}; expected one integer for each spatial axis")
    return value


def strides_and_dilations(pool: Pool, rules: Rules) -> tuple[Position, Position]:
    """The stride and the dilation of a sliding window along each axis."""
    kernel = require_parameter(pool, "kernel")
    ones = (1,) * len(kernel)
    if pool.stride is None and rules.stride_default == "reject":
        raise Refused(f"{pool.op} has no stride; expected one integer for each spatial axis")
    return pool.stride or (kernel if rules.stride_default == "window" else ones), pool.dilation or ones


def padding_of_axes(pool: Pool, rank: int, rules: Rules) -> Sequence[str | tuple[int, int]]:
    """The padding of each axis: its name, or the cells on the (low, high) side."""
    padding = pool.padding or (rules.padding_default if pool.op == "conv" else "valid")
    return [padding] * rank if isinstance(padding, str) else padding
