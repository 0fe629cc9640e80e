"""A question: a pooling of an input, as a spec file would state it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from ...cases.fast.vectorised import outcome
from ...cases.model import inputs
from ...cases.model.arithmetic import is_floating
from ...cases.model.case import Case, Due
from ...cases.model.inputs import Tensor
from ...cases.model.mistake import Fault
from ...cases.model.operation import Result
from ...cases.model.pool import FIRST, LAST, Pool, Refused
from ...cases.read.cost import count_steps
from ...cases.read.matrix import infer_output_shape

STEPS = 1 << 18
"""The work of a question in steps of about a microsecond; one with more is not asked."""
GROWING = ("upsample_nearest", "max_unpool", "fractional_max_pool")
"""Operations whose kernel is a size of the output."""
FAR = 1 << 15
"""A parameter from this on is extreme."""
MANY = 16
"""More channels than this are many."""


@dataclass(frozen=True)
class Cells:
    """An array as a spec states it: nested lists, or a maker with its keys and a shape."""

    maker: str
    shape: tuple[int, ...] = ()
    seed: int = 0
    start: int = 0
    value: float = 0
    cells: tuple[Any, ...] = ()

    def build(self, dtype: str) -> Tensor:
        """The array in a type."""
        match self.maker:
            case "arange":
                return inputs.arange(self.shape, dtype, self.start)
            case "full":
                return inputs.full(self.shape, self.value, dtype)
            case "distinct":
                return inputs.distinct(self.shape, self.seed, dtype, self.start)
            case "normal":
                return inputs.normal(self.shape, self.seed, dtype)
        return inputs.literal(nest(self.cells, self.shape), dtype)

    def document(self, shape: Any = None) -> Any:
        """What a spec says; `shape` stands in place of the sizes."""
        if self.maker == "cells":
            return nest(self.cells, self.shape)
        keys: dict[str, Any] = {self.maker: list(self.shape) if shape is None else shape}
        if self.maker == "full":
            return keys | {"value": self.value}
        numbers = {"seed": self.seed if self.maker in ("distinct", "normal") else 0, "start": self.start}
        return keys | {name: number for name, number in numbers.items() if number}


def nest(cells: tuple[Any, ...], shape: tuple[int, ...]) -> list[Any]:
    """Cells in a row as nested lists of a shape."""
    if len(shape) == 1:
        return list(cells)
    step = len(cells) // shape[0]
    return [nest(cells[at * step : (at + 1) * step], shape[1:]) for at in range(shape[0])]


@dataclass(frozen=True)
class Question:
    """One operation on one input, and which attributes are asked for.

    `located` asks for the indices of maxima, `cotangent` for a gradient. `extra` holds weights, indices or samples.
    """

    pool: Pool
    input: Cells
    dtype: str = "float32"
    layout: str = FIRST
    batched: bool = True
    memory: str = ""
    entry: str = ""
    located: bool = False
    cotangent: Cells | None = None
    extra: Mapping[str, Cells] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        """What travels to another process: what a spec states, and no array that was made of it."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @cached_property
    def case(self) -> Case:
        """The case that asks it: everything that the reference answers is due. Raises Fault where it is too much work, ImportError without ml_dtypes."""
        tensors = {name: cells.build(self.type_of(name)) for name, cells in self.extra.items()}
        case = Case(
            id="search::question", pool=self.pool, input=self.input.build(self.dtype), layout=self.layout, batched=self.batched,
            memory=self.memory, entry=self.entry, extra=tensors,
        )  # fmt: skip
        check_work(case)
        shape = infer_output_shape(case)
        if shape is None:
            return case
        if self.cotangent:
            cotangent = replace(self.cotangent, shape=shape).build(self.dtype)
            case = replace(case, extra={**case.extra, "cotangent": cotangent})
        names = ("output", *(["indices"] if self.located else []), *(["gradient"] if self.cotangent else []))
        case = replace(case, due=Due(from_oracle=names))
        check_work(case)
        return case

    def type_of(self, name: str) -> str:
        """The type of a further input, as a spec reads it."""
        types = {"indices": "int64", "samples": self.dtype if self.dtype in inputs.PRECISION else "float32"}
        return types.get(name, self.dtype)

    @cached_property
    def hash(self) -> str:
        """A digest of the question."""
        return self.case.hash

    @cached_property
    def reference(self) -> Result | None:
        """The reference answer, None where the reference refuses."""
        extra = {name: tensor.value for name, tensor in self.case.extra.items()}
        cotangent = extra.pop("cotangent", None)
        try:
            return outcome(self.case.input.value, replace(self.pool, data_format=self.layout), self.case.reference, batched=self.batched,
                           cotangent=cotangent, extra=extra, located=self.located)  # fmt: skip
        except Refused:
            return None

    @property
    def channel(self) -> int:
        """The channel axis of the input."""
        return len(self.input.shape) - 1 if self.layout == LAST else int(self.batched)

    @property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.input.shape) - 1 - self.batched

    @cached_property
    def features(self) -> frozenset[str]:
        """What a question has beyond the simplest one of its operation; see `features_of`."""
        return features_of(self.case)


