"""Un-poolings: the indices on which they run, and their plans as verbs.

An index names the place to which a cell goes. torch counts the places of each plane, ONNX those of the whole tensor. A target
without an un-pooling scatters the cells of each plane.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from ...adapters.contract import Ask, Ref, Verb
from ...cases.model.formula import Amount, Size, combine
from ...cases.model.inputs import Tensor
from ...cases.model.operation import Problem, from_planes, to_planes
from ...cases.model.pool import LAST, Pool, Refused
from ...cases.model.rules import Rules
from ...cases.oracle.layout import strides_and_dilations
from ...cases.oracle.other_ops import unpooled_sizes

RENUMBERED, PLACED = "renumbered", "placed"
"""Ways to write an un-pooling for every size: with indices that count something else; as cells that are scattered."""
INDICES = "indices"
SEED = 17


@lru_cache(maxsize=256)
def make_indices(shape: tuple[int, ...], pool: Pool, layout: str, base: str, *, batched: bool) -> Tensor:
    """Indices for an un-pooling of an input: other places at random for all cells of a plane, the same object each time.

    `base` is what they count. Raises Refused if a plane has fewer places than cells, so that several cells would share one.
    """
    last = layout == LAST
    whole = to_planes(np.empty(shape, "bool"), batched, last)
    rooms = math.prod(unpooled_sizes(Problem(whole, pool, Rules())))
    planes, cells = math.prod(whole.shape[:2]), math.prod(whole.shape[2:])
    if cells > rooms:
        raise Refused(f"{cells} cells of a plane go to {rooms} places, and which of several at one place stays is not defined")
    order = np.argsort(np.random.PCG64(SEED).random_raw(planes * rooms).reshape(planes, rooms), axis=1, kind="stable")[:, :cells]
    expression = (
        f"numpy.argsort(numpy.random.PCG64({SEED}).random_raw({planes * rooms}).reshape({planes}, {rooms}), axis=1, kind='stable')"
        f"[:, :{cells}]"
    )
    if base == "tensor":
        order = order + np.arange(planes)[:, None] * rooms
        expression = f"({expression} + numpy.arange({planes})[:, None] * {rooms})"
    value = from_planes(order.reshape(whole.shape), batched, last)
    written_shape = whole.shape if batched else whole.shape[1:]
    moved_expression = (
        f"numpy.moveaxis({expression}.reshape({written_shape}), {int(batched)}, -1)" if last else f"{expression}.reshape({written_shape})"
    )
    return Tensor(np.ascontiguousarray(value.astype("int64")), moved_expression)


def unpooling_verbs(pool: Pool, way: str, rules: Rules, ask: Ask) -> tuple[Verb, ...]:
    """An un-pooling in one of the ways as verbs; `rules` state what its indices count."""
    x, indices = Ref("x"), Ref(INDICES)
    sizes = places_of_axes(pool, ask)
    in_tensor = rules.index_base == "tensor"
    if way == PLACED:
        number_verbs = [Verb("positions", "count_plane", (indices, product(sizes)))] if in_tensor else []
        return (*number_verbs, *scatter_verbs(x, Ref("positions") if in_tensor else indices, sizes, ask))
    if way != RENUMBERED:
        return (Verb("y", "pool", (x, pool, ask.dtype)),)
    number = Verb("places", "count_plane", (indices, product(sizes))) if in_tensor else Verb("places", "count_tensor", (indices, x, sizes))
    return number, Verb("y", "pool", (x, pool, ask.dtype, Ref("places")))


def scatter_verbs(x: Ref, indices: Ref, sizes: tuple[Amount, ...], ask: Ask) -> tuple[Verb, ...]:
    """The verbs that put each cell of `x` at its position in its plane, all others being zero."""
    first, behind = ask.spatial[0], ask.spatial[-1] + 1
    all_sizes = tuple(Size("x", axis) for axis in range(len(ask.shape)))

    def around(*middle: Amount) -> tuple[Amount, ...]:
        return (*all_sizes[:first], *middle, *all_sizes[behind:])

    empty = Verb("y", "zeros", (x, around(product(sizes))))
    if ask.rank == 1:
        return empty, Verb("y", "scatter", (Ref("y"), indices, x, first))
    flat = around(-1)
    return (
        Verb("cells", "reshape", (x, flat)),
        Verb("places", "reshape", (indices, flat)),
        empty,
        Verb("y", "scatter", (Ref("y"), Ref("places"), Ref("cells"), first)),
        Verb("y", "reshape", (Ref("y"), around(*sizes))),
    )


def places_of_axes(pool: Pool, ask: Ask) -> tuple[Amount, ...]:
    """The number of places along each spatial axis: as stated, or as a formula of the input's size."""
    if pool.output_size:
        return pool.output_size
    strides, kernel = strides_and_dilations(pool, Rules())[0], pool.kernel or ()
    pads = [sum(sides) for sides in pool.padding] if isinstance(pool.padding, tuple) else [0] * ask.rank
    return tuple(
        Size("x", axis) * stride + (taps - stride - pad) for axis, stride, taps, pad in zip(ask.spatial, strides, kernel, pads, strict=True)
    )


def product(amounts: tuple[Amount, ...]) -> Amount:
    """The product of amounts."""
    first, *others = amounts
    for other in others:
        first = combine("*", first, other)
    return first
