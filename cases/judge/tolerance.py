"""Tolerances: exact where the arithmetic is exact, else a bound from the size of the window, of a few per cent at most.

The bound is that of a sum of the window's cells one after another in their own type: each addition rounds by half a unit
of a partial sum, which is at most the sum of magnitudes. In a type of low precision such a bound soon allows any answer:
ones in bfloat16 stop adding up at 256. Where it is larger than a few per cent of the magnitudes, an answer must be within
a few per cent of the expected number itself, or as near as sums in float32 are. Sums that are kept in the type of the
cells may differ there, and the axis `accumulator` explains them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ..fast import vectorised
from ..model.arithmetic import FLOAT32, FLOAT64, Array, DType, is_floating, lowest
from ..model.case import Case
from ..model.inputs import stored_cells
from ..model.pool import FIRST, Refused
from ..oracle.definition import outcome
from .memo import keep_results

NORM = 16
"""Units that a power and a root are off by at most, more than the additions between them."""
FEW = 1 / 32
"""The part of a number that its rounding may be at most, in any type: 4 units in bfloat16, 32 in float16."""


@dataclass(frozen=True, eq=False)
class Tolerance:
    """A bound of `ulp` units in the last place of the mean magnitude behind each cell; 0 is exact.

    `magnitude` has the shape of the output, or is None to take the cells themselves. If `least` is given, a
    cell is off by a few per cent of itself at most, or by its cell of `least`, whatever the units allow.
    """

    ulp: int
    magnitude: Array | None = None
    least: Array | None = None

    def same(self, due: Array, got: Array) -> Array:
        """Where two arrays of one shape agree; NaN agrees with NaN, and in an exact comparison zeros of different signs differ."""
        equal: Array = (due == got) | ((due != due) & (got != got))
        if self.ulp:
            equal |= self.near(due, got)
            return equal
        signed = is_floating(due.dtype) and is_floating(got.dtype)
        return np.asarray(equal & ((np.signbit(due) == np.signbit(got)) | (due != due))) if signed else equal

    def near(self, due: Array, got: Array) -> Array:
        """Where two numbers are within the bound."""
        fits = self.magnitude is not None and self.magnitude.shape == due.shape
        with np.errstate(invalid="ignore", over="ignore"):
            scale = self.magnitude if self.magnitude is not None and fits else np.maximum(np.abs(due), np.abs(got))
            kind = due.dtype if is_floating(due.dtype) else FLOAT64
            distance: Array = np.abs(due.astype("float64") - got.astype("float64"))
            near: Array = distance <= self.ulp * last_place(scale, kind)
            if self.least is not None and fits:
                size = np.abs(due.astype("float64"))
                near &= distance <= np.maximum(FEW * size, NARROW.ulp * last_place(size, kind) + self.least)
            return np.asarray(near)


EXACT, NARROW = Tolerance(0), Tolerance(2)


def last_place(scale: Array, kind: DType) -> Array:
    """A unit in the last place of numbers in a type, in float64."""
    below = np.nextafter(kind.type(-lowest(kind)), kind.type(0))  # the greatest number has no unit of its own
    return np.asarray(np.spacing(np.minimum(scale.astype(kind), below)).astype("float64"))


def limit_units(units: int, kind: DType) -> int:
    """So many units in the last place of a type, but no more than are a few per cent of a number."""
    return min(units, int(FEW / float(np.spacing(kind.type(1)))))


def rounding_bound(units: int, kind: DType, magnitude: Array | None) -> Tolerance:
    """The tolerance of numbers in a type that rounding may take so many units away, of their magnitude.

    Where so many units are more than a few per cent, an answer is near whose sums are those of float32.
    """
    limit = limit_units(units, kind)
    if limit == units or magnitude is None:
        return Tolerance(limit, magnitude)
    return Tolerance(limit, magnitude, magnitude * units * float(np.spacing(FLOAT32.type(1))))


@keep_results
def tolerance_of(case: Case) -> Tolerance:
    """The tolerance of a case's values, from its window, divisor and type; for a probe, small enough to separate its answers."""
    if case.digits is not None and case.reference_due.output is not None:
        return printed_tolerance(case.digits, case.reference_due.output)
    wide = rounding_tolerance(case)
    outputs = [due.output for due in case.answers.values() if due.output is not None]
    near = [pair for pair in combinations(outputs, 2) if pair[0].shape == pair[1].shape and pair[0].dtype == pair[1].dtype]
    return next(bound for bound in (wide, NARROW, EXACT) if bound is EXACT or not any(bound.same(*pair).all() for pair in near))


