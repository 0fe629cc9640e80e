"""Where the windows of a fractional pooling stand: a sample for each plane and axis shifts uneven steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model.outcome import Question
from ..model.refused import Refused
from .layout import check_ranks, needed
from .window import Axis


def sampled(question: Question) -> Callable[[tuple[int, ...]], list[Axis]]:
    """The windows along each spatial axis, for each plane (batch, channel)."""
    x, pool, samples = question.x, question.pool, question.needed("samples")
    check_ranks(pool, x.ndim - 2)
    due = (*x.shape[:2], x.ndim - 2)
    if samples.shape != due:
        raise Refused(f"the samples have shape {samples.shape}; {due} was expected, one for each plane and spatial axis")
    sizes = list(zip(x.shape[2:], needed(pool, "kernel"), needed(pool, "output_size"), strict=True))
    for n, kernel, size in sizes:
        most = n - kernel + (question.rules.sample_limit == "input")
        if not (kernel >= 1 and 1 <= size <= most):
            raise Refused(f"windows of {kernel} cannot be {size} on an axis of {n}; 1 to {most} were expected")
    step = -1 if question.rules.sample_order == "reversed" else 1
    return lambda plane: [placed(*each, sample) for each, sample in zip(sizes, samples[plane][::step], strict=True)]


def placed(n: int, kernel: int, size: int, sample: Any) -> Axis:
    """The windows of one axis: as even steps as whole cells allow, the last at the far edge."""
    pace = type(sample)(n - kernel) / type(sample)(max(size - 1, 1))
    starts = [int((i + sample) * pace) - int(sample * pace) for i in range(size - 1)]
    return Axis(n, tuple(range(start, start + kernel) for start in (*starts, n - kernel)))
