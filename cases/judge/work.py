"""The work of a case: what the oracles have to do and to hold for it, from window arithmetic alone, before they do it.

`check_work(case)` gives a Fault for a case that is too large. Call it before anything that asks an oracle for more than a
shape: expected answers, pins, tolerances, causes. The shape of an output needs no bound: the oracle gives that of an empty
batch without visiting a window.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..model.case import Case
from ..model.mistake import Fault
from ..model.operation import Problem, to_planes
from ..model.pool import LAST, Pool, Refused
from ..oracle.layout import count_cells, layout
from ..oracle.other_ops import unpooled_sizes, upsampled_sizes
from ..oracle.window import Axis

STEP_LIMIT = 1 << 21
"""A case may need at most this many steps of an oracle, each some microseconds."""
CELL_LIMIT = 1 << 22
"""The arrays of a case, its output and its padded input, may have at most this many cells."""
SHIFT = 8
"""The steps that the vectorised oracle's shift of the input for one tap costs, apart from its cells."""
OPEN = {"explicit_padding": "accept", "pad_limit": "none", "size_zero": "empty", "size_negative": "empty", "small_input": "accept"}
"""Rules that refuse nothing: the search for causes tries what the reference refuses."""


@dataclass(frozen=True)
class Work:
    """What an oracle has to do for a case: the cells of windows that it visits, and the cells of the largest array that it makes."""

    steps: int
    cells: int

    def __add__(self, other: Work) -> Work:
        return Work(self.steps + other.steps, max(self.cells, other.cells))


def estimate_work(case: Case) -> Work:
    """The work of one answer of an oracle to a case; an operation that it refuses is none."""
    x = to_planes(case.input.value, case.batched, case.layout == LAST)
    planes, pool = math.prod(x.shape[:2]), replace(case.pool, data_format=None)
    problem = Problem(x, pool, case.reference.but(**OPEN))
    try:
        if pool.op == "fractional_max_pool":
            outputs = planes * math.prod(pool.output_size or ())
            return Work(planes * outputs * math.prod(pool.kernel or ()), outputs)
        if pool.op == "max_unpool":
            return Work(x.size, planes * math.prod(unpooled_sizes(problem)))
        if pool.op == "upsample_nearest":
            return Work(x.size, planes * math.prod(upsampled_sizes(problem)))
        if pool.op == "conv":
            return convolution_work(case, problem)
        if pool.kind:
            axes = layout(x.shape[2:], pool, problem.rules)
            visits = 1 + case.wants("indices") + case.wants("gradient")
            return Work(visits * (planes * count_cells(axes) + SHIFT * count_shifts(axes)), planes * largest_array(axes))
    except Refused:
        pass
    return Work(x.size, x.size)


def convolution_work(case: Case, problem: Problem) -> Work:
    """The work of a convolution, whose filters are its weights."""
    filters, channels, *kernel = case.extra["weights"].shape if "weights" in case.extra else (0, 0)
    x, strides = problem.x, problem.pool.stride or (1,) * len(kernel)
    axes = layout(x.shape[2:], Pool(op="conv", kernel=tuple(kernel), stride=strides, padding=problem.pool.padding,
                                    dilation=problem.pool.dilation), problem.rules)  # fmt: skip
    return Work(
        len(x) * filters * channels * (count_cells(axes) + SHIFT * count_shifts(axes)),
        max(len(x) * filters, x.shape[1]) * largest_array(axes),
    )


def count_shifts(axes: Sequence[Axis]) -> int:
    """The number of taps for which the vectorised oracle shifts the input."""
    return math.prod(min(max(map(len, (*axis.windows[:2], *axis.windows[-2:])), default=0), axis.n) for axis in axes)


def largest_array(axes: Sequence[Axis]) -> int:
    """The number of cells of one plane of the output or the padded input, whichever has more."""
    return max(math.prod(axis.size for axis in axes), math.prod(axis.n + max(axis.low, 0) + max(axis.high, 0) for axis in axes))


def check_work(case: Case) -> Iterator[Fault]:
    """What is too large about a case for the oracles to answer it; nothing where its work is within the limits."""
    work = estimate_work(case)
    if work.steps > STEP_LIMIT:
        what = f"{case.name} visits {work.steps} cells of windows"
        yield Fault(case.line, what, f"at most {STEP_LIMIT}, by a smaller input, window or output")
    if work.cells > CELL_LIMIT:
        yield Fault(case.line, f"{case.name} makes an array of {work.cells} cells", f"at most {CELL_LIMIT}")
