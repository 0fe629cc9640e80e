"""The arrays of a spec, checked and built: nested lists, or a mapping with a maker such as arange."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ..model import inputs
from ..model.inputs import CELL_LIMIT, LARGE_LIMIT, PRECISION, UNIFORM_LIMIT, Array, Tensor
from ..model.mistake import Fault, quote
from .located import List, Map

MAKERS = ("arange", "full", "distinct", "normal")

OUTPUT = "output"
"""In place of a shape: the shape of the output."""


def build_tensor(key: str, line: int, spec: List | Map, dtype: str) -> Tensor:
    """An input of a case, from nested lists or from a maker and a shape; raises Fault."""
    if isinstance(spec, List):
        check_array(key, spec, dtype)
        return inputs.literal(spec, dtype)
    check_type(line, dtype)
    maker = next(maker for maker in MAKERS if maker in spec)
    check_maker(key, spec, maker, dtype)
    shape, seed, start = tuple(spec[maker]), spec.get("seed", 0), spec.get("start", 0)
    match maker:
        case "arange":
            return inputs.arange(shape, dtype, start)
        case "full":
            return inputs.full(shape, spec["value"], dtype)
        case "distinct":
            return inputs.distinct(shape, seed, dtype, start)
    return inputs.normal(shape, seed, dtype)


def has_output_shape(spec: List | Map) -> bool:
    """Whether an array is made in the shape of the output."""
    return isinstance(spec, Map) and any(spec.get(maker) == OUTPUT for maker in MAKERS)


def with_shape(spec: Map, shape: Sequence[int]) -> Map:
    """A maker with a shape in place of `output`."""
    maker = Map(spec.line)
    maker.update({key: list(shape) if value == OUTPUT else value for key, value in spec.items()})
    maker.lines.update(spec.lines)
    return maker


def build_array(key: str, cells: List, dtype: str) -> Array:
    """An array from nested lists; raises Fault."""
    check_array(key, cells, dtype)
    return np.array(cells, dtype=inputs.dtype_of(dtype))


def check_array(key: str, cells: List, dtype: str) -> None:
    """Raise Fault where nested lists are not an array of the type."""
    check_type(cells.line, dtype)
    rows: list[List] = []
    check_size(key, cells.line, measure_shape(key, cells, rows))
    check_cells(key, rows, dtype)


def check_maker(key: str, spec: Map, maker: str, dtype: str) -> None:
    """Raise Fault where an array is too large or has cells that the type cannot hold."""
    line, shape = spec.lines[maker], spec[maker]
    if shape == OUTPUT:
        raise Fault(line, f"{key} has the shape {OUTPUT}", "one integer for each axis; only the cotangent may have that shape")
    check_size(key, line, shape, limit_of(key, maker, dtype))
    if maker == "full":
        value = List(spec.lines["value"])
        value.add(spec["value"], value.line)
        check_cells(key, [value], dtype)
    if maker == "normal" and dtype not in PRECISION:
        raise Fault(line, f"{key} is normal in {dtype}", "a floating dtype")
    if maker in ("arange", "distinct"):
        check_count(key, line, spec.get("start", 0), math.prod(shape), dtype)


def check_count(key: str, line: int, start: int, count: int, dtype: str) -> None:
    """Raise Fault where a type cannot hold every integer from `start` on."""
    low, high = inputs.whole_range(dtype)
    if start < low or start > high:
        raise Fault(line, f"{key} counts from {start} in {dtype}", f"a start of {low} to {high}")
    if start + count - 1 > high:
        raise Fault(
            line, f"{key} counts {count} cells in {dtype}", f"at most {high + 1 - start}, which is as far as {dtype} holds every integer"
        )


def measure_shape(key: str, cells: List, rows: list[List]) -> tuple[int, ...]:
    """The shape of nested lists; adds the innermost lists to `rows`. Raises Fault where they are ragged."""
    if not any(isinstance(item, List) for item in cells):
        rows.append(cells)
        return (len(cells),)
    for item, line in zip(cells, cells.lines, strict=True):
        if not isinstance(item, List):
            raise Fault(line, f"{key} has {quote(item)} beside lists", "lists of equal length on each level")
    shapes = [measure_shape(key, item, rows) for item in cells]
    for (before, shape), line in zip(pairwise(shapes), cells.lines[1:], strict=True):
        if before != shape:
            raise Fault(line, f"{key} is ragged: a part has the shape {list(shape)}", f"{list(before)}, the shape of the part before it")
    return (len(cells), *shapes[0])


def limit_of(key: str, maker: str, dtype: str) -> int:
    """The most cells of an array that is made: an input that takes little memory or time to make may be large."""
    if key != "input" or maker not in ("full", "arange"):
        return CELL_LIMIT
    return LARGE_LIMIT if maker == "arange" else UNIFORM_LIMIT // inputs.dtype_of(dtype).itemsize


def check_size(key: str, line: int, shape: Sequence[int], limit: int = CELL_LIMIT) -> None:
    """Raise Fault where an array has too many cells."""
    if math.prod(shape) > limit:
        raise Fault(line, f"{key} has {math.prod(shape)} cells", f"at most {limit}")


def check_type(line: int, dtype: str) -> None:
    """Raise Fault where the package of a type is not installed."""
    try:
        inputs.dtype_of(dtype)
    except ImportError:
        raise Fault(
            line, f"{dtype} requires ml_dtypes, which is not installed", "another dtype, or `pip install ml_dtypes` first"
        ) from None


def check_cells(key: str, rows: Sequence[List], dtype: str) -> None:
    """Raise Fault where a cell is not a number or not one that the type can hold."""
    kinds, expected_kind = ({bool}, "true or false") if dtype == "bool" else ({int, float}, "numbers")
    for row in rows:
        for cell, line in zip(row, row.lines, strict=True):
            if type(cell) not in kinds:
                raise Fault(line, f"{key} has the cell {quote(cell)}", expected_kind)
            if not is_held_by(cell, dtype):
                raise Fault(line, f"{key} has the cell {quote(cell)}", f"numbers that {dtype} holds")


def is_held_by(cell: float, dtype: str) -> bool:
    """Whether a type holds a number: an integer exactly, a decimal rounded."""
    low, high = inputs.whole_range(dtype)
    if dtype == "bfloat16" and isinstance(cell, int) and not -(1 << 63) <= cell < 1 << 63:
        return False  # ml_dtypes converts no larger integers
    if dtype not in PRECISION:
        return low <= cell <= high and cell == int(cell)
    if low <= cell <= high or not math.isfinite(cell):
        return True
    with np.errstate(over="ignore"):
        stored_number = float(np.array(float(cell)).astype(inputs.dtype_of(dtype)))
    return math.isfinite(stored_number) and (isinstance(cell, float) or stored_number == cell)
