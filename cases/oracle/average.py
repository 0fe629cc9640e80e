"""The average of a window: which positions are summed, what the sum is divided by, and in which arithmetic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from ..model.arithmetic import (
    Array,
    DType,
    accumulator_dtype,
    add_up,
    check_fractions,
    is_floating,
    result_dtype,
    round_fraction,
    to_accumulator,
    to_result,
)
from ..model.pool import Pool, Refused
from ..model.rules import Rules
from .layout import Position, Window

BLOCK = 32


def check_average(pool: Pool, dtype: DType, rules: Rules) -> None:
    """Raise Refused for an average with a divisor of zero, or of a type that the rules refuse."""
    if pool.divisor_override == 0:
        raise Refused("divisor_override is 0; expected another integer")
    check_fractions(dtype, rules)


def summed_positions(window: Window, rules: Rules) -> tuple[Position, ...]:
    """The positions that an average sums: the cells, and the nearest cells of the padding where the rules repeat the edge."""
    uneven = any(axis.low != axis.high for axis in window.axes)
    edges = rules.average_pad == "edge" or (rules.average_pad == "edge_if_uneven" and uneven)
    return window.edge_positions if edges else window.cells


def divisor(window: Window, pool: Pool, rules: Rules) -> int:
    """The number that the average of a window is divided by; 0 if the window has nothing to average."""
    if pool.divisor_override is not None:
        return pool.divisor_override
    include = rules.include_default == "padded" if pool.count_include_pad is None else pool.count_include_pad
    if not include:
        return len(summed_positions(window, rules))
    return window.taps if rules.overhang == "counted" else window.padded_count


def average(plane: Array, window: Window, pool: Pool, rules: Rules) -> Any:
    """The average of a window in the type of the sum or of the output, or the value of an empty window by the rules."""
    count = divisor(window, pool, rules)
    if count == 0:
        return {"nan": math.nan, "zero": 0}[rules.empty_average]
    terms = [plane[position] for position in summed_positions(window, rules)]
    return divide(sum_numbers(terms, window, accumulator_dtype(plane.dtype, rules), rules), count, plane.dtype, rules)


def sum_numbers(terms: Sequence[Any], window: Window, dtype: DType | None, rules: Rules) -> Any:
    """The sum of numbers in the order and the type of the rules; `dtype` is None for exact integers."""
    numbers = [to_accumulator(term, dtype) for term in terms]
    if dtype is not None and rules.sum_order == "rows":
        return sum_rows(numbers, window, dtype)
    if dtype is not None and rules.sum_order == "blocks32" and window.whole:
        return sum_in_blocks(np.array(numbers).reshape([axis.n for axis in window.axes]))
    return add_up(numbers, dtype)


def sum_rows(numbers: Sequence[Any], window: Window, dtype: DType) -> Any:
    """The sum of numbers along the last axis of a window first, and of these sums along the axis before it likewise."""
    inside = len(numbers) == len(window.cells)
    for axis, i in reversed(list(window.pairs)):
        count = max(len(axis.cells(i) if inside else axis.padded_positions(i)), 1)
        numbers = [add_up(numbers[start : start + count], dtype) for start in range(0, len(numbers), count)]
    return add_up(numbers, dtype)


def sum_in_blocks(numbers: Array) -> Any:
    """The sum of an array in blocks of 32 along each axis, and of the sums of blocks likewise."""
    while max(numbers.shape) > BLOCK:
        edges = [block_slices(n) for n in numbers.shape]
        sums = [add_up(numbers[block].ravel(), numbers.dtype) for block in product(*edges)]
        numbers = np.array(sums).reshape([len(slices) for slices in edges])
    return add_up(numbers.ravel(), numbers.dtype)


def block_slices(n: int) -> list[slice]:
    """The fewest blocks that cover `n` cells; the first and the last block are shortened by half of the excess each."""
    count = -(-n // BLOCK)
    low = (count * BLOCK - n) // 2
    return [slice(max(0, i * BLOCK - low), (i + 1) * BLOCK - low) for i in range(count)]


def divide(number: Any, count: int, dtype: DType, rules: Rules) -> Any:
    """A sum divided in the wider of the types of the sum and the output; integers are rounded by their rule."""
    answer = result_dtype(dtype, rules, exact=False)
    if not is_floating(answer):
        exact = Fraction(number if isinstance(number, int) else number.item()) / count
        return to_result(round_fraction(exact, dtype, rules), dtype)
    wide = answer if not is_floating(dtype) or number.dtype.itemsize < answer.itemsize else number.dtype
    number, count = wide.type(float(number)), wide.type(count)
    return number * (wide.type(1) / count) if rules.division == "reciprocal" else number / count


def average_weights(plane: Array, window: Window, pool: Pool, rules: Rules) -> list[tuple[Position, float]]:
    """The share of an output cell's cotangent for each position of its window; a cell at the edge may be listed more than once."""
    count = divisor(window, pool, rules)
    return [(position, 1 / count) for position in summed_positions(window, rules)]
