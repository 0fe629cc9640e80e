"""Indices of maxima: what they count, and where they point if a window has no maximum."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..model.arithmetic import Array
from ..model.pool import Refused
from ..model.rules import Rules
from .layout import Position, Window
from .maximum import maximum_position, window_start


def flat_index(position: Sequence[int], shape: Sequence[int]) -> int:
    """The row-major number of a position in an array of this shape; positions outside of it have numbers too."""
    number = 0
    for at, n in zip(position, shape, strict=True):
        number = number * n + at
    return number


def empty_position(window: Window, rules: Rules) -> Position | None:
    """The position that the index of a window without a maximum points to; None for an index of -1."""
    match rules.empty_index:
        case "zero":
            return (0,) * len(window.axes)
        case "minus_one_each":
            return (-1,) * len(window.axes)
        case "window_start":
            return window_start(window)
        case "first_position":
            return tuple(axis.windows[i].start for axis, i in window.pairs)
    return None


def maximum_index(x: Array, plane: tuple[int, ...], window: Window, rules: Rules) -> int:
    """The index of a window's maximum in the plane (batch, channel) of an input."""
    return index_of(maximum_position(x[plane], window, rules), plane, window, x.shape, rules)


def index_of(position: Position | None, plane: tuple[int, ...], window: Window, shape: Sequence[int], rules: Rules) -> int:
    """The index of the position of a window's maximum, or what stands for it if there is none."""
    if position is None:
        return encode(empty_position(window, rules), plane, shape, rules)
    if rules.index_tap == "output" and position in window.positions:
        position = misread_position(position, window)
    before = flat_index(plane, shape[:2]) * math.prod(shape[2:]) if rules.index_planes == "left_out" else 0
    return encode(position, plane, shape, rules) - before


def misread_position(position: Position, window: Window) -> Position:
    """A position whose number in its window is taken apart by the sizes of the output instead of those of the window."""
    number, offsets = 0, []
    for at, (axis, i) in zip(position, window.pairs, strict=True):
        cells = axis.windows[i]
        number = number * len(cells) + cells.index(at)
    for axis in reversed(window.axes[1:]):
        number, offset = divmod(number, axis.size)
        offsets.append(offset)
    starts = [axis.windows[i].start for axis, i in window.pairs]
    return tuple(start + offset for start, offset in zip(starts, [number, *reversed(offsets)], strict=True))


def encode(position: Position | None, plane: tuple[int, ...], shape: Sequence[int], rules: Rules) -> int:
    """The index of a position in the plane (batch, channel) of an input of shape (batch, channels, *spatial)."""
    if position is None:
        return -1
    cells, (batch, channel), channels = math.prod(shape[2:]), plane, shape[1]
    match rules.index_base:
        case "tensor":
            return (batch * channels + channel) * cells + flat_index(position, shape[2:])
        case "channels_last":
            return flat_index(position, shape[2:]) * channels + channel
        case "channels_last_batch":
            return (batch * cells + flat_index(position, shape[2:])) * channels + channel
    return flat_index(position, shape[2:])


def decode(indices: Array, shape: Sequence[int], rules: Rules) -> Array:
    """Indices as positions in their planes, one number each.

    `indices` is (batch, channels, ...), as is the tensor of this shape that they point into.
    """
    batches, channels = np.indices(shape[:2]).reshape(2, *shape[:2], *[1] * (indices.ndim - 2))
    cells = math.prod(shape[2:])
    positions: Array = indices
    match rules.index_base:
        case "tensor":
            positions = indices - (batches * shape[1] + channels) * cells
        case "channels_last":
            positions = (indices - channels) // max(shape[1], 1)
        case "channels_last_batch":
            positions = (indices - channels) // max(shape[1], 1) - batches * cells
    return positions


def unpool_targets(indices: Array, shape: Sequence[int], rules: Rules) -> Array:
    """The positions, in a whole tensor of this shape (batch, channels, *spatial), that indices point to.

    Only indices that count the tensor may point into another plane; raises Refused for one that points outside.
    """
    positions, cells = decode(indices, shape, rules), math.prod(shape[2:])
    if rules.index_base != "tensor":
        check_indices(positions, cells)
    starts = cells * np.arange(math.prod(shape[:2])).reshape(*shape[:2], *[1] * (indices.ndim - 2))
    targets: Array = positions + starts
    check_indices(targets, math.prod(shape))
    return targets


def check_indices(indices: Array, cells: int) -> None:
    """Raise Refused for a position outside of this many cells."""
    outside = indices[(indices < 0) | (indices >= cells)]
    if outside.size:
        raise Refused(f"an index points to cell {outside[0]}; expected 0 to {cells - 1}")
