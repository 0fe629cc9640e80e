"""Arrays of rows, drawn as planes of cells in which those that differ from what was due are marked."""

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

DRAWN = 160
"""Arrays of more cells than this are told by their shape and their first differing cells."""

FIRST = 8

PLAIN = 1e7
"""Whole numbers below this are drawn without a point or an exponent."""


@dataclass(frozen=True)
class Cell:
    """A number as it is read, and whether it is not what was due."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Plane:
    """The last two axes of an array at one position of the others."""

    at: str
    lines: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Drawing:
    """An array: drawn plane by plane, or told by (position, got, due) where it is large."""

    dtype: str
    shape: str
    planes: tuple[Plane, ...] = ()
    differing: tuple[tuple[str, str, str], ...] = ()


def draw(told: ArrayRecord, case: CaseLine, due: ArrayRecord | None = None, tolerance: ToleranceRecord | None = None) -> Drawing:
    """Draw an array beside what was due of it; `case` tells how its axes lie."""
    name = Drawing(told["dtype"], shape(told["shape"]))
    if "data" not in told:
        return Drawing(name.dtype, name.shape, differing=tuple(listed(told, due)))
    got = array(told)
    wrong = differing(got, due, tolerance)
    if got.size <= DRAWN:
        return Drawing(name.dtype, name.shape, tuple(planes(got, wrong, case, told["dtype"])))
    first = [tuple(at) for at in np.argwhere(wrong)[:FIRST]]
    return Drawing(name.dtype, name.shape, differing=tuple((place(at), cell(got[at]), cell(array(due)[at])) for at in first if due))


def array(told: ArrayRecord | InputRecord) -> Array:
    """The array that a row holds; a type that NumPy lacks is drawn as float32 where nothing installed has it."""
    try:
        kind = dtype_of(told["dtype"])
    except (TypeError, ImportError):
        kind = np.dtype("float32")
    return np.asarray(parse_numbers(told["data"]), kind).reshape(told["shape"])


def differing(got: Array, due: ArrayRecord | None, tolerance: ToleranceRecord | None) -> Array:
    """Which cells are not what was due: none where the shapes already differ."""
    if due is None or "data" not in due or due["shape"] != list(got.shape):
        return np.zeros(got.shape, bool)
    return ~Tolerance((tolerance or {"ulp": 0})["ulp"]).same(array(due), got)


def listed(told: ArrayRecord, due: ArrayRecord | None) -> Iterator[tuple[str, str, str]]:
    """The differing cells of an array that was too large for its row."""
    others = {tuple(each["at"]): each["value"] for each in (due.get("differing", ()) if due else ())}
    for each in told.get("differing", ()):
        yield place(each["at"]), str(each["value"]), str(others.get(tuple(each["at"]), ""))


def planes(got: Array, wrong: Array, case: CaseLine, dtype: str) -> Iterator[Plane]:
    """The planes of an array, channels before space however it is laid out."""
    if case["layout"] == LAST and got.ndim == case["rank"] + 1 + case["batched"]:
        got, wrong = (np.moveaxis(each, -1, int(case["batched"])) for each in (got, wrong))
    if got.ndim < 2:
        got, wrong = got.reshape(1, -1), wrong.reshape(1, -1)
    axes = [*(["batch"] if case["batched"] else []), "channel", "depth"]
    for at in np.ndindex(got.shape[:-2]) if got.size else ():
        named = [f"{axis} {index}" for axis, index, size in zip(axes, at, got.shape, strict=False) if size > 1]
        lines = zip(got[at], wrong[at], strict=True)
        yield Plane(
            ", ".join(named), tuple(tuple(Cell(cell(each), bool(differs)) for each, differs in zip(*line, strict=True)) for line in lines)
        )


def cell(value: Any) -> str:
    """A number in the fewest digits that tell it apart in its own type."""
    if isinstance(value, np.floating) and abs(float(value)) < PLAIN and float(value).is_integer():
        return f"{value:.0f}"
    return str(value)


def place(at: Any) -> str:
    """A position in an array."""
    return f"[{', '.join(map(str, at))}]"


def shape(sizes: Any) -> str:
    """A shape as it is read aloud."""
    return " x ".join(map(str, sizes)) or "one number"
