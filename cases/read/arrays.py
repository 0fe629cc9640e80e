"""The arrays of a spec: nested lists, or what makes them, checked and made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ..model import inputs
from ..model.inputs import CELL_LIMIT, PRECISION, Array, Tensor
from ..model.mistake import Fault, quote
from .located import List, Map

MAKERS = ("arange", "full", "distinct", "normal")

OUTPUT = "output"
"""What stands for a shape that is the output's, whatever it comes to."""


def tensor(key: str, line: int, spec: List | Map, dtype: str) -> Tensor:
    """An input of a case: written out, or made of a shape."""
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


def like_output(spec: List | Map) -> bool:
    """Whether an array is made in the shape of the output."""
    return isinstance(spec, Map) and any(spec.get(maker) == OUTPUT for maker in MAKERS)


def sized(spec: Map, shape: Sequence[int]) -> Map:
    """The same, in this shape."""
    made = Map(spec.line)
    made.update({key: list(shape) if value == OUTPUT else value for key, value in spec.items()})
    made.lines.update(spec.lines)
    return made


def array(key: str, cells: List, dtype: str) -> Array:
    """An array that is written out."""
    check_array(key, cells, dtype)
    return np.array(cells, dtype=inputs.dtype_of(dtype))


def check_array(key: str, cells: List, dtype: str) -> None:
    """Refuse nested lists that are no array of the type."""
    check_type(cells.line, dtype)
    rows: list[List] = []
    check_size(key, cells.line, measure(key, cells, rows))
    check_cells(key, rows, dtype)


def check_maker(key: str, spec: Map, maker: str, dtype: str) -> None:
    """Refuse an array that is too large, or whose cells the type cannot hold."""
    line, shape = spec.lines[maker], spec[maker]
    if shape == OUTPUT:
        raise Fault(line, f"{key} has the shape {OUTPUT}", "one integer for each axis; the cotangent alone may have that shape")
    check_size(key, line, shape)
    if maker == "full":
        value = List(spec.lines["value"])
        value.add(spec["value"], value.line)
        check_cells(key, [value], dtype)
    if maker == "normal" and dtype not in PRECISION:
        raise Fault(line, f"{key} is normal in {dtype}", "a floating dtype")
    if maker in ("arange", "distinct"):
        check_count(key, line, spec.get("start", 0), math.prod(shape), dtype)


def check_count(key: str, line: int, start: int, count: int, dtype: str) -> None:
    """Refuse to count beyond what the type holds."""
    low, high = inputs.whole_range(dtype)
    if start < low or start > high:
        raise Fault(line, f"{key} counts from {start} in {dtype}", f"a start of {low} to {high}")
    if start + count - 1 > high:
        raise Fault(line, f"{key} counts {count} cells in {dtype}", f"at most {high + 1 - start}, as far as {dtype} counts")


def measure(key: str, cells: List, rows: list[List]) -> tuple[int, ...]:
    """The shape of nested lists, whose innermost ones are added to `rows`."""
    if not any(isinstance(item, List) for item in cells):
        rows.append(cells)
        return (len(cells),)
    for item, line in zip(cells, cells.lines, strict=True):
        if not isinstance(item, List):
            raise Fault(line, f"{key} has {quote(item)} beside lists", "lists of one length on each level")
    shapes = [measure(key, item, rows) for item in cells]
    for (before, shape), line in zip(pairwise(shapes), cells.lines[1:], strict=True):
        if before != shape:
            raise Fault(line, f"{key} is ragged: a part of shape {list(shape)}", f"{list(before)}, the shape of the part before it")
    return (len(cells), *shapes[0])


def check_size(key: str, line: int, shape: Sequence[int]) -> None:
    """Refuse an array that is too large."""
    if math.prod(shape) > CELL_LIMIT:
        raise Fault(line, f"{key} has {math.prod(shape)} cells", f"at most {CELL_LIMIT}")


def check_type(line: int, dtype: str) -> None:
    """Refuse a type whose package is not installed."""
    try:
        inputs.dtype_of(dtype)
    except ImportError:
        raise Fault(
            line, f"{dtype} needs ml_dtypes, which is not installed", "another dtype, or `pip install ml_dtypes` beforehand"
        ) from None


def check_cells(key: str, rows: Sequence[List], dtype: str) -> None:
    """Refuse cells that are no numbers, or that the type cannot hold."""
    kinds, wanted = ({bool}, "true or false") if dtype == "bool" else ({int, float}, "numbers")
    for row in rows:
        for cell, line in zip(row, row.lines, strict=True):
            if type(cell) not in kinds:
                raise Fault(line, f"{key} has the cell {quote(cell)}", wanted)
            if not fits(cell, dtype):
                raise Fault(line, f"{key} has the cell {quote(cell)}", f"numbers that {dtype} holds")


def fits(cell: float, dtype: str) -> bool:
    """Whether a type holds a number; decimals may be rounded, and integers not."""
    low, high = inputs.whole_range(dtype)
    if dtype not in PRECISION:
        return low <= cell <= high and cell == int(cell)
    if low <= cell <= high or not math.isfinite(cell):
        return True
    with np.errstate(over="ignore"):
        stored = float(np.array(float(cell)).astype(inputs.dtype_of(dtype)))
    return math.isfinite(stored) and (isinstance(cell, float) or stored == cell)
