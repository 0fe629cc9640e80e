"""Norms of all windows at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..model.arithmetic import FLOAT32, FLOAT64, Array, DType, answering, floating, lowest, summing
from ..model.outcome import Question
from ..model.rules import Rules
from .lines import Line, outer
from .maximum import separable
from .positions import places, scattered, shared
from .sums import gathered, summed, wrapped

ROUNDINGS = {"truncate": np.trunc, "floor": np.floor, "half_even": np.rint}


def norms(question: Question, lines: Sequence[Line]) -> Array:
    """The p-norm of every window."""
    x, rules, p = question.x, question.rules, exponent(question)
    wide = summing(x.dtype, rules) if floating(x.dtype) else FLOAT32 if rules.accumulator == "float32" else FLOAT64
    assert wide is not None
    bases = x.astype(wide)
    if p == math.inf:
        y = separable(np.abs(bases), lines, False, np.maximum, 0)
    else:
        powers = np.power(np.abs(bases) if rules.lp_sign == "absolute" else bases, wide.type(p))
        y = np.power(scaled(summed(powers, lines, False, wide, rules), lines, rules), wide.type(1 / p))
    answer = answering(x.dtype, rules, exact=False)
    return y.astype(answer) if floating(answer) else whole(y, answer, rules)


def exponent(question: Question) -> float:
    """The p of a norm."""
    return 2.0 if question.pool.p is None else question.pool.p


def whole(y: Array, dtype: DType, rules: Rules) -> Array:
    """Numbers rounded to integers, the lowest where there is none."""
    finite = np.isfinite(y)
    rounded = ROUNDINGS[rules.integer_average](np.where(finite, y, 0))
    integers = np.vectorize(int, otypes=[object])(rounded) if y.size else rounded.astype(object)
    return np.where(finite, wrapped(integers, dtype), np.array(lowest(dtype), dtype))


def scaled(total: Array, lines: Sequence[Line], rules: Rules) -> Array:
    """Sums made up for what lies beyond the padding."""
    if rules.lp_partial == "absent":
        return total
    taps, padded = outer([line.taps for line in lines]), outer([line.count(padded=True) for line in lines])
    return np.where(taps == padded, total, total / padded.astype(total.dtype) * taps.astype(total.dtype))


def norm_gradient(question: Question, lines: Sequence[Line], seed: Array) -> Array:
    """Each cell takes its power but one, over the norm's; nothing where the sum of powers is zero."""
    x, rules, p = question.x, question.rules, exponent(question)
    cells = x.astype("float64")
    if p == math.inf:
        plain = replace(rules, pad_candidate="no", pad_value="excluded", all_minus_inf_index="found")
        if rules.tie in ("split", "all"):
            taken = shared(np.abs(cells), separable(np.abs(cells), lines, False, np.maximum, 0), seed, lines, plain)
        else:
            taken = scattered(places(np.abs(x), lines, plain), x.shape, seed)
        return np.where(taken == 0, taken, taken * np.copysign(cells != 0, cells))
    absolute = rules.lp_sign == "absolute"
    bases = np.abs(cells) if absolute else cells
    total = scaled(summed(np.power(bases, p), lines, False, FLOAT64, replace(rules, sum_order="sequential")), lines, rules)
    outer_slope = np.where(total == 0, 0.0, scaled(np.power(total, 1 / p - 1), lines, rules))
    slope = np.power(bases, p - 1) * (np.sign(cells) if absolute else 1)
    return gathered(x, lines, False, lambda outputs, taken: outer_slope[outputs] * slope[taken] * seed[outputs])
