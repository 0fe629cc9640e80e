"""A pooling as explicit steps: padding in cells, a gather where windows have holes or differ in size, and windows that fit.

Every windowed, adaptive or global pooling can be written in these steps, whatever rules place its windows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..model.formula import Amount
from ..model.pool import WINDOWED, Axes, Pool, Refused
from ..model.rules import Rules
from .layout import layout, strides_and_dilations
from .window import Axis

Amounts = tuple[tuple[Amount, Amount], ...]
"""A (low, high) pair of cells for each spatial axis, as integers or as formulas of the sizes."""


@dataclass(frozen=True)
class Gather:
    """The positions of a padded axis that its windows take, window by window: `starts` plus `taps` each, or as `explicit_positions`."""

    starts: range
    taps: range
    explicit_positions: tuple[int, ...] = ()

    @property
    def positions(self) -> tuple[int, ...]:
        """All positions, in the order in which they are gathered."""
        return self.explicit_positions or tuple(start + tap for start in self.starts for tap in self.taps)


@dataclass(frozen=True)
class LoweredPool:
    """The steps of a pooling along its spatial axes.

    `pads` is all padding that its windows reach, `counted_pads` the part of it that an average may count,
    and `gathers` the cells to gather after padding, None for axes along which windows slide. The
    kernel, stride and dilation are those of the padded and gathered input. `divisor` is what every
    average divides by, None if it differs from window to window.
    """

    kind: str
    kernel: Axes
    stride: Axes
    dilation: Axes
    pads: Amounts
    counted_pads: Amounts
    gathers: tuple[Gather | None, ...]
    include: bool
    divisor: int | None

    @property
    def taps(self) -> int:
        """The number of positions in a window."""
        return math.prod(self.kernel)

    @property
    def has_padding(self) -> bool:
        """Whether the input is padded at all."""
        return any(low != 0 or high != 0 for low, high in self.pads)

    @property
    def picks(self) -> bool:
        """Whether cells are gathered along some axis."""
        return any(self.gathers)


@dataclass(frozen=True)
class LoweredAxis:
    """One axis of a `LoweredPool`, with the same fields."""

    kernel: int
    stride: int
    dilation: int
    pads: tuple[int, int]
    counted_pads: tuple[int, int]
    gathers: Gather | None


def lower_pool(pool: Pool, shape: Sequence[int], rules: Rules, *, pick: bool = False) -> LoweredPool:
    """The steps of a pooling over an input of this spatial shape; `pick` gathers dilated windows. Raises Refused if there are none."""
    kind = "" if pool.op == "fractional_max_pool" else pool.kind
    axes = layout(shape, pool, rules) if kind else ()
    if not kind or any(not axis.size for axis in axes):
        raise Refused(f"{pool} has no windows of its own; expected a pooling with at least one window")
    if any(axis.vacant for axis in axes):
        raise Refused(f"{pool} has outputs without a window; expected a pooling with a window for every output")
    strides = strides_and_dilations(pool, rules)[0] if pool.op in WINDOWED else tuple(shape)
    lines = [lower_axis(axis, stride, pick=pick) for axis, stride in zip(axes, strides, strict=True)]
    kernel, stride, dilation, pads, counted_pads, gathers = zip(*(vars(line).values() for line in lines), strict=True)
    include = rules.include_default == "padded" if pool.count_include_pad is None else pool.count_include_pad
    return LoweredPool(kind, kernel, stride, dilation, pads, counted_pads, gathers, include, divisor_of(pool, axes, include, rules))


def lower_axis(axis: Axis, stride: int, *, pick: bool) -> LoweredAxis:
    """The steps along one axis: windows that slide if possible, or else a gather."""
    first, last = axis.windows[0], axis.windows[-1]
    low, high = -first.start, max(0, *(window[-1] + 1 - axis.n for window in axis.windows if window))
    uniform = len({(len(window), window.step) for window in axis.windows}) == 1 and is_evenly_spaced(
        [window.start for window in axis.windows]
    )
    stride = axis.windows[1].start - first.start if axis.size > 1 else stride
    leaves_cells = axis.n - last[-1] - 1 >= stride if last else True
    if uniform and low >= 0 and not leaves_cells and not (pick and first.step > 1):
        return LoweredAxis(len(first), stride, first.step, (low, high), stated_part(axis, low, high), None)
    return gather_axis(axis, max(low, 0), high, uniform=uniform)


def is_evenly_spaced(starts: Sequence[int]) -> bool:
    """Whether each number exceeds the one before it by the same positive amount."""
    gaps = {after - before for before, after in pairwise(starts)}
    return len(gaps) < 2 and min(gaps, default=1) > 0


def gather_axis(axis: Axis, low: int, high: int, *, uniform: bool) -> LoweredAxis:
    """The steps along one axis whose windows are gathered; smaller windows are filled up with one further cell of padding."""
    size, first = max(map(len, axis.windows)), axis.windows[0]
    if uniform:
        starts = range(low + first.start, low + axis.windows[-1].start + 1, max(axis.windows[-1].start - first.start, 1))
        starts = range(starts.start, starts.stop, axis.windows[1].start - first.start) if axis.size > 1 else starts
        return LoweredAxis(
            size, size, 1, (low, high), stated_part(axis, low, high), Gather(starts, range(0, first[-1] + 1 - first.start, first.step))
        )
    end = low + axis.n + high
    cell_numbers = tuple(at for window in axis.windows for at in [*(low + cell for cell in window), *[end] * (size - len(window))])
    return LoweredAxis(size, size, 1, (low, high + 1), stated_part(axis, low, high), Gather(range(0), range(0), cell_numbers))


def stated_part(axis: Axis, low: int, high: int) -> tuple[int, int]:
    """The part of the padding that the caller stated."""
    return min(low, max(axis.low, 0)), min(high, max(axis.high, 0))


def divisor_of(pool: Pool, axes: Sequence[Axis], include: bool, rules: Rules) -> int | None:
    """The number that every average divides by, None if windows differ."""
    if pool.divisor_override is not None:
        return pool.divisor_override
    counts = [{count_positions(axis, i, include, rules) for i in range(axis.size)} for axis in axes]
    return math.prod(next(iter(numbers)) for numbers in counts) if all(len(numbers) == 1 for numbers in counts) else None


def count_positions(axis: Axis, index: int, include: bool, rules: Rules) -> int:
    """The number of positions of a window along one axis that an average counts."""
    if not include:
        return len(axis.cells(index))
    return len(axis.windows[index]) if rules.overhang == "counted" else len(axis.padded_positions(index))
