"""The operations beside pooling: un-pooling, up-sampling, flattening, and the input itself."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..model.arithmetic import result_dtype
from ..model.operation import Problem, Result
from ..model.pool import LAST, Pool, Refused
from ..model.rules import Rules
from .index import unpool_targets
from .layout import check_ranks, padding_of_axes, require_parameter, strides_and_dilations
from .window import check_positive


def copy_input(problem: Problem) -> Result:
    """The input itself."""
    return Result(problem.x, gradient=problem.cotangent_for(problem.x.shape))


def flatten(problem: Problem) -> Result:
    """All cells of each batch in one row, in the order of the array or with the channels last."""
    last = problem.pool.data_format == LAST or problem.rules.flatten_order == "channels_last"
    x = np.moveaxis(problem.x, 1, -1) if last else problem.x
    y = x.reshape(len(x), math.prod(x.shape[1:]))
    cotangent = problem.cotangent_for(y.shape)
    if cotangent is None:
        return Result(y)
    gradient = cotangent.reshape(x.shape)
    return Result(y, gradient=np.moveaxis(gradient, -1, 1) if last else gradient)


def unpool(problem: Problem) -> Result:
    """Zeros, with each cell of the input at the position of its index.

    Only indices that count the whole tensor may point into another plane. Of several cells at one
    position the last one stays.
    """
    x, indices = problem.x, problem.require("indices")
    if indices.shape != x.shape:
        raise Refused(f"the indices have shape {indices.shape}; expected {x.shape}, the shape of the input")
    shape = (*x.shape[:2], *unpooled_sizes(problem))
    at = unpool_targets(indices, shape, problem.rules)
    y = np.zeros(math.prod(shape), result_dtype(x.dtype, problem.rules, exact=True))
    for cell in np.ndindex(x.shape):
        y[at[cell]] = x[cell]
    cotangent = problem.cotangent_for(shape)
    return Result(y.reshape(shape), gradient=None if cotangent is None else cotangent.ravel()[at])


def unpooled_sizes(problem: Problem) -> tuple[int, ...]:
    """The spatial shape of an un-pooling: as stated, or what the pooling that it undoes would just cover."""
    return unpooled_shape(problem.pool, problem.x.shape[2:], problem.rules)


def unpooled_shape(pool: Pool, spatial: tuple[int, ...], rules: Rules) -> tuple[int, ...]:
    """The same for an input of a spatial shape; raises Refused if it is empty."""
    check_ranks(pool, len(spatial))
    sizes: tuple[int, ...] | None = pool.output_size
    if not sizes:
        pads = [(0, 0) if isinstance(side, str) else side for side in padding_of_axes(pool, len(spatial), rules)]
        parts = zip(spatial, require_parameter(pool, "kernel"), strides_and_dilations(pool, rules)[0], pads, strict=True)
        sizes = tuple((n - 1) * step - sum(pad) + kernel for n, kernel, step, pad in parts)
    for size in sizes:
        check_positive("the size of the answer", size)
    return sizes


def upsample(problem: Problem) -> Result:
    """Every cell repeated: `kernel` times along each axis, or until the output size is filled."""
    x, pool = problem.x, problem.pool
    check_ranks(pool, x.ndim - 2)
    sources = [nearest_cells(n, size, problem.rules.nearest) for n, size in zip(x.shape[2:], upsampled_sizes(problem), strict=True)]
    cells = tuple(np.ix_(range(len(x)), range(x.shape[1]), *sources))
    y = x[cells].astype(result_dtype(x.dtype, problem.rules, exact=True))
    cotangent = problem.cotangent_for(y.shape)
    if cotangent is None:
        return Result(y)
    gradient = np.zeros(x.shape)
    np.add.at(gradient, cells, cotangent)
    return Result(y, gradient=gradient)


def upsampled_sizes(problem: Problem) -> Sequence[int]:
    """The spatial shape of an up-sampling, as stated or the kernel times that of the input; a negative size may be taken for zero."""
    pool, spatial = problem.pool, problem.x.shape[2:]
    sizes = pool.output_size or [n * times for n, times in zip(spatial, require_parameter(pool, "kernel"), strict=True)]
    empties = problem.rules.size_negative == "empty"
    for n, size in zip(spatial, sizes, strict=True):
        check_positive("the size of the input", n)
        if size >= 0 or not empties:
            check_positive("the size of the answer", size)
    return [max(size, 0) for size in sizes]


def nearest_cells(n: int, size: int, rule: str) -> list[int]:
    """The cell of the input that each of `size` cells is taken from."""
    return [i * n // size if rule == "corner" else (2 * i + 1) * n // (2 * size) for i in range(size)]
