"""Windows in n dimensions: products of the windows along each spatial axis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from .pool import Pool
from .rules import Rules
from .window import Axis, Refused, binned, sliding

Position = tuple[int, ...]


@dataclass(frozen=True)
class Window:
    """What one output cell is made of, in row-major order.

    `cells` are positions in the input; `padded` counts those in the input or its padding, and
    `taps` all of them.
    """

    cells: tuple[Position, ...]
    padded: int
    taps: int


def windows(axes: Sequence[Axis]) -> Iterator[tuple[Position, Window]]:
    """The position of every output cell, and the window behind it."""
    for index in product(*(range(axis.size) for axis in axes)):
        pairs = list(zip(axes, index, strict=True))
        yield (
            index,
            Window(
                cells=tuple(product(*(axis.cells(i) for axis, i in pairs))),
                padded=math.prod(len(axis.padded(i)) for axis, i in pairs),
                taps=math.prod(len(axis.windows[i]) for axis, i in pairs),
            ),
        )


def layout(shape: Sequence[int], pool: Pool, rules: Rules) -> tuple[Axis, ...]:
    """Lay out the windows of a pooling over an input of this spatial shape, or raise Refused."""
    check_ranks(pool, len(shape))
    if pool.op.startswith("global"):
        return tuple(Axis(n, (range(n),)) for n in shape)
    if pool.op.startswith("adaptive"):
        return tuple(binned(n, size, rules) for n, size in zip(shape, needed(pool, "output_size"), strict=True))
    parts = zip(shape, needed(pool, "kernel"), *steps(pool, rules), sides(pool, len(shape)), strict=True)
    return tuple(sliding(*part, bool(pool.ceil_mode), rules) for part in parts)


def check_ranks(pool: Pool, rank: int) -> None:
    """Refuse parameters that do not have one entry for each spatial axis."""
    for name, value in pool.stated().items():
        if isinstance(value, tuple) and len(value) != rank:
            raise Refused(f"{name} is {value}; the input has {rank} spatial axes, so {rank} entries were expected")


def needed(pool: Pool, name: str) -> Any:
    """The value of a parameter that an operation cannot do without."""
    value = getattr(pool, name)
    if value is None:
        raise Refused(f"{pool.op} has no {name}; one integer for each spatial axis was expected")
    return value


def steps(pool: Pool, rules: Rules) -> tuple[Position, Position]:
    """The stride and the dilation of a sliding window."""
    kernel = needed(pool, "kernel")
    ones = (1,) * len(kernel)
    return pool.stride or (kernel if rules.stride_default == "window" else ones), pool.dilation or ones


def sides(pool: Pool, rank: int) -> Sequence[str | tuple[int, int]]:
    """The padding of each axis: its name, or cells on the (low, high) side."""
    padding = pool.padding or "valid"
    return [padding] * rank if isinstance(padding, str) else padding
