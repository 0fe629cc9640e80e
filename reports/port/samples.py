"""Inputs that tell poolings apart: ordinary numbers and special ones, half of them held back from the search."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ...adapters.contract import Ask
from ...cases.model.arithmetic import Array
from ...cases.model.inputs import Tensor, distinct, dtype_of, normal
from ...cases.model.pool import FIRST, Pool
from .shapes import within

NUMBERS = "numbers"
"""The kind of ordinary inputs: what differs there is no recipe at all."""
TIES, HALF = "equal numbers in one window", "float16"
LOW = ("float16", "bfloat16")
"""Types of low precision."""
SEEDS = 1 << 20


@dataclass(frozen=True, eq=False)
class Sample:
    """One input: what is special about it, and whether it is held back from the search."""

    kind: str
    tensor: Tensor
    held: bool


def samples(ask: Ask, *, ties: bool = False) -> list[Sample]:
    """The discriminating inputs of a case of small shape; with `ties` where a gradient is asked for."""
    return made(ask.shape, ask.dtype, ask.layout, ask.batched, ties=ties)


@lru_cache(maxsize=256)
def made(shape: tuple[int, ...], dtype: str, layout: str, batched: bool, *, ties: bool) -> list[Sample]:
    """The same inputs for every pooling, so that what a target was asked once need not be asked again."""
    return list(every(Ask(Pool(op="input"), shape, dtype, layout, batched), ties=ties))


def every(ask: Ask, *, ties: bool) -> Iterator[Sample]:
    """All of them."""
    for kind, makers in KINDS.items():
        if (kind == TIES and not ties) or (kind == HALF and ask.dtype in LOW):
            continue
        dtype = "float16" if kind == HALF else ask.dtype
        for count, make in enumerate(makers):
            with np.errstate(over="ignore"):  # a large number may be infinite in the type
                value = make(cells(ask.shape, count), ask).astype(dtype_of(dtype))
            yield Sample(kind, Tensor(value, f"an input with {kind}"), held=count >= len(makers) // 2)


def cells(shape: tuple[int, ...], seed: int) -> Array:
    """Nearly normal numbers in float64."""
    return normal(shape, seed, "float64").value


def order(shape: tuple[int, ...], seed: int) -> Array:
    """A permutation of small integers."""
    return distinct(shape, seed, "float64").value


def chosen(shape: tuple[int, ...], seed: int, part: float) -> Array:
    """Which cells are special: about such a part of them, and nearly all in the last channel of the first axis that has any."""
    rank = np.argsort(np.random.PCG64(seed + SEEDS).random_raw(math.prod(shape)), kind="stable").reshape(shape) / math.prod(shape)
    return rank < part


def sprinkled(value: float, part: float, dense: float) -> Callable[[Array, Ask], Array]:
    """Numbers with another one in a part of the cells; in one channel of them in a denser part, so that windows hold little else."""

    def make(x: Array, ask: Ask) -> Array:
        x = np.where(chosen(x.shape, 1, part), value, x)
        place: Any = (*(slice(None),) * ask.batched, 0) if ask.layout == FIRST else (..., 0)
        x[place] = np.where(chosen(x.shape, 2, dense), value, x)[place]
        return x

    return make


def both(first: Callable[[Array, Ask], Array], second: Callable[[Array, Ask], Array]) -> Callable[[Array, Ask], Array]:
    """One after the other."""
    return lambda x, ask: second(first(x, ask), ask)


KINDS: dict[str, tuple[Callable[[Array, Ask], Array], ...]] = {
    NUMBERS: (
        lambda x, ask: order(ask.shape, 0),
        lambda x, ask: -1 - order(ask.shape, 1),
        lambda x, ask: x,
        lambda x, ask: -0.5 - np.abs(x),
        lambda x, ask: 1 + order(ask.shape, 2),
        lambda x, ask: x * 3,
    ),
    "large numbers": (
        lambda x, ask: np.ldexp(x, 100 if ask.dtype != "float16" else 9),
        lambda x, ask: np.ldexp(np.abs(x), 110 if ask.dtype != "float16" else 10),
    ),
    "sums beyond the type": (
        lambda x, ask: np.full(ask.shape, 0.9 * float(np.finfo("float32" if ask.dtype == "bfloat16" else ask.dtype).max)),
        lambda x, ask: np.full(ask.shape, 0.7 * float(np.finfo("float32" if ask.dtype == "bfloat16" else ask.dtype).max)),
    ),
    "subnormal numbers": (
        lambda x, ask: np.ldexp(x, -135 if ask.dtype != "float16" else -18),
        lambda x, ask: np.ldexp(np.abs(x), -137 if ask.dtype != "float16" else -19),
    ),
    "NaN": (sprinkled(math.nan, 0.15, 0.8), sprinkled(math.nan, 0.05, 1.0)),
    "infinities": (
        both(sprinkled(math.inf, 0.05, 0.05), sprinkled(-math.inf, 0.3, 0.9)),
        both(sprinkled(math.inf, 0.1, 0.2), sprinkled(-math.inf, 0.2, 1.0)),
    ),
    "zeros of both signs": (lambda x, ask: np.copysign(0.0, x), lambda x, ask: -np.copysign(0.0, x)),
    TIES: (lambda x, ask: np.rint(x) + 0.0, lambda x, ask: np.rint(x / 2) + 0.0),  # which has no zeros below zero
    HALF: (lambda x, ask: x, lambda x, ask: np.ldexp(1 + order(ask.shape, 3), 4)),
}  # fmt: skip
"""What is special about an input, and what makes it of nearly normal numbers: of each kind the first half is seen by the search."""


def asked(ask: Ask) -> Sample:
    """Ordinary numbers in the shape that was asked for."""
    return of_shape(within(ask), ask.dtype)


@lru_cache(maxsize=16)
def of_shape(shape: tuple[int, ...], dtype: str) -> Sample:
    """Ordinary numbers in a shape."""
    return Sample(NUMBERS, distinct(shape, 0, dtype), held=True)
