"""Invariants: what every pooling has in common, whatever rules it follows, each with the conditions under which it holds.

An invariant makes another question of a question, and says what its answer must be if the first one's is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...cases.judge.cause import loosen_tolerance
from ...cases.judge.tolerance import EXACT, tolerance_of
from ...cases.model.arithmetic import Array, is_floating
from ...cases.model.case import Case, Due
from ...cases.model.inputs import Tensor
from ...cases.model.pool import ADAPTIVE, GLOBAL, WINDOWED, Pool
from .question import Question

PLANAR = (*WINDOWED, *GLOBAL, *ADAPTIVE)
"""Operations that treat every plane alike, without further inputs for each."""
LARGEST = 1 << 10
"""Cells of larger magnitude are left out of arithmetic invariants, so that nothing overflows or is rounded."""


@dataclass(frozen=True)
class Variant:
    """A question derived from another: the case that asks it, and what turns the answer of the first into what this one's must be."""

    invariant: str
    case: Case
    expect: Callable[[Array], Array | None]
    exact: bool = True


def plain_case(question: Question, x: Array, pool: Pool | None = None) -> Case:
    """The case of a question with another input, asked for its output alone."""
    tensor = Tensor(x, question.case.input.expression)
    return replace(question.case, input=tensor, pool=pool or question.pool, due=Due(), extra={}, memory="")


def spatial_axes(question: Question) -> list[int]:
    """The positions of the spatial axes."""
    return [axis for axis in range(int(question.batched), len(question.input.shape)) if axis != question.channel]


def has_special(x: Array) -> bool:
    """Whether an input has NaN, infinities or negative zeros, in the order of which answers may depend."""
    wide = x.astype("float64")
    return bool((~np.isfinite(wide)).any() or (np.signbit(wide) & (wide == 0)).any())


def reversed_channels(question: Question) -> Variant | None:
    """Channels in reverse order give outputs in reverse order, bit by bit; if there are several channels and no special numbers."""
    x = question.case.input.value
    if question.pool.op not in PLANAR or x.shape[question.channel] < 2 or has_special(x):
        return None
    return Variant("channels in another order", plain_case(question, np.flip(x, question.channel)), lambda y: flip_channels(question, y))


def flip_channels(question: Question, y: Array) -> Array:
    """An output with its channels in reverse order; those of a global output may be its last axis, and one without axes stays as it is."""
    axis = question.channel if y.ndim == len(question.input.shape) else y.ndim - 1
    return np.flip(y, axis) if y.ndim else y


def appended_sample(question: Question) -> Variant | None:
    """A batch with its first sample once more has the same outputs, and the first once more; if there is a sample, and nothing special."""
    x = question.case.input.value
    if question.pool.op not in PLANAR or not question.batched or not len(x) or has_special(x):
        return None
    return Variant(
        "a sample appended", plain_case(question, np.concatenate([x, x[:1]])), lambda y: np.concatenate([y, y[:1]]) if y.ndim else None
    )


def swapped_axes(question: Question) -> Variant | None:
    """Spatial axes and parameters in reverse order give an output with its axes in reverse order.

    If there are several spatial axes; sums may be added up in another order; maxima are compared without special numbers.
    """
    pool, x, axes = question.pool, question.case.input.value, spatial_axes(question)
    if pool.op not in (*WINDOWED, *ADAPTIVE) or len(axes) < 2 or has_special(x):
        return None
    order = list(range(x.ndim))
    for axis, other in zip(axes, reversed(axes), strict=True):
        order[axis] = other
    values: dict[str, Any] = {name: value[::-1] for name, value in pool.stated_parameters().items() if isinstance(value, tuple)}
    return Variant("spatial axes swapped", plain_case(question, np.transpose(x, order), replace(pool, **values)),
                   lambda y: np.transpose(y, order) if y.ndim == x.ndim else None, exact=pool.kind == "max")  # fmt: skip


def shift_input(question: Question) -> Variant | None:
    """An input that lacks its first stride of cells has the same outputs but for the first.

    Without padding and `ceil_mode`, so that no window is at an edge, with a stride stated, and windows that fit.
    """
    pool, x, axes = question.pool, question.case.input.value, spatial_axes(question)
    if pool.op not in WINDOWED or pool.pads() or pool.ceil_mode or not pool.kernel or not pool.stride or has_special(x):
        return None
    axis, step = axes[0], pool.stride[0]
    span = (pool.kernel[0] - 1) * (pool.dilation[0] if pool.dilation else 1) + 1
    if step < 1 or span < 1 or x.shape[axis] < span + step:
        return None
    later_cells = np.take(x, range(step, x.shape[axis]), axis)
    return Variant("shifted by a stride", plain_case(question, later_cells), lambda y: np.take(y, range(1, y.shape[axis]), axis) if y.ndim > axis else None,
                   exact=pool.kind == "max")  # fmt: skip


def double_cells(question: Question) -> Variant | None:
    """An average of cells twice as large is twice as large, without rounding: doubling only changes the exponent of a number.

    For floating types with finite cells that are neither so large nor so small that doubling leaves the normal numbers.
    """
    x, pool = question.case.input.value, question.pool
    if pool.kind != "avg" or not is_floating(x.dtype) or not is_moderate(x):
        return None
    return Variant("twice the cells", plain_case(question, x * x.dtype.type(2)), lambda y: y * y.dtype.type(2), exact=False)


def increase_cells(question: Question) -> Variant | None:
    """A maximum of cells under an increasing map is the map of the maximum: here twice a cell and one more.

    For floating types with whole cells of at most 64 in magnitude, so that nothing is rounded, and windows without padding, whose value is no cell.
    """
    x, pool = question.case.input.value, question.pool
    if pool.kind != "max" or not is_floating(x.dtype) or not is_moderate(x) or pool.pads() or pool.ceil_mode:
        return None
    wide = x.astype("float64")
    if (wide != np.rint(wide)).any() or np.abs(wide).max(initial=0) > 64:
        return None
    image = (wide * 2 + 1).astype(x.dtype)
    return Variant("an increasing map", plain_case(question, image), lambda y: (y.astype("float64") * 2 + 1).astype(y.dtype))


def is_moderate(x: Array) -> bool:
    """Whether all numbers are finite and neither very large nor very small, but for zero."""
    wide = np.abs(x.astype("float64"))
    return bool(np.isfinite(wide).all() and (wide <= LARGEST).all() and ((wide == 0) | (wide >= 1 / LARGEST)).all()) and not has_special(x)


INVARIANTS = (reversed_channels, appended_sample, swapped_axes, shift_input, double_cells, increase_cells)


def variants(question: Question) -> Iterator[Variant]:
    """The variants of a question whose conditions hold; functions of a framework and further inputs are left out."""
    if question.extra or 0 in question.input.shape:
        return
    for make in INVARIANTS:
        if variant := make(question):
            yield variant


def violates(question: Question, variant: Variant, first: Array, second: Array) -> bool:
    """Whether the answers to a question and to its variant are not what the invariant says."""
    expected = variant.expect(first)
    if expected is None:
        return False
    if expected.shape != second.shape or expected.dtype != second.dtype:
        return True
    tolerance = EXACT if variant.exact else loosen_tolerance(tolerance_of(question.case), question.case)
    same = (expected == second) | ((expected != expected) & (second != second)) if variant.exact else tolerance.same(expected, second)
    return not bool(np.asarray(same).all())
