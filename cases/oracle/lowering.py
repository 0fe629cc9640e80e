"""A pooling laid out by hand: padding in cells, cells picked side by side where windows have holes or bins differ, windows that fit.

Every windowed, adaptive or global pooling comes to these three things, whatever rules chose its windows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..model.pool import WINDOWED, Axes, Pads, Pool, Refused
from ..model.rules import Rules
from .layout import layout, strides_and_dilations
from .window import Axis


@dataclass(frozen=True)
class Gather:
    """The positions in a padded axis that its windows take, window by window: `starts` plus `taps` each, or as `listed`."""

    starts: range
    taps: range
    listed: tuple[int, ...] = ()

    @property
    def positions(self) -> tuple[int, ...]:
        """All of them."""
        return self.listed or tuple(start + tap for start in self.starts for tap in self.taps)


@dataclass(frozen=True)
class LoweredPool:
    """What a pooling does along its spatial axes.

    `pads` is all padding that its windows reach, `counted` the part of it that an average may count,
    and `picked` the cells to be picked after padding, None where windows slide over neighbours. The
    kernel, stride and dilation are those of the padded input where nothing is picked. `divisor` is
    what every average divides by, None where that differs from window to window.
    """

    kind: str
    kernel: Axes
    stride: Axes
    dilation: Axes
    pads: Pads
    counted: Pads
    picked: tuple[Gather | None, ...]
    include: bool
    divisor: int | None

    @property
    def taps(self) -> int:
        """How many cells a window has."""
        return math.prod(self.kernel)

    @property
    def padded(self) -> bool:
        """Whether there is padding."""
        return any(low or high for low, high in self.pads)

    @property
    def picks(self) -> bool:
        """Whether cells have to be picked."""
        return any(self.picked)


@dataclass(frozen=True)
class LoweredAxis:
    """One axis of a lowered pooling; see there."""

    kernel: int
    stride: int
    dilation: int
    pads: tuple[int, int]
    counted: tuple[int, int]
    picked: Gather | None


def lower_pool(pool: Pool, shape: Sequence[int], rules: Rules, *, pick: bool = False) -> LoweredPool:
    """Lay out a pooling over an input of this spatial shape; `pick` has dilated windows picked. Raises Refused."""
    kind = "" if pool.op == "fractional_max_pool" else pool.kind
    axes = layout(shape, pool, rules) if kind else ()
    if not kind or any(not axis.size for axis in axes):
        raise Refused(f"{pool} has no windows of its own; expected a pooling with at least one window")
    strides = strides_and_dilations(pool, rules)[0] if pool.op in WINDOWED else tuple(shape)
    lines = [lower_axis(axis, stride, pick=pick) for axis, stride in zip(axes, strides, strict=True)]
    kernel, stride, dilation, pads, counted, picked = zip(*(vars(each).values() for each in lines), strict=True)
    include = rules.include_default == "padded" if pool.count_include_pad is None else pool.count_include_pad
    return LoweredPool(kind, kernel, stride, dilation, pads, counted, picked, include, divisor_of(pool, axes, include, rules))


def lower_axis(axis: Axis, stride: int, *, pick: bool) -> LoweredAxis:
    """One axis: windows that slide, or else cells that are picked."""
    first, last = axis.windows[0], axis.windows[-1]
    low, high = -first.start, max(0, *(window[-1] + 1 - axis.n for window in axis.windows if window))
    uniform = len({(len(window), window.step) for window in axis.windows}) == 1 and is_evenly_spaced(
        [window.start for window in axis.windows]
    )
    stride = axis.windows[1].start - first.start if axis.size > 1 else stride
    left_out = axis.n - last[-1] - 1 >= stride if last else True
    if uniform and low >= 0 and not left_out and not (pick and first.step > 1):
        return LoweredAxis(len(first), stride, first.step, (low, high), stated_part(axis, low, high), None)
    return gather_axis(axis, max(low, 0), high, uniform=uniform)


def is_evenly_spaced(starts: Sequence[int]) -> bool:
    """Whether numbers stand at one distance from each other, a positive one."""
    gaps = {after - before for before, after in pairwise(starts)}
    return len(gaps) < 2 and min(gaps, default=1) > 0


def gather_axis(axis: Axis, low: int, high: int, *, uniform: bool) -> LoweredAxis:
    """One axis whose windows are picked; those with fewer cells than others are filled up with one further cell of padding."""
    size, first = max(map(len, axis.windows)), axis.windows[0]
    if uniform:
        starts = range(low + first.start, low + axis.windows[-1].start + 1, max(axis.windows[-1].start - first.start, 1))
        starts = range(starts.start, starts.stop, axis.windows[1].start - first.start) if axis.size > 1 else starts
        return LoweredAxis(
            size, size, 1, (low, high), stated_part(axis, low, high), Gather(starts, range(0, first[-1] + 1 - first.start, first.step))
        )
    end = low + axis.n + high
    listed = tuple(at for window in axis.windows for at in [*(low + cell for cell in window), *[end] * (size - len(window))])
    return LoweredAxis(size, size, 1, (low, high + 1), stated_part(axis, low, high), Gather(range(0), range(0), listed))


def stated_part(axis: Axis, low: int, high: int) -> tuple[int, int]:
    """What of some padding the caller has asked for."""
    return min(low, max(axis.low, 0)), min(high, max(axis.high, 0))


def divisor_of(pool: Pool, axes: Sequence[Axis], include: bool, rules: Rules) -> int | None:
    """What every average divides by, None where windows differ."""
    if pool.divisor_override is not None:
        return pool.divisor_override
    counts = [{count_positions(axis, i, include, rules) for i in range(axis.size)} for axis in axes]
    return math.prod(next(iter(each)) for each in counts) if all(len(each) == 1 for each in counts) else None


def count_positions(axis: Axis, index: int, include: bool, rules: Rules) -> int:
    """How many positions of a window count along one axis."""
    if not include:
        return len(axis.cells(index))
    return len(axis.windows[index]) if rules.overhang == "counted" else len(axis.padded(index))
