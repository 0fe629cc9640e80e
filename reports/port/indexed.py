"""Un-poolings and fractional poolings, which take a second array: what they do, by the definition and on a target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...adapters.contract import Ask
from ...adapters.targets.choose import SelectedTarget
from ...cases.fast.vectorised import outcome
from ...cases.judge.answer import ACCEPTS, Answer
from ...cases.judge.tolerance import EXACT
from ...cases.model.arithmetic import Array
from ...cases.model.case import Case, Due
from ...cases.model.inputs import Tensor, distinct
from ...cases.model.operation import Problem, from_planes, to_planes
from ...cases.model.pool import LAST, Pool
from ...cases.model.rules import Rules
from ...cases.oracle.fractional import place_axis
from ...cases.oracle.index_bases import positions_to_indices
from ...cases.oracle.layout import strides_and_dilations
from ...cases.oracle.other_ops import unpooled_sizes
from ..words.phrases import in_words
from .layer_facts import LEGEND, AxisFacts, draw_windows
from .source import SourceLayer, describe_difference

INDEXED = {"max_unpool": "indices", "fractional_max_pool": "samples"}
"""The operations that take a second array, and its name."""
SAMPLE = 0.5
"""The random sample for which the windows of a fractional pooling are drawn."""


def with_second_array(source: SourceLayer) -> SourceLayer:
    """The source with the shape of its second array."""
    ask = source.ask
    shape = (
        ask.shape if ask.pool.op == "max_unpool" else (*(size for axis, size in enumerate(ask.shape) if axis not in ask.spatial), ask.rank)
    )
    return replace(source, ask=replace(ask, shapes={INDEXED[ask.pool.op]: shape}))


def make_arrays(ask: Ask, target: SelectedTarget) -> dict[str, Tensor]:
    """An input and a second array for a target: the first position of each window as its index, or one sample for all windows."""
    x, last = distinct(ask.shape, 0, ask.dtype), ask.layout == LAST
    if ask.pool.op == "fractional_max_pool":
        return {"x": x, "samples": Tensor(np.full(ask.shapes["samples"], SAMPLE, ask.dtype), "samples")}
    planes = to_planes(x.value, ask.batched, last)
    positions = Tensor(from_planes(first_positions(planes, ask.pool), ask.batched, last), "positions")
    case = Case(id="explain", pool=ask.pool, input=x, due=Due(), layout=ask.layout, batched=ask.batched)
    base = target.adapter.index_base(ask, target.target)
    return {"x": x, "indices": positions if base == "plane" else positions_to_indices(positions, case, base)}


def first_positions(x: Array, pool: Pool) -> Array:
    """The first position of the window of each cell in the plane that an un-pooling fills."""
    sizes, strides = unpooled_sizes(Problem(x, pool, Rules())), strides_and_dilations(pool, Rules())[0]
    lows = [low for low, _ in pool.padding] if isinstance(pool.padding, tuple) else [0] * len(sizes)
    axes = [np.maximum(np.arange(n) * stride - low, 0) for n, stride, low in zip(x.shape[2:], strides, lows, strict=True)]
    plane = np.ravel_multi_index(np.meshgrid(*axes, indexing="ij"), sizes)
    return np.broadcast_to(plane, x.shape).astype("int64")


def describe_answer(source: SourceLayer, target: SelectedTarget, arrays: dict[str, Tensor], answer: Answer) -> str:
    """How an answer differs from the definition's, in a sentence; empty if it does not."""
    ask = source.ask
    rules = Rules(**{**source.rules, "index_base": target.adapter.index_base(ask, target.target)})
    extra = {name: tensor.value for name, tensor in arrays.items() if name != "x"}
    due = outcome(arrays["x"].value, replace(ask.pool, data_format=ask.layout), rules, batched=ask.batched, extra=extra, located=False)
    return describe_difference(Answer(ACCEPTS, due.output), answer, EXACT, arrays["x"].value.dtype)


def describe_layer(source: SourceLayer, target: SelectedTarget) -> Iterator[str]:
    """What a layer does with its second array, a line for each fact."""
    if source.pool.op == "max_unpool":
        base = target.adapter.index_base(source.ask, target.target)
        yield "each cell goes to the position of its index, and all other cells are 0; of several cells with one index one stays"
        yield in_words([{"axis": "index_base", "value": base}])
    else:
        yield "a maximum over windows of one size, whose starts are uneven steps; the last window ends at the far edge"
        yield "u is drawn at random for each plane and axis, so that two runs differ, unless _random_samples states it"


def draw_layer(source: SourceLayer) -> Iterator[str]:
    """The size of each axis as a formula, and the windows of a fractional pooling for one sample."""
    sizes = [source.ask.shape[axis] for axis in source.ask.spatial]
    if source.pool.op == "max_unpool":
        yield from describe_unpooled_axes(source, sizes)
        return
    for place, n in enumerate(sizes):
        kernel, size = (source.pool.kernel or ())[place], (source.pool.output_size or ())[place]
        starts = f"window i begins at floor((i + u) * a) - floor(u * a) with a = ({n} - {kernel}) / ({size} - 1)"
        yield f"\naxis {place} of {n} cells: size {size}; {starts if size > 1 else 'its window is at the far edge'}"
        yield f"  for u = {SAMPLE}:"
        if 1 <= kernel <= n:
            facts = AxisFacts(source.pool, Rules(), place, place_axis(n, kernel, max(size, 1), SAMPLE))
            yield from (f"  {line}" for line in draw_windows(facts))
    yield f"\n{LEGEND}"


def describe_unpooled_axes(source: SourceLayer, sizes: list[int]) -> Iterator[str]:
    """The size that an un-pooling gives each axis."""
    pool, strides = source.pool, strides_and_dilations(source.pool, Rules())[0]
    for place, n in enumerate(sizes):
        kernel, stride = (pool.kernel or ())[place], strides[place]
        low, high = pool.padding[place] if isinstance(pool.padding, tuple) else (0, 0)
        yield f"\naxis {place} of {n} cells: size ({n} - 1) * {stride} - {low + high} + {kernel} = {(n - 1) * stride - low - high + kernel}"
