"""Convolution, as layers have it: the weights are not flipped, and each filter sees the channels of its group."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from ..model.arithmetic import Array, added, answering, floating, stored, summing
from ..model.outcome import Outcome, Question
from ..model.refused import Refused
from .layout import Position, Window, layout, windows


def convolved(question: Question) -> Outcome:
    """Convolve with weights of shape (filters, channels of a group, *kernel); the stride is one unless stated."""
    x, weights = question.x, checked_weights(question)
    pool = replace(question.pool, kernel=weights.shape[2:], stride=question.pool.stride or (1,) * (x.ndim - 2))
    axes = layout(x.shape[2:], pool, replace(question.rules, explicit_padding="accept", pad_limit="none"))
    y = np.empty((len(x), len(weights), *(axis.size for axis in axes)), answering(x.dtype, question.rules, exact=True))
    seed, gradient, wide = question.seed(y.shape), np.zeros(x.shape), summing(x.dtype, question.rules)
    cells, factors = (array.astype(wide or object) for array in (x, weights))
    met = [(window.index, terms(window, weights.shape[2:])) for window in windows(axes)]
    for batch, number, (index, inside) in product(range(len(x)), range(len(weights)), met):
        cell, seen = (batch, number, *index), channels(number, weights, x.shape[1])
        pairs = [((batch, channel, *at), (number, place, *tap)) for place, channel in enumerate(seen) for at, tap in inside]
        y[cell] = stored(added([cells[at] * factors[tap] for at, tap in pairs], wide), y.dtype)
        if seed is not None:
            for at, tap in pairs:
                gradient[at] += float(weights[tap]) * seed[cell]
    return Outcome(y, gradient=None if seed is None else gradient)


def checked_weights(question: Question) -> Array:
    """The weights, if they fit the input."""
    weights, channels, rank = question.needed("weights"), question.x.shape[1], question.x.ndim - 2
    if weights.ndim != rank + 2:
        raise Refused(f"the weights have shape {weights.shape}; filters, channels and {rank} kernel axes were expected")
    if question.pool.kernel not in (None, weights.shape[2:]):
        raise Refused(f"kernel is {question.pool.kernel}; {weights.shape[2:]}, that of the weights, was expected")
    if floating(weights.dtype) and not floating(question.x.dtype):
        raise Refused(f"the weights are {weights.dtype.name}; {question.x.dtype.name}, the input's, was expected")
    groups = channels // max(weights.shape[1], 1)
    if groups * weights.shape[1] != channels or not groups or len(weights) % groups:
        raise Refused(f"the weights have shape {weights.shape}; filters and channels of a group that divide {channels} were expected")
    return weights


def terms(window: Window, kernel: Position) -> list[tuple[Position, Position]]:
    """What a filter sums over in each channel that it sees: the cells of a window that are there, with their taps."""
    return [(at, tap) for at, tap in zip(window.positions, np.ndindex(kernel), strict=True) if at in window.cells]


def channels(number: int, weights: Array, count: int) -> range:
    """The channels that a filter sees, of so many: those of its group."""
    size = weights.shape[1]
    first = number * count // len(weights) // size * size
    return range(first, first + size)
