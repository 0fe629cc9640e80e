"""A picture of windows: for each answer to a case the input with its padding, and the window behind the first cell in which answers differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...cases.judge.answer import AGREES, DIFFERS
from ...cases.model.operation import to_planes
from ...cases.model.pool import ADAPTIVE, GLOBAL, LAST, WINDOWED, Pool, Refused
from ...cases.model.rules import REFERENCE, Rules
from ...cases.oracle.layout import Position, Window, layout
from ..rows.records import CaseLine, Row
from ..rows.verdicts import MEASURED
from .answers import Group
from .arrays import Array, array, cell, place
from .contents import Content

DRAWN = frozenset(WINDOWED + GLOBAL + ADAPTIVE)
SIDE = 12
"""So many positions are drawn along an axis, around the window."""


@dataclass(frozen=True)
class Square:
    """A position: what stands there, whether it is padding, and whether it is part of the window."""

    text: str
    padding: bool
    taken: bool


@dataclass(frozen=True)
class Picture:
    """What one answer made of a window: the positions around it, line by line, and the reckoning that gave its number."""

    group: Group
    lines: tuple[tuple[Square, ...], ...]
    reckoning: str


@dataclass(frozen=True)
class Given:
    """An answer as (batch, channels, *spatial), by whom, and the rules that explain it."""

    group: Group
    output: Array
    rules: Rules


def pictures(line: CaseLine, groups: Sequence[Group], due: Row | None) -> tuple[str, list[Picture]]:
    """Where answers to a case first differ, and a picture of that place for each of them; none where there is nothing to be drawn."""
    told = list(given(line, groups, due)) if drawable(line) else []
    at = first([each.output for each in told])
    if at is None:
        return "", []
    pool, plane = pool_of(line), arranged(array(line["input"]), line)[at[:2]]
    return place(at), [drawn for each in told if (drawn := picture(each, plane, pool, at))]


def drawable(line: CaseLine) -> bool:
    """Whether a case has windows on a line or a plane, of cells that the rows hold."""
    return line["op"] in DRAWN and line["rank"] in (1, 2) and "data" in line["input"]


def given(line: CaseLine, groups: Sequence[Group], due: Row | None) -> Iterator[Given]:
    """The arrays that were answered, each with the rules that explain it."""
    pinned = REFERENCE.but(**line["rules"])
    for group in groups:
        values = [row["got"] for row in group.findings if row["attribute"] == "values"]
        told = values[0] if values else due["due"] if due and group.verdict in (AGREES, MEASURED, DIFFERS) else None
        if told and "data" in told:
            yield Given(group, arranged(array(told), line), pinned.but(**group.rules))


def arranged(value: Array, line: CaseLine) -> Array:
    """An array as (batch, channels, *spatial); an answer without spatial axes gets ones."""
    value = to_planes(value, line["batched"], line["layout"] == LAST)
    return value.reshape(*value.shape, *[1] * (line["rank"] + 2 - value.ndim))


def first(outputs: Sequence[Array]) -> Position | None:
    """The first cell in which answers differ; where their shapes do, the last cell of the larger one."""
    cells = []
    for one, other in ((outputs[0], each) for each in outputs[1:]):
        if one.shape != other.shape:
            larger = max(one, other, key=lambda each: each.size)
            return tuple(size - 1 for size in larger.shape) if larger.size else None
        unlike = np.argwhere(~((one == other) | (np.isnan(one) & np.isnan(other))))
        cells += [tuple(map(int, each)) for each in unlike[:1]]
    return min(cells, default=None)


def pool_of(line: CaseLine) -> Pool:
    """The pooling of a case."""
    return Pool(op=line["op"], **{name: frozen(value) for name, value in line["pool"].items()})


def frozen(value: Any) -> Any:
    """Lists as tuples."""
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def picture(told: Given, plane: Array, pool: Pool, at: Position) -> Picture | None:
    """The window behind a cell of one answer; none where it has no such cell, or its rules refuse the case."""
    if any(index >= size for index, size in zip(at, told.output.shape, strict=True)):
        return None
    try:
        axes = layout(plane.shape, pool, told.rules)
    except Refused:
        return None
    if any(index >= axis.size for index, axis in zip(at[2:], axes, strict=True)):
        return None
    content = Content(plane, Window(axes, at[2:]), pool, told.rules)
    return Picture(told.group, squares(content), f"{content.reckoning} = {cell(told.output[at])}")


def squares(content: Content) -> tuple[tuple[Square, ...], ...]:
    """The positions around a window, line by line; what lies on a line is one line."""
    window, taken = content.window, {*content.window.positions}
    spans = [span(axis.n, axis.low, axis.high, axis.windows[i]) for axis, i in window.pairs]
    starts = [(y,) for y in spans[0]] if len(spans) == 2 else [()]
    return tuple(tuple(Square(*content.at((*start, x)), (*start, x) in taken) for x in spans[-1]) for start in starts)


def span(n: int, low: int, high: int, window: range) -> range:
    """The positions of an axis that are drawn: all with their padding, or as many as there is room for around the window."""
    positions = range(min(0, -low, *window[:1]), max(n, n + high, *(at + 1 for at in window[-1:])))
    if len(positions) <= SIDE:
        return positions
    start = max(positions.start, min(min(window, default=0) - 2, positions.stop - SIDE))
    return range(start, start + SIDE)
