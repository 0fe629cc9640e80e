"""Limits on the work of one layer, checked from its numbers alone before any array or window is made.

They keep `port`, `explain` and `scan` within a few seconds and a gigabyte for layers and models that anybody may have written.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...adapters.contract import Ask
from ...cases.model.pool import UNPOOLING, Pool

MAX_TEXT = 10_000
"""Characters of a layer's text."""
MAX_AXES = 8
"""Axes of an input."""
MAX_NUMBER = (1 << 31) - 1
"""A size, or a parameter of a layer."""
MAX_CELLS = 1 << 22
"""Cells of one plane of the input with its padding, and of the output: 2048 x 2048."""
MAX_AXIS = 1 << 20
"""Cells and windows along one axis."""
MAX_WINDOW = 1 << 14
"""Cells of one window that slides: 128 x 128."""
MAX_BIN = 1 << 17
"""Cells of one bin of an adaptive pooling with several."""
MAX_WORK = 1 << 28
"""Cells of all windows of one plane together."""
MAX_SMALL_WORK = 1 << 21
"""The same for the small inputs on which a layer runs many times."""
MAX_SMALL_AXIS = 1 << 12
"""Windows along an axis of such an input."""


@dataclass(frozen=True)
class AxisExtent:
    """Upper bounds of what a pooling does along one axis, whatever rules its framework follows."""

    cells: int
    windows: int
    taps: int


def find_excess(ask: Ask, small: Ask) -> str:
    """Which limit a layer exceeds on an input or on the small inputs made for it, in a sentence; empty if it exceeds none."""
    pool, sizes = ask.pool, [ask.shape[axis] for axis in ask.spatial]
    for name, number in (*(("the input", size) for size in ask.shape), *numbers_of(pool)):
        if abs(number) > MAX_NUMBER:
            return f"a number of {name} is too large; expected at most {MAX_NUMBER:,}"
    if any(isinstance(value, tuple) and len(value) != len(sizes) for value in pool.stated_parameters().values()):
        return ""  # which every framework rejects
    extents = measure_axes(ask)
    windows, taps = math.prod(extent.windows for extent in extents), math.prod(extent.taps for extent in extents)
    several_bins = pool.op.startswith("adaptive") and windows > 1
    measures = [
        (math.prod(extent.cells for extent in extents), "cells of the input with its padding in each plane", MAX_CELLS),
        (windows, "cells of the output in each plane", MAX_CELLS),
        (max(extent.cells for extent in extents), "cells with padding along an axis", MAX_AXIS),
        (max(extent.windows for extent in extents), "windows along an axis", MAX_AXIS),
        (taps if pool.kernel else 0, "cells in a window", MAX_WINDOW),
        (taps if several_bins else 0, "cells in a bin", MAX_BIN),
        (windows * taps, "cells in all windows of a plane together", MAX_WORK),
        (max(extent.windows for extent in measure_axes(small)), "windows along an axis, even on a small input", MAX_SMALL_AXIS),
        (measure_work(small), "cells in all windows together, even on a small input", MAX_SMALL_WORK),
    ]
    return next((f"{count:,} {what}; expected at most {most:,}" for count, what, most in measures if count > most), "")


def numbers_of(pool: Pool) -> list[tuple[str, int]]:
    """Every integer among the parameters of a pooling, with the parameter's name."""
    return [(name, number) for name, value in pool.stated_parameters().items() for number in flatten_numbers(value)]


def flatten_numbers(value: Any) -> list[int]:
    """The integers in nested sequences."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [number for part in value for number in flatten_numbers(part)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


def measure_work(ask: Ask) -> int:
    """The number of cells in all windows of one plane, or somewhat more."""
    return math.prod(extent.windows * extent.taps for extent in measure_axes(ask))


def measure_axes(ask: Ask) -> list[AxisExtent]:
    """The extents of a case's pooling along its spatial axes."""
    return [measure_axis(ask.pool, place, ask.shape[axis]) for place, axis in enumerate(ask.spatial)]


def measure_unpooled_axis(pool: Pool, axis: int, n: int) -> int:
    """The number of places that an un-pooling makes of an axis of `n` cells, or somewhat more."""
    if pool.output_size:
        return max(pool.output_size[axis], 1)
    taps = pool.kernel[axis] if pool.kernel else 1
    return max((n - 1) * (pool.stride[axis] if pool.stride else taps) + taps, 1)


def measure_axis(pool: Pool, axis: int, n: int) -> AxisExtent:
    """The extent of a pooling along an axis of `n` cells."""
    if pool.op in UNPOOLING:
        return AxisExtent(n, measure_unpooled_axis(pool, axis, n), 1)
    if pool.output_size:
        bins = max(pool.output_size[axis], 1)
        return AxisExtent(n, bins, min(n, -(-n // bins) + 1))
    if not pool.kernel:
        return AxisExtent(n, 1, n)
    taps, stride = max(pool.kernel[axis], 1), max(pool.stride[axis] if pool.stride else 1, 1)
    span = (taps - 1) * max(pool.dilation[axis] if pool.dilation else 1, 1) + 1
    if isinstance(pool.padding, tuple):
        low, high = (max(side, 0) for side in pool.padding[axis])
    else:
        low = high = 0 if pool.padding in (None, "valid") else span // 2
    cells = n + low + high
    overhang = stride - 1 if pool.ceil_mode else 0
    return AxisExtent(cells, max(cells + overhang - span, 0) // stride + 1, taps)
