"""Inputs that tell poolings apart: ordinary numbers and special ones, half of them held back from the search for a recipe.

Most have a small shape in which windows fall as in the requested one; the last have the requested shape. Numbers of every
type stay within its range and its precision, whatever the shape: in a type of low precision integers are counted only as
far as it tells them apart, and are divided by a power of two, so that the sum of a large window stays finite too.
A few numbers among zeros show by how much a large window was moved, where the average of all cells hardly changes.
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
from ...cases.model.inputs import INTEGERS, PRECISION, Tensor, distinct, dtype_of, dtype_source, normal, whole_range
from ...cases.model.pool import FIRST
from .bounds import MAX_WORK, measure_axes, measure_work

NUMBERS = "numbers"
"""The kind of ordinary inputs: a plan that differs on one of them is no recipe."""
TIES, HALF = "equal numbers in one window", "float16"
EXTREMES = "the least and the greatest number"
LOW_PRECISION = ("float16", "bfloat16")
PLANES = 2, 3
"""The batch size and the channels of small inputs: no pooling depends on them."""
MAX_CELLS_ALL_PLANES = 1 << 20
"""A requested shape with more cells is tried with one batch entry and one channel."""
SEEDS = 1 << 20
GREATEST = 4
"""Integers in a type of low precision are divided so that they are smaller than this: the sum of 2^13 of them is finite in float16."""
IN_WINDOW = 3
"""So many numbers among zeros are in a window on average."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One input: what is special about it, whether it is held back from the search, and whether a pooling has one gradient there."""

    kind: str
    tensor: Tensor
    is_held_back: bool
    differentiable: bool = True


@dataclass(frozen=True)
class Draft:
    """What the maker of an input may depend on: its shape and type, and the number of cells in a window."""

    shape: tuple[int, ...]
    dtype: str
    layout: str
    batched: bool
    window: int

    @property
    def wide(self) -> str:
        """The type that has the range of the input's."""
        return "float32" if self.dtype == "bfloat16" else self.dtype


Maker = Callable[[Array, Draft], Array]
"""Makes an input from nearly normal numbers of its shape."""


def make_samples(ask: Ask, *, ties: bool = False) -> list[Sample]:
    """The discriminating inputs for a case of small shape, with equal numbers in a window if `ties` (gradients depend on them)."""
    window = math.prod(extent.taps for extent in measure_axes(ask))
    return samples_for(Draft(ask.shape, ask.dtype, ask.layout, ask.batched, window), ties=ties)


@lru_cache(maxsize=256)
def samples_for(draft: Draft, *, ties: bool) -> list[Sample]:
    """The inputs of one shape and type, the same objects each time: workers recognise equal calls by the identity of arrays."""
    return list(generate_samples(draft, ties=ties))


