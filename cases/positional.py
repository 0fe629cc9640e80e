"""Answers that lose NaN by its position: no rule gives them, but a set holds them.

Some targets fold windows in vector lanes, so that a NaN is lost or kept by where it stands in memory.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np

from .arithmetic import Array, lowest
from .layout import Window, layout, windows
from .oracle import oracle
from .outcome import inward
from .pool import LAST, Pool
from .rules import REFERENCE, Rules


def admitted(got: Array, x: Array, pool: Pool, rules: Rules = REFERENCE, batched: bool = True) -> bool:
    """Whether a maximum's answer is the one due but for windows with NaN, each of which gives one of its cells, NaN or the lowest value."""
    due = oracle(x, pool, rules.but(nan="propagate"), batched)
    if "max" not in pool.op or got.shape != due.shape:
        return False
    last = pool.data_format == LAST
    planes = inward(x, batched, last)
    every = list(windows(layout(planes.shape[2:], pool, rules)))
    shape = (*planes.shape[:2], *(axis.size for axis in every[0].axes)) if every else due.shape
    answers, dues = (inward(each, batched, last).reshape(shape) for each in (got, due))
    return all(
        one_of(answers[plane + window.index].item(), dues[plane + window.index].item(), planes[plane], window)
        for plane, window in product(np.ndindex(planes.shape[:2]), every)
    )


def one_of(value: float, due: float, plane: Array, window: Window) -> bool:
    """Whether a value is the one due, or may stand for a window with NaN."""
    cells = [plane[position].item() for position in window.cells]
    if any(map(math.isnan, cells)):
        return math.isnan(value) or value in (*cells, -math.inf, lowest(plane.dtype))
    return value == due or (math.isnan(value) and math.isnan(due))
