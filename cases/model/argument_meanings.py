"""What the arguments of layers mean: a framework's value as the value of a parameter of `Pool`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .pool import FIRST, LAST

PADDING_NAMES = {"valid": "valid", "same": "same", "same_lower": "same_lower"}
"""The paddings that have a name; what else a framework calls them is among the words of its layers."""


def convert_axes(value: Any, rank: int) -> tuple[int, ...]:
    """One integer for all axes, or one for each."""
    cells = (value,) * rank if type(value) is int else tuple(value)
    if len(cells) != rank or not all(type(cell) is int for cell in cells):
        raise ValueError(value)
    return cells


def spatial_part(value: Any, rank: int, place: str) -> Any:
    """What is told for batch and channels as well, for the spatial axes alone; ValueError where it is not idle for the others."""
    if not isinstance(value, (tuple, list)) or len(value) not in (1, rank + 2):
        return value
    if len(value) == 1:
        return value[0]
    others, inner = (value[:2], value[2:]) if place == FIRST else ((value[0], value[-1]), value[1:-1])
    if any(each not in (1, [0, 0], (0, 0)) for each in others):
        raise ValueError(value)
    return inner


def convert_padding(value: Any, rank: int) -> str | tuple[tuple[int, int], ...]:
    """A name of the field, a pair for each axis, or as many cells on both of its sides."""
    if isinstance(value, str):
        return str(look_up(value.lower(), PADDING_NAMES))
    if isinstance(value, (tuple, list)) and all(isinstance(sides, (tuple, list)) for sides in value):
        low, high = zip(*value, strict=True)
        return tuple(zip(convert_axes(low, rank), convert_axes(high, rank), strict=True))
    return tuple((cells, cells) for cells in convert_axes(value, rank))


def convert_pads(value: Any, rank: int) -> tuple[tuple[int, int], ...]:
    """All low sides, then all high ones."""
    return tuple(zip(convert_axes(value[:rank], rank), convert_axes(value[rank:], rank), strict=True))


def convert_data_format(value: Any, rank: int) -> Any:
    """Where the channel axis stands."""
    return look_up(value, {FIRST: FIRST, LAST: LAST})


def convert_flag(value: Any, rank: int) -> Any:
    """True or False, which some write as 1 or 0."""
    return look_up(value, {True: True, False: False})


def convert_integer(value: Any, rank: int) -> int:
    """An integer that is no truth value."""
    if type(value) is not int:
        raise ValueError(value)
    return value


def convert_number(value: Any, rank: int) -> float:
    """An integer or a decimal."""
    return value if isinstance(value, float) else float(convert_integer(value, rank))


def look_up(value: Any, known: Mapping[Any, Any]) -> Any:
    """What a value stands for; ValueError if it is unknown, TypeError if it cannot be known."""
    if value not in known:
        raise ValueError(value)
    return known[value]


Converter = Callable[[Any, int], Any]

PER_AXIS: tuple[Converter, str] = (convert_axes, "an integer, or one for each spatial axis")
FLAG: tuple[Converter, str] = (convert_flag, "True or False")

MEANINGS: dict[str, tuple[Converter, str]] = {
    "kernel": PER_AXIS,
    "stride": PER_AXIS,
    "dilation": PER_AXIS,
    "output_size": PER_AXIS,
    "padding": (convert_padding, "'valid', 'same', an integer, one for each spatial axis, or a (low, high) pair for each"),
    "pads": (convert_pads, "an integer for the low side of each spatial axis, then one for each high side"),
    "ceil_mode": FLAG,
    "count_include_pad": FLAG,
    "keepdims": FLAG,
    "divisor_override": (convert_integer, "an integer"),
    "p": (convert_number, "a number"),
    "data_format": (convert_data_format, "'channels_first' or 'channels_last'"),
}
"""How the value of each parameter is read, and what is expected of it."""

FIELDS = {"pads": "padding"}
"""The parameters that have another name here."""
