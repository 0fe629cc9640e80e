"""Checking the parameters of an operation: that it has them, and that they fit the input."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from ..model.case import Case
from ..model.inputs import CELL_LIMIT
from ..model.mistake import Fault, join_with_or, quote
from ..model.pool import ADAPTIVE, FIRST, GLOBAL, WINDOWED, Pool
from .case import freeze_parameter
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
"""The parameters of each operation, besides data_format."""

NEEDED = {**dict.fromkeys(WINDOWED, "kernel"), **dict.fromkeys(ADAPTIVE, "output_size")}
SHAPELESS = ("flatten", "input")
"""Operations on inputs of any number of axes."""

Spatial = tuple[int, ...]


def check_parameters(case: Case, mapping: Map) -> Iterator[Fault]:
    """Faults of the parameters of a case and of its `equals`, and of the input's number of axes."""
    yield from check_parameter_names(case.pool, mapping, case.line)
    other, equals = case.due.equals, mapping.get("equals", Map(0))
    if other:
        yield from check_parameter_names(other, equals, mapping.lines["equals"])
    if case.pool.op in SHAPELESS:
        return
    if faults := list(check_input_rank(case, mapping)):
        yield from faults
        return
    yield from check_parameter_sizes(case.pool, mapping, case.line, spatial_sizes(case))
    if other and other.op not in SHAPELESS:
        yield from check_parameter_sizes(other, equals, mapping.lines["equals"], spatial_sizes(case))


def check_parameter_names(pool: Pool, mapping: Map, line: int) -> Iterator[Fault]:
    """Parameters that the operation does not have, and the required one if it is missing."""
    known_names, matrix = (*BELONG[pool.op], "data_format"), mapping.get("matrix", {})
    for name in dict.fromkeys([*pool.stated_parameters(), *matrix]):
        if name not in known_names and name != "dtype" and "layer" not in mapping:
            yield Fault(line_of_parameter(mapping, name, line), f"{pool.op} has no parameter {name}", join_with_or(known_names))
    needed_name = NEEDED.get(pool.op)
    is_invalid = needed_name and (mapping.lacks_invalid("matrix") or mapping.get("pool", mapping).lacks_invalid(needed_name))
    if needed_name and getattr(pool, needed_name) is None and needed_name not in matrix and not is_invalid:
        yield Fault(line_of_parameter(mapping, "op", line), f"{pool.op} without {needed_name}", "one integer for each spatial axis")


def check_parameter_sizes(pool: Pool, mapping: Map, line: int, spatial: Spatial) -> Iterator[Fault]:
    """Parameters, also of a matrix, that do not fit the input."""
    for name, value in pool.stated_parameters().items():
        yield from check_parameter_size(name, reachable(name, value, pool, spatial), line_of_parameter(mapping, name, line), spatial)
    for name, values in mapping.get("matrix", {}).items():
        for value, at in zip(values, values.lines, strict=True):
            yield from check_parameter_size(name, freeze_parameter(name, value), at, spatial)


def reachable(name: str, value: Any, pool: Pool, spatial: Spatial) -> Any:
    """A parameter as its cells are counted: of a window that is larger than its padded input, those that it can reach."""
    if name != "kernel" or pool.op not in WINDOWED or pool.padding in ("same", "same_lower") or len(value) != len(spatial):
        return value
    pads = pool.padding if isinstance(pool.padding, tuple) and len(pool.padding) == len(spatial) else ((0, 0),) * len(spatial)
    return tuple(min(taps, n + max(low, 0) + max(high, 0) + 1) for taps, n, (low, high) in zip(value, spatial, pads, strict=True))


def check_parameter_size(name: str, value: Any, line: int, spatial: Spatial) -> Iterator[Fault]:
    """A parameter without one entry for each spatial axis, or with too many cells."""
    if not isinstance(value, tuple):
        return
    if len(value) != len(spatial):
        entries = "1 entry" if len(spatial) == 1 else f"{len(spatial)} entries"
        yield Fault(line, f"{name} is {quote(value)}", f"{entries}, one for each spatial axis of the input")
        return
    limit = max(CELL_LIMIT, math.prod(spatial))  # the limit of the input, where that is larger
    if count_cells(name, value, spatial) > limit:
        yield Fault(line, f"{name} is {quote(value)}: {count_cells(name, value, spatial)} cells", f"at most {limit}")


def count_cells(name: str, value: Any, spatial: Spatial) -> int:
    """The number of cells of the padded input, of the window or of the output that a parameter states."""
    if name == "padding":
        return math.prod(n + max(low, 0) + max(high, 0) for n, (low, high) in zip(spatial, value, strict=True))
    return math.prod(value) if name in ("kernel", "output_size") else 0


def check_input_rank(case: Case, mapping: Map) -> Iterator[Fault]:
    """An input without spatial axes, or without as many as its layer has."""
    rank, shape = case.rank, list(case.input.shape)
    if rank < 1:
        yield Fault(mapping.lines["input"], f"input has the shape {shape}", f"{'batch, ' * case.batched}channels and spatial axes")
    elif case.spelling and case.spelling.layer.rank != rank:
        layer, axes = case.spelling.layer, 1 + case.batched + case.spelling.layer.rank
        yield Fault(
            mapping.lines["input"], f"input has the shape {shape}", f"{axes} axes, because {layer.name} has {layer.rank} spatial ones"
        )


def spatial_sizes(case: Case) -> Spatial:
    """The sizes of the input's spatial axes."""
    first = case.batched + (case.layout == FIRST)
    return case.input.shape[first : first + case.rank]


def line_of_parameter(mapping: Map, name: str, line: int) -> int:
    """The line that states a parameter: in the matrix, in the pool, or in the layer."""
    for holder in (mapping.get("matrix"), mapping.get("pool"), mapping):
        if holder and name in holder.lines:
            return int(holder.lines[name])
    return mapping.lines.get("layer", line)
