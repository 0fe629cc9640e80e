"""Poolings: each window is reduced to one number, its index, and the shares of its cotangent."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..model.arithmetic import Array, DType, result_dtype, to_result
from ..model.operation import Problem, Result
from ..model.pool import ADAPTIVE, Crashed, Pool
from ..model.rules import Rules
from .average import average, average_weights, check_average
from .fractional import place_windows
from .index import flat_index, index_of, maximum_index
from .layout import Position, Window, count_cells, layout, require_parameter, windows
from .maximum import max_weights, maximum, maximum_position
from .norm import check_norm, norm, norm_weights
from .window import Axis, each_cell

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
    check_single_bin(problem)
    axes = layout(problem.x.shape[2:], problem.pool, problem.rules)
    if problem.pool.op in ADAPTIVE and problem.rules.adaptive_passes == "in_turn" and all(axis.n for axis in axes):
        return pool_in_turn(problem, axes)
    shared_windows = list(windows(axes)) if math.prod(problem.x.shape[:2]) > 1 and count_cells(axes) <= SHARED else None
    return reduce_windows(
        problem, tuple(axis.outputs for axis in axes), lambda plane: windows(axes) if shared_windows is None else shared_windows
    )


def check_single_bin(problem: Problem) -> None:
    """Raise Crashed for an adaptive maximum with one bin on the last axis, by the rule; an input without cells has none."""
    one_bin = problem.pool.op == "adaptive_max_pool" and problem.pool.output_size is not None and problem.pool.output_size[-1] == 1
    if one_bin and problem.rules.adaptive_bins == "crash_for_one" and problem.x.size:
        raise Crashed(f"output_size is {problem.pool.output_size}; expected at least 2 on the last axis")


def pool_fractional(problem: Problem) -> Result:
    """Pool every plane with the windows that its samples place."""
    axes_of = place_windows(problem)
    return reduce_windows(problem, require_parameter(problem.pool, "output_size"), lambda plane: windows(axes_of(plane)))


def reduce_windows(problem: Problem, sizes: tuple[int, ...], windows_of: Callable[[Plane], Iterable[Window]]) -> Result:
    """Reduce the windows of every plane to an output of these spatial sizes; what has no window is zero, and its index -1."""
    x, pool, rules = problem.x, problem.pool, problem.rules
    reduction = REDUCTIONS[pool.kind]
    reduction.check(pool, x.dtype, rules)
    y = np.zeros((*x.shape[:2], *sizes), result_dtype(x.dtype, rules, exact=pool.kind == "max"))
    indices = np.full(y.shape, -1, "int64") if pool.kind == "max" and problem.located else None
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


def pool_in_turn(problem: Problem, axes: Sequence[Axis]) -> Result:
    """Pool along one axis after another; the output of each pass is the input of the next."""
    sizes = [axis.size for axis in axes]
    passes = [
        [*map(each_cell, sizes[:number]), axis, *(each_cell(after.n) for after in axes[number + 1 :])] for number, axis in enumerate(axes)
    ]
    inputs = [replace(problem, cotangent=None, located=False)]
    for lines in passes:
        inputs.append(replace(inputs[-1], x=reduce_along(inputs[-1], lines).output))
    y, indices, gradient = inputs.pop().x, None, None
    if problem.pool.kind == "max" and problem.located:
        indices = np.empty(y.shape, "int64")
        for plane in np.ndindex(y.shape[:2]):
            for window in windows(axes):
                position = position_in_turn([step.x[plane] for step in inputs], passes, window.index, problem.rules)
                indices[plane + window.index] = index_of(position, plane, window, problem.x.shape, problem.rules)
    if problem.cotangent is not None:
        gradient = problem.cotangent_for(y.shape)
        for step, lines in zip(reversed(inputs), reversed(passes), strict=True):
            gradient = reduce_along(replace(step, cotangent=gradient), lines).gradient
    return Result(y, indices, gradient)


def reduce_along(problem: Problem, axes: Sequence[Axis]) -> Result:
    """Reduce the same windows of every plane."""
    return reduce_windows(problem, tuple(axis.size for axis in axes), lambda plane: windows(axes))


def position_in_turn(planes: Sequence[Array], passes: Sequence[Sequence[Axis]], cell: Position, rules: Rules) -> Position | None:
    """The position of the maximum that an output cell is after all passes, traced back through their inputs; None if there is none."""
    for plane, axes in zip(reversed(planes), reversed(passes), strict=True):
        position = maximum_position(plane, Window(tuple(axes), cell), rules)
        if position is None:
            return None
        cell = position
    return cell


def add_in_memory(array: Array, position: Plane, amount: Any) -> None:
    """Add to the cell at a position; one behind its plane is a cell of a later plane, or of none."""
    at = flat_index(position, array.shape)
    if at < array.size:
        array.flat[at] += amount
