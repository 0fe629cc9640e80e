"""The windows of a fractional pooling: for each plane and axis a random sample shifts a sequence of uneven steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model.operation import Problem
from ..model.pool import Refused
from .layout import check_ranks, require_parameter
from .window import Axis


def place_windows(problem: Problem) -> Callable[[tuple[int, ...]], list[Axis]]:
    """A function that gives the windows along each spatial axis for a plane (batch, channel)."""
    x, pool, samples = problem.x, problem.pool, problem.require("samples")
    check_ranks(pool, x.ndim - 2)
    shape = (*x.shape[:2], x.ndim - 2)
    if samples.shape != shape:
        raise Refused(f"the samples have shape {samples.shape}; expected {shape}, one for each plane and spatial axis")
    sizes = list(zip(x.shape[2:], require_parameter(pool, "kernel"), require_parameter(pool, "output_size"), strict=True))
    for n, kernel, size in sizes:
        most = n - kernel + (problem.rules.sample_limit == "input")
        if not (kernel >= 1 and 1 <= size <= most):
            raise Refused(f"windows of {kernel} cannot be {size} on an axis of {n}; expected 1 to {most}")
    step = -1 if problem.rules.sample_order == "reversed" else 1
    return lambda plane: [place_axis(*axis_sizes, sample) for axis_sizes, sample in zip(sizes, samples[plane][::step], strict=True)]


def place_axis(n: int, kernel: int, size: int, sample: Any) -> Axis:
    """The windows of one axis: steps as even as whole cells allow, with the last window at the far edge."""
    pace = type(sample)(n - kernel) / type(sample)(max(size - 1, 1))
    starts = [int((i + sample) * pace) - int(sample * pace) for i in range(size - 1)]
    return Axis(n, tuple(range(start, start + kernel) for start in (*starts, n - kernel)))
