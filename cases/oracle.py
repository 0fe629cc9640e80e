"""The oracle: every pooling by its definition, one output cell after another.

Slow on purpose. Padding is skipped and never filled, sums are float64 (integers are exact), and
every choice that the caller leaves open comes from `rules`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from . import window
from .pool import LAST, Pool
from .rules import Rules

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Window:
    """What one output cell is made of: its cells' positions, and how many positions it has.

    `taps` counts all positions, `padded` those in the input or its padding; an average divides by
    one of them, or by the number of cells.
    """

    cells: tuple[tuple[int, ...], ...]
    taps: int
    padded: int


def oracle(x: Array, pool: Pool, rules: Rules = Rules(), batched: bool = True) -> Array:
    """Do one pooling.

    `x` is (batch, channels, *spatial), or (batch, *spatial, channels) where `pool.data_format` says
    so, without the batch axis unless `batched`. Raises `window.Refused` for what cannot be done.
    """
    planes = x if batched else x[None]
    if pool.data_format == LAST:
        planes = np.moveaxis(planes, -1, 1)
    if planes.ndim < 3:
        raise window.Refused(f"an input of shape {x.shape} has no spatial axis")
    y = pooled(planes, pool, rules)
    if pool.data_format == LAST:
        y = np.moveaxis(y, 1, -1)
    return y if batched else y[0]


def pooled(x: Array, pool: Pool, rules: Rules) -> Array:
    """Pool an input of shape (batch, channels, *spatial)."""
    shape, windows = windows_of(pool, x.shape[2:], rules)
    reduce = REDUCTIONS[pool.op.split("_")[-2]]
    y = np.empty((*x.shape[:2], *shape), x.dtype)
    for index, cells in windows:
        for plane in np.ndindex(x.shape[:2]):
            values = [x[plane + cell].item() for cell in cells.cells]
            y[plane + index] = cast(reduce(values, cells, pool, rules, x.dtype), x.dtype)
    kept = pool.keepdims if pool.keepdims is not None else rules.keepdims_default == "kept"
    return y if kept or not pool.op.startswith("global") else y.reshape(x.shape[:2])


Windows = Iterator[tuple[tuple[int, ...], Window]]


def windows_of(pool: Pool, spatial: Sequence[int], rules: Rules) -> tuple[tuple[int, ...], Windows]:
    """The spatial shape of the answer, and the window behind each of its cells."""
    if pool.op.startswith("global"):
        return (1,) * len(spatial), grid([[range(n)] for n in spatial])
    if pool.op.startswith("adaptive"):
        sizes = pool.output_size or (1,) * len(spatial)
        edges = [window.bins(n, size, rules) for n, size in zip(spatial, sizes, strict=True)]
        return tuple(sizes), grid(edges)
    axes = window.layout(spatial, pool, rules)
    return tuple(axis.size for axis in axes), slide(axes)


def grid(bins: Sequence[Sequence[range]]) -> Windows:
    """The windows of a pooling whose windows hold cells only."""
    for index in np.ndindex(*map(len, bins)):
        cells = tuple(product(*(axis[i] for axis, i in zip(bins, index, strict=True))))
        yield index, Window(cells, len(cells), len(cells))


def slide(axes: Sequence[window.Axis]) -> Windows:
    """The windows of a pooling that slides a kernel over the input and its padding."""
    for index in np.ndindex(*(axis.size for axis in axes)):
        pairs = list(zip(axes, index, strict=True))
        yield index, Window(
            cells=tuple(product(*(axis.cells(i) for axis, i in pairs))),
            taps=math.prod(axis.kernel for axis in axes),
            padded=math.prod(axis.padded(i) for axis, i in pairs),
        )


def maximum(values: list[Any], cells: Window, pool: Pool, rules: Rules, dtype: np.dtype[Any]) -> Any:
    """The largest value of a window, NaN and empty windows by the rules."""
    if rules.pad_value == "zero" and len(values) < cells.taps:
        values = [*values, 0]
    lowest = bounds(dtype).min.item()
    if not values:
        return {"minus_inf": -math.inf, "lowest": lowest, "zero": 0, "nan": math.nan}[rules.empty_max]
    best = FOLDS[rules.nan](values)
    if best == -math.inf and rules.all_minus_inf == "lowest":
        return lowest
    return signed_zero(values, rules) if best == 0 and dtype.kind == "f" else best


def signed_zero(values: list[Any], rules: Rules) -> float:
    """Which zero a maximum of zero is: the first, the last, or +0 where there is one."""
    zeros = [value for value in values if value == 0]
    if rules.zero_sign == "positive":
        return max(zeros, key=lambda zero: math.copysign(1, zero))
    return zeros[0 if rules.zero_sign == "first" else -1]


def average(values: list[Any], cells: Window, pool: Pool, rules: Rules, dtype: np.dtype[Any]) -> Any:
    """The sum of a window over the divisor that the caller and the rules give."""
    divisor = divisor_of(cells, pool, rules)
    if divisor == 0:
        return math.nan if rules.empty_average == "nan" else 0
    total = sum(values) if dtype.kind in "iub" else math.fsum(values) if finite(values) else sum(values)
    return total / divisor if dtype.kind == "f" else int(math.copysign(abs(total) // abs(divisor), total))


def divisor_of(cells: Window, pool: Pool, rules: Rules) -> int:
    """What the average of a window divides by."""
    if pool.divisor_override is not None:
        return pool.divisor_override
    include = pool.count_include_pad
    if include is None:
        include = rules.include_default == "padded"
    if not include:
        return len(cells.cells)
    return cells.taps if rules.overhang == "counted" else cells.padded


def power(values: list[Any], cells: Window, pool: Pool, rules: Rules, dtype: np.dtype[Any]) -> Any:
    """The p-norm of a window, `p` being 2 where it is left open."""
    p = 2 if pool.p is None else pool.p
    if p <= 0:
        raise window.Refused(f"p is {p}; it must be positive")
    if rules.lp_sign == "absolute":
        values = [abs(value) for value in values]
    if p == math.inf:
        return max(values, default=0)
    total = math.fsum(value**p for value in values)
    return total ** (1 / p) if total >= 0 else math.copysign(abs(total) ** (1 / p), total) if p == 1 else math.nan


Reduction = Callable[[list[Any], Window, Pool, Rules, "np.dtype[Any]"], Any]
REDUCTIONS: dict[str, Reduction] = {"max": maximum, "avg": average, "lp": power}


def propagate(values: list[Any]) -> Any:
    return math.nan if any(map(math.isnan, values)) else max(values)


def ignore(values: list[Any]) -> Any:
    return max((value for value in values if not math.isnan(value)), default=-math.inf)


def ignore_else_nan(values: list[Any]) -> Any:
    return math.nan if all(map(math.isnan, values)) else ignore(values)


def seeded(values: list[Any]) -> Any:
    return math.nan if math.isnan(values[0]) else ignore(values)


def restart(values: list[Any]) -> Any:
    best = values[0]
    for value in values[1:]:
        best = best if best > value else value
    return best


FOLDS: dict[str, Callable[[list[Any]], Any]] = {
    fold.__name__: fold for fold in (propagate, ignore, ignore_else_nan, seeded, restart)
}


def finite(values: list[Any]) -> bool:
    """Whether every value is a number, so that they can be summed with one rounding."""
    return all(map(math.isfinite, values))


def bounds(dtype: np.dtype[Any]) -> np.finfo[Any] | np.iinfo[Any]:
    """The range of a type; that of bool is taken from the smallest unsigned integer."""
    return np.finfo(dtype) if dtype.kind == "f" else np.iinfo(np.uint8 if dtype.kind == "b" else dtype)


def cast(value: Any, dtype: np.dtype[Any]) -> Any:
    """A result in the input's type; a number that an integer cannot hold is its nearest bound."""
    if dtype.kind == "f" or math.isfinite(value):
        with np.errstate(over="ignore"):
            return np.asarray(value).astype(dtype)
    return bounds(dtype).min
