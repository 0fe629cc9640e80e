"""The maximum of a window: its value, where it was found, and where its gradient goes."""

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


def entries(plane: Array, window: Window, fill: float | None) -> list[Entry]:
    """The values that take part in a maximum, row-major; those of the padding are `fill`, or left out."""
    if fill is None:
        return [(position, plane[position].item()) for position in window.cells]
    cells = set(window.cells)
    return [(position, plane[position].item()) if position in cells else (None, fill) for position in window.padded]


def value_entries(plane: Array, window: Window, rules: Rules) -> list[Entry]:
    """The values that decide how large a maximum is."""
    return entries(plane, window, 0 if rules.pad_value == "zero" else None)


def index_entries(plane: Array, window: Window, rules: Rules) -> list[Entry]:
    """The values that decide where a maximum is."""
    if rules.pad_value == "excluded" and rules.pad_candidate == "yes":
        return entries(plane, window, -math.inf)
    return value_entries(plane, window, rules)


def maximum(plane: Array, window: Window, pool: Pool, rules: Rules) -> Any:
    """The largest value of a window, with NaN, signed zeros and windows without a number by the rules."""
    values = [value for _, value in value_entries(plane, window, rules)]
    if not values:
        return {"minus_inf": -math.inf, "lowest": lowest(plane.dtype), "zero": 0, "nan": math.nan}[rules.empty_max]
    largest = FOLDS[rules.nan](values, window.columns(rules.pad_value == "zero"))
    if largest == -math.inf and rules.all_minus_inf == "lowest":
        return lowest(plane.dtype)
    return choose_zero(values, rules) if largest == 0 else largest


def choose_zero(values: Sequence[Any], rules: Rules) -> Any:
    """Which zero a maximum of zero is: the first, the last, or a positive one if there is one."""
    zeros = [value for value in values if value == 0]
    if rules.zero_sign == "positive":
        return max(zeros, key=lambda each: math.copysign(1, each))
    return zeros[0 if rules.zero_sign == "first" else -1]


def larger(best: Any, value: Any) -> Any:
    """`a > b ? a : b`, by which NaN hides all that came before it and gives way to what follows."""
    return best if best > value else value  # noqa: FURB136 - the order of NaN is the point


def propagate(values: Sequence[Any], columns: int) -> Any:
    """NaN if there is one."""
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
    """A fold that NaN restarts."""
    return reduce(larger, values)


def columns_restart(values: Sequence[Any], columns: int) -> Any:
    """A fold that NaN restarts, down each column and then along the row of results."""
    return reduce(larger, (reduce(larger, values[column::columns]) for column in range(columns)))


def lanes4(values: Sequence[Any], columns: int) -> Any:
    """A fold that NaN restarts in four lanes, then across them; NaN in what is left over is ignored."""
    whole = len(values) - len(values) % 4
    first, second, third, fourth = (reduce(larger, values[lane:whole:4], -math.inf) for lane in range(4))
    best = larger(larger(first, third), larger(second, fourth))
    return reduce(lambda best, value: value if best < value else best, values[whole:], best)  # noqa: FURB136 - as above


FOLDS: dict[str, Callable[[Sequence[Any], int], Any]] = {
    fold.__name__: fold for fold in (propagate, ignore, ignore_else_nan, seeded, restart, columns_restart, lanes4)
}


def maximum_position(plane: Array, window: Window, rules: Rules) -> Position | None:
    """The position of the maximum; None where it is in the padding or nowhere."""
    among = index_entries(plane, window, rules)
    if not among:
        return None
    chosen = choose_maximum([value for _, value in among], rules)
    position, value = among[chosen]
    nothing = value == -math.inf or (math.isnan(value) and rules.nan_index == "ignore")
    return None if nothing and rules.all_minus_inf_index == "empty" else position


def choose_maximum(values: Sequence[Any], rules: Rules) -> int:
    """Which of some values is their maximum: one of the NaN where the rule looks for it, else the largest."""
    nan = [i for i, value in enumerate(values) if math.isnan(value)]
    if not nan or rules.nan_index == "restart":
        return fold_maximum(values, range(len(values)), rules)
    if rules.nan_index in ("first", "last"):
        return nan[0 if rules.nan_index == "first" else -1]
    if len(nan) == len(values) or (rules.nan_index == "seeded" and nan[0] == 0):
        return 0
    return fold_maximum(values, [i for i in range(len(values)) if i not in nan], rules)


def fold_maximum(values: Sequence[Any], among: Iterable[int], rules: Rules) -> int:
    """Which of some values is met as their maximum, one after another."""
    return reduce(lambda best, i: best if keeps(values[best], values[i], rules) else i, among)


def keeps(best: Any, value: Any, rules: Rules) -> bool:
    """Whether a maximum stays where it is when a later value is met."""
    return bool(best > value if rules.tie == "last" else best >= value)


def max_weights(plane: Array, window: Window, pool: Pool, rules: Rules) -> list[tuple[Position, float]]:
    """How much of an output cell's cotangent each cell of its window takes."""
    if rules.tie in ("first", "last"):
        position = maximum_position(plane, window, rules)
        return [] if position is None else [(position, 1.0)]
    largest = maximum(plane, window, pool, rules)
    equal = [position for position, value in value_entries(plane, window, rules) if value == largest]
    if rules.tie == "all":
        return [(position, 1.0) for position in equal if position is not None]
    if not equal:
        # Shares of nothing are 0/0 in every cell: what the frameworks that split a gradient give.
        return [(position, math.nan) for position in window.cells]
    return [(position, 1 / len(equal)) for position in equal if position is not None]
