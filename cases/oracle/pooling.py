"""Poolings: each window is reduced to one number, its index, and the shares of its cotangent."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..model.arithmetic import Array, DType, result_dtype, to_result
from ..model.operation import Problem, Result
from ..model.pool import Pool
from ..model.rules import Rules
from .average import average, average_weights, check_average
from .fractional import place_windows
from .index import flat_index, maximum_index
from .layout import Position, Window, count_cells, layout, required, windows
from .maximum import max_weights, maximum
from .norm import check_norm, norm, norm_weights

Plane = tuple[int, ...]

SHARED = 1 << 18
"""Windows with more cells than this are laid out anew for each plane, so that they take no memory."""


@dataclass(frozen=True)
class Reduction:
    """How windows are reduced: the value of a window, the share of its cotangent for each cell, and a check of the parameters."""

    value: Callable[[Array, Window, Pool, Rules], Any]
    weights: Callable[[Array, Window, Pool, Rules], Sequence[tuple[Position, float]]]
    check: Callable[[Pool, DType, Rules], None]


REDUCTIONS = {
    "max": Reduction(maximum, max_weights, lambda pool, dtype, rules: None),
    "avg": Reduction(average, average_weights, check_average),
    "lp": Reduction(norm, norm_weights, check_norm),
}


def pool_planes(problem: Problem) -> Result:
    """Pool every plane with the same windows."""
    axes = layout(problem.x.shape[2:], problem.pool, problem.rules)
    shared = list(windows(axes)) if math.prod(problem.x.shape[:2]) > 1 and count_cells(axes) <= SHARED else None
    return reduce_windows(problem, tuple(axis.size for axis in axes), lambda plane: windows(axes) if shared is None else shared)


def pool_fractional(problem: Problem) -> Result:
    """Pool every plane with the windows that its samples place."""
    axes_of = place_windows(problem)
    return reduce_windows(problem, required(problem.pool, "output_size"), lambda plane: windows(axes_of(plane)))


def reduce_windows(problem: Problem, sizes: tuple[int, ...], windows_of: Callable[[Plane], Iterable[Window]]) -> Result:
    """Reduce the windows of every plane to an output of these spatial sizes."""
    x, pool, rules = problem.x, problem.pool, problem.rules
    reduction = REDUCTIONS[pool.kind]
    reduction.check(pool, x.dtype, rules)
    y = np.empty((*x.shape[:2], *sizes), result_dtype(x.dtype, rules, exact=pool.kind == "max"))
    indices = np.empty(y.shape, "int64") if pool.kind == "max" and problem.located else None
    cotangent, gradient = problem.cotangent_for(y.shape), np.zeros(x.shape)
    for plane in np.ndindex(x.shape[:2]):
        for window in windows_of(plane):
            cell = plane + window.index
            y[cell] = to_result(reduction.value(x[plane], window, pool, rules), y.dtype)
            if indices is not None:
                indices[cell] = maximum_index(x, plane, window, rules)
            if cotangent is not None:
                for position, weight in reduction.weights(x[plane], window, pool, rules):
                    add_in_memory(gradient, plane + position, weight * cotangent[cell])
    return Result(y, indices, None if cotangent is None else gradient)


def add_in_memory(array: Array, position: Plane, amount: Any) -> None:
    """Add to the cell at a position; one behind its plane is a cell of a later plane, or of none."""
    at = flat_index(position, array.shape)
    if at < array.size:
        array.reshape(-1)[at] += amount
