"""Facts about a layer along each axis: its size as a formula, its padding, what its averages divide by, and its windows as a drawing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...cases.model.arithmetic import Array
from ...cases.model.pool import ADAPTIVE, GLOBAL, UPSAMPLING, WINDOWED, Pool
from ...cases.model.rules import Rules
from ...cases.oracle.layout import layout, strides_and_dilations
from ...cases.oracle.window import Axis
from ...cases.sizes.axis_windows import pool_of_axis, repeated_cells

CELL, PADDING, BEYOND, OUTSIDE = "■", "□", "▫", "·"
LEGEND = f"{CELL} a cell   {PADDING} padding   {BEYOND} beyond the padding   {OUTSIDE} not in this window"
MAX_DRAWN = 24
"""An axis with more positions is drawn by its ends."""
ENDS = 2
"""Windows drawn at each end."""


@dataclass(frozen=True, eq=False)
class AxisFacts:
    """One spatial axis of a pooling, laid out."""

    pool: Pool
    rules: Rules
    place: int
    axis: Axis

    @property
    def formula(self) -> str:
        """The size of the output along this axis, as a formula with its numbers."""
        pool, axis, size = self.pool, self.axis, self.axis.size
        if pool.op not in WINDOWED:
            return self.formula_without_window
        stride, span = self.stride, self.span
        if isinstance(pool.padding, str) and pool.padding != "valid":
            return f"ceil({axis.n} / {stride}) = {axis.outputs}"
        room = axis.n + axis.low + axis.high - span
        size = size or min(room // stride + 1, 0)
        moves = f"({axis.n} + {axis.low} + {axis.high} - {span}) / {stride}"
        if pool.ceil_mode:
            whole = -(-room // stride) + 1
            ending = f" - 1 = {size}: the last window would begin in the padding" if whole == size + 1 else f" = {size}"
            return f"ceil({moves}) + 1{ending}"
        if room < 0 and self.rules.size_division != "floor":
            return f"trunc({moves}) + 1 = {size}" if self.rules.size_division == "trunc_kernel" else f"trunc({moves} + 1) = {size}"
        return f"floor({moves}) + 1 = {size}"

    @property
    def formula_without_window(self) -> str:
        """The size of the output along this axis where no window slides, and which cells each part of it is taken from."""
        n, size = self.axis.n, self.axis.size
        if self.pool.op in GLOBAL:
            return "1, the whole axis"
        if self.pool.op in ADAPTIVE:
            return f"{size}, as requested: bin i takes cells floor(i * {n} / {size}) to ceil((i + 1) * {n} / {size})"
        if self.pool.kernel:
            return f"{n} * {size // n} = {size}: each cell is repeated {size // n} times"
        middle = " + 0.5" if self.rules.nearest == "middle" else ""
        return f"{size}, as requested: place i is taken from cell floor({f'(i{middle})' if middle else 'i'} * {n} / {size})"

    @property
    def misfit(self) -> str:
        """That the window is larger than the axis, in a sentence; empty if it is not."""
        axis = self.axis
        if not self.pool.kernel or self.pool.op in UPSAMPLING or self.pool.op.startswith(("global", "adaptive")) or self.span <= axis.n:
            return ""
        whole = axis.n + axis.low + axis.high
        larger = f"the window spans {self.span} cells, more than the {axis.n} of the axis"
        if self.span <= whole:
            return f"{larger}; it fits with the padding"
        return f"{larger}; it does not fit" if whole == axis.n else f"{larger}, and than the {whole} with the padding; it does not fit"

    @property
    def span(self) -> int:
        """The cells that a window spans."""
        return ((self.pool.kernel or ())[self.place] - 1) * strides_and_dilations(self.pool, self.rules)[1][self.place] + 1

    @property
    def stride(self) -> int:
        """The stride along this axis."""
        return strides_and_dilations(self.pool, self.rules)[0][self.place]

    @property
    def padding(self) -> str:
        """The padding of both sides, and what windows hang over beyond it."""
        ends = [window[-1] + 1 for window in self.axis.windows[-1:] if window]
        over = max([0, *(end - self.axis.n - max(self.axis.high, 0) for end in ends)])
        hanging = f", and {over} beyond" if over else ""
        return f"{self.axis.low} low, {self.axis.high} high{hanging}"


def describe_axes(pool: Pool, sizes: Sequence[int], rules: Rules) -> list[AxisFacts]:
    """The facts of every spatial axis of a pooling; raises Refused."""
    if pool.op in UPSAMPLING:
        return [AxisFacts(pool, rules, place, repeated_cells(n, pool_of_axis(pool, place), rules)) for place, n in enumerate(sizes)]
    return [AxisFacts(pool, rules, place, axis) for place, axis in enumerate(layout(sizes, pool, rules))]


def describe_divisors(facts: Sequence[AxisFacts]) -> str:
    """What an average divides by: in the first, a middle and the last window of all axes, or in all; empty for other poolings."""
    pool, rules = facts[0].pool, facts[0].rules
    if not pool.op.endswith("avg_pool") or not all(fact.axis.size for fact in facts):
        return ""
    if pool.divisor_override is not None:
        return str(pool.divisor_override)
    include = rules.include_default == "padded" if pool.count_include_pad is None else pool.count_include_pad
    counts = [count_positions(fact, include=include) for fact in facts]
    parts = {"first": 0, "middle": 0.5, "last": 1}
    divisors = {name: math.prod(int(count[round(part * (len(count) - 1))]) for count in counts) for name, part in parts.items()}
    if len(set(divisors.values())) == 1:
        least, most = (math.prod(int(extreme(count)) for count in counts) for extreme in (np.min, np.max))
        return str(least) if least == most else f"{least} to {most}"
    return ", ".join(f"{value} in the {name}" for name, value in divisors.items())


def describe_norm(pool: Pool, rules: Rules) -> Iterator[str]:
    """What an LP pooling computes, and when it gives NaN; nothing for other poolings."""
    if pool.kind != "lp":
        return
    p = 2.0 if pool.p is None else pool.p
    if p == math.inf:
        yield "a norm is the largest magnitude in a window; it is NaN where the window holds NaN"
        return
    absolute = rules.lp_sign == "absolute"
    yield f"a norm is the sum of {'|x|' if absolute else 'x'}^{p:g} over a window, to the power 1/{p:g}"
    if absolute or p % 2 == 0 or p == 1:
        subject = "a sum may be negative, and so may the norm; it" if p == 1 and not absolute else "it"
        yield f"{subject} is NaN where the window holds NaN"
    elif p % 2 == 1:
        yield "negative numbers keep their sign: it is NaN where the sum is negative, and where the window holds NaN"
    else:
        yield f"a negative number has no power {p:g}: it is NaN where the window holds one, or NaN"
    if rules.lp_partial == "rescaled":
        yield "a window that hangs over the edge is scaled up to a whole one"


def count_positions(fact: AxisFacts, *, include: bool) -> Array:
    """How many positions of each window along an axis an average counts, by arithmetic on the windows' ends."""
    axis = fact.axis
    lengths = np.array([len(window) for window in axis.windows])
    if include and fact.rules.overhang == "counted":
        return lengths
    first, last = (min(0, -axis.low), max(axis.n, axis.n + axis.high) - 1) if include else (0, axis.n - 1)
    starts = np.array([window.start for window in axis.windows])
    step = axis.windows[0].step
    before = np.maximum(-((starts - first) // step), 0)  # positions ahead of `first`: the quotient rounded up
    until = np.maximum((last - starts) // step + 1, 0)
    return np.asarray(np.maximum(np.minimum(until, lengths) - np.minimum(before, lengths), 0))


def draw_windows(fact: AxisFacts) -> Iterator[str]:
    """The windows along an axis, a line each; of a long axis those at its ends."""
    axis = fact.axis
    low = min(0, -axis.low, *(window.start for window in axis.windows))
    high = max(axis.n, axis.n + axis.high, *(window[-1] + 1 for window in axis.windows if window))
    indices = range(axis.size)
    if high - low <= MAX_DRAWN:
        yield from (draw_window(fact, index, range(low, high)) for index in indices)
        return
    near = sorted({*indices[:ENDS], *indices[-ENDS:]})
    left, right = range(low, low + MAX_DRAWN // 2), range(high - MAX_DRAWN // 2, high)
    yield from (f"{draw_window(fact, index, left)} … {draw_window(fact, index, right)}" for index in near)


def draw_window(fact: AxisFacts, index: int, positions: range) -> str:
    """One window over some positions of its axis."""
    return " ".join(mark_position(fact.axis, index, position) for position in positions)


def mark_position(axis: Axis, index: int, position: int) -> str:
    """The mark of a position in the drawing of a window."""
    if position not in axis.windows[index]:
        return OUTSIDE if 0 <= position < axis.n else " "
    if 0 <= position < axis.n:
        return CELL
    return PADDING if -axis.low <= position < axis.n + axis.high else BEYOND
