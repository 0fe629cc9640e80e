"""Poolings: of every window one number, where it was found, and how its cotangent is shared out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..model.arithmetic import Array, DType, answering, stored
from ..model.outcome import Outcome, Question
from ..model.pool import Pool
from ..model.rules import Rules
from .average import average, average_weights, check_average
from .fractional import sampled
from .index import index_of
from .layout import Position, Window, layout, needed, windows
from .maximum import max_weights, maximum
from .norm import check_norm, norm, norm_weights

Plane = tuple[int, ...]


@dataclass(frozen=True)
class Reduction:
    """What is made of a window: its value, and how much of its cotangent each of its cells takes."""

    value: Callable[[Array, Window, Pool, Rules], Any]
    weights: Callable[[Array, Window, Pool, Rules], Sequence[tuple[Position, float]]]
    check: Callable[[Pool, DType, Rules], None]


REDUCTIONS = {
    "max": Reduction(maximum, max_weights, lambda pool, dtype, rules: None),
    "avg": Reduction(average, average_weights, check_average),
    "lp": Reduction(norm, norm_weights, check_norm),
}


def pooled(question: Question) -> Outcome:
    """Pool every plane with the same windows."""
    axes = layout(question.x.shape[2:], question.pool, question.rules)
    every = list(windows(axes))
    return reduced(question, tuple(axis.size for axis in axes), lambda plane: every)


def fractional(question: Question) -> Outcome:
    """Pool every plane with windows that its samples place."""
    axes_of = sampled(question)
    return reduced(question, needed(question.pool, "output_size"), lambda plane: windows(axes_of(plane)))


def reduced(question: Question, sizes: tuple[int, ...], windows_of: Callable[[Plane], Iterable[Window]]) -> Outcome:
    """Reduce the windows of every plane."""
    x, pool, rules = question.x, question.pool, question.rules
    kind = pool.op.split("_")[-2]
    reduction = REDUCTIONS[kind]
    reduction.check(pool, x.dtype, rules)
    y = np.empty((*x.shape[:2], *sizes), answering(x.dtype, rules, exact=kind == "max"))
    indices = np.empty(y.shape, "int64") if kind == "max" and question.located else None
    seed, gradient = question.seed(y.shape), np.zeros(x.shape)
    for plane in np.ndindex(x.shape[:2]):
        for window in windows_of(plane):
            cell = plane + window.index
            y[cell] = stored(reduction.value(x[plane], window, pool, rules), y.dtype)
            if indices is not None:
                indices[cell] = index_of(x, plane, window, rules)
            if seed is not None:
                for position, weight in reduction.weights(x[plane], window, pool, rules):
                    gradient[plane + position] += weight * seed[cell]
    return Outcome(y, indices, None if seed is None else gradient)
