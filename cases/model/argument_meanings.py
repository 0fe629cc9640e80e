"""What the arguments of layers mean: a framework's value as the value of a parameter of `Pool`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .pool import FIRST, LAST

NAMES = {"valid": "valid", "notset": "valid", "same": "same", "same_upper": "same", "same_lower": "same_lower"}
"""What frameworks call the paddings that have a name."""


def per_axis(value: Any, rank: int) -> tuple[int, ...]:
    """One integer for all axes, or one for each."""
    cells = (value,) * rank if type(value) is int else tuple(value)
    if len(cells) != rank or not all(type(cell) is int for cell in cells):
        raise ValueError(value)
    return cells


def spatial(value: Any, rank: int, place: str) -> Any:
    """What is told for batch and channels as well, for the spatial axes alone; ValueError where it is not idle for the others."""
    if not isinstance(value, (tuple, list)) or len(value) not in (1, rank + 2):
        return value
    if len(value) == 1:
        return value[0]
    others, inner = (value[:2], value[2:]) if place == FIRST else ((value[0], value[-1]), value[1:-1])
    if any(each not in (1, [0, 0], (0, 0)) for each in others):
        raise ValueError(value)
    return inner


def padding(value: Any, rank: int) -> str | tuple[tuple[int, int], ...]:
    """A name of the field, a pair for each axis, or as many cells on both of its sides."""
    if isinstance(value, str):
        return str(one_of(value.lower(), NAMES))
    if isinstance(value, (tuple, list)) and all(isinstance(sides, (tuple, list)) for sides in value):
        low, high = zip(*value, strict=True)
        return tuple(zip(per_axis(low, rank), per_axis(high, rank), strict=True))
    return tuple((cells, cells) for cells in per_axis(value, rank))


def pads(value: Any, rank: int) -> tuple[tuple[int, int], ...]:
    """All low sides, then all high ones."""
    return tuple(zip(per_axis(value[:rank], rank), per_axis(value[rank:], rank), strict=True))


LETTERS = {"NCW": FIRST, "NCHW": FIRST, "NCDHW": FIRST, "NWC": LAST, "NHWC": LAST, "NDHWC": LAST}
"""What TensorFlow calls the places of the channel axis."""


def data_format(value: Any, rank: int) -> Any:
    """Where the channel axis stands, which some write as the letters of all axes."""
    letters = {name: place for name, place in LETTERS.items() if len(name) == rank + 2}
    return one_of(value, {FIRST: FIRST, LAST: LAST, **letters})


def flag(value: Any, rank: int) -> Any:
    """True or False, which some write as 1 or 0."""
    return one_of(value, {True: True, False: False})


def integer(value: Any, rank: int) -> int:
    """An integer that is no truth value."""
    if type(value) is not int:
        raise ValueError(value)
    return value


def number(value: Any, rank: int) -> float:
    """An integer or a decimal."""
    return value if isinstance(value, float) else float(integer(value, rank))


def one_of(value: Any, known: Mapping[Any, Any]) -> Any:
    """What a value stands for; ValueError if it is unknown, TypeError if it cannot be known."""
    if value not in known:
        raise ValueError(value)
    return known[value]


Convert = Callable[[Any, int], Any]

PER_AXIS: tuple[Convert, str] = (per_axis, "an integer, or one for each spatial axis")
FLAG: tuple[Convert, str] = (flag, "True or False")

MEANINGS: dict[str, tuple[Convert, str]] = {
    "kernel": PER_AXIS,
    "stride": PER_AXIS,
    "dilation": PER_AXIS,
    "output_size": PER_AXIS,
    "padding": (padding, "'valid', 'same', an integer, one for each spatial axis, or a (low, high) pair for each"),
    "pads": (pads, "an integer for the low side of each spatial axis, then one for each high side"),
    "ceil_mode": FLAG,
    "count_include_pad": FLAG,
    "keepdims": FLAG,
    "divisor_override": (integer, "an integer"),
    "p": (number, "a number"),
    "data_format": (data_format, "'channels_first' or 'channels_last'"),
}
"""How the value of each parameter is read, and what is expected of it."""

FIELDS = {"pads": "padding"}
"""The parameters that have another name here."""