def check_work(case: Case) -> None:
    """Raise Fault where a case is too much work, or its output has so many cells along an axis that an empty input hides them."""
    for size in (*(case.pool.output_size or ()), *((case.pool.kernel or ()) if case.pool.op in GROWING else ())):
        if size > STEPS:
            raise Fault(0, f"{case.pool} has {size} cells along an axis", f"at most {STEPS}")
    if (steps := count_steps(case, 0)) > STEPS:
        raise Fault(0, f"{case.pool} takes {steps} steps of work", f"at most {STEPS}")


def features_of(case: Case) -> frozenset[str]:
    """What a case has beyond the simplest one of its operation: two finds of one kind are the same if one has all of the other's."""
    return frozenset((*parameter_features(case), *input_features(case)))


def parameter_features(case: Case) -> Iterator[str]:
    """The features of the parameters of a case, and of what is asked."""
    pool, spatial = case.pool, spatial_sizes(case)
    flags = {
        f"rank {case.rank}": case.rank > 1, "unbatched": not case.batched, "channels last": case.layout == LAST,
        f"{case.memory} memory": bool(case.memory), case.entry: bool(case.entry), "indices": case.wants("indices"),
        "gradient": case.wants("gradient"),
    }  # fmt: skip
    yield from (name for name, holds in flags.items() if holds)
    for name, value in pool.stated_parameters().items():
        if name not in ("kernel", "output_size", "data_format") and not pool.neutral(name):
            yield name if name != "padding" or not isinstance(value, str) else f"padding {value}"
        numbers = list(integers_in(value))
        if any(number < (0 if name == "padding" else 1) for number in numbers):
            yield f"{name} below {'zero' if name == 'padding' else 'one'}"
        if any(number >= FAR for number in numbers):
            yield f"{name} extreme"
    if isinstance(pool.padding, tuple) and any(low != high for low, high in pool.padding):
        yield "uneven padding"
    if pool.kernel and any(taps > size for taps, size in zip(pool.kernel, spatial, strict=False)):
        yield "window over the input"
    if pool.kernel and pool.stride and any(step > taps for step, taps in zip(pool.stride, pool.kernel, strict=False)):
        yield "stride over the window"


def integers_in(value: Any) -> Iterator[int]:
    """The integers of a parameter."""
    if isinstance(value, tuple):
        for item in value:
            yield from integers_in(item)
    elif type(value) is int:
        yield value


def input_features(case: Case) -> Iterator[str]:
    """The features of the input of a case."""
    x, spatial = case.input.value, spatial_sizes(case)
    batch = len(x) if case.batched else 1
    channels = x.shape[-1 if case.layout == LAST else int(case.batched)]
    flags = {
        case.input.dtype: case.input.dtype != "float32", "empty batch": not batch, "several samples": batch > 1, "no channels": not channels,
        "several channels": channels > 1, "many channels": channels > MANY, "no cells": 0 in spatial,
        "many cells": math.prod(spatial) > MANY * 8,
    }  # fmt: skip
    yield from (name for name, holds in flags.items() if holds)
    if is_floating(x.dtype) and x.size:
        wide = x.astype("float64")
        special = {"NaN": np.isnan(wide), "infinity": np.isinf(wide), "negative zero": np.signbit(wide) & (wide == 0)}
        yield from (name for name, cells in special.items() if cells.any())


def spatial_sizes(case: Case) -> tuple[int, ...]:
    """The sizes of the spatial axes of the input of a case."""
    first = int(case.batched) + (case.layout == FIRST)
    return case.input.shape[first : first + case.rank]
