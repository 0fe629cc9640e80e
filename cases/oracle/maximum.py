"""The maximum of a window: its value, its position, and the cells that its gradient goes to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

from ..model.arithmetic import Array, lowest
from ..model.pool import Pool
from ..model.rules import Rules
from .layout import Position, Window

Entry = tuple[Position | None, Any]
"""A value of a window and its position; None where it stands in the padding."""


def entries(plane: Array, window: Window, fill: float | None, columns: bool = False) -> list[Entry]:
    """The values that take part in a maximum with their positions, row-major or, for `columns`, the first axis fastest.

    Padding counts as `fill`, or is left out if that is None.
    """
    cells = set(window.cells)
    positions = window.cells if fill is None else window.padded_positions
    if columns:
        positions = tuple(sorted(positions, key=lambda position: position[::-1]))
    return [(position, plane[position].item()) if position in cells else (None, fill) for position in positions]


def value_entries(plane: Array, window: Window, rules: Rules) -> list[Entry]:
    """The values that decide the value of a maximum."""
    return entries(plane, window, 0 if rules.pad_value == "zero" else None)


def index_entries(plane: Array, window: Window, rules: Rules) -> list[Entry]:
    """The values that decide the position of a maximum."""
    columns = rules.scan_order == "columns"
    if rules.pad_value == "excluded" and rules.pad_candidate == "yes":
        return entries(plane, window, -math.inf, columns)
    return entries(plane, window, 0 if rules.pad_value == "zero" else None, columns)


def maximum(plane: Array, window: Window, pool: Pool, rules: Rules) -> Any:
    """The largest value of a window, with NaN, signed zeros and empty windows by the rules."""
    values = [value for _, value in value_entries(plane, window, rules)]
    if not values:
        return {"minus_inf": -math.inf, "lowest": lowest(plane.dtype), "zero": 0, "nan": math.nan}[rules.empty_max]
    largest = FOLDS[rules.nan](values, window.columns(rules.pad_value == "zero"))
    if largest == -math.inf and becomes_lowest(window, rules):
        return lowest(plane.dtype)
    return choose_zero(values, rules) if largest == 0 else largest


def becomes_lowest(window: Window, rules: Rules) -> bool:
    """Whether a maximum of minus infinities alone becomes the lowest number."""
    axis, i = window.axes[-1], window.index[-1]
    crosses = len(axis.cells(i)) < len(axis.windows[i])
    return rules.all_minus_inf == "lowest" or (rules.all_minus_inf == "lowest_at_edges" and crosses)


def choose_zero(values: Sequence[Any], rules: Rules) -> Any:
    """The zero that a maximum of zero is: the first, the last, or a positive one if there is one."""
    zeros = [value for value in values if value == 0]
    if rules.zero_sign == "positive":
        return max(zeros, key=lambda value: math.copysign(1, value))
    return zeros[0 if rules.zero_sign == "first" else -1]


def larger(best: Any, value: Any) -> Any:
    """`a > b ? a : b`: NaN replaces everything before it, and is replaced by what follows."""
    return best if best > value else value  # noqa: FURB136 - the order of NaN is the point


def propagate(values: Sequence[Any], columns: int) -> Any:
    """NaN if there is one, else the largest number."""
    return math.nan if any(map(math.isnan, values)) else max(values)


def ignore(values: Sequence[Any], columns: int) -> Any:
    """The largest number, and -inf if there is none."""
    return max((value for value in values if not math.isnan(value)), default=-math.inf)


def ignore_else_nan(values: Sequence[Any], columns: int) -> Any:
    """The largest number, and NaN if there is none."""
    return math.nan if all(map(math.isnan, values)) else ignore(values, columns)


def seeded(values: Sequence[Any], columns: int) -> Any:
    """NaN if the window begins with it, else the largest number."""
    return math.nan if math.isnan(values[0]) else ignore(values, columns)


def restart(values: Sequence[Any], columns: int) -> Any:
    """A fold that restarts after NaN."""
    return reduce(larger, values)


def columns_restart(values: Sequence[Any], columns: int) -> Any:
    """A fold that restarts after NaN, down each column and then along the row of results."""
    return reduce(larger, (reduce(larger, values[column::columns]) for column in range(columns)))


def lanes4(values: Sequence[Any], columns: int) -> Any:
    """A fold that restarts after NaN in four lanes, then across them; in what a division by four leaves over NaN is ignored."""
    whole = len(values) - len(values) % 4
    first, second, third, fourth = (reduce(larger, values[lane:whole:4], -math.inf) for lane in range(4))
    best = larger(larger(first, third), larger(second, fourth))
    return reduce(lambda best, value: value if best < value else best, values[whole:], best)  # noqa: FURB136 - as above


FOLDS: dict[str, Callable[[Sequence[Any], int], Any]] = {
    fold.__name__: fold for fold in (propagate, ignore, ignore_else_nan, seeded, restart, columns_restart, lanes4)
}


def maximum_position(plane: Array, window: Window, rules: Rules) -> Position | None:
    """The position of the maximum; None if it is in the padding or there is none."""
    values = index_entries(plane, window, rules)
    if not values:
        return None
    choice = choose_maximum([value for _, value in values], rules)
    position, value = values[choice]
    is_neutral = value == -math.inf or (math.isnan(value) and rules.nan_index == "ignore")
    if position is None or not is_neutral or rules.all_minus_inf_index == "found":
        return position
    return (0,) * plane.ndim if rules.all_minus_inf_index == "plane_start" else None


def window_start(window: Window) -> Position:
    """The first position of a window that is not before the input along any axis; it may be behind the input."""
    return tuple(next((at for at in axis.windows[i] if at >= 0), 0) for axis, i in window.pairs)


def choose_maximum(values: Sequence[Any], rules: Rules) -> int:
    """The number of the value that is the maximum: one of the NaN where the rule selects it, else the largest."""
    nan = [i for i, value in enumerate(values) if math.isnan(value)]
    if not nan or rules.nan_index == "restart":
        return fold_maximum(values, range(len(values)), rules)
    if rules.nan_index in ("first", "last"):
        return nan[0 if rules.nan_index == "first" else -1]
    if len(nan) == len(values) or (rules.nan_index == "seeded" and nan[0] == 0):
        return 0
    return fold_maximum(values, [i for i in range(len(values)) if i not in nan], rules)


def fold_maximum(values: Sequence[Any], candidates: Iterable[int], rules: Rules) -> int:
    """The number of the value that is left when some values are compared one after another."""
    return reduce(lambda best, i: best if keeps_best(values[best], values[i], rules) else i, candidates)


def keeps_best(best: Any, value: Any, rules: Rules) -> bool:
    """Whether a maximum stays where it is when a later value is compared with it."""
    return bool(best > value if rules.tie == "last" else best >= value)


def max_weights(plane: Array, window: Window, pool: Pool, rules: Rules) -> list[tuple[Position, float]]:
    """The share of an output cell's cotangent for each cell of its window."""
    if rules.tie in ("first", "last"):
        position = maximum_position(plane, window, rules)
        if position is None and rules.empty_gradient == "window_start":
            position = window_start(window)
        return [] if position is None else [(position, 1.0)]
    largest = maximum(plane, window, pool, rules)
    equal = [position for position, value in value_entries(plane, window, rules) if value == largest]
    if rules.tie == "all":
        return [(position, 1.0) for position in equal if position is not None]
    if not equal:
        # Shares of nothing are 0/0 in every cell: what the frameworks that split a gradient give.
        return [(position, math.nan) for position in window.cells]
    return [(position, 1 / len(equal)) for position in equal if position is not None]
