"""Answers that fit a set of possible ones: they are consistent with the set, which does not count as a cause.

TensorFlow and ONNX Runtime take the maximum of a window in vector lanes, so that the effect of NaN
depends on its place in the window, and on the processor.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..model.arithmetic import Array, is_floating, lowest
from ..model.case import Case
from ..model.operation import to_planes
from ..model.pool import LAST, Refused
from ..oracle.layout import layout, windows
from .answer import Cause

POSITIONAL: Cause = [{"axis": "nan", "value": "positional"}]
"""NaN is dropped or kept by its place in the window."""


def consistent_sets(case: Case, got: Array) -> list[Cause]:
    """The sets of possible answers that an answer fits; none if the input has no NaN."""
    x = case.input.value
    if case.is_large or case.pool.kind != "max" or not is_floating(x.dtype) or not np.isnan(x).any():
        return []
    try:
        return [POSITIONAL] if is_positional(case, got) else []
    except Refused:
        return []


def is_positional(case: Case, got: Array) -> bool:
    """Whether each cell is its window's maximum or, in a window with NaN, one of its cells, or the value of an empty window."""
    last = case.layout == LAST
    x, y = (to_planes(array, case.batched, last).astype("float64") for array in (case.input.value, got))
    axes = layout(x.shape[2:], replace(case.pool, data_format=None), case.reference)
    if y.shape != (*x.shape[:2], *(axis.size for axis in axes)):
        return False
    neutral_values = {-np.inf, float(lowest(case.input.value.dtype))}
    return all(
        is_possible_maximum([float(x[plane + cell]) for cell in window.cells], float(y[plane + window.index]), neutral_values)
        for window in windows(axes)
        for plane in np.ndindex(x.shape[:2])
    )


def is_possible_maximum(cells: list[float], got: float, neutral_values: set[float]) -> bool:
    """Whether a maximum that may drop NaN, and what precedes it, can have this value."""
    if not any(map(np.isnan, cells)):
        return got == max(cells, default=got) or (got in neutral_values and set(cells) <= neutral_values)
    return bool(np.isnan(got)) or got in cells or got in neutral_values
