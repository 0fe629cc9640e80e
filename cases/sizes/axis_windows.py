"""The windows of a pooling along one axis as a function of the size of that axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from ..model.formula import Amount, Size, Variable, evaluate
from ..model.pool import UNPOOLING, UPSAMPLING, Pool, Refused
from ..model.rules import Rules
from ..oracle.layout import layout, strides_and_dilations
from ..oracle.lowering import count_positions
from ..oracle.other_ops import nearest_cells, unpooled_shape
from ..oracle.window import Axis

LENGTH, BIN = Size("", 0), Variable("i")
"""The size of the axis, and the number of a bin, in formulas of one axis."""


@dataclass(frozen=True, eq=False)
class Cover:
    """The windows along an axis of some size, and how many positions of each an average counts."""

    axis: Axis
    counts: Callable[[int], int]

    def same_as(self, other: Cover) -> bool:
        """Whether all windows have the same cells and counts."""
        if (self.axis.size, self.axis.vacant, self.axis.n) != (other.axis.size, other.axis.vacant, other.axis.n):
            return False
        if self.counts is other.counts is count_nothing and self.axis.windows == other.axis.windows:
            return True
        return all(self.axis.cells(i) == other.axis.cells(i) and self.counts(i) == other.counts(i) for i in from_both_ends(self.axis.size))


def count_nothing(i: int) -> int:
    """What a maximum counts of a window."""
    return 0


def from_both_ends(count: int) -> Sequence[int]:
    """The numbers below `count`, those at the ends first, where windows differ if they do."""
    return sorted(range(count), key=lambda i: min(i, count - 1 - i))


@dataclass(frozen=True, eq=False)
class AxisWindows:
    """The windows along an axis at every size; None where the pooling is refused or has no window.

    From the size `horizon` on, the number and the places of windows depend on the size through its remainder by `period`
    alone, but for a shift (see `proof`). A whole window fits into axes of `fitting` cells or more.
    """

    at: Callable[[int], Cover | None]
    horizon: int
    period: int
    fitting: int = 1


def windows_of_pool(pool: Pool, place: int, rules: Rules, count: int | None = None) -> AxisWindows:
    """The windows of a pooling along its spatial axis `place`; every window of an average counts `count` positions if that is given."""
    one = pool_of_axis(pool, place)
    rules = rules.but(pad_limit="none") if one.pads() else rules
    include = rules.include_default == "padded" if pool.count_include_pad is None else pool.count_include_pad
    counting = pool.kind == "avg" and pool.divisor_override is None and count is None

    @lru_cache(maxsize=4096)
    def at(n: int) -> Cover | None:
        try:
            axis = place_windows(n, one, rules)
        except Refused:
            return None
        if not axis.size:
            return None
        if counting:
            return Cover(axis, lambda i: count_positions(axis, i, include, rules))
        return Cover(axis, (lambda i: count) if count else count_nothing)

    return AxisWindows(at, *horizon_and_period(one, rules), fitting_size(one))


def place_windows(n: int, pool: Pool, rules: Rules) -> Axis:
    """The windows of a pooling of one axis on `n` cells; raises Refused."""
    if pool.op in UPSAMPLING:
        return repeated_cells(n, pool, rules)
    if pool.op in UNPOOLING:
        return unpooled_places(n, pool, rules)
    [axis] = layout((n,), pool, rules)
    return axis


def unpooled_places(n: int, pool: Pool, rules: Rules) -> Axis:
    """The places of an un-pooled axis, each as a window without cells, since indices decide what goes there; raises Refused.

    A stated number of places must be large enough for all cells: which of several at one place stays is not defined.
    """
    [size] = unpooled_shape(pool, (n,), rules)
    if pool.output_size and n > size:
        raise Refused(f"{n} cells go to {size} places")
    return Axis(n, (range(0),) * size)


def repeated_cells(n: int, pool: Pool, rules: Rules) -> Axis:
    """The cell that each place of an up-sampled axis is taken from, as a window of one cell; raises Refused."""
    sizes = pool.output_size or tuple(n * times for times in pool.kernel or ())
    if not sizes or sizes[0] < 1:
        raise Refused(f"{pool} has no size on {n} cells")
    return Axis(n, tuple(range(cell, cell + 1) for cell in nearest_cells(n, sizes[0], rules.nearest)))


def pool_of_axis(pool: Pool, place: int) -> Pool:
    """The pooling of one axis of several."""
    values = ((field.name, getattr(pool, field.name)) for field in fields(pool))
    own: dict[str, Any] = {name: value[place : place + 1] for name, value in values if isinstance(value, tuple)}
    return replace(pool, **own)


def horizon_and_period(pool: Pool, rules: Rules) -> tuple[int, int]:
    """From which size on the windows of a pooling of one axis are periodic, and their period."""
    if pool.op in UPSAMPLING:
        return (2 * pool.output_size[0],) * 2 if pool.output_size else (1, 1)
    if pool.op in UNPOOLING:
        return (unpooling_horizon(pool), 1)
    if pool.output_size:
        [bins] = pool.output_size
        return max(bins, 1), max(bins, 1)
    if not pool.kernel:
        return 1, 1
    [stride], [dilation] = strides_and_dilations(pool, rules)
    span = (pool.kernel[0] - 1) * dilation + 1
    sides = sum(map(abs, pool.padding[0])) if isinstance(pool.padding, tuple) else 0 if pool.padding in (None, "valid") else span
    return max(span, 1) + sides + max(stride, 1), max(stride, 1)


def unpooling_horizon(pool: Pool) -> int:
    """The size from which on an un-pooling of one axis has a place, or has too few: its padding takes away at most so many cells."""
    return 1 + (sum(map(abs, pool.padding[0])) if isinstance(pool.padding, tuple) else 0) + sum(pool.output_size or ())


def fitting_size(pool: Pool) -> int:
    """The smallest size of an axis into which, with its padding, a window of a pooling of one axis fits."""
    if not pool.kernel or pool.op in (*UPSAMPLING, *UNPOOLING) or pool.padding in ("same", "same_lower"):
        return 1
    span = (pool.kernel[0] - 1) * (pool.dilation[0] if pool.dilation else 1) + 1
    return max(span - (sum(pool.padding[0]) if isinstance(pool.padding, tuple) else 0), 1)


def windows_after_padding(
    inner: Pool, low: Amount, high: Amount, count_cells: Callable[[Axis, int], int] | None, period: int
) -> AxisWindows:
    """The windows of a pooling of one axis after padding by formulas of its size (`LENGTH`); an average counts as `count_cells` says."""

    @lru_cache(maxsize=4096)
    def at(n: int) -> Cover | None:
        before, after = (evaluate_at(side, n) for side in (low, high))
        try:
            [axis] = layout((n + before + after,), inner, Rules())
        except Refused:
            return None
        moved_axis = Axis(n, [range(window.start - before, window.stop - before, window.step) for window in axis.windows], before, after)
        if not moved_axis.size:
            return None
        return Cover(moved_axis, (lambda i: count_cells(moved_axis, i)) if count_cells else count_nothing)

    most = max(sum(abs(evaluate_at(side, n)) for side in (low, high)) for n in range(1, 2 * period + 2))
    horizon, stride = horizon_and_period(inner, Rules())
    return AxisWindows(at, horizon + most, period * stride)


def windows_of_bins(bins: int, start: Amount, stop: Amount, *, counting: bool) -> AxisWindows:
    """So many windows, each from a formula of its number (`BIN`) and the size (`LENGTH`) to before another; averages are `counting`."""

    @lru_cache(maxsize=4096)
    def at(n: int) -> Cover | None:
        axis = Axis(n, [range(evaluate_at(start, n, i), evaluate_at(stop, n, i)) for i in range(bins)])
        return Cover(axis, (lambda i: len(axis.windows[i])) if counting else count_nothing)

    return AxisWindows(at, bins, bins)


def evaluate_at(amount: Amount, n: int, i: int = 0) -> int:
    """The integer of a formula for an axis of `n` cells, and for the bin with a number."""
    return evaluate(amount, lambda leaf: i if leaf == BIN else n)
