"""The operations beside pooling, without loops over cells."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np

from ..model.arithmetic import Array, DType, accumulator_dtype, is_floating, result_dtype
from ..model.operation import Problem, Result
from ..model.pool import LAST, Refused
from ..model.rules import REFERENCE
from .layout import check_entries, default_stride, lines_of, require_value
from .lines import Select, shifts
from .norms import to_integers
from .sums import wrap_integers


def copy_input(problem: Problem) -> Result:
    """The input itself."""
    return Result(problem.x, gradient=problem.cotangent_for(problem.x.shape))


def flatten(problem: Problem) -> Result:
    """One row for each batch."""
    last = problem.pool.data_format == LAST or problem.rules.flatten_order == "channels_last"
    order = [0, *range(2, problem.x.ndim), 1] if last and problem.x.ndim > 1 else list(range(problem.x.ndim))
    x = problem.x.transpose(order)
    y = x.reshape(len(x), math.prod(x.shape[1:]))
    cotangent = problem.cotangent_for(y.shape)
    return Result(y, gradient=None if cotangent is None else cotangent.reshape(x.shape).transpose(np.argsort(order)))


def unpool(problem: Problem) -> Result:
    """The input's cells at the positions of their indices, zeros elsewhere."""
    x, indices = problem.x, problem.require("indices")
    if indices.shape != x.shape:
        raise Refused(f"there are indices of shape {indices.shape} for an input of {x.shape}")
    sizes = unpooled_sizes(problem)
    cells = np.arange(math.prod((*x.shape[:2], *sizes))).reshape(*x.shape[:2], math.prod(sizes))
    batch, channel = np.ogrid[: x.shape[0], : x.shape[1]]
    channels = max(x.shape[1], 1)
    base = {"tensor": (cells[..., :1], 1), "channels_last": (channel[..., None], channels),
            "channels_last_batch": ((batch * cells.shape[2] * channels + channel)[..., None], channels)}  # fmt: skip
    start, worth = base.get(problem.rules.index_base, (0, 1))
    at = (indices.reshape(*x.shape[:2], math.prod(x.shape[2:])) - start) // worth
    first, limit = cells[..., :1], cells.shape[2]
    if problem.rules.index_base == "tensor":  # one that counts the tensor may lead into another plane
        at, first, limit = at + first, np.zeros_like(first), cells.size
    if at.size and not 0 <= at.min() <= at.max() < limit:
        raise Refused(f"indices point outside {limit} cells")
    y, at = np.zeros(cells.size, result_dtype(x.dtype, problem.rules, exact=True)), (at + first).reshape(x.shape)
    y[at.ravel()] = x.ravel()
    y = y.reshape(*x.shape[:2], *sizes)
    cotangent = problem.cotangent_for(y.shape)
    return Result(y, gradient=None if cotangent is None else cotangent.ravel()[at])


def unpooled_sizes(problem: Problem) -> tuple[int, ...]:
    """The spatial shape that is stated, or that the first and the last window of the pooling span."""
    pool, spatial = problem.pool, problem.x.shape[2:]
    check_entries(pool, len(spatial))
    if pool.output_size:
        sizes = pool.output_size
    else:
        kernel = require_value(pool.kernel)
        stride = pool.stride or [default_stride(size, problem.rules) for size in kernel]
        pads = [(0, 0)] * len(spatial) if pool.padding is None or isinstance(pool.padding, str) else pool.padding
        sizes = tuple(k + s * (n - 1) - low - high for k, s, n, (low, high) in zip(kernel, stride, spatial, pads, strict=True))
    if min(sizes) < 1:
        raise Refused(f"un-pooling gives a shape of {sizes}")
    return sizes


