"""The work that a case asks for, by window arithmetic alone, and the limits on it.

A case is read, checked and judged with two oracles. What they do is in proportion to the cells of all windows together,
and they hold the padded input and the output in memory. Each array of a spec has a limit of its own (`CELL_LIMIT`);
here the products have theirs, so that a small file cannot ask for much work. A large input has more cells than arrays
usually may: only the vectorised oracle takes it, and what would copy it often is refused. The numbers are upper bounds that hold under
every rule: `check` also tries the rules that a case does not pin, and a stride of one has more windows than a stated one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..model.case import Case
from ..model.inputs import CELL_LIMIT, LARGE_LIMIT, stored_cells
from ..model.mistake import Fault, quote
from ..model.pool import ADAPTIVE, FIRST, GLOBAL, WINDOWED, Pool

ARRAY_LIMIT = 2 * CELL_LIMIT
"""The most cells of an output and of a padded input, by an upper bound that may be larger than the array."""
CASE_LIMIT = 1 << 22
"""The most work of a case, in steps of about a microsecond."""
FILE_LIMIT = 11 << 20
"""The most work of all cases of a file, those of its matrices included."""
LARGE_OPS = ("max_pool", "avg_pool", "global_max_pool", "global_avg_pool")
"""Operations on large inputs."""
LARGE_PACE = 16
"""Cells of a large input that take a step together."""
COPYING = ("max_unpool", "upsample_nearest", "flatten", "input")
"""Operations that take each cell once."""
CASE_STEPS = 500
"""The work of a case whose arrays are small."""


@dataclass(frozen=True)
class Cost:
    """The work of one operation: cells of its output, of its padded input, of all its windows together, and of one window.

    `loops` counts the cells of a window that the vectorised oracle takes one after another.
    """

    output: int
    padded_cells: int
    visits: int
    loops: int


@dataclass(frozen=True)
class AxisCost:
    """One spatial axis: windows, padded cells, and cells of a window."""

    windows: int
    padded_cells: int
    taps: int


@dataclass
class Budget:
    """The work that the cases of a file may still ask for."""

    left: int = FILE_LIMIT

    def spend(self, case: Case, line: int) -> None:
        """Take the work of a case off the budget; raises Fault where it is over the limit of a case or of the file."""
        self.left -= count_steps(case, line)
        if self.left < 0:
            raise Fault(line, "the cases of the file up to here ask for too much work", "smaller arrays or windows, or several files")

    @property
    def is_exhausted(self) -> bool:
        """Whether an earlier case was over the limit of the file."""
        return self.left < 0


def count_steps(case: Case, line: int) -> int:
    """The work of a case, and of the operation that it equals, in steps; raises Fault where it is over the limit of a case."""
    return CASE_STEPS + sum(count_operation_steps(case, pool, line) for pool in (case.pool, case.due.equals) if pool)


def count_operation_steps(case: Case, pool: Pool, line: int) -> int:
    """The work of one operation on the input of a case; raises Fault where its arrays or its work are over a limit."""
    cost = measure_cost(case, pool)
    name = f"{pool.op} on {quote(list(case.input.shape))}"
    if cost.output > ARRAY_LIMIT:
        raise Fault(line, f"{name} has an output of up to {cost.output} cells", f"at most {ARRAY_LIMIT}")
    if case.is_large:
        return count_large_steps(case, pool, cost, line)
    if cost.padded_cells > ARRAY_LIMIT:
        raise Fault(line, f"{name} has a padded input of up to {cost.padded_cells} cells", f"at most {ARRAY_LIMIT}")
    if pool.op in COPYING:
        return 4 * cost.output
    uneven = pool.op in ADAPTIVE or pool.op == "fractional_max_pool"
    searched = case.wants("gradient") or case.wants("indices")
    steps = cost.visits // 2 + cost.loops * (256 if uneven or searched else 64) + cost.output * (48 if uneven else 1)
    if case.wants("gradient") or (case.wants("output") and (pool.kind in ("avg", "lp") or pool.op == "conv")):
        steps += 2 * cost.visits + 32 * cost.output  # the oracle that takes one cell after another bounds the rounding
    if steps > CASE_LIMIT:
        problem = f"{name} has windows of up to {cost.visits} cells together, of up to {cost.loops} each: {steps} steps of work"
        raise Fault(line, problem, f"at most {CASE_LIMIT}")
    return steps


def count_large_steps(case: Case, pool: Pool, cost: Cost, line: int) -> int:
    """The work of one operation on a large input, which the vectorised oracle takes as a whole; raises Fault where it may not."""
    name, cells = f"{pool.op} on {quote(list(case.input.shape))}", math.prod(case.input.shape)
    faults = {
        "is not a maximum or an average of windows or of whole planes": pool.op not in LARGE_OPS,
        "has padding": pool.pads(),
        "has a gradient": case.wants("gradient"),
        "has an answer from the oracle": bool(case.due.from_oracle) or case.due.equals is not None,
        f"adds up {cells} cells": pool.kind == "avg" and cells > LARGE_LIMIT,
    }
    for fault, holds in faults.items():
        if holds:
            problem = f"{name} {fault}"
            raise Fault(line, problem, f"none of that for an input of more than {CELL_LIMIT} cells, or a smaller input")
    steps = cost.loops * 256 + cost.visits // LARGE_PACE + (0 if case.input.is_uniform else cells // LARGE_PACE)
    if steps > CASE_LIMIT:
        raise Fault(line, f"{name} has windows of up to {cost.visits} cells together: {steps} steps of work", f"at most {CASE_LIMIT}")
    return steps


def measure_cost(case: Case, pool: Pool) -> Cost:
    """An upper bound of the work of an operation on the input of a case, under any rules."""
    shape = case.input.shape
    cells = math.prod(shape)
    if pool.op in ("flatten", "input"):
        return Cost(cells, cells, cells, 0)
    first = int(case.batched) + (case.layout == FIRST)
    spatial = shape[first : first + case.rank]
    batch = shape[0] if case.batched else 1
    channels = shape[1 if case.batched else 0] if case.layout == FIRST else shape[-1]
    if pool.op == "conv":
        return measure_convolution(case, pool, spatial, batch, channels)
    planes = batch * channels
    axes = [measure_axis(pool, axis, n) for axis, n in enumerate(spatial)]
    windows, taps = math.prod(axis.windows for axis in axes), math.prod(axis.taps for axis in axes)
    visits = planes * windows * taps
    if pool.op == "fractional_max_pool":
        visits *= max(planes, 1)  # each plane has its own windows, which one of the oracles applies to all planes
    if case.is_large and windows_are_whole(pool, spatial):
        return Cost(planes, cells, cells, len(axes))
    loops = sum(axis.taps for axis in axes) if not case.is_large and is_separable(case, pool) else taps
    return Cost(planes * windows, planes * math.prod(axis.padded_cells for axis in axes), visits, loops)


def windows_are_whole(pool: Pool, spatial: tuple[int, ...]) -> bool:
    """Whether one window takes a whole plane under every rule."""
    window = pool.op in WINDOWED and pool.kernel == spatial and not pool.pads() and not pool.ceil_mode
    return pool.op in GLOBAL or (window and all(step == 1 for step in pool.dilation or ()))


def is_separable(case: Case, pool: Pool) -> bool:
    """Whether an operation goes along one axis after another, so that its loops add up instead of multiplying."""
    if case.wants("gradient") or case.wants("indices"):
        return False
    if pool.kind != "max":
        return pool.op in GLOBAL
    x = stored_cells(case.input.value).astype("float64")
    return not (np.isnan(x).any() or np.signbit(x[x == 0]).any())


def measure_convolution(case: Case, pool: Pool, spatial: tuple[int, ...], batch: int, channels: int) -> Cost:
    """An upper bound of the work of a convolution; one whose weights do not fit is refused before any work."""
    weights = case.extra["weights"].shape if "weights" in case.extra else ()
    if len(weights) != len(spatial) + 2:
        return Cost(0, 0, 0, 0)
    kernel = weights[2:]
    window_pool = Pool(op="conv", kernel=kernel, stride=pool.stride, padding=pool.padding, dilation=pool.dilation)
    axes = [measure_axis(window_pool, axis, n) for axis, n in enumerate(spatial)]
    windows = math.prod(axis.windows for axis in axes)
    output = batch * weights[0] * windows
    return Cost(
        output, batch * channels * math.prod(axis.padded_cells for axis in axes), output * math.prod(weights[1:]), math.prod(kernel)
    )


def measure_axis(pool: Pool, axis: int, n: int) -> AxisCost:
    """An upper bound of the windows of one axis of `n` cells, of its padded cells, and of the cells of a window."""
    kernel = abs(pool.kernel[axis]) if pool.kernel else 1
    size = abs(pool.output_size[axis]) if pool.output_size else 0
    if pool.op in GLOBAL:
        return AxisCost(1, n, n)
    if pool.op in ADAPTIVE:
        return AxisCost(size, n, -(-n // max(size, 1)) + 1)
    if pool.op == "fractional_max_pool":
        return AxisCost(size, n, kernel)
    if pool.op == "upsample_nearest":
        return AxisCost(size or n * kernel, n, 1)
    if pool.op == "max_unpool":
        crop = sum(map(abs, pool.padding[axis])) if isinstance(pool.padding, tuple) else 0
        return AxisCost(size or n * max(kernel, abs(pool.stride[axis]) if pool.stride else 1) + kernel + crop, n, 1)
    assert pool.op in (*WINDOWED, "conv")
    stride = max(pool.stride[axis], 1) if pool.stride else 1  # left open, it may be one
    span = (kernel - 1) * max(pool.dilation[axis] if pool.dilation else 1, 1) + 1
    if isinstance(pool.padding, tuple):
        low, high = pool.padding[axis]
        pads = max(low, 0) + max(high, 0)
    else:
        pads = span + stride if pool.padding in ("same", "same_lower") or (pool.padding is None and pool.op == "conv") else 0
    window_cells = min(kernel, n + pads + 1) if pool.op in WINDOWED else kernel  # no more of a window is visited
    return AxisCost(max(n + pads - span, 0) // stride + 2, n + pads, window_cells)
