"""Convolution as layers define it: the weights are not flipped, and each filter sees the channels of its group."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from ..model.arithmetic import Array, accumulator_dtype, add_up, is_floating, result_dtype, to_result
from ..model.operation import Problem, Result
from ..model.pool import Refused
from .layout import Position, Window, layout, windows


def convolve(problem: Problem) -> Result:
    """Convolve with weights of shape (filters, channels of a group, *kernel); the stride is one unless stated."""
    x, weights = problem.x, weights_of(problem)
    pool = replace(problem.pool, kernel=weights.shape[2:], stride=problem.pool.stride or (1,) * (x.ndim - 2))
    axes = layout(x.shape[2:], pool, replace(problem.rules, explicit_padding="accept", same_padding="accept", pad_limit="none"))
    y = np.zeros((len(x), len(weights), *(axis.outputs for axis in axes)), result_dtype(x.dtype, problem.rules, exact=True))
    cotangent, gradient, accumulator = problem.cotangent_for(y.shape), np.zeros(x.shape), accumulator_dtype(x.dtype, problem.rules)
    cells, factors = (array.astype(accumulator or object) for array in (x, weights))
    windows_terms = [(window.index, terms(window, weights.shape[2:])) for window in windows(axes)] if len(x) else []
    for batch, number, (index, inside) in product(range(len(x)), range(len(weights)), windows_terms):
        cell, group = (batch, number, *index), channels_of(number, weights, x.shape[1])
        pairs = [((batch, channel, *at), (number, place, *tap)) for place, channel in enumerate(group) for at, tap in inside]
        y[cell] = to_result(add_up([cells[at] * factors[tap] for at, tap in pairs], accumulator), y.dtype)
        if cotangent is not None:
            for at, tap in pairs:
                gradient[at] += float(weights[tap]) * cotangent[cell]
    return Result(y, gradient=None if cotangent is None else gradient)


def weights_of(problem: Problem) -> Array:
    """The weights of a convolution; raises Refused if they do not fit the input."""
    weights, channels, rank = problem.require("weights"), problem.x.shape[1], problem.x.ndim - 2
    if weights.ndim != rank + 2:
        raise Refused(f"the weights have shape {weights.shape}; expected filters, channels and {rank} kernel axes")
    if problem.pool.kernel not in (None, weights.shape[2:]):
        raise Refused(f"kernel is {problem.pool.kernel}; expected {weights.shape[2:]}, that of the weights")
    if is_floating(weights.dtype) and not is_floating(problem.x.dtype):
        raise Refused(f"the weights are {weights.dtype.name}; expected {problem.x.dtype.name}, the input's type")
    groups = channels // max(weights.shape[1], 1)
    if groups * weights.shape[1] != channels or not groups or len(weights) % groups:
        raise Refused(f"the weights have shape {weights.shape}; expected filters and channels of a group that divide {channels}")
    return weights


def terms(window: Window, kernel: Position) -> list[tuple[Position, Position]]:
    """The cells of a window inside the input, each with the tap of the kernel that it is multiplied by."""
    cells = set(window.cells)
    return [(at, tap) for at, tap in zip(window.positions, np.ndindex(kernel), strict=True) if at in cells]


def channels_of(filter_number: int, weights: Array, count: int) -> range:
    """The channels of its group that a filter sees, `count` being the number of channels of the input."""
    size = weights.shape[1]
    first = filter_number * count // len(weights) // size * size
    return range(first, first + size)