def generate_samples(draft: Draft, *, ties: bool) -> Iterator[Sample]:
    """The inputs of every kind that applies, in the order of `KINDS`; of integers there are two kinds."""
    if draft.dtype in INTEGERS:
        yield from generate_integers(draft)
        return
    for kind, makers in KINDS.items():
        if (kind == TIES and not ties) or (kind == HALF and draft.dtype in LOW_PRECISION):
            continue
        own = replace(draft, dtype="float16") if kind == HALF else draft
        for count, make in enumerate(makers):
            with np.errstate(over="ignore"):  # a large number may be infinite in the type
                value = make(normal_cells(own.shape, count), own).astype(dtype_of(own.dtype))
            tensor = Tensor(value, f"an input with {kind}")
            yield Sample(kind, tensor, is_held_back=count >= len(makers) // 2, differentiable=make not in WITH_ZEROS)


def generate_integers(draft: Draft) -> Iterator[Sample]:
    """Inputs of an integer type: numbers in random order, and the least and the greatest number, half of each held back."""
    for seed in range(4):
        yield integer_sample(draft.shape, draft.dtype, seed, is_held_back=seed >= 2)
    ends = whole_range(draft.dtype)
    for seed, is_held_back in ((5, False), (6, True)):
        value = np.where(select_cells(draft.shape, seed, 0.9), *ends).astype(draft.dtype)
        yield Sample(EXTREMES, Tensor(value, f"an input with {EXTREMES}"), is_held_back=is_held_back, differentiable=False)


def integer_sample(shape: tuple[int, ...], dtype: str, seed: int, *, is_held_back: bool) -> Sample:
    """Integers in random order, different ones as far as the type has them, of both signs if it has a sign."""
    least, greatest = whole_range(dtype)
    levels, first = min(greatest, 1 << 20), -min(greatest, 1 << 20) // 2 if least else 0
    order = distinct(shape, seed, "int64")
    return Sample(
        NUMBERS, Tensor((order.value % levels + first).astype(dtype), f"({order.expression} % {levels} + {first}).astype({dtype_source(dtype)})"),
        is_held_back=is_held_back, differentiable=False,
    )  # fmt: skip


def ordinary_samples(samples: Sequence[Sample]) -> list[Sample]:
    """The samples of ordinary numbers that are not held back from the search."""
    return [sample for sample in samples if sample.kind == NUMBERS and not sample.is_held_back]


def samples_of_shape(ask: Ask) -> list[Sample]:
    """Ordinary numbers in the requested shape: `sample_of_shape` last, in a type of low precision after numbers like activations."""
    activations = [activation_sample(limit_planes(ask), ask.dtype)] if ask.dtype in LOW_PRECISION else []
    return [*activations, sample_of_shape(ask)]


def sample_of_shape(ask: Ask) -> Sample:
    """Different numbers in the requested shape, or in one plane of it if that is much work."""
    return distinct_sample(limit_planes(ask), ask.dtype)


@lru_cache(maxsize=128)
def distinct_sample(shape: tuple[int, ...], dtype: str) -> Sample:
    """A permutation of integers in a shape, the same object each time; in low precision their remainders, divided."""
    if dtype in INTEGERS:
        return integer_sample(shape, dtype, 0, is_held_back=True)
    if dtype not in LOW_PRECISION:
        return Sample(NUMBERS, distinct(shape, 0, dtype), is_held_back=True)
    integers, levels = distinct(shape, 0, "int64"), 1 << PRECISION[dtype]
    quotients = (integers.value % levels / (levels // GREATEST)).astype(dtype_of(dtype))
    expression = f"({integers.expression} % {levels} / {levels // GREATEST}).astype({dtype_source(dtype)})"
    return Sample(NUMBERS, Tensor(quotients, expression), is_held_back=True)


@lru_cache(maxsize=4)
def activation_sample(shape: tuple[int, ...], dtype: str) -> Sample:
    """Nearly normal numbers after ReLU in a shape, the same object each time."""
    value = np.maximum(normal_cells(shape, 5), 0).astype(dtype_of(dtype))
    return Sample(NUMBERS, Tensor(value, "nearly normal numbers after ReLU"), is_held_back=True, differentiable=False)


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


def integers(draft: Draft, seed: int, start: int = 0) -> Array:
    """Integers counted from `start` in random order, in float64; in low precision as `planes_of_integers` has them."""
    if draft.dtype in LOW_PRECISION:
        levels = 1 << PRECISION[draft.dtype]
        return np.asarray((planes_of_integers(draft, seed, levels) + start) / (levels // GREATEST))
    return distinct(draft.shape, seed, "float64", start).value


def planes_of_integers(draft: Draft, seed: int, levels: int) -> Array:
    """Integers below `levels`: different ones in a plane, as far as half of the levels go, and other averages in planes beside each other."""
    axis = int(draft.batched) if draft.layout == FIRST else len(draft.shape) - 1
    rest = (*draft.shape[:axis], *draft.shape[axis + 1 :])
    batch, sizes = (rest[:1], rest[1:]) if draft.batched else ((), rest)
    count, cells = math.prod(batch) * draft.shape[axis], math.prod(sizes)
    half, offsets = levels // 2, 5
    order = np.argsort(np.random.PCG64(seed).random_raw(count * cells).reshape(count, cells), axis=1, kind="stable")
    planes = order % half * max(half // cells, 1) + np.arange(count)[:, None] % offsets * (half // (offsets - 1))
    return np.asarray(np.moveaxis(planes.reshape(*batch, draft.shape[axis], *sizes), len(batch), axis))


def select_cells(shape: tuple[int, ...], seed: int, part: float) -> Array:
    """A mask that is true for about such a part of all cells, drawn at random."""
    rank = np.argsort(np.random.PCG64(seed + SEEDS).random_raw(math.prod(shape)), kind="stable").reshape(shape) / math.prod(shape)
    return rank < part


def sprinkle(value: float, part: float, dense: float) -> Maker:
    """A maker that puts a number in a part of the cells, and in a denser part of one channel, so that some windows hold little else."""

    def make(x: Array, draft: Draft) -> Array:
        x = np.where(select_cells(x.shape, 1, part), value, x)
        place: Any = (*(slice(None),) * draft.batched, 0) if draft.layout == FIRST else (..., 0)
        x[place] = np.where(select_cells(x.shape, 2, dense), value, x)[place]
        return x

    return make


def compose(first: Maker, second: Maker) -> Maker:
    """A maker that applies two others, one after the other."""
    return lambda x, draft: second(first(x, draft), draft)


def rectify(x: Array, draft: Draft) -> Array:
    """Numbers after ReLU, as most poolings of a model get them."""
    return np.asarray(np.maximum(x * 3, 0.0))


def scatter_positive(x: Array, draft: Draft) -> Array:
    """A few numbers among zeros."""
    return np.where(select_cells(x.shape, 3, min(0.5, IN_WINDOW / draft.window)), 1 + np.abs(x), 0.0)


def scatter_negative(x: Array, draft: Draft) -> Array:
    """A few negative numbers among zeros."""
    return np.where(select_cells(x.shape, 4, min(0.5, IN_WINDOW / draft.window)), -1 - np.abs(x), 0.0)


WITH_ZEROS = (rectify, scatter_positive, scatter_negative)
"""Makers of inputs with equal numbers in most windows, so that the gradient of a maximum or a norm is a matter of choice."""

KINDS: dict[str, tuple[Maker, ...]] = {
    NUMBERS: (
        lambda x, draft: integers(draft, 0),
        lambda x, draft: -integers(draft, 1, start=1),
        lambda x, draft: x,
        scatter_positive,
        lambda x, draft: -0.5 - np.abs(x),
        lambda x, draft: integers(draft, 2, start=1),
        rectify,
        scatter_negative,
    ),
    "large numbers": (
        lambda x, draft: np.ldexp(x, 100 if draft.dtype != "float16" else 9),
        lambda x, draft: np.ldexp(np.abs(x), 110 if draft.dtype != "float16" else 10),
    ),
    "sums beyond the type": (
        lambda x, draft: np.full(draft.shape, 0.9 * float(np.finfo(draft.wide).max)),
        lambda x, draft: np.full(draft.shape, 0.7 * float(np.finfo(draft.wide).max)),
    ),
    "subnormal numbers": (
        lambda x, draft: np.ldexp(x, -135 if draft.dtype != "float16" else -18),
        lambda x, draft: np.ldexp(np.abs(x), -137 if draft.dtype != "float16" else -19),
    ),
    "NaN": (sprinkle(math.nan, 0.15, 0.8), sprinkle(math.nan, 0.05, 1.0)),
    "infinities": (
        compose(sprinkle(math.inf, 0.05, 0.05), sprinkle(-math.inf, 0.3, 0.9)),
        compose(sprinkle(math.inf, 0.1, 0.2), sprinkle(-math.inf, 0.2, 1.0)),
    ),
    "zeros of both signs": (lambda x, draft: np.copysign(0.0, x), lambda x, draft: -np.copysign(0.0, x)),
    TIES: (lambda x, draft: np.rint(x) + 0.0, lambda x, draft: np.rint(x / 2) + 0.0),  # adding 0.0 removes negative zeros
    HALF: (lambda x, draft: x, lambda x, draft: np.ldexp(integers(draft, 3, start=1), 10)),
}  # fmt: skip
"""Makers of inputs from nearly normal numbers, by what is special about them; the search sees the first half of each kind."""
