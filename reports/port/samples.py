"""Inputs that tell poolings apart: ordinary numbers and special ones, half of them held back from the search for a recipe.

Most have a small shape in which windows fall as in the requested one; the last has the requested shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from ...adapters.contract import Ask
from ...cases.model.arithmetic import Array
from ...cases.model.inputs import Tensor, distinct, dtype_of, normal
from ...cases.model.pool import FIRST, Pool
from .bounds import MAX_WORK, measure_work

NUMBERS = "numbers"
"""The kind of ordinary inputs: a plan that differs on one of them is no recipe."""
TIES, HALF = "equal numbers in one window", "float16"
LOW_PRECISION = ("float16", "bfloat16")
PLANES = 2, 3
"""The batch size and the channels of small inputs: no pooling depends on them."""
MAX_CELLS_ALL_PLANES = 1 << 20
"""A requested shape with more cells is tried with one batch entry and one channel."""
SEEDS = 1 << 20


@dataclass(frozen=True, eq=False)
class Sample:
    """One input: what is special about it, and whether it is held back from the search."""

    kind: str
    tensor: Tensor
    held: bool


def make_samples(ask: Ask, *, ties: bool = False) -> list[Sample]:
    """The discriminating inputs for a case of small shape, with equal numbers in a window if `ties` (gradients depend on them)."""
    return samples_for(ask.shape, ask.dtype, ask.layout, ask.batched, ties=ties)


@lru_cache(maxsize=256)
def samples_for(shape: tuple[int, ...], dtype: str, layout: str, batched: bool, *, ties: bool) -> list[Sample]:
    """The inputs of one shape and type, the same objects each time: workers recognise equal calls by the identity of arrays."""
    return list(generate_samples(Ask(Pool(op="input"), shape, dtype, layout, batched), ties=ties))


def generate_samples(ask: Ask, *, ties: bool) -> Iterator[Sample]:
    """The inputs of every kind that applies, in the order of `KINDS`."""
    for kind, makers in KINDS.items():
        if (kind == TIES and not ties) or (kind == HALF and ask.dtype in LOW_PRECISION):
            continue
        dtype = "float16" if kind == HALF else ask.dtype
        for count, make in enumerate(makers):
            with np.errstate(over="ignore"):  # a large number may be infinite in the type
                value = make(normal_cells(ask.shape, count), ask).astype(dtype_of(dtype))
            yield Sample(kind, Tensor(value, f"an input with {kind}"), held=count >= len(makers) // 2)


def ordinary_samples(samples: Sequence[Sample]) -> list[Sample]:
    """The samples of ordinary numbers that are not held back from the search."""
    return [sample for sample in samples if sample.kind == NUMBERS and not sample.held]


def sample_of_shape(ask: Ask) -> Sample:
    """Ordinary numbers in the requested shape, or in one plane of it if that is much work."""
    return distinct_sample(limit_planes(ask), ask.dtype)


@lru_cache(maxsize=16)
def distinct_sample(shape: tuple[int, ...], dtype: str) -> Sample:
    """A permutation of integers in a shape, the same object each time."""
    return Sample(NUMBERS, distinct(shape, 0, dtype), held=True)


def limit_planes(ask: Ask) -> tuple[int, ...]:
    """The requested shape, with one plane if it has very many cells, or its windows have."""
    plane = with_planes(ask, ask.shape, (1, 1))
    count = math.prod(ask.shape) // math.prod(plane)
    return plane if math.prod(ask.shape) > MAX_CELLS_ALL_PLANES or count * measure_work(ask) > MAX_WORK else ask.shape


def with_planes(ask: Ask, shape: tuple[int, ...], count: tuple[int, int]) -> tuple[int, ...]:
    """A shape with another batch size and number of channels."""
    sizes = list(shape)
    if ask.batched:
        sizes[0] = count[0]
    sizes[int(ask.batched) if ask.layout == FIRST else -1] = count[1]
    return tuple(sizes)


def shrink(ask: Ask) -> Ask:
    """The case in a small shape whose windows fall as in the requested one: sizes keep their remainder by strides and bins."""
    sizes = {axis: shrink_axis(ask.shape[axis], place, ask) for place, axis in enumerate(ask.spatial)}
    shape = tuple(sizes.get(axis, size) for axis, size in enumerate(ask.shape))
    return replace(ask, shape=with_planes(ask, shape, PLANES))


def shrink_axis(n: int, axis: int, ask: Ask) -> int:
    """A smaller number of cells along a spatial axis, of the same remainder."""
    pool = ask.pool
    if pool.output_size:
        period = max(pool.output_size[axis], 1)
        least = 2 * period
    elif pool.kernel:
        dilation = pool.dilation[axis] if pool.dilation else 1
        period = max(pool.stride[axis] if pool.stride else pool.kernel[axis], 1)
        least = (pool.kernel[axis] - 1) * dilation + 1 + 2 * period
    else:
        period, least = 1, 6
    return n if n <= least + period else least + (n - least) % period


def normal_cells(shape: tuple[int, ...], seed: int) -> Array:
    """Nearly normal numbers in float64."""
    return normal(shape, seed, "float64").value


def permutation(shape: tuple[int, ...], seed: int) -> Array:
    """A permutation of 0, 1, 2, ... in float64."""
    return distinct(shape, seed, "float64").value


def select_cells(shape: tuple[int, ...], seed: int, part: float) -> Array:
    """A mask that is true for about such a part of all cells, drawn at random."""
    rank = np.argsort(np.random.PCG64(seed + SEEDS).random_raw(math.prod(shape)), kind="stable").reshape(shape) / math.prod(shape)
    return rank < part


def sprinkle(value: float, part: float, dense: float) -> Callable[[Array, Ask], Array]:
    """A maker that puts a number in a part of the cells, and in a denser part of one channel, so that some windows hold little else."""

    def make(x: Array, ask: Ask) -> Array:
        x = np.where(select_cells(x.shape, 1, part), value, x)
        place: Any = (*(slice(None),) * ask.batched, 0) if ask.layout == FIRST else (..., 0)
        x[place] = np.where(select_cells(x.shape, 2, dense), value, x)[place]
        return x

    return make


def compose(first: Callable[[Array, Ask], Array], second: Callable[[Array, Ask], Array]) -> Callable[[Array, Ask], Array]:
    """A maker that applies two others, one after the other."""
    return lambda x, ask: second(first(x, ask), ask)


KINDS: dict[str, tuple[Callable[[Array, Ask], Array], ...]] = {
    NUMBERS: (
        lambda x, ask: permutation(ask.shape, 0),
        lambda x, ask: -1 - permutation(ask.shape, 1),
        lambda x, ask: x,
        lambda x, ask: -0.5 - np.abs(x),
        lambda x, ask: 1 + permutation(ask.shape, 2),
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
    "NaN": (sprinkle(math.nan, 0.15, 0.8), sprinkle(math.nan, 0.05, 1.0)),
    "infinities": (
        compose(sprinkle(math.inf, 0.05, 0.05), sprinkle(-math.inf, 0.3, 0.9)),
        compose(sprinkle(math.inf, 0.1, 0.2), sprinkle(-math.inf, 0.2, 1.0)),
    ),
    "zeros of both signs": (lambda x, ask: np.copysign(0.0, x), lambda x, ask: -np.copysign(0.0, x)),
    TIES: (lambda x, ask: np.rint(x) + 0.0, lambda x, ask: np.rint(x / 2) + 0.0),  # adding 0.0 removes negative zeros
    HALF: (lambda x, ask: x, lambda x, ask: np.ldexp(1 + permutation(ask.shape, 3), 4)),
}  # fmt: skip
"""Makers of inputs from nearly normal numbers, by what is special about them; the search sees the first half of each kind."""
