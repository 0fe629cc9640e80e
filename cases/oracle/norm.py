"""The p-norm of a window, and its gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..model.arithmetic import (
    FLOAT32,
    FLOAT64,
    Array,
    DType,
    accumulator_dtype,
    check_fractions,
    is_floating,
    result_dtype,
    round_fraction,
    to_result,
)
from ..model.pool import Pool, Refused
from ..model.rules import Rules
from .average import sum_numbers
from .layout import Position, Window
from .maximum import choose_maximum


def check_norm(pool: Pool, dtype: DType, rules: Rules) -> None:
    """Raise Refused for a p of zero, or a type that the rules refuse."""
    if pool.p == 0:
        raise Refused("p is 0; expected another number")
    check_fractions(dtype, rules)


def norm_order(pool: Pool) -> float:
    """The p of a norm, 2 if it is left open."""
    return 2.0 if pool.p is None else pool.p


def power_dtype(dtype: DType, rules: Rules) -> DType:
    """The type in which powers are summed, always a floating-point type."""
    if is_floating(dtype):
        return accumulator_dtype(dtype, rules) or FLOAT64
    return FLOAT32 if rules.accumulator == "float32" else FLOAT64


def norm(plane: Array, window: Window, pool: Pool, rules: Rules) -> Any:
    """The p-norm of a window, in the type of the output."""
    p, wide = norm_order(pool), power_dtype(plane.dtype, rules)
    bases = norm_bases(plane, window, rules, wide)
    if p == math.inf:
        value = np.max(np.abs(bases), initial=wide.type(0))
    else:
        powers = np.power(bases, wide.type(p))
        value = np.power(rescale(sum_numbers(powers, window, wide, rules), window, rules), wide.type(1 / p))
    answer = result_dtype(plane.dtype, rules, exact=False)
    return to_result(round_fraction(value.item(), answer, rules), answer)


def norm_bases(plane: Array, window: Window, rules: Rules, dtype: DType) -> Array:
    """The cells of a window as a norm takes them."""
    cells = np.array([plane[position] for position in window.cells], dtype)
    return np.abs(cells) if rules.lp_sign == "absolute" else cells


def rescale(number: Any, window: Window, rules: Rules) -> Any:
    """A sum of powers, made up for the positions of the window beyond the padding where the rule has it."""
    if rules.lp_partial == "absent" or window.taps == window.padded_count:
        return number
    return number / number.dtype.type(window.padded_count) * number.dtype.type(window.taps)


def norm_weights(plane: Array, window: Window, pool: Pool, rules: Rules) -> Sequence[tuple[Position, float]]:
    """The share of an output cell's cotangent for each cell of its window; zero where the sum of powers is zero."""
    p, cells = norm_order(pool), np.array([plane[position] for position in window.cells], "float64")
    if p == math.inf:
        return [
            (window.cells[at], share * math.copysign(bool(cells[at]), cells[at]))
            for at, share in share_gradient(np.abs(cells).tolist(), rules)
        ]
    absolute = rules.lp_sign == "absolute"
    bases = np.abs(cells) if absolute else cells
    whole = rescale(np.sum(np.power(bases, p)), window, rules)
    outer = 0.0 if whole == 0 else rescale(np.power(whole, 1 / p - 1), window, rules)
    slopes = outer * np.power(bases, p - 1) * (np.sign(cells) if absolute else 1)
    return list(zip(window.cells, slopes.tolist(), strict=True))


def share_gradient(magnitudes: Sequence[float], rules: Rules) -> list[tuple[int, float]]:
    """The shares of the gradient of a maximum of magnitudes, each with the number of its magnitude."""
    if not magnitudes or rules.tie in ("first", "last"):
        return [(choose_maximum(magnitudes, rules), 1.0)] if magnitudes else []
    largest = float(np.max(magnitudes))
    equal = [i for i, magnitude in enumerate(magnitudes) if magnitude == largest]
    if rules.tie == "split" and not equal:
        return [(i, math.nan) for i in range(len(magnitudes))]  # shares of nothing, 0/0: NaN equals nothing
    return [(i, 1 / len(equal) if rules.tie == "split" else 1.0) for i in equal]
