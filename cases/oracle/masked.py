"""Averages of the cells that a mask keeps."""

from __future__ import annotations

import math

import numpy as np

from ..model.arithmetic import accumulator_dtype, result_dtype, to_result
from ..model.operation import Problem, Result
from ..model.pool import Refused
from .average import check_average, divide, sum_numbers
from .layout import layout, windows


def average_kept(problem: Problem) -> Result:
    """Average the cells of every window that the mask keeps; the others count as zeros in the sum, and not at all in the divisor.

    The mask has the shape of the input without its channels. A window of which nothing is kept is empty. A plane has one window, or one
    for each index of the leading axes where the rules reduce the last two only.
    """
    x, pool, rules, mask = problem.x, problem.pool, problem.rules, problem.require("mask")
    shape = (len(x), *x.shape[2:])
    if mask.shape != shape:
        raise Refused(f"the mask has shape {mask.shape}; expected {shape}, one truth value for each cell of a plane")
    check_average(pool, x.dtype, rules)
    axes = layout(shape[1:], pool, rules)
    y = np.zeros((*x.shape[:2], *(axis.outputs for axis in axes)), result_dtype(x.dtype, rules, exact=False))
    cotangent, gradient = problem.cotangent_for(y.shape), np.zeros(x.shape)
    for plane in np.ndindex(x.shape[:2]):
        for window in windows(axes):
            kept = [position for position in window.cells if mask[plane[0]][position]]
            terms = [x[plane][position] if position in kept else x.dtype.type(0) for position in window.cells]
            count = len(kept) if pool.divisor_override is None else pool.divisor_override
            total = sum_numbers(terms, window, accumulator_dtype(x.dtype, rules), rules)
            empty_average = {"nan": math.nan, "zero": 0}[rules.empty_average]
            y[plane + window.index] = to_result(divide(total, count, x.dtype, rules) if count else empty_average, y.dtype)
            if cotangent is not None:
                for position in kept:
                    gradient[plane + position] = cotangent[plane + window.index] / count
    return Result(y, gradient=None if cotangent is None else gradient)
