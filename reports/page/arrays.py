"""Arrays of rows as planes of cells, with the cells that differ from the expected ones marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...adapters.ledger.entry import parse_numbers
from ...cases.judge.tolerance import Tolerance
from ...cases.model.inputs import dtype_of
from ...cases.model.pool import LAST
from ..rows.records import ArrayRecord, CaseLine, InputRecord, ToleranceRecord

Array = np.ndarray[Any, np.dtype[Any]]

CELL_LIMIT = 160
"""Of an array with more cells only the shape and the first differing cells are shown."""

FIRST_CELLS = 8

PLAIN_LIMIT = 1e7
"""Integral numbers below this are shown without a decimal point or an exponent."""


@dataclass(frozen=True)
class Cell:
    """A number as text, and whether it differs from the expected one."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Plane:
    """The last two axes of an array at one position of the others."""

    at: str
    lines: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Drawing:
    """An array: its planes, or for a large one (position, got, expected) of its first differing cells."""

    dtype: str
    shape: str
    planes: tuple[Plane, ...] = ()
    differing: tuple[tuple[str, str, str], ...] = ()


def draw_array(record: ArrayRecord, case: CaseLine, due: ArrayRecord | None = None, tolerance: ToleranceRecord | None = None) -> Drawing:
    """Draw an array of a row, compared with the expected one; `case` has the order of its axes."""
    dtype, shape = record["dtype"], format_shape(record["shape"])
    if "data" not in record:
        return Drawing(dtype, shape, differing=tuple(list_stored_differences(record, due)))
    got = read_array(record)
    wrong = find_differences(got, due, tolerance)
    if got.size <= CELL_LIMIT:
        return Drawing(dtype, shape, tuple(split_planes(got, wrong, case)))
    first = [tuple(at) for at in np.argwhere(wrong)[:FIRST_CELLS]]
    cells = ((format_position(at), format_cell(got[at]), format_cell(read_array(due)[at])) for at in first if due)
    return Drawing(dtype, shape, differing=tuple(cells))


def read_array(record: ArrayRecord | InputRecord) -> Array:
    """The array of a row; a type that neither NumPy nor an installed package has is read as float32."""
    try:
        dtype = dtype_of(record["dtype"])
    except (TypeError, ImportError):
        dtype = np.dtype("float32")
    return np.asarray(parse_numbers(record["data"]), dtype).reshape(record["shape"])


def find_differences(got: Array, due: ArrayRecord | None, tolerance: ToleranceRecord | None) -> Array:
    """A mask of the cells that differ from the expected ones; all false where the shapes differ."""
    if due is None or "data" not in due or due["shape"] != list(got.shape):
        return np.zeros(got.shape, bool)
    return ~Tolerance((tolerance or {"ulp": 0})["ulp"]).same(read_array(due), got)


def list_stored_differences(record: ArrayRecord, due: ArrayRecord | None) -> Iterator[tuple[str, str, str]]:
    """The differing cells that a row has instead of an array beyond its size limit."""
    expected = {tuple(cell["at"]): cell["value"] for cell in (due.get("differing", ()) if due else ())}
    for cell in record.get("differing", ()):
        yield format_position(cell["at"]), str(cell["value"]), str(expected.get(tuple(cell["at"]), ""))


def split_planes(got: Array, wrong: Array, case: CaseLine) -> Iterator[Plane]:
    """The planes of an array, channels before the spatial axes in any layout."""
    if case["layout"] == LAST and got.ndim == case["rank"] + 1 + case["batched"]:
        got, wrong = (np.moveaxis(array, -1, int(case["batched"])) for array in (got, wrong))
    if got.ndim < 2:
        got, wrong = got.reshape(1, -1), wrong.reshape(1, -1)
    axes = [*(["batch"] if case["batched"] else []), "channel", "depth"]
    for at in np.ndindex(got.shape[:-2]) if got.size else ():
        position = [f"{axis} {index}" for axis, index, size in zip(axes, at, got.shape, strict=False) if size > 1]
        lines = zip(got[at], wrong[at], strict=True)
        yield Plane(
            ", ".join(position),
            tuple(tuple(Cell(format_cell(cell), bool(differs)) for cell, differs in zip(*line, strict=True)) for line in lines),
        )


def format_cell(value: Any) -> str:
    """A number in the fewest digits that identify it in its type."""
    if isinstance(value, np.floating) and abs(float(value)) < PLAIN_LIMIT and float(value).is_integer():
        return f"{value:.0f}"
    return str(value)


def format_position(at: Any) -> str:
    """The indices of a cell in brackets."""
    return f"[{', '.join(map(str, at))}]"


def format_shape(sizes: Any) -> str:
    """The sizes of a shape as in 1 x 3 x 8."""
    return " x ".join(map(str, sizes)) or "one number"
