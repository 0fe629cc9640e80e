"""The positions of the maxima of all windows, their indices, and their gradients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..model.arithmetic import Array, is_floating
from ..model.rules import Rules
from .lines import Shift, WindowLine, add_at, cells_among, shifts
from .maximum import with_padding


@dataclass(frozen=True, eq=False)
class Places:
    """A position for each output, as one array for each spatial axis; where none `exists`, the position of the empty index."""

    exists: Array
    at: tuple[Array, ...]


def maximum_places(x: Array, lines: Sequence[WindowLine], rules: Rules) -> Places:
    """The position of the maximum of every window."""
    fill = 0 if rules.pad_value == "zero" else -math.inf if rules.pad_candidate == "yes" and is_floating(x.dtype) else None
    tap_numbers, is_minus_infinity, taps = maximum_taps(with_padding(x, lines, fill), lines, fill is not None, rules)
    tap_offsets = np.array(taps).reshape(len(taps), len(lines))
    exists, at = (tap_numbers >= 0) & ~(is_minus_infinity & (rules.all_minus_inf_index == "empty")), []
    for axis, line in enumerate(lines):
        position = along_axis(np.array(line.starts, int), axis, len(lines)) + line.dilation * (
            tap_offsets[tap_numbers, axis] if taps else 0
        )
        first, stop = line.bounds(padded=False)
        exists = exists & (first <= position) & (position < stop)
        at.append(position)
    if rules.all_minus_inf_index == "plane_start":
        at = [np.where(is_minus_infinity, 0, position) for position in at]
    return name_empty(Places(exists, tuple(at)), lines, rules)


def name_empty(places: Places, lines: Sequence[WindowLine], rules: Rules) -> Places:
    """Positions with that of the empty index where none exists."""
    empty_indices = [along_axis(empty_positions(line, rules), axis, len(lines)) for axis, line in enumerate(lines)]
    return Places(places.exists, tuple(np.where(places.exists, *pair) for pair in zip(places.at, empty_indices, strict=True)))


def follow(places: Places, before: Places) -> Places:
    """The positions, in the input of an earlier pass, of the maxima that a later pass found among its outputs."""
    batches, channels = np.ogrid[tuple(slice(n) for n in places.exists.shape[:2])]
    plane_grids = [grid.reshape(*grid.shape, *[1] * len(places.at)) for grid in (batches, channels)]
    cell = (*plane_grids, *(np.where(places.exists, position, 0) for position in places.at))
    return Places(places.exists & before.exists[cell], tuple(position[cell] for position in before.at))


def maximum_taps(cells: Array, lines: Sequence[WindowLine], padded: bool, rules: Rules) -> tuple[Array, Array, list[Any]]:
    """For each window: the number of the tap that holds the maximum, -1 for none; whether that is -inf or NaN; and all taps."""
    shape = (*cells.shape[:2], *(line.size for line in lines))
    best, tap_numbers = np.zeros(shape, cells.dtype), np.full(shape, -1)
    all_shifts = list(shifts(lines, padded))
    if rules.scan_order == "columns":
        all_shifts.sort(key=lambda shift: shift[0][::-1])
    for number, (_, outputs, inputs) in enumerate(all_shifts):
        cell, best_cell, current = cells[inputs], best[outputs], tap_numbers[outputs]
        takes = (current < 0) | ~(best_cell > cell if rules.tie == "last" else best_cell >= cell)
        if is_floating(cells.dtype) and rules.nan_index != "restart":
            takes &= ~np.isnan(cell)
        tap_numbers[outputs], best[outputs] = np.where(takes, number, current), np.where(takes, cell, best_cell)
    is_minus_infinity = (tap_numbers >= 0) & np.isneginf(best.astype("float64"))
    if is_floating(cells.dtype) and rules.nan_index != "restart" and np.isnan(cells).any():
        tap_numbers, is_minus_infinity = prefer_nan(cells, all_shifts, tap_numbers, is_minus_infinity, rules)
    return tap_numbers, is_minus_infinity, [taps for taps, _, _ in all_shifts]


def prefer_nan(
    cells: Array, all_shifts: Sequence[Shift], tap_numbers: Array, is_minus_infinity: Array, rules: Rules
) -> tuple[Array, Array]:
    """The taps and the marks of `maximum_taps` where NaN may take the place of the largest number."""
    begin, nan_at = np.full(tap_numbers.shape, -1), np.full(tap_numbers.shape, -1)
    for number, (_, outputs, inputs) in enumerate(all_shifts):
        begin[outputs] = np.where(begin[outputs] < 0, number, begin[outputs])
        hit = np.isnan(cells[inputs]) & ((nan_at[outputs] < 0) | (rules.nan_index == "last"))
        nan_at[outputs] = np.where(hit, number, nan_at[outputs])
    nan, all_nan = nan_at >= 0, (tap_numbers < 0) & (nan_at >= 0)
    if rules.nan_index in ("first", "last"):
        return np.where(nan, nan_at, tap_numbers), is_minus_infinity & ~nan
    opens = all_nan | (nan & (nan_at == begin) & (rules.nan_index == "seeded"))
    return np.where(opens, begin, tap_numbers), (is_minus_infinity & ~opens) | (all_nan & (rules.nan_index == "ignore"))


def along_axis(array: Array, axis: int, rank: int) -> Array:
    """An array of one spatial axis, of the rank of arrays of all planes."""
    return array.reshape(1, 1, *(-1 if other == axis else 1 for other in range(rank)))


def empty_positions(line: WindowLine, rules: Rules) -> Array:
    """The position of the empty index along an axis, for each window."""
    match rules.empty_index:
        case "window_start":
            return start_positions(line)
        case "first_position":
            return np.array(line.starts, int)
    return np.full(line.size, 0 if rules.empty_index == "zero" else -1)


def start_positions(line: WindowLine) -> Array:
    """The first position of each window that is not before the input."""
    parts = zip(line.starts, line.taps, line.before(0), strict=True)
    return np.array([start + line.dilation * skipped_cells if skipped_cells < taps else 0 for start, taps, skipped_cells in parts], int)


def misread_taps(places: Places, lines: Sequence[WindowLine]) -> Places:
    """Places whose taps are numbered in the rows of their windows, and the numbers read as cells of the output; others stay."""
    number: Any = 0
    is_tap = places.exists
    starts = [along_axis(np.array(line.starts, int), axis, len(lines)) for axis, line in enumerate(lines)]
    for axis, line in enumerate(lines):
        taps = along_axis(np.array(line.taps, int), axis, len(lines))
        tap, rest = np.divmod(places.at[axis] - starts[axis], line.dilation)
        is_tap = is_tap & (rest == 0) & (tap >= 0) & (tap < taps)
        number = number * taps + tap
    rows = [math.prod(line.size for line in lines[axis + 1 :]) for axis in range(len(lines))]
    cells = [number // rows[0], *(number // row % max(line.size, 1) for row, line in zip(rows[1:], lines[1:], strict=True))]
    parts = zip(starts, cells, places.at, strict=True)
    return Places(places.exists, tuple(np.where(is_tap, start + cell, at) for start, cell, at in parts))


def encode(places: Places, lines: Sequence[WindowLine], shape: Sequence[int], rules: Rules) -> Array:
    """Positions as indices: a step along an axis counts as many cells as follow it in the order of the base."""
    if rules.index_tap == "output":
        places = misread_taps(places, lines)
    batches, channels, *spatial = range(len(shape))
    order = {"tensor": [batches, channels, *spatial], "plane": spatial, "channels_last": [*spatial, channels],
             "channels_last_batch": [batches, *spatial, channels]}[rules.index_base]  # fmt: skip
    worth = {axis: math.prod(shape[later] for later in order[i + 1 :]) for i, axis in enumerate(order)}
    grid = np.ogrid[tuple(slice(n) for n in places.exists.shape)]
    index = np.zeros(places.exists.shape, "int64") + sum(grid[axis] * worth.get(axis, 0) for axis in (batches, channels))
    if rules.index_planes == "left_out":
        index -= np.where(places.exists, (grid[batches] * shape[channels] + grid[channels]) * math.prod(shape[2:]), 0)
    for axis, position in zip(spatial, places.at, strict=True):
        index += position * worth[axis]
    return np.where(places.exists, index, -1) if rules.empty_index == "minus_one" else index


def spill_gradient(places: Places, lines: Sequence[WindowLine], shape: Sequence[int], cotangent: Array) -> Array:
    """The gradient of the windows without a maximum where it goes to where they start, counted on in memory behind their planes."""
    planes, cells = math.prod(shape[:2]), math.prod(shape[2:])
    at = np.arange(planes).reshape(*shape[:2], *[1] * len(lines)) * cells
    for axis, line in enumerate(lines):
        at = at + along_axis(start_positions(line), axis, len(lines)) * math.prod(shape[axis + 3 :])
    goes = ~places.exists & (at < planes * cells)
    return np.bincount(at[goes], cotangent[goes], planes * cells).reshape(shape)


def scatter_gradient(places: Places, shape: Sequence[int], cotangent: Array) -> Array:
    """The gradient of maxima each of which has one position."""
    gradient = np.zeros(shape)
    batches, channels = np.nonzero(places.exists)[:2]
    np.add.at(gradient, (batches, channels, *(position[places.exists] for position in places.at)), cotangent[places.exists])
    return gradient


def share_gradient(x: Array, y: Array, cotangent: Array, lines: Sequence[WindowLine], rules: Rules) -> Array:
    """The gradient of maxima that goes to all cells equal to them: in equal shares, or in full to each."""
    padded = rules.pad_value == "zero"
    cells = with_padding(x, lines, 0 if padded else None)
    all_shifts, equal = list(shifts(lines, padded)), np.zeros(y.shape)
    for _, outputs, inputs in all_shifts:
        equal[outputs] += cells[inputs] == y[outputs]
    share = np.where(equal == 0, np.nan, cotangent / equal) if rules.tie == "split" else cotangent
    gradient = np.zeros(cells.shape)
    for _, outputs, inputs in all_shifts:
        takes = cells[inputs] == y[outputs]
        takes |= (equal[outputs] == 0) & (rules.tie == "split")
        add_at(gradient, inputs, np.where(takes, share[outputs], 0.0))
    return gradient[cells_among(lines, padded)]
