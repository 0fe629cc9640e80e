"""The operations beside pooling: un-pooling, up-sampling, flattening, and the input itself."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..model.arithmetic import answering
from ..model.outcome import Outcome, Question
from ..model.pool import LAST
from ..model.refused import Refused
from .index import targets
from .layout import check_ranks, needed, sides, steps
from .window import check_positive


def kept(question: Question) -> Outcome:
    """The input as it stands."""
    return Outcome(question.x, gradient=question.seed(question.x.shape))


def flattened(question: Question) -> Outcome:
    """All cells of each batch in one row, in the order in which they are written."""
    last = question.pool.data_format == LAST or question.rules.flatten_order == "channels_last"
    x = np.moveaxis(question.x, 1, -1) if last else question.x
    y = x.reshape(len(x), math.prod(x.shape[1:]))
    seed = question.seed(y.shape)
    if seed is None:
        return Outcome(y)
    gradient = seed.reshape(x.shape)
    return Outcome(y, gradient=np.moveaxis(gradient, -1, 1) if last else gradient)


def unpooled(question: Question) -> Outcome:
    """Zeros, but each cell of the input at the position of its index, which may lead into another plane only if it counts the whole tensor.

    Of several cells at one position the last stays.
    """
    x, indices = question.x, question.needed("indices")
    if indices.shape != x.shape:
        raise Refused(f"the indices have shape {indices.shape}; {x.shape}, the input's, was expected")
    shape = (*x.shape[:2], *unpooled_sizes(question))
    at = targets(indices, shape, question.rules)
    y = np.zeros(math.prod(shape), answering(x.dtype, question.rules, exact=True))
    for cell in np.ndindex(x.shape):
        y[at[cell]] = x[cell]
    seed = question.seed(shape)
    return Outcome(y.reshape(shape), gradient=None if seed is None else seed.ravel()[at])


def unpooled_sizes(question: Question) -> tuple[int, ...]:
    """The spatial shape of an un-pooling: as stated, or what the pooling it undoes would just cover."""
    pool, spatial = question.pool, question.x.shape[2:]
    check_ranks(pool, len(spatial))
    sizes = pool.output_size
    if not sizes:
        pads = [(0, 0) if isinstance(side, str) else side for side in sides(pool, len(spatial), question.rules)]
        parts = zip(spatial, needed(pool, "kernel"), steps(pool, question.rules)[0], pads, strict=True)
        sizes = tuple((n - 1) * step - sum(pad) + kernel for n, kernel, step, pad in parts)
    for size in sizes:
        check_positive("the size of the answer", size)
    return sizes


def upsampled(question: Question) -> Outcome:
    """Every cell repeated: `kernel` times along each axis, or until the output size is filled."""
    x, pool = question.x, question.pool
    check_ranks(pool, x.ndim - 2)
    sources = [nearest(n, size, question.rules.nearest) for n, size in zip(x.shape[2:], upsampled_sizes(question), strict=True)]
    cells = tuple(np.ix_(range(len(x)), range(x.shape[1]), *sources))
    y = x[cells].astype(answering(x.dtype, question.rules, exact=True))
    seed = question.seed(y.shape)
    if seed is None:
        return Outcome(y)
    gradient = np.zeros(x.shape)
    np.add.at(gradient, cells, seed)
    return Outcome(y, gradient=gradient)


def upsampled_sizes(question: Question) -> Sequence[int]:
    """The spatial shape of an up-sampling."""
    pool, spatial = question.pool, question.x.shape[2:]
    sizes = pool.output_size or [n * times for n, times in zip(spatial, needed(pool, "kernel"), strict=True)]
    for n, size in zip(spatial, sizes, strict=True):
        check_positive("the size of the input", n)
        check_positive("the size of the answer", size)
    return sizes


def nearest(n: int, size: int, rule: str) -> list[int]:
    """The cell that each of `size` cells is taken from."""
    return [i * n // size if rule == "corner" else (2 * i + 1) * n // (2 * size) for i in range(size)]
