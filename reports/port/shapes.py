"""Shapes to try a pooling in: the asked one, and a small one whose windows fall alike."""

from __future__ import annotations

import math
from dataclasses import replace

from ...adapters.contract import Ask
from ...cases.model.pool import FIRST

PLANES = 2, 3
"""So many batches and channels tell enough, whatever was asked for: no pooling minds them."""
LARGEST = 1 << 20
"""An asked shape of more cells is tried with one batch and one channel."""
ENDLESS = 1 << 24
"""No batch's channel has more cells."""


def within(ask: Ask) -> tuple[int, ...]:
    """The asked shape, with one plane where it has very many cells."""
    return planes(ask, ask.shape, (1, 1)) if math.prod(ask.shape) > LARGEST else ask.shape


def planes(ask: Ask, shape: tuple[int, ...], count: tuple[int, int]) -> tuple[int, ...]:
    """The shape with so many batches and channels."""
    sizes = list(shape)
    if ask.batched:
        sizes[0] = count[0]
    sizes[int(ask.batched) if ask.layout == FIRST else -1] = count[1]
    return tuple(sizes)


def small(ask: Ask) -> Ask:
    """The case in a small shape whose windows fall as those of the asked one: sizes keep what is left over by strides and bins."""
    sizes = [ask.shape[axis] for axis in ask.spatial]
    fewer = dict(zip(ask.spatial, (less(n, axis, ask) for axis, n in enumerate(sizes)), strict=True))
    shape = tuple(fewer.get(axis, size) for axis, size in enumerate(ask.shape))
    return replace(ask, shape=planes(ask, shape, PLANES))


def less(n: int, axis: int, ask: Ask) -> int:
    """A smaller number of cells, of the same remainder."""
    pool = ask.pool
    if pool.output_size:
        period = max(pool.output_size[axis], 1)
        least = 2 * period
    elif pool.kernel:
        dilation = pool.dilation[axis] if pool.dilation else 1
        period = pool.stride[axis] if pool.stride else pool.kernel[axis]
        least = (pool.kernel[axis] - 1) * dilation + 1 + 2 * period
    else:
        period, least = 1, 6
    return n if n <= least + period else least + (n - least) % period