def upsample(problem: Problem) -> Result:
    """The input's cells, each in every place to which it is the nearest."""
    x, pool = problem.x, problem.pool
    check_entries(pool, x.ndim - 2)
    times = [1] * (x.ndim - 2) if pool.output_size else require_value(pool.kernel)
    sizes = pool.output_size or [n * k for n, k in zip(x.shape[2:], times, strict=True)]
    allows_negative = problem.rules.size_negative == "empty"
    if 0 in (*sizes, *x.shape[2:]) or (min(sizes) < 0 and not allows_negative):
        raise Refused(f"up-sampling {x.shape[2:]} gives a shape of {sizes}")
    sizes = tuple(max(size, 0) for size in sizes)
    shift = 0.5 if problem.rules.nearest == "middle" else 0
    cells = np.ix_(
        *(range(n) for n in x.shape[:2]), *(((np.arange(m) + shift) * n // m).astype(int) for n, m in zip(x.shape[2:], sizes, strict=True))
    )
    y = x[cells].astype(result_dtype(x.dtype, problem.rules, exact=True))
    cotangent, gradient = problem.cotangent_for(y.shape), np.zeros(x.shape)
    if cotangent is not None:
        np.add.at(gradient, cells, cotangent)
    return Result(y, gradient=None if cotangent is None else gradient)


def convolve(problem: Problem) -> Result:
    """The input shifted for each tap, times its weight; arrays are (batch, group, *spatial) for each channel and filter of a group."""
    x, weights = problem.x, weights_of(problem)
    pool = replace(problem.pool, op="conv", kernel=weights.shape[2:], stride=problem.pool.stride or (1,) * (x.ndim - 2))
    lines = lines_of(
        replace(problem, pool=pool, rules=replace(problem.rules, explicit_padding="accept", same_padding="accept", pad_limit="none"))
    )
    size, groups = weights.shape[1], x.shape[1] // weights.shape[1]
    filters = len(weights) // groups
    wide = accumulator_dtype(x.dtype, problem.rules) or np.dtype(object)
    cells = x.astype(wide).reshape(len(x), groups, size, *x.shape[2:])
    factors = weights.astype(wide).reshape(groups, filters, *weights.shape[1:])
    y = np.zeros((len(x), groups, filters, *(line.size + line.vacant for line in lines)), wide)
    products = list(product(range(size), shifts(lines, padded=False), range(filters)))
    for channel, (taps, outputs, inputs), number in products:
        y[:, :, number][outputs] += cells[:, :, channel][inputs] * factor_of_tap(factors[:, number, channel], taps)
    output = to_result(y.reshape(len(x), len(weights), *y.shape[3:]), result_dtype(x.dtype, problem.rules, exact=True))
    cotangent = problem.cotangent_for(output.shape)
    if cotangent is None:
        return Result(output)
    gradient, shares = np.zeros(cells.shape), cotangent.reshape(y.shape)
    for channel, (taps, outputs, inputs), number in products:
        factor = factor_of_tap(factors[:, number, channel], taps).astype("float64")
        gradient[:, :, channel][inputs] += factor * shares[:, :, number][outputs]
    return Result(output, gradient=gradient.reshape(x.shape))


def factor_of_tap(factors: Array, taps: tuple[int, ...]) -> Array:
    """The weight of a tap for each group, of the rank of arrays (batch, group, *spatial)."""
    tap: Select = (slice(None), *taps)
    return factors[tap].reshape(1, -1, *[1] * len(taps))


def to_result(y: Array, dtype: DType) -> Array:
    """Sums of products in the type of the output."""
    if is_floating(dtype) or y.dtype == dtype:
        return y.astype(dtype)
    return wrap_integers(y, dtype) if y.dtype == object else to_integers(y, dtype, REFERENCE)


def weights_of(problem: Problem) -> Array:
    """The weights of a convolution; raises Refused if they do not fit the input."""
    weights, channels = problem.require("weights"), problem.x.shape[1]
    fits = (
        weights.ndim == problem.x.ndim
        and problem.pool.kernel in (None, weights.shape[2:])
        and is_floating(weights.dtype) <= is_floating(problem.x.dtype)
    )
    if not fits or not weights.shape[1] or not channels or channels % weights.shape[1] or len(weights) % (channels // weights.shape[1]):
        raise Refused(f"weights of shape {weights.shape} and type {weights.dtype} do not fit the input")
    return weights
