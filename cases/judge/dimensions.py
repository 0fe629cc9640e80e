"""Dimensions of the case space that are no axis of the rules: states of an input, a memory or an entry in which targets went wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from ..model.case import BATCH_IN_INDEX, FUNCTION, GRADIENT_OPERATION, MEMORY, Case
from ..model.inputs import stored_cells
from ..model.pool import INT32
from .relevance import Facts

LOW_PRECISION = ("float16", "bfloat16")
LARGE = 1024
"""Cells of a window from which a sum in low precision loses units."""
SLOW = "slow_modes"
"""The tag of cases that slow modes run without being selected."""


def facts_of(case: Case) -> Facts:
    """What decides which axes can matter in a case."""
    pool = case.stated_pool
    return Facts(case.input.value, pool, case.batched, case.wants("indices"), case.wants("gradient"), "mask" in case.extra)


def is_located(case: Case) -> bool:
    """Whether a case is about the positions of maxima: their indices or their gradient."""
    return case.pool.kind == "max" and (case.wants("indices") or case.wants("gradient"))


def is_minus_infinity(case: Case) -> bool:
    """Whether every cell of the input is minus infinity."""
    x = stored_cells(case.input.value)
    return bool(x.size) and bool(np.isneginf(x.astype("float64")).all())


def pads_over_half(case: Case) -> bool:
    """Whether a dilated window has padding over half of its kernel."""
    facts = facts_of(case)
    pads = zip(facts.stated_padding, case.pool.kernel or (), strict=False)
    return facts.has_holes and any(max(sides) > taps // 2 for sides, taps in pads)


def averages_a_plane(case: Case) -> bool:
    """Whether one window of an average takes a whole plane of many cells in low precision."""
    spatial = facts_of(case).spatial
    return case.pool.op == "avg_pool" and case.input.dtype in LOW_PRECISION and case.pool.kernel == spatial and math.prod(spatial) >= LARGE


DIMENSIONS: Mapping[str, Callable[[Case], bool]] = {
    "positions in windows of padding alone, several channels": lambda case: (
        is_located(case)
        and case.pool.op == "max_pool"
        and facts_of(case).planes[1] > 1
        and facts_of(case).pads
        and facts_of(case).has_holes
    ),
    "positions of -inf alone, several channels": lambda case: is_located(case) and facts_of(case).planes[1] > 1 and is_minus_infinity(case),
    "values of NaN or -inf together with indices": lambda case: (
        case.pool.kind == "max" and case.wants("indices") and case.wants("output") and facts_of(case).nothing
    ),
    "padding by name with ceil_mode": lambda case: isinstance(case.pool.padding, str) and bool(case.pool.ceil_mode),
    "padding over half the undilated window": pads_over_half,
    "average of a whole plane in low precision": averages_a_plane,
    "maximum of -inf at the ends of rows": lambda case: (
        case.pool.kind == "max" and case.wants("output") and is_minus_infinity(case) and facts_of(case).pads
    ),
    "axes of more than 16 bits": lambda case: not case.is_large and max(facts_of(case).spatial, default=0) > 1 << 16,
    "inputs of more cells than float32 counts": lambda case: math.prod(case.input.shape) > 1 << 24,
    "parameters of 32 bits and more": lambda case: max(case.pool.sizes, default=0) >= INT32,
    "empty batch": lambda case: case.batched and not len(case.input.value),
    "a single cell": lambda case: case.pool.kernel is not None and case.input.value.size == 1,
    "more than 32 channels": lambda case: facts_of(case).planes[1] > 32,
    **{f"{memory} memory": lambda case, memory=memory: case.memory == memory for memory in MEMORY},  # type: ignore[misc]
    "functions in place of layers": lambda case: case.entry == FUNCTION,
    "operations for gradients": lambda case: case.entry == GRADIENT_OPERATION,
    "indices that count the batch": lambda case: case.entry == BATCH_IN_INDEX,
    "cells left out by a mask": lambda case: "mask" in case.extra,
    "printed decimals": lambda case: case.digits is not None,
    "selected for slow modes": lambda case: SLOW in case.tags,
}
"""Whether a case is in a dimension, by its name."""
