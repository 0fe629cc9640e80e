"""Sizes that a question leaves open: an input is chosen to run the layer on, and the answer is for any size."""

from __future__ import annotations

from collections.abc import Sequence

from ...cases.model.pool import FIRST, UNPOOLING, Pool
from .samples import PLANES

Sizes = Sequence[int | None]
"""The shape of an input, None for each size that is open."""

RANKS = (2, 1, 3)
"""Numbers of spatial axes that are tried for a layer whose input has no shape, in this order."""
WHOLE = 6
"""Cells along an open axis that is pooled as a whole."""


def format_sizes(sizes: Sizes) -> str:
    """A shape in a sentence, open sizes as question marks."""
    return " x ".join("?" if size is None else str(size) for size in sizes)


def placeholder_shape(rank: int) -> tuple[int, ...]:
    """A shape with so many spatial axes in either layout, to read a layer's text with."""
    return (*PLANES[:1], *(PLANES[1],) * (rank + 1))


def close_sizes(sizes: Sizes, pool: Pool, data_format: str) -> tuple[int, ...]:
    """A shape with sizes for the open ones: spatial ones that the stride or the number of bins divides, large enough for inner windows."""
    rank = next((len(value) for value in (pool.kernel, pool.output_size) if value), len(sizes) - 2)
    batched = len(sizes) == rank + 2
    first = int(batched) + (data_format == FIRST)
    places = {axis: axis - first for axis in range(first, first + rank)}
    planes = iter(PLANES if batched else PLANES[1:])
    defaults = [close_axis(pool, places[axis]) if axis in places else next(planes, PLANES[1]) for axis in range(len(sizes))]
    return tuple(default if size is None else size for size, default in zip(sizes, defaults, strict=True))


def size_before_unpooling(pool: Pool, place: int) -> int:
    """The number of cells along an axis that a maximum pooling makes of the size that an un-pooling states."""
    taps, room = (pool.kernel or ())[place], (pool.output_size or ())[place]
    sides = sum(pool.padding[place]) if isinstance(pool.padding, tuple) else 0
    return max((room + sides - taps) // (pool.stride or pool.kernel or ())[place] + 1, 1)


def close_axis(pool: Pool, place: int) -> int:
    """A size for an open spatial axis."""
    if pool.op in UNPOOLING and pool.output_size and pool.kernel and place < len(pool.output_size):
        return size_before_unpooling(pool, place)
    if pool.output_size and place < len(pool.output_size):
        size = max(pool.output_size[place], 1)
        return max(2 * size, size + pool.kernel[place]) if pool.kernel else 2 * size
    if not pool.kernel or place >= len(pool.kernel):
        return WHOLE
    period = max((pool.stride or pool.kernel)[place], 1)
    span = (pool.kernel[place] - 1) * (pool.dilation[place] if pool.dilation else 1) + 1
    return -(-(span + 2 * period) // period) * period
