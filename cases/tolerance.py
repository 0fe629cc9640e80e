"""How near is near enough: exact where arithmetic is exact, else a bound from the window."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .case import Case
from .oracle import oracle
from .pool import Pool
from .refused import Refused
from .rules import Rules

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False)
class Tolerance:
    """So many units in the last place of the mean magnitude behind each cell; 0 is exact.

    `magnitude` has the shape of the answer, or is None where the cells themselves are taken.
    """

    ulp: int
    magnitude: Array | None = None

    def same(self, due: Array, got: Array) -> Array:
        """Where two arrays of one shape agree; NaN agrees with NaN, and signed zeros differ."""
        equal = (due == got) & (np.signbit(due) == np.signbit(got)) if due.dtype.kind == got.dtype.kind == "f" else due == got
        with np.errstate(invalid="ignore"):
            nan = (due != due) & (got != got)
        return equal | nan if not self.ulp else equal | nan | self.near(due, got)

    def near(self, due: Array, got: Array) -> Array:
        """Where two numbers are within the bound."""
        scale = np.maximum(np.abs(due), np.abs(got)) if self.magnitude is None or self.magnitude.shape != due.shape else self.magnitude
        with np.errstate(invalid="ignore", over="ignore"):
            unit = np.spacing(scale.astype(due.dtype if due.dtype.kind == "f" else "float64"))
            return np.abs(due.astype("float64") - got.astype("float64")) <= self.ulp * unit.astype("float64")


EXACT = Tolerance(0)


def tolerance_of(case: Case) -> Tolerance:
    """The tolerance of a case: its window, its divisor and its type decide."""
    if "max" in case.pool.op or case.input.value.dtype.kind != "f":
        return EXACT
    pool = case.pool if case.pool.data_format else replace(case.pool, data_format=case.layout)
    magnitudes = replace(pool)
    try:
        scale = oracle(np.abs(case.input.value).astype("float64"), magnitudes, case.reference, case.batched)
    except Refused:
        return Tolerance(2)
    cells = window_cells(case)
    if exact(case, cells):
        return EXACT
    return Tolerance(cells + 2, scale)


def window_cells(case: Case) -> int:
    """How many cells the largest window holds."""
    first = int(case.batched) + (case.layout == "channels_first")
    rank = case.input.value.ndim - 1 - case.batched
    return math.prod(case.pool.kernel or case.input.shape[first : first + rank])


def exact(case: Case, cells: int) -> bool:
    """Whether every average of the case is free of rounding: halves of representable sums."""
    if not case.pool.op.endswith("avg_pool"):
        return False
    x = case.input.value
    if not np.isfinite(x).all() or not x.size:
        return bool(x.size == 0)
    whole = bool((x == np.rint(x)).all()) and float(np.abs(x).max()) * cells < 2.0 ** np.finfo(x.dtype).nmant
    divisor = abs(case.pool.divisor_override or cells)
    even = divisor & (divisor - 1) == 0
    return whole and even and not (case.pool.pads() or case.pool.ceil_mode or case.pool.op.startswith("adaptive"))
