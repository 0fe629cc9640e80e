"""What a layer does along each axis: its size as a formula, its padding, what its averages divide by, and its windows as a drawing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...cases.model.pool import Pool
from ...cases.model.rules import Rules
from ...cases.oracle.layout import layout, strides_and_dilations
from ...cases.oracle.window import Axis

CELL, PADDING, BEYOND, NONE = "■", "□", "▫", "·"
LEGEND = f"{CELL} a cell   {PADDING} padding   {BEYOND} beyond the padding   {NONE} not in this window"
DRAWN = 24
"""An axis of more positions is drawn by its ends."""
ENDS = 2
"""So many windows of each end are drawn then."""


@dataclass(frozen=True, eq=False)
class Facts:
    """One spatial axis of a pooling, laid out."""

    pool: Pool
    rules: Rules
    place: int
    axis: Axis

    @property
    def formula(self) -> str:
        """The size of the answer along this axis, as it is found."""
        pool, axis, size = self.pool, self.axis, self.axis.size
        if pool.op.startswith("global"):
            return "1, the whole axis"
        if pool.op.startswith("adaptive"):
            return f"{size}, as told: bin i takes cells floor(i * {axis.n} / {size}) to ceil((i + 1) * {axis.n} / {size})"
        stride, span = self.stride, self.span
        if isinstance(pool.padding, str) and pool.padding != "valid":
            return f"ceil({axis.n} / {stride}) = {size}"
        room = axis.n + axis.low + axis.high - span
        moves = f"({axis.n} + {axis.low} + {axis.high} - {span}) / {stride}"
        if pool.ceil_mode:
            whole = -(-room // stride) + 1
            clipped = f" - 1 = {size}, for the last window would begin in the far padding" if whole == size + 1 else f" = {size}"
            return f"ceil({moves}) + 1{clipped}"
        if room < 0 and self.rules.size_division != "floor":
            return f"trunc({moves}) + 1 = {size}" if self.rules.size_division == "trunc_kernel" else f"trunc({moves} + 1) = {size}"
        return f"floor({moves}) + 1 = {size}"

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


def facts(pool: Pool, sizes: Sequence[int], rules: Rules) -> list[Facts]:
    """Every spatial axis of a pooling; raises Refused."""
    return [Facts(pool, rules, place, axis) for place, axis in enumerate(layout(sizes, pool, rules))]


def divisors(each: Sequence[Facts]) -> str:
    """What an average divides by: in the first, a middle and the last window of all axes, or in all; empty where it does not."""
    pool, rules = each[0].pool, each[0].rules
    if not pool.op.endswith("avg_pool") or not all(one.axis.size for one in each):
        return ""
    if pool.divisor_override is not None:
        return str(pool.divisor_override)
    include = rules.include_default == "padded" if pool.count_include_pad is None else pool.count_include_pad
    named = {"first": 0, "middle": 0.5, "last": 1}
    found = {
        name: math.prod(counted(one, round(part * (one.axis.size - 1)), include=include) for one in each) for name, part in named.items()
    }
    if len(set(found.values())) == 1:
        every = [{counted(one, index, include=include) for index in range(one.axis.size)} for one in each]
        least, most = math.prod(map(min, every)), math.prod(map(max, every))
        return str(least) if least == most else f"{least} to {most}"
    return ", ".join(f"{value} in the {name}" for name, value in found.items())


def counted(one: Facts, index: int, *, include: bool) -> int:
    """How many positions of a window count along an axis."""
    if not include:
        return len(one.axis.cells(index))
    return len(one.axis.windows[index]) if one.rules.overhang == "counted" else len(one.axis.padded(index))


def drawing(one: Facts) -> Iterator[str]:
    """The windows along an axis, a line each; of a long axis those at its ends."""
    axis = one.axis
    low = min(0, -axis.low, *(window.start for window in axis.windows))
    high = max(axis.n, axis.n + axis.high, *(window[-1] + 1 for window in axis.windows if window))
    indices = range(axis.size)
    if high - low <= DRAWN:
        yield from (row(one, index, range(low, high)) for index in indices)
        return
    near = sorted({*indices[:ENDS], *indices[-ENDS:]})
    left, right = range(low, low + DRAWN // 2), range(high - DRAWN // 2, high)
    yield from (f"{row(one, index, left)} … {row(one, index, right)}" for index in near)


def row(one: Facts, index: int, positions: range) -> str:
    """One window over some positions of its axis."""
    return " ".join(mark(one.axis, index, position) for position in positions)


def mark(axis: Axis, index: int, position: int) -> str:
    """What a window has at a position."""
    if position not in axis.windows[index]:
        return NONE if 0 <= position < axis.n else " "
    if 0 <= position < axis.n:
        return CELL
    return PADDING if -axis.low <= position < axis.n + axis.high else BEYOND
