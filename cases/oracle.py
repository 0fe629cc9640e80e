"""The oracle: every pooling by its definition, one output cell after another.

Slow on purpose. Padding is skipped and never filled, sums are float64 (those of integers exact), and
every choice that the caller leaves open comes from `rules`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .layout import Window, layout, windows
from .pool import LAST, Pool
from .rules import REFERENCE, Rules
from .window import Refused

Array = np.ndarray[Any, np.dtype[Any]]


def oracle(x: Array, pool: Pool, rules: Rules = REFERENCE, batched: bool = True) -> Array:
    """Do one pooling.

    `x` is (batch, channels, *spatial), or (batch, *spatial, channels) where `pool.data_format` says
    so, without the batch axis unless `batched`. Raises `window.Refused` for what cannot be done.
    """
    planes = x if batched else x[None]
    if planes.ndim < 3:
        raise Refused(f"the input has shape {x.shape}; {'batch, ' * batched}channels and at least one spatial axis were expected")
    last = pool.data_format == LAST
    y = pooled(np.moveaxis(planes, -1, 1) if last else planes, pool, rules)
    y = np.moveaxis(y, 1, -1) if last else y
    return y if batched else y[0]


def pooled(x: Array, pool: Pool, rules: Rules) -> Array:
    """Pool an input of shape (batch, channels, *spatial)."""
    axes = layout(x.shape[2:], pool, rules)
    reduce = REDUCTIONS[pool.op.split("_")[-2]]
    y = np.empty((*x.shape[:2], *(axis.size for axis in axes)), x.dtype)
    for index, window in windows(axes):
        for plane in np.ndindex(x.shape[:2]):
            values = [x[plane + cell].item() for cell in window.cells]
            y[plane + index] = stored(reduce(values, window, pool, rules, x.dtype), x.dtype)
    return y if keeps_axes(pool, rules) else y.reshape(x.shape[:2])


def keeps_axes(pool: Pool, rules: Rules) -> bool:
    """Whether the answer has the spatial axes; only a global pooling may drop them."""
    if not pool.op.startswith("global"):
        return True
    return rules.keepdims_default == "kept" if pool.keepdims is None else pool.keepdims


def maximum(values: list[Any], window: Window, pool: Pool, rules: Rules, dtype: np.dtype[Any]) -> Any:
    """The largest value of a window, with NaN, signed zeros and windows without a number by the rules."""
    if rules.pad_value == "zero" and len(values) < window.taps:
        values = [*values, 0]
    if not values:
        return {"minus_inf": -math.inf, "lowest": lowest(dtype), "zero": 0, "nan": math.nan}[rules.empty_max]
    largest = FOLDS[rules.nan](values)
    if largest == -math.inf and rules.all_minus_inf == "lowest":
        return lowest(dtype)
    return signed_zero(values, rules) if largest == 0 else largest


def signed_zero(values: list[Any], rules: Rules) -> Any:
    """Which zero a maximum of zero is: the first, the last, or the positive one if there is one."""
    zeros = [value for value in values if value == 0]
    if rules.zero_sign == "positive":
        return max(zeros, key=lambda zero: math.copysign(1, zero))
    return zeros[0 if rules.zero_sign == "first" else -1]


def propagate(values: list[Any]) -> Any:
    """NaN if there is one."""
    return math.nan if any(map(math.isnan, values)) else max(values)


def ignore(values: list[Any]) -> Any:
    """The largest number, and -inf if there is none."""
    return max((value for value in values if not math.isnan(value)), default=-math.inf)


def ignore_else_nan(values: list[Any]) -> Any:
    """The largest number, and NaN if there is none."""
    return math.nan if all(map(math.isnan, values)) else ignore(values)


def seeded(values: list[Any]) -> Any:
    """NaN if the window begins with it, else the largest number."""
    return math.nan if math.isnan(values[0]) else ignore(values)


def restart(values: list[Any]) -> Any:
    """What is left by `a > b ? a : b`: NaN hides all that came before it."""
    best = values[0]
    for value in values[1:]:
        best = best if best > value else value
    return best


FOLDS: dict[str, Callable[[list[Any]], Any]] = {
    fold.__name__: fold for fold in (propagate, ignore, ignore_else_nan, seeded, restart)
}  # fmt: skip


def average(values: list[Any], window: Window, pool: Pool, rules: Rules, dtype: np.dtype[Any]) -> Any:
    """The sum of a window over the divisor that the caller and the rules give; integers truncate."""
    divisor = divisor_of(window, pool, rules)
    if divisor == 0:
        return math.nan if rules.empty_average == "nan" else 0
    total = sum(values)
    return int(math.copysign(1, total * divisor)) * (abs(total) // abs(divisor)) if exact(dtype) else total / divisor


def divisor_of(window: Window, pool: Pool, rules: Rules) -> int:
    """What the average of a window divides by."""
    if pool.divisor_override is not None:
        if pool.divisor_override == 0:
            raise Refused("divisor_override is 0; any other integer was expected")
        return pool.divisor_override
    include = rules.include_default == "padded" if pool.count_include_pad is None else pool.count_include_pad
    if not include:
        return len(window.cells)
    return window.taps if rules.overhang == "counted" else window.padded


def norm(values: list[Any], window: Window, pool: Pool, rules: Rules, dtype: np.dtype[Any]) -> Any:
    """The p-norm of a window, p being 2 where it is left open."""
    p = 2.0 if pool.p is None else pool.p
    if p == 0:
        raise Refused("p is 0; any other number was expected")
    cells = np.array(values, "float64")
    if math.isinf(p):
        return np.max(np.abs(cells), initial=0)
    with np.errstate(all="ignore"):
        return np.sum(np.power(np.abs(cells) if rules.lp_sign == "absolute" else cells, p)) ** (1 / p)


Reduction = Callable[[list[Any], Window, Pool, Rules, "np.dtype[Any]"], Any]
REDUCTIONS: dict[str, Reduction] = {"max": maximum, "avg": average, "lp": norm}


def exact(dtype: np.dtype[Any]) -> bool:
    """Whether arithmetic in a type is free of rounding: integers and truth values."""
    return dtype.kind in "iub"


def lowest(dtype: np.dtype[Any]) -> Any:
    """The least finite value of a type."""
    if exact(dtype):
        return False if dtype.kind == "b" else np.iinfo(dtype).min
    return np.nextafter(dtype.type(-np.inf), dtype.type(0)).item()


def stored(value: Any, dtype: np.dtype[Any]) -> Any:
    """A result in the input's type; an integer has no NaN and no infinity, so it gets its lowest value."""
    if exact(dtype) and not math.isfinite(value):
        return lowest(dtype)
    with np.errstate(over="ignore"):
        return np.asarray(value).astype(dtype)
