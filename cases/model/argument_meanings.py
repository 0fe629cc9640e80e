"""How the arguments of layers are read: the value in a framework's spelling becomes the value of a parameter of `Pool`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .pool import FIRST, LAST

PADDING_NAMES = {"valid": "valid", "same": "same", "same_lower": "same_lower"}
"""The paddings that have a name; what else a framework calls them is among the words of its layers."""


def convert_axes(value: Any, rank: int) -> tuple[int, ...]:
    """One integer for every axis, from a single integer or one for each axis; raises ValueError for anything else."""
    cells = (value,) * rank if type(value) is int else tuple(value)
    if len(cells) != rank or not all(type(cell) is int for cell in cells):
        raise ValueError(value)
    return cells


def spatial_part(value: Any, rank: int, place: str) -> Any:
    """The spatial part of an argument with entries for the batch and channel axes too.

    Raises ValueError if the entries for batch and channels have an effect.
    """
    if not isinstance(value, (tuple, list)) or len(value) not in (1, rank + 2):
        return value
    if len(value) == 1:
        return value[0]
    outer, inner = (value[:2], value[2:]) if place == FIRST else ((value[0], value[-1]), value[1:-1])
    if any(entry not in (1, [0, 0], (0, 0)) for entry in outer):
        raise ValueError(value)
    return inner


def convert_padding(value: Any, rank: int) -> str | tuple[tuple[int, int], ...]:
    """The name of a padding, or a (low, high) pair for each axis from pairs, from one integer for each axis, or from a single integer."""
    if isinstance(value, str):
        return str(look_up(value.lower(), PADDING_NAMES))
    if isinstance(value, (tuple, list)) and all(isinstance(sides, (tuple, list)) for sides in value):
        low, high = zip(*value, strict=True)
        return tuple(zip(convert_axes(low, rank), convert_axes(high, rank), strict=True))
    return tuple((cells, cells) for cells in convert_axes(value, rank))


def convert_pads(value: Any, rank: int) -> tuple[tuple[int, int], ...]:
    """A (low, high) pair for each axis, from all low sides followed by all high sides."""
    return tuple(zip(convert_axes(value[:rank], rank), convert_axes(value[rank:], rank), strict=True))


def convert_data_format(value: Any, rank: int) -> Any:
    """The position of the channel axis, from its name or from the letters of all axes."""
    return look_up(value, {FIRST: FIRST, LAST: LAST})


def convert_flag(value: Any, rank: int) -> Any:
    """True or False; some layers write 1 or 0."""
    return look_up(value, {True: True, False: False})


def convert_negated_flag(value: Any, rank: int) -> bool:
    """The opposite of True or False, for an argument that leaves out what our parameter includes."""
    return not convert_flag(value, rank)


def convert_integer(value: Any, rank: int) -> int:
    """An integer; raises ValueError for True and False."""
    if type(value) is not int:
        raise ValueError(value)
    return value


def convert_factor(value: Any, rank: int) -> tuple[int, ...]:
    """One whole factor for every axis, from a single number or one for each axis; raises ValueError for a fraction."""
    numbers = (value,) * rank if isinstance(value, int | float) else tuple(value)
    if any(type(number) not in (int, float) or number != int(number) for number in numbers):
        raise ValueError(value)
    return convert_axes(tuple(map(int, numbers)), rank)


def convert_number(value: Any, rank: int) -> float:
    """An integer or a decimal, as a float."""
    return value if isinstance(value, float) else float(convert_integer(value, rank))


def look_up(value: Any, meanings: Mapping[Any, Any]) -> Any:
    """The value under a key; raises ValueError for an unknown key and TypeError for one that cannot be a key."""
    if value not in meanings:
        raise ValueError(value)
    return meanings[value]


Converter = Callable[[Any, int], Any]

PER_AXIS: tuple[Converter, str] = (convert_axes, "an integer, or one for each spatial axis")
FLAG: tuple[Converter, str] = (convert_flag, "True or False")

MEANINGS: dict[str, tuple[Converter, str]] = {
    "kernel": PER_AXIS,
    "factor": (convert_factor, "a whole number, or one for each spatial axis"),
    "stride": PER_AXIS,
    "dilation": PER_AXIS,
    "output_size": PER_AXIS,
    "padding": (convert_padding, "'valid', 'same', an integer, one for each spatial axis, or a (low, high) pair for each"),
    "pads": (convert_pads, "an integer for the low side of each spatial axis, then one for each high side"),
    "ceil_mode": FLAG,
    "count_include_pad": FLAG,
    "exclusive": (convert_negated_flag, FLAG[1]),
    "keepdims": FLAG,
    "divisor_override": (convert_integer, "an integer"),
    "p": (convert_number, "a number"),
    "data_format": (convert_data_format, "'channels_first' or 'channels_last'"),
}
"""How the value of each parameter is read, and what is expected of it."""

FIELDS = {"factor": "kernel", "pads": "padding", "exclusive": "count_include_pad"}
"""The parameters that have another name here."""
