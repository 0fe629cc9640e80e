"""The operations beside pooling, without loops over cells, and the uneven windows of a fractional pooling."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np

from ..model.arithmetic import Array, DType, answering, floating, summing
from ..model.outcome import Outcome, Question
from ..model.pool import LAST
from ..model.refused import Refused
from ..model.rules import REFERENCE
from .layout import check_entries, lines_of, required
from .lines import Select, shifts
from .norms import whole
from .sums import wrapped


def kept(question: Question) -> Outcome:
    """The input."""
    return Outcome(question.x, gradient=question.seed(question.x.shape))


def flattened(question: Question) -> Outcome:
    """One row for each batch."""
    last = question.pool.data_format == LAST or question.rules.flatten_order == "channels_last"
    order = [0, *range(2, question.x.ndim), 1] if last and question.x.ndim > 1 else list(range(question.x.ndim))
    x = question.x.transpose(order)
    y = x.reshape(len(x), math.prod(x.shape[1:]))
    seed = question.seed(y.shape)
    return Outcome(y, gradient=None if seed is None else seed.reshape(x.shape).transpose(np.argsort(order)))


def unpooled(question: Question) -> Outcome:
    """The input's cells at the positions of their indices, zeros elsewhere."""
    x, indices = question.x, question.needed("indices")
    if indices.shape != x.shape:
        raise Refused(f"there are indices of shape {indices.shape} for an input of {x.shape}")
    sizes = unpooled_sizes(question)
    cells = np.arange(math.prod((*x.shape[:2], *sizes))).reshape(*x.shape[:2], math.prod(sizes))
    batch, channel = np.ogrid[: x.shape[0], : x.shape[1]]
    channels = max(x.shape[1], 1)
    base = {"tensor": (cells[..., :1], 1), "channels_last": (channel[..., None], channels),
            "channels_last_batch": ((batch * cells.shape[2] * channels + channel)[..., None], channels)}  # fmt: skip
    start, worth = base.get(question.rules.index_base, (0, 1))
    at = (indices.reshape(*x.shape[:2], math.prod(x.shape[2:])) - start) // worth
    first, limit = cells[..., :1], cells.shape[2]
    if question.rules.index_base == "tensor":  # one that counts the tensor may lead into another plane
        at, first, limit = at + first, np.zeros_like(first), cells.size
    if at.size and not 0 <= at.min() <= at.max() < limit:
        raise Refused(f"indices point outside {limit} cells")
    y, at = np.zeros(cells.size, answering(x.dtype, question.rules, exact=True)), (at + first).reshape(x.shape)
    y[at.ravel()] = x.ravel()
    y = y.reshape(*x.shape[:2], *sizes)
    seed = question.seed(y.shape)
    return Outcome(y, gradient=None if seed is None else seed.ravel()[at])


def unpooled_sizes(question: Question) -> tuple[int, ...]:
    """The spatial shape that is stated, or that the first and the last window of the pooling span."""
    pool, spatial = question.pool, question.x.shape[2:]
    check_entries(pool, len(spatial))
    if pool.output_size:
        sizes = pool.output_size
    else:
        kernel = required(pool.kernel)
        stride = pool.stride or (kernel if question.rules.stride_default == "window" else [1] * len(spatial))
        pads = [(0, 0)] * len(spatial) if pool.padding is None or isinstance(pool.padding, str) else pool.padding
        sizes = tuple(k + s * (n - 1) - low - high for k, s, n, (low, high) in zip(kernel, stride, spatial, pads, strict=True))
    if min(sizes) < 1:
        raise Refused(f"un-pooling gives a shape of {sizes}")
    return sizes


def upsampled(question: Question) -> Outcome:
    """The input's cells, each as often as it is the nearest."""
    x, pool = question.x, question.pool
    check_entries(pool, x.ndim - 2)
    times = [1] * (x.ndim - 2) if pool.output_size else required(pool.kernel)
    sizes = pool.output_size or [n * k for n, k in zip(x.shape[2:], times, strict=True)]
    if min(sizes) < 1 or 0 in x.shape[2:]:
        raise Refused(f"up-sampling {x.shape[2:]} gives a shape of {sizes}")
    shift = 0.5 if question.rules.nearest == "middle" else 0
    cells = np.ix_(
        *(range(n) for n in x.shape[:2]), *(((np.arange(m) + shift) * n // m).astype(int) for n, m in zip(x.shape[2:], sizes, strict=True))
    )
    y = x[cells].astype(answering(x.dtype, question.rules, exact=True))
    seed, gradient = question.seed(y.shape), np.zeros(x.shape)
    if seed is not None:
        np.add.at(gradient, cells, seed)
    return Outcome(y, gradient=None if seed is None else gradient)


def convolved(question: Question) -> Outcome:
    """The input under each tap, times its weight; arrays are (batch, group, *spatial) for each channel and filter of a group."""
    x, weights = question.x, checked_weights(question)
    pool = replace(question.pool, op="conv", kernel=weights.shape[2:], stride=question.pool.stride or (1,) * (x.ndim - 2))
    lines = lines_of(replace(question, pool=pool, rules=replace(question.rules, explicit_padding="accept", pad_limit="none")))
    size, groups = weights.shape[1], x.shape[1] // weights.shape[1]
    filters = len(weights) // groups
    wide = summing(x.dtype, question.rules) or np.dtype(object)
    cells = x.astype(wide).reshape(len(x), groups, size, *x.shape[2:])
    factors = weights.astype(wide).reshape(groups, filters, *weights.shape[1:])
    y = np.zeros((len(x), groups, filters, *(line.size for line in lines)), wide)
    every = list(product(range(size), shifts(lines, padded=False), range(filters)))
    for channel, (taps, outputs, taken), number in every:
        y[:, :, number][outputs] += cells[:, :, channel][taken] * spread(factors[:, number, channel], taps)
    output = landed(y.reshape(len(x), len(weights), *y.shape[3:]), answering(x.dtype, question.rules, exact=True))
    seed = question.seed(output.shape)
    if seed is None:
        return Outcome(output)
    gradient, shares = np.zeros(cells.shape), seed.reshape(y.shape)
    for channel, (taps, outputs, taken), number in every:
        factor = spread(factors[:, number, channel], taps).astype("float64")
        gradient[:, :, channel][taken] += factor * shares[:, :, number][outputs]
    return Outcome(output, gradient=gradient.reshape(x.shape))


def spread(factors: Array, taps: tuple[int, ...]) -> Array:
    """The factor of a tap for each group, ready to meet arrays (batch, group, *spatial)."""
    tap: Select = (slice(None), *taps)
    return factors[tap].reshape(1, -1, *[1] * len(taps))


def landed(y: Array, dtype: DType) -> Array:
    """Sums of products in the type of the answer."""
    if floating(dtype) or y.dtype == dtype:
        return y.astype(dtype)
    return wrapped(y, dtype) if y.dtype == object else whole(y, dtype, REFERENCE)


def checked_weights(question: Question) -> Array:
    """The weights, if they fit the input."""
    weights, channels = question.needed("weights"), question.x.shape[1]
    fits = (
        weights.ndim == question.x.ndim
        and question.pool.kernel in (None, weights.shape[2:])
        and floating(weights.dtype) <= floating(question.x.dtype)
    )
    if not fits or not weights.shape[1] or not channels or channels % weights.shape[1] or len(weights) % (channels // weights.shape[1]):
        raise Refused(f"weights of shape {weights.shape} and type {weights.dtype} do not fit the input")
    return weights
