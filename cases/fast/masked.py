"""Averages of the cells that a mask keeps, of all planes at once."""

from __future__ import annotations

import numpy as np

from ..model.arithmetic import accumulator_dtype, check_fractions, is_floating, lowest
from ..model.operation import Problem, Result
from ..model.pool import Refused
from .layout import lines_of
from .sums import divide, window_sums


def average_kept(problem: Problem) -> Result:
    """The average of what a mask keeps of every window."""
    x, pool, rules, mask = problem.x, problem.pool, problem.rules, problem.require("mask")
    if mask.shape != (*x.shape[:1], *x.shape[2:]):
        raise Refused(f"a mask of shape {mask.shape} does not fit an input of shape {x.shape}")
    check_fractions(x.dtype, rules)
    if pool.divisor_override == 0:
        raise Refused("an average cannot have a divisor of 0")
    kept = mask[:, None]
    lines = lines_of(problem)
    total = window_sums(np.where(kept, x, x.dtype.type(0)), lines, False, accumulator_dtype(x.dtype, rules), rules)
    counts = kept.sum(tuple(axis for axis, line in enumerate(lines, 2) if line.is_whole), keepdims=True)
    if pool.divisor_override is not None:
        counts = np.full_like(counts, pool.divisor_override)
    counts = np.broadcast_to(counts, total.shape)
    y = divide(total, np.where(counts == 0, 1, counts), x.dtype, rules)
    empty_value = 0 if rules.empty_average == "zero" else np.nan if is_floating(y.dtype) else lowest(y.dtype)
    y = np.where(counts == 0, np.array(empty_value, y.dtype), y)
    cotangent = problem.cotangent_for(y.shape)
    return Result(y, gradient=None if cotangent is None else np.where(kept, cotangent / np.where(counts == 0, 1, counts), 0.0))
