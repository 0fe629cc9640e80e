"""Convolution, as layers have it: the weights are not flipped, and each filter sees the channels of its group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from .arithmetic import Array, added, answering, floating, stored, summing, taken
from .layout import Position, Window, layout, windows
from .outcome import Outcome, Question
from .refused import Refused


def convolved(question: Question) -> Outcome:
    """Convolve with weights of shape (filters, channels of a group, *kernel); the stride is one unless stated."""
    x, weights = question.x, checked_weights(question)
    pool = replace(question.pool, kernel=weights.shape[2:], stride=question.pool.stride or (1,) * (x.ndim - 2))
    axes = layout(x.shape[2:], pool, replace(question.rules, explicit_padding="accept", pad_limit="none"))
    y = np.empty((len(x), len(weights), *(axis.size for axis in axes)), answering(x.dtype, question.rules, exact=True))
    seed, gradient, wide = question.seed(y.shape), np.zeros(x.shape), summing(x.dtype, question.rules)
    for batch, number, window in product(range(len(x)), range(len(weights)), windows(axes)):
        cell = (batch, number, *window.index)
        pairs = [((batch, *at), (number, *tap)) for at, tap in terms(window, number, weights, x.shape[1])]
        y[cell] = stored(added([taken(x[at], wide) * taken(weights[tap], wide) for at, tap in pairs], wide), y.dtype)
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


def terms(window: Window, number: int, weights: Array, channels: int) -> Iterator[tuple[Position, Position]]:
    """What a filter sums over a window: cells as (channel, *position), with their weights as (channel, *tap)."""
    size = weights.shape[1]
    first = number * channels // len(weights) // size * size
    inside = [(at, tap) for at, tap in zip(window.positions, np.ndindex(weights.shape[2:]), strict=True) if at in window.cells]
    return (((first + channel, *at), (channel, *tap)) for channel in range(size) for at, tap in inside)
