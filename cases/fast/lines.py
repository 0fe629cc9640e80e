"""Windows as slices: for each tap, the outputs that have it, and the cells that it takes for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from ..model.arithmetic import Array

Select = tuple[Any, ...]
"""An index of an array (batch, channels, *spatial)."""

Shift = tuple[tuple[int, ...], Select, Select]
"""A tap's number along each axis, the outputs that have it, and the cells it takes there."""


@dataclass(frozen=True)
class WindowLine:
    """The windows along one axis of `n` cells: each has `taps` positions, `dilation` apart, from one of `starts` on.

    Evenly spaced starts are a range. Positions are those of the input. `vacant` outputs behind them have no window, and are zero.
    """

    n: int
    starts: Sequence[int]
    taps: Sequence[int]
    dilation: int = 1
    low: int = 0
    high: int = 0
    vacant: int = 0

    @property
    def size(self) -> int:
        """The number of windows."""
        return len(self.starts)

    @property
    def is_whole(self) -> bool:
        """Whether there is one window, of all cells of the axis."""
        return list(self.starts[:2]) == [0] and self.taps[0] == self.n and self.dilation == 1

    def bounds(self, padded: bool) -> tuple[int, int]:
        """The first position that takes part, and the one behind the last."""
        return (min(-self.low, 0), self.n + max(self.high, 0)) if padded else (0, self.n)

    def before(self, position: int) -> list[int]:
        """For each window, the number of taps before a position."""
        return [min(max(ceil_div(position - start, self.dilation), 0), taps) for start, taps in zip(self.starts, self.taps, strict=True)]

    def count(self, padded: bool) -> list[int]:
        """For each window, the number of taps that take part."""
        first, stop = self.bounds(padded)
        return [behind - before for before, behind in zip(self.before(first), self.before(stop), strict=True)]

    def first(self, padded: bool) -> list[int]:
        """For each window, its first cell, counted from the first that takes part; any number for a window without cells."""
        first, stop = self.bounds(padded)
        places = (start + self.dilation * skipped_cells for start, skipped_cells in zip(self.starts, self.before(first), strict=True))
        return [min(place, stop - 1) - first for place in places]

    def shifts(self, padded: bool) -> Iterator[tuple[int, Any, Any]]:
        """For each tap, the windows that have it, and the cells that it takes, counted from the first that takes part."""
        first, stop = self.bounds(padded)
        select = self.even if isinstance(self.starts, range) else self.uneven
        for tap in self.taps_between(first, stop):
            shift = tap * self.dilation
            if windows_and_cells := select(tap, first - shift, stop - shift):
                yield tap, *windows_and_cells

    def taps_between(self, first: int, stop: int) -> range:
        """The taps that some window may have between two positions."""
        if not self.starts:
            return range(0)
        least = ceil_div(first - max(self.starts[0], self.starts[-1]), self.dilation)
        most = ceil_div(stop - min(self.starts[0], self.starts[-1]), self.dilation)
        return range(max(least, 0), min(most, max(self.taps)))

    def even(self, tap: int, first: int, stop: int) -> tuple[slice, slice] | None:
        """The windows that start between two positions, and their starts counted from the first of these, as slices."""
        begin, step = self.starts[0], self.starts.step  # type: ignore[attr-defined]
        start, end = max(ceil_div(first - begin, step), 0), min(ceil_div(stop - begin, step), self.size)
        if start >= end:
            return None
        return slice(start, end), slice(self.starts[start] - first, self.starts[end - 1] - first + 1, step)

    def uneven(self, tap: int, first: int, stop: int) -> tuple[list[int], list[int]] | None:
        """The same for windows of which not all have the tap, as lists."""
        windows = [i for i, start in enumerate(self.starts) if tap < self.taps[i] and first <= start < stop]
        return (windows, [self.starts[i] - first for i in windows]) if windows else None


def ceil_div(number: int, divisor: int) -> int:
    """A quotient, rounded up."""
    return -(-number // divisor)


def shifts(lines: Sequence[WindowLine], padded: bool) -> Iterator[Shift]:
    """For each tap of the whole window, row-major, the outputs that have it and the cells that it takes."""
    for taps in product(*(list(line.shifts(padded)) for line in lines)):
        numbers, outputs, cells = zip(*taps, strict=True)
        yield numbers, spatial_index(outputs), spatial_index(cells)


def spatial_index(axes: Sequence[Any]) -> Select:
    """The index of some positions of each spatial axis, in all planes."""
    spatial = axes if isinstance(axes[0], slice) else np.ix_(*axes)
    return (slice(None), slice(None), *spatial)


def cells_among(lines: Sequence[WindowLine], padded: bool) -> Select:
    """The index of the input's cells among the positions that take part."""
    starts = (-line.bounds(padded)[0] for line in lines)
    return (..., *(slice(start, start + line.n) for start, line in zip(starts, lines, strict=True)))


def outer_product(counts: Sequence[Sequence[int]]) -> Array:
    """The products of numbers of each spatial axis, of shape (1, 1, *spatial)."""
    products: Array = np.ones((1, 1), int)
    for count in counts:
        products = products[..., None] * np.array(count, int)
    return products


def add_at(array: Array, cells: Select, numbers: Array) -> None:
    """Add numbers to cells, some of which may be the same cell where windows are unevenly spaced."""
    if isinstance(cells[-1], slice):
        array[cells] += numbers
    else:
        np.add.at(array, cells, numbers)
