"""Tolerances: exact where the arithmetic is exact, else a bound from the size of the window."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from ..model.arithmetic import FLOAT64, Array, is_floating, lowest
from ..model.case import Case
from ..model.pool import FIRST, Refused
from ..oracle.definition import outcome

NORM = 16
"""Units that a power and a root are off by at most, more than the additions between them."""


@dataclass(frozen=True, eq=False)
class Tolerance:
    """A bound of `ulp` units in the last place of the mean magnitude behind each cell; 0 is exact.

    `magnitude` has the shape of the output, or is None to take the cells themselves.
    """

    ulp: int
    magnitude: Array | None = None

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
            below = np.nextafter(kind.type(-lowest(kind)), kind.type(0))  # the greatest number has no unit of its own
            unit = np.spacing(np.minimum(scale.astype(kind), below))
            distance: Array = np.abs(due.astype("float64") - got.astype("float64"))
            return np.asarray(distance <= self.ulp * unit.astype("float64"))


EXACT, NARROW = Tolerance(0), Tolerance(2)


@lru_cache(maxsize=1024)
def tolerance_of(case: Case) -> Tolerance:
    """The tolerance of a case's values, from its window, divisor and type; for a probe, small enough to separate its answers."""
    wide = rounding_tolerance(case)
    outputs = [due.output for due in case.answers.values() if due.output is not None]
    near = [pair for pair in combinations(outputs, 2) if pair[0].shape == pair[1].shape and pair[0].dtype == pair[1].dtype]
    return next(bound for bound in (wide, NARROW, EXACT) if bound is EXACT or not any(bound.same(*pair).all() for pair in near))


def rounding_tolerance(case: Case) -> Tolerance:
    """How far rounding may take a value from the expected one."""
    if not (case.pool.kind in ("avg", "lp") or case.pool.op == "conv") or not is_floating(case.input.value.dtype):
        return EXACT
    cells = window_cells(case)
    if is_exact(case, cells):
        return EXACT
    scale = magnitudes(case)
    return Tolerance(cells + 2 + NORM * (case.pool.kind == "lp"), scale and scale[0])


@lru_cache(maxsize=1024)
def gradient_tolerance(case: Case) -> Tolerance:
    """The tolerance of a case's gradient, to which every window that holds a cell adds."""
    scale = magnitudes(case)
    return Tolerance(window_cells(case) + 2 + NORM * (case.pool.kind == "lp"), scale and scale[1])


def magnitudes(case: Case) -> tuple[Array, Array | None] | None:
    """The output and the gradient for the case's magnitudes in float64, None if the oracle refuses it."""
    extra = {name: tensor.value for name, tensor in case.extra.items()}
    x, weights, cotangent = case.input.value, extra.get("weights"), extra.pop("cotangent", None)
    if weights is not None:
        extra["weights"] = np.abs(weights)
    seed = None if cotangent is None else np.abs(cotangent.astype("float64"))
    pool = replace(case.pool, data_format=case.layout)
    try:
        result = outcome(np.abs(x.astype("float64")), pool, case.reference, batched=case.batched, cotangent=seed, extra=extra)
    except Refused:
        return None
    return result.output, result.gradient


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
    if pool.kind != "avg" or pool.pads() or pool.ceil_mode or pool.op.startswith("adaptive"):
        return False
    divisor = abs(pool.divisor_override or cells)
    return divisor & (divisor - 1) == 0 and sums_are_exact(x.astype("float64"), cells, x.dtype)


def sums_are_exact(x: Array, cells: int, dtype: np.dtype[Any]) -> bool:
    """Whether all sums of this many of these numbers are integers that the type represents."""
    if not np.isfinite(x).all():
        return False
    digits = round(-math.log2(np.finfo(dtype).eps)) if dtype.kind == "f" else 7
    return bool((x == np.rint(x)).all()) and float(np.abs(x).max(initial=0)) * cells < 2.0**digits
