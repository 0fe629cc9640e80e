"""Maxima of all windows at once: for each tap, the input is shifted, and the larger values are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..model.arithmetic import Array, is_floating, lowest
from ..model.rules import Rules
from .lines import WindowLine, outer_product, shifts, spatial_index


def with_padding(x: Array, lines: Sequence[WindowLine], fill: float | None) -> Array:
    """The cells that take part: the input, and its padding if that is filled."""
    if fill is None:
        return x
    pads = [(max(line.low, 0), max(line.high, 0)) for line in lines]
    return np.pad(x, [(0, 0), (0, 0), *pads], constant_values=fill)


def window_maxima(x: Array, lines: Sequence[WindowLine], rules: Rules) -> Array:
    """The maximum of every window, in the type of the input."""
    padded = rules.pad_value == "zero"
    cells = with_padding(x, lines, 0 if padded else None)
    y = fold_axes(cells, lines, padded, np.maximum, lowest_of(x.dtype))
    if is_floating(x.dtype):
        if rules.nan != "propagate" and np.isnan(y).any():
            y = FOLDS[rules.nan](cells, lines, padded)
        if rules.all_minus_inf != "minus_inf":
            last = lines[-1]
            inside = np.array([count == taps for count, taps in zip(last.count(padded=False), last.taps, strict=True)], bool)
            everywhere = rules.all_minus_inf == "lowest"
            y[np.isneginf(y.astype("float64")) & (everywhere | ~inside)] = lowest(x.dtype)
        if (y == 0).any() and np.signbit(cells[cells == 0]).any():
            y = np.where(y == 0, choose_zeros(y.shape, cells, lines, padded, rules.zero_sign), y)
    is_empty = outer_product([line.count(padded) for line in lines]) == 0
    return np.where(is_empty, empty_maximum(x.dtype, rules), y) if is_empty.any() else y


def lowest_of(dtype: np.dtype[Any]) -> Any:
    """The value that no cell is below."""
    return dtype.type(-np.inf) if is_floating(dtype) else lowest(dtype)


def empty_maximum(dtype: np.dtype[Any], rules: Rules) -> Any:
    """The maximum of a window without cells; integers have neither infinities nor NaN."""
    if not is_floating(dtype):
        return dtype.type(0 if rules.empty_max == "zero" else lowest(dtype))
    return dtype.type({"minus_inf": -np.inf, "lowest": lowest(dtype), "zero": 0, "nan": np.nan}[rules.empty_max])


def fold_axes(cells: Array, lines: Sequence[WindowLine], padded: bool, fold: np.ufunc, start: Any) -> Array:
    """A fold over whole windows, one axis after another, that which shrinks most first."""
    for axis, line in sorted(enumerate(lines, 2), key=lambda pair: pair[1].size / max(pair[1].n, 1)):
        if line.is_whole and line.bounds(padded) == (0, line.n):
            cells = fold.reduce(cells, axis, keepdims=True, initial=start)
            continue
        y = np.full((*cells.shape[:axis], line.size, *cells.shape[axis + 1 :]), start, cells.dtype)
        before = (slice(None),) * axis
        for _, outputs, inputs in line.shifts(padded):
            y[(*before, outputs)] = fold(y[(*before, outputs)], cells[(*before, inputs)])
        cells = y
    return cells


def larger(best: Array, cells: Array) -> Array:
    """`a > b ? a : b`, cell by cell."""
    return np.where(best > cells, best, cells)


def ignore(cells: Array, lines: Sequence[WindowLine], padded: bool) -> Array:
    """The largest number of every window, -inf if there is none."""
    return fold_axes(cells, lines, padded, np.fmax, -np.inf)


def ignore_else_nan(cells: Array, lines: Sequence[WindowLine], padded: bool) -> Array:
    """The largest number of every window, NaN if there is none."""
    return fold_axes(cells, lines, padded, np.fmax, np.nan)


def seeded(cells: Array, lines: Sequence[WindowLine], padded: bool) -> Array:
    """NaN if a window begins with it, else its largest number."""
    first = cells[spatial_index([line.first(padded) for line in lines])]
    return np.where(np.isnan(first), first, ignore(cells, lines, padded))


def restart(cells: Array, lines: Sequence[WindowLine], padded: bool) -> Array:
    """A fold over every window that restarts after NaN; axes after those of the lines stay as they are."""
    sizes = (*cells.shape[:2], *(line.size for line in lines), *cells.shape[2 + len(lines) :])
    best = np.full(sizes, -np.inf, cells.dtype)
    for _, outputs, inputs in shifts(lines, padded):
        best[outputs] = larger(best[outputs], cells[inputs])
    return best


def columns_restart(cells: Array, lines: Sequence[WindowLine], padded: bool) -> Array:
    """The same fold down each column, and then along the results."""
    best = np.full((*cells.shape[:2], *(line.size for line in lines)), -np.inf, cells.dtype)
    for _, outputs, inputs in lines[-1].shifts(padded):
        column = cells[..., inputs]
        column = restart(column, lines[:-1], padded) if len(lines) > 1 else column
        best[..., outputs] = larger(best[..., outputs], column)
    return best


def lanes4(cells: Array, lines: Sequence[WindowLine], padded: bool) -> Array:
    """Four folds, each of every fourth cell of a window; the cells left over by a division by four come last."""
    count = outer_product([line.count(padded) for line in lines])
    whole, place = count - count % 4, np.zeros_like(count)
    lanes = np.full((4, *cells.shape[:2], *count.shape[2:]), -np.inf, cells.dtype)
    for _, outputs, inputs in shifts(lines, padded):
        for lane, best in enumerate(lanes):
            in_lane = (place[outputs] % 4 == lane) & (place[outputs] < whole[outputs])
            best[outputs] = np.where(in_lane, larger(best[outputs], cells[inputs]), best[outputs])
        place[outputs] += 1
    best, place = larger(larger(lanes[0], lanes[2]), larger(lanes[1], lanes[3])), np.zeros_like(count)
    for _, outputs, inputs in shifts(lines, padded):
        over = (place[outputs] >= whole[outputs]) & (best[outputs] < cells[inputs])
        best[outputs] = np.where(over, cells[inputs], best[outputs])
        place[outputs] += 1
    return best


FOLDS: dict[str, Callable[[Array, Sequence[WindowLine], bool], Array]] = {
    fold.__name__: fold for fold in (ignore, ignore_else_nan, seeded, restart, columns_restart, lanes4)
}


def choose_zeros(shape: tuple[int, ...], cells: Array, lines: Sequence[WindowLine], padded: bool, rule: str) -> Array:
    """The zero that the maximum of each window is where it is zero."""
    zeros = np.full(shape, -0.0, cells.dtype)
    order = list(shifts(lines, padded))
    for _, outputs, inputs in order if rule == "last" else reversed(order):
        zero = (cells[inputs] == 0) & ((rule != "positive") | ~np.signbit(cells[inputs]))
        zeros[outputs] = np.where(zero, cells[inputs], zeros[outputs])
    return zeros
