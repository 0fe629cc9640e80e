"""Argmax indices: what they count, and where they point when there is no maximum."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..model.arithmetic import Array
from ..model.pool import Refused
from ..model.rules import Rules
from .layout import Position, Window
from .maximum import maximum_position


def flat_index(position: Sequence[int], shape: Sequence[int]) -> int:
    """A position in a plane as one number, row-major; positions outside the plane have one too."""
    number = 0
    for at, n in zip(position, shape, strict=True):
        number = number * n + at
    return number


def empty_position(window: Window, rules: Rules) -> Position | None:
    """Where the index of a window points that has no maximum; None for a plain -1.

    The start of a window is its first position that is not before the input; it may lie behind it.
    """
    match rules.empty_index:
        case "zero":
            return (0,) * len(window.axes)
        case "minus_one_each":
            return (-1,) * len(window.axes)
        case "window_start":
            return tuple(next((at for at in axis.windows[i] if at >= 0), 0) for axis, i in window.pairs)
    return None


def maximum_index(x: Array, plane: tuple[int, ...], window: Window, rules: Rules) -> int:
    """The index of a window's maximum in the plane (batch, channel) of an input."""
    position = maximum_position(x[plane], window, rules)
    return encode(empty_position(window, rules) if position is None else position, plane, x.shape, rules)


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
    """Indices as positions in their planes, each one number.

    `indices` is (batch, channels, ...), as is the tensor of this shape that they point into.
    """
    batches, channels = np.indices(shape[:2]).reshape(2, *shape[:2], *[1] * (indices.ndim - 2))
    cells = math.prod(shape[2:])
    found: Array = indices
    match rules.index_base:
        case "tensor":
            found = indices - (batches * shape[1] + channels) * cells
        case "channels_last":
            found = (indices - channels) // max(shape[1], 1)
        case "channels_last_batch":
            found = (indices - channels) // max(shape[1], 1) - batches * cells
    return found


def unpool_targets(indices: Array, shape: Sequence[int], rules: Rules) -> Array:
    """Where indices lead in a whole tensor of this shape (batch, channels, *spatial), each one number.

    Only an index that counts the tensor may lead into another plane than its own; Refused for one that leads nowhere.
    """
    positions, cells = decode(indices, shape, rules), math.prod(shape[2:])
    if rules.index_base != "tensor":
        check_indices(positions, cells)
    starts = cells * np.arange(math.prod(shape[:2])).reshape(*shape[:2], *[1] * (indices.ndim - 2))
    found: Array = positions + starts
    check_indices(found, math.prod(shape))
    return found


def check_indices(indices: Array, cells: int) -> None:
    """Refuse positions outside so many cells."""
    outside = indices[(indices < 0) | (indices >= cells)]
    if outside.size:
        raise Refused(f"an index points to cell {outside[0]}; expected 0 to {cells - 1}")
