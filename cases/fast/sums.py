"""Averages of all windows at once: for each tap, the input is shifted and added."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..model.arithmetic import Array, DType, accumulator_dtype, is_floating, lowest, result_dtype
from ..model.operation import Problem
from ..model.rules import Rules
from .lines import WindowLine, add_at, cells_among, outer_product, shifts, spatial_index

LONGEST = 32
PART = 1 << 16
"""Cells of a line that are added up at a time, so that partial sums take little memory."""


def averages(problem: Problem, lines: Sequence[WindowLine]) -> Array:
    """The average of every window, in the type of the output."""
    x, rules = problem.x, problem.rules
    padded = repeats_edge(x, lines, rules)
    counts = divisors(problem, lines, padded)
    cells = x[edge_cells(lines, padded)] if padded else x
    total = window_sums(cells, lines, padded, accumulator_dtype(x.dtype, rules), rules)
    y = divide(total, np.where(counts == 0, 1, counts), x.dtype, rules)
    empty_value = 0 if rules.empty_average == "zero" else np.nan if is_floating(y.dtype) else lowest(y.dtype)
    return np.where(counts == 0, np.array(empty_value, y.dtype), y)


def repeats_edge(x: Array, lines: Sequence[WindowLine], rules: Rules) -> bool:
    """Whether the padding of an average repeats the cells at the edge."""
    uneven = any(line.low != line.high for line in lines)
    return 0 not in x.shape[2:] and (rules.average_pad == "edge" or (rules.average_pad == "edge_if_uneven" and uneven))


def edge_cells(lines: Sequence[WindowLine], padded: bool) -> Any:
    """The index of the cell that each position that takes part shows: its own, or the nearest one at the edge."""
    return spatial_index([np.clip(np.arange(*line.bounds(padded)), 0, line.n - 1) for line in lines])


def divisors(problem: Problem, lines: Sequence[WindowLine], padded: bool) -> Array:
    """The number that each average divides by, of shape (1, 1, *spatial)."""
    pool, rules = problem.pool, problem.rules
    if pool.divisor_override is not None:
        return np.full((1, 1, *(line.size for line in lines)), pool.divisor_override)
    if pool.count_include_pad or (pool.count_include_pad is None and rules.include_default == "padded"):
        return outer_product([line.taps if rules.overhang == "counted" else line.count(padded=True) for line in lines])
    return outer_product([line.count(padded) for line in lines])


def average_gradient(problem: Problem, lines: Sequence[WindowLine], cotangent: Array) -> Array:
    """The gradient of averages: every cell of a window takes an equal share of its cotangent."""
    padded = repeats_edge(problem.x, lines, problem.rules)
    counts = np.broadcast_to(divisors(problem, lines, padded), cotangent.shape)
    share = np.where(counts == 0, 0.0, 1 / np.where(counts == 0, 1, counts) * cotangent)
    return gather_gradient(problem.x, lines, padded, lambda outputs, inputs: share[outputs])


def gather_gradient(x: Array, lines: Sequence[WindowLine], padded: bool, share: Any) -> Array:
    """The gradient of the input, from the share that each cell takes from each output for each tap."""
    input_gradient = np.zeros((*x.shape[:2], *(len(range(*line.bounds(padded))) for line in lines)))
    for _, outputs, cells in shifts(lines, padded):
        add_at(input_gradient, cells, share(outputs, cells))
    if not padded:
        return input_gradient
    gradient = np.zeros(x.shape)
    np.add.at(gradient, edge_cells(lines, padded), input_gradient)
    return gradient


def window_sums(cells: Array, lines: Sequence[WindowLine], padded: bool, dtype: DType | None, rules: Rules) -> Array:
    """The sums of all windows in a type, exact for integers if that is None; cells of a window are added in row-major order."""
    numbers = cells.astype(exact_type(cells, lines) if dtype is None else dtype)
    sizes = [line.size for line in lines]
    if dtype is not None and rules.sum_order == "rows":
        return row_sums(numbers, lines, padded)
    whole = (
        outer_product([[taps == cells == line.n for taps, cells in zip(line.taps, line.count(False), strict=True)] for line in lines]) > 0
    )
    if sizes == [1] * len(lines) and whole.all():
        return sum_in_blocks(numbers) if dtype is not None and rules.sum_order == "blocks32" else plane_sums(numbers)
    y = np.zeros((*cells.shape[:2], *sizes), numbers.dtype)
    for _, outputs, inputs in shifts(lines, padded):
        y[outputs] += numbers[inputs]
    if dtype is not None and rules.sum_order == "blocks32" and whole.any():
        return np.where(whole, sum_in_blocks(numbers[cells_among(lines, padded)]), y)
    return y


def row_sums(numbers: Array, lines: Sequence[WindowLine], padded: bool) -> Array:
    """The sums of all windows along the last axis first, and of these along the axis before it likewise."""
    for axis, line in reversed(list(enumerate(lines, 2))):
        if line.is_whole and line.bounds(padded) == (0, line.n):
            numbers = np.moveaxis(line_sums(np.moveaxis(numbers, axis, -1)), -1, axis)
            continue
        y = np.zeros((*numbers.shape[:axis], line.size, *numbers.shape[axis + 1 :]), numbers.dtype)
        before = (slice(None),) * axis
        for _, outputs, inputs in line.shifts(padded):
            y[(*before, outputs)] += numbers[(*before, inputs)]
        numbers = y
    return numbers


def exact_type(cells: Array, lines: Sequence[WindowLine]) -> DType:
    """A type in which the sums of integers are exact."""
    most = max((abs(int(cell)) for cell in (cells.max(initial=0), cells.min(initial=0))), default=0)
    taps = math.prod(max(line.taps, default=0) for line in lines)
    return np.dtype("int64") if most * taps < 2**63 else np.dtype(object)


def plane_sums(numbers: Array) -> Array:
    """The sum of each plane, one cell after another."""
    flat = numbers.reshape(*numbers.shape[:2], math.prod(numbers.shape[2:]))
    return line_sums(flat).reshape(*flat.shape[:2], *[1] * (numbers.ndim - 2))


def line_sums(numbers: Array) -> Array:
    """The sum of each line along the last axis, one cell after another; that axis stays, with a size of one."""
    total = np.zeros((*numbers.shape[:-1], 1), numbers.dtype)
    for start in range(0, numbers.shape[-1], PART):
        part = np.concatenate([total, numbers[..., start : start + PART]], -1)
        total = np.add.accumulate(part, -1, numbers.dtype)[..., -1:]
    return total


def sum_in_blocks(numbers: Array) -> Array:
    """The sum of each plane in blocks of 32, centred so that the first and the last lack the same, and of their sums likewise."""
    if max(numbers.shape[2:]) <= LONGEST:
        return plane_sums(numbers)
    counts = [math.ceil(n / LONGEST) for n in numbers.shape[2:]]
    missing = [LONGEST * count - n if n > LONGEST else 0 for n, count in zip(numbers.shape[2:], counts, strict=True)]
    even = np.pad(numbers, [(0, 0), (0, 0), *((lack // 2, lack - lack // 2) for lack in missing)])
    sizes = [n // max(count, 1) for n, count in zip(even.shape[2:], counts, strict=True)]
    split = even.reshape(*even.shape[:2], *(n for pair in zip(counts, sizes, strict=True) for n in pair))
    axes = range(2, split.ndim)
    blocks = split.transpose(0, 1, *axes[::2], *axes[1::2]).reshape(len(even), even.shape[1] * math.prod(counts), *sizes)
    return sum_in_blocks(plane_sums(blocks).reshape(*even.shape[:2], *counts))


def divide(total: Array, counts: Array, dtype: DType, rules: Rules) -> Array:
    """Sums divided, in the type of the output."""
    answer = result_dtype(dtype, rules, exact=False)
    if not is_floating(answer):
        numbers = np.vectorize(int, otypes=[object])(total) if total.size else total.astype(object)
        return wrap_integers(DIVISIONS[rules.integer_average](numbers, counts.astype(object)), answer)
    wide = answer if not is_floating(dtype) or total.dtype.itemsize < answer.itemsize else total.dtype
    number, divisor = total.astype("float64").astype(wide), counts.astype(wide)
    y: Array = number * (wide.type(1) / divisor) if rules.division == "reciprocal" else number / divisor
    return y.astype(answer)


def divide_truncating(number: Array, divisor: Array) -> Array:
    """Quotients of integers, rounded towards zero."""
    size = abs(number) // abs(divisor)
    quotients: Array = np.where((number < 0) ^ (divisor < 0), -size, size)
    return quotients


def divide_half_even(number: Array, divisor: Array) -> Array:
    """Quotients of integers, rounded to the nearest, to even in the middle."""
    down, rest = number // divisor, 2 * abs(number % divisor)
    up: Array = (rest > abs(divisor)) | ((rest == abs(divisor)) & (down % 2 == 1))
    quotients: Array = down + up
    return quotients


def divide_half_away(number: Array, divisor: Array) -> Array:
    """Quotients of integers, rounded to the nearest, away from zero in the middle."""
    size = (2 * abs(number) + abs(divisor)) // (2 * abs(divisor))
    quotients: Array = np.where((number < 0) ^ (divisor < 0), -size, size)
    return quotients


def divide_half_up(number: Array, divisor: Array) -> Array:
    """Quotients of integers, rounded to the nearest, up in the middle."""
    quotients: Array = (2 * number + divisor) // (2 * divisor)
    return quotients


DIVISIONS: dict[str, Callable[[Array, Array], Array]] = {
    "truncate": divide_truncating,
    "floor": np.floor_divide,
    "half_even": divide_half_even,
    "half_away": divide_half_away,
    "half_up": divide_half_up,
}


def wrap_integers(numbers: Array, dtype: DType) -> Array:
    """Integers of any size in an integer type, which keeps their last bits."""
    return (numbers % 2**64).astype("uint64").astype(dtype)