def printed_tolerance(digits: int, due: Array) -> Tolerance:
    """Half a unit of the last decimal that was printed, as units in the last place of one."""
    one = np.ones(due.shape, due.dtype if is_floating(due.dtype) else FLOAT64)
    return Tolerance(math.ceil(0.5 * 10.0**-digits / float(np.spacing(one.dtype.type(1)))), one)


def rounding_tolerance(case: Case) -> Tolerance:
    """How far rounding may take a value from the expected one."""
    if not (case.pool.kind in ("avg", "lp") or case.pool.op == "conv") or not is_floating(case.input.value.dtype):
        return EXACT
    cells = window_cells(case)
    if is_exact(case, cells):
        return EXACT
    return rounding_bound(cells + 2 + NORM * (case.pool.kind == "lp"), case.input.value.dtype, magnitudes(case).output)


@keep_results
def gradient_tolerance(case: Case) -> Tolerance:
    """The tolerance of a case's gradient, to which every window that holds a cell adds."""
    if case.digits is not None and case.reference_due.gradient is not None:
        return printed_tolerance(case.digits, case.reference_due.gradient)
    scale, dtype = magnitudes(case).gradient, case.input.value.dtype
    units = window_cells(case) + 2 + NORM * (case.pool.kind == "lp")
    return rounding_bound(units, dtype, scale) if is_floating(dtype) else Tolerance(units, scale)


@dataclass(frozen=True, eq=False)
class Magnitudes:
    """The output and the gradient for the magnitudes of a case in float64; None where there is none."""

    output: Array | None = None
    gradient: Array | None = None


@keep_results
def magnitudes(case: Case) -> Magnitudes:
    """The magnitudes behind the cells of a case, without any if the oracle refuses it."""
    extra = {name: tensor.value for name, tensor in case.extra.items()}
    x, weights, cotangent = case.input.value, extra.get("weights"), extra.pop("cotangent", None)
    if weights is not None:
        extra["weights"] = np.abs(weights)
    seed = None if cotangent is None else np.abs(cotangent.astype("float64"))
    pool, definition = case.stated_pool, vectorised.outcome if case.is_large else outcome
    try:
        result = definition(np.abs(x.astype("float64")), pool, case.reference, batched=case.batched, cotangent=seed, extra=extra)
    except Refused:
        return Magnitudes()
    return Magnitudes(result.output, result.gradient)


def window_cells(case: Case) -> int:
    """The number of cells in the largest window."""
    if "weights" in case.extra:
        return math.prod(case.extra["weights"].shape[1:])
    first = int(case.batched) + (case.layout == FIRST)
    rank = case.rank
    return math.prod(case.pool.kernel or case.input.shape[first : first + rank])


def is_exact(case: Case, cells: int) -> bool:
    """Whether the averages of a case have no rounding: the divisor is a power of two, and the sums are representable."""
    x, pool = case.input.value, case.pool
    if pool.kind != "avg" or pool.pads() or pool.ceil_mode or pool.op.startswith("adaptive") or "mask" in case.extra:
        return False
    divisor = abs(pool.divisor_override or cells)
    return divisor & (divisor - 1) == 0 and sums_are_exact(stored_cells(x).astype("float64"), cells, x.dtype)


def sums_are_exact(x: Array, cells: int, dtype: np.dtype[Any]) -> bool:
    """Whether all sums of this many of these numbers are integers that the type represents."""
    if not np.isfinite(x).all():
        return False
    digits = round(-math.log2(np.finfo(dtype).eps)) if dtype.kind == "f" else 7
    return bool((x == np.rint(x)).all()) and float(np.abs(x).max(initial=0)) * cells < 2.0**digits
