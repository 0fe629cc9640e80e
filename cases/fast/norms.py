"""Norms of all windows at once, and their gradients."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..model.arithmetic import FLOAT32, FLOAT64, Array, DType, accumulator_dtype, is_floating, lowest, result_dtype
from ..model.operation import Problem
from ..model.rules import Rules
from .lines import WindowLine, outer_product
from .maximum import fold_axes
from .positions import maximum_places, scatter_gradient, share_gradient
from .sums import gather_gradient, window_sums, wrap_integers

ROUNDINGS: dict[str, Callable[[Array], Array]] = {
    "truncate": np.trunc, "floor": np.floor, "half_even": np.rint,
    "half_away": lambda numbers: np.trunc(numbers) + np.copysign(np.abs(numbers - np.trunc(numbers)) >= 0.5, numbers),
    "half_up": lambda numbers: np.floor(numbers) + (numbers - np.floor(numbers) >= 0.5),
}  # fmt: skip


def norms(problem: Problem, lines: Sequence[WindowLine]) -> Array:
    """The p-norm of every window, in the type of the output."""
    x, rules, p = problem.x, problem.rules, exponent(problem)
    wide = accumulator_dtype(x.dtype, rules) if is_floating(x.dtype) else FLOAT32 if rules.accumulator == "float32" else FLOAT64
    assert wide is not None
    bases = x.astype(wide)
    if p == math.inf:
        y = fold_axes(np.abs(bases), lines, False, np.maximum, 0)
    else:
        powers = np.power(np.abs(bases) if rules.lp_sign == "absolute" else bases, wide.type(p))
        y = np.power(rescale(window_sums(powers, lines, False, wide, rules), lines, rules), wide.type(1 / p))
    answer = result_dtype(x.dtype, rules, exact=False)
    return y.astype(answer) if is_floating(answer) else to_integers(y, answer, rules)


def exponent(problem: Problem) -> float:
    """The p of a norm, 2 if it is left open."""
    return 2.0 if problem.pool.p is None else problem.pool.p


def to_integers(y: Array, dtype: DType, rules: Rules) -> Array:
    """Numbers rounded to integers by the rule; NaN and infinities become the lowest integer."""
    finite = np.isfinite(y)
    rounded_numbers = ROUNDINGS[rules.integer_average](np.where(finite, y, 0))
    integers = np.vectorize(int, otypes=[object])(rounded_numbers) if y.size else rounded_numbers.astype(object)
    return np.where(finite, wrap_integers(integers, dtype), np.array(lowest(dtype), dtype))


def rescale(total: Array, lines: Sequence[WindowLine], rules: Rules) -> Array:
    """Sums scaled up for the positions of a window beyond the padding, where the rule has it."""
    if rules.lp_partial == "absent":
        return total
    taps, padded = outer_product([line.taps for line in lines]), outer_product([line.count(padded=True) for line in lines])
    return np.where(taps == padded, total, total / padded.astype(total.dtype) * taps.astype(total.dtype))


def norm_gradient(problem: Problem, lines: Sequence[WindowLine], cotangent: Array) -> Array:
    """The gradient of norms: each cell takes its power p - 1 over that of the norm; zero where the sum of powers is zero."""
    x, rules, p = problem.x, problem.rules, exponent(problem)
    cells = x.astype("float64")
    if p == math.inf:
        inside = replace(rules, pad_candidate="no", pad_value="excluded", all_minus_inf_index="found", scan_order="rows")
        if rules.tie in ("split", "all"):
            gradient = share_gradient(np.abs(cells), fold_axes(np.abs(cells), lines, False, np.maximum, 0), cotangent, lines, inside)
        else:
            gradient = scatter_gradient(maximum_places(np.abs(x), lines, inside), x.shape, cotangent)
        return np.where(gradient == 0, gradient, gradient * np.copysign(cells != 0, cells))
    absolute = rules.lp_sign == "absolute"
    bases = np.abs(cells) if absolute else cells
    total = rescale(window_sums(np.power(bases, p), lines, False, FLOAT64, replace(rules, sum_order="sequential")), lines, rules)
    outer_slope = np.where(total == 0, 0.0, rescale(np.power(total, 1 / p - 1), lines, rules))
    slope = np.power(bases, p - 1) * (np.sign(cells) if absolute else 1)
    return gather_gradient(x, lines, False, lambda outputs, inputs: outer_slope[outputs] * slope[inputs] * cotangent[outputs])
