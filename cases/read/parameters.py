"""Whether an operation makes sense: its parameters belong to it, and fit the input."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from ..model.case import Case
from ..model.inputs import CELL_LIMIT
from ..model.mistake import Fault, join_with_or, quote
from ..model.pool import ADAPTIVE, FIRST, GLOBAL, WINDOWED, Pool
from .case import parameter
from .located import Map

SLIDING = ("kernel", "stride", "padding", "dilation")
BELONG: dict[str, tuple[str, ...]] = {
    "max_pool": (*SLIDING, "ceil_mode"),
    "avg_pool": (*SLIDING, "ceil_mode", "count_include_pad", "divisor_override"),
    "lp_pool": (*SLIDING, "ceil_mode", "p"),
    **dict.fromkeys(GLOBAL, ("keepdims",)),
    "global_lp_pool": ("keepdims", "p"),
    **dict.fromkeys(ADAPTIVE, ("output_size",)),
    "max_unpool": ("kernel", "stride", "padding", "output_size"),
    "fractional_max_pool": ("kernel", "output_size"),
    "upsample_nearest": ("kernel", "output_size"),
    "conv": SLIDING,
    "flatten": (),
    "input": (),
}
"""The parameters of each operation; every one has a data_format."""

NEEDED = {**dict.fromkeys(WINDOWED, "kernel"), **dict.fromkeys(ADAPTIVE, "output_size")}
SHAPELESS = ("flatten", "input")
"""Operations on inputs of any rank."""

Spatial = tuple[int, ...]


def senseless(case: Case, told_of: Map) -> Iterator[Fault]:
    """What does not fit together of an operation and its input, and of the other operation that must equal it."""
    yield from misused(case.pool, told_of, case.line)
    other, equals = case.due.equals, told_of.get("equals", Map(0))
    if other:
        yield from misused(other, equals, told_of.lines["equals"])
    if case.pool.op in SHAPELESS:
        return
    if wrong := list(misplaced(case, told_of)):
        yield from wrong
        return
    yield from misfits(case.pool, told_of, case.line, spatial_of(case))
    if other and other.op not in SHAPELESS:
        yield from misfits(other, equals, told_of.lines["equals"], spatial_of(case))


def misused(pool: Pool, told_of: Map, line: int) -> Iterator[Fault]:
    """Parameters that do not belong to the operation, and the one that it cannot do without."""
    known, spanned = (*BELONG[pool.op], "data_format"), told_of.get("matrix", {})
    for name in dict.fromkeys([*pool.stated(), *spanned]):
        if name not in known and name != "dtype" and "layer" not in told_of:
            yield Fault(line_of(told_of, name, line), f"{name} does not belong to {pool.op}", join_with_or(known))
    needed = NEEDED.get(pool.op)
    lost = needed and (told_of.lost("matrix") or told_of.get("pool", told_of).lost(needed))
    if needed and getattr(pool, needed) is None and needed not in spanned and not lost:
        yield Fault(line_of(told_of, "op", line), f"{pool.op} has no {needed}", "one integer for each spatial axis")


def misfits(pool: Pool, told_of: Map, line: int, spatial: Spatial) -> Iterator[Fault]:
    """Parameters that do not fit the input, those that a matrix spans included."""
    for name, value in pool.stated().items():
        yield from misfit(name, value, line_of(told_of, name, line), spatial)
    for name, values in told_of.get("matrix", {}).items():
        for value, at in zip(values, values.lines, strict=True):
            yield from misfit(name, parameter(name, value), at, spatial)


def misfit(name: str, value: Any, line: int, spatial: Spatial) -> Iterator[Fault]:
    """A parameter that has not one entry for each spatial axis, or that makes too many cells."""
    if not isinstance(value, tuple):
        return
    if len(value) != len(spatial):
        entries = "1 entry" if len(spatial) == 1 else f"{len(spatial)} entries"
        yield Fault(line, f"{name} is {quote(value)}", f"{entries}, one for each spatial axis of the input")
    elif cells_of(name, value, spatial) > CELL_LIMIT:
        yield Fault(line, f"{name} is {quote(value)}: that makes {cells_of(name, value, spatial)} cells", f"at most {CELL_LIMIT}")


def cells_of(name: str, value: Any, spatial: Spatial) -> int:
    """How many cells a parameter asks to be looked at, apart from the input's own."""
    if name == "padding":
        return math.prod(n + max(low, 0) + max(high, 0) for n, (low, high) in zip(spatial, value, strict=True))
    return math.prod(value) if name in ("kernel", "output_size") else 0


def misplaced(case: Case, told_of: Map) -> Iterator[Fault]:
    """An input without spatial axes, or with others than its layer has."""
    rank, shape = case.rank, list(case.input.shape)
    if rank < 1:
        yield Fault(told_of.lines["input"], f"input has the shape {shape}", f"{'batch, ' * case.batched}channels and spatial axes")
    elif case.spelling and case.spelling.layer.rank != rank:
        layer, axes = case.spelling.layer, 1 + case.batched + case.spelling.layer.rank
        yield Fault(told_of.lines["input"], f"input has the shape {shape}", f"{axes} axes, for {layer.name} has {layer.rank} spatial ones")


def spatial_of(case: Case) -> Spatial:
    """The sizes of the input's spatial axes."""
    first = case.batched + (case.layout == FIRST)
    return case.input.shape[first : first + case.rank]


def line_of(told_of: Map, name: str, line: int) -> int:
    """Where a parameter is stated: in the matrix, in the pool, or by a layer."""
    for holder in (told_of.get("matrix"), told_of.get("pool"), told_of):
        if holder and name in holder.lines:
            return int(holder.lines[name])
    return told_of.lines.get("layer", line)
