"""Pictures of windows: for each answer to a case the input with its padding, and the window of the first cell in which answers differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...cases.judge.answer import AGREES, DIFFERS
from ...cases.model.operation import to_planes
from ...cases.model.pool import ADAPTIVE, GLOBAL, LAST, WINDOWED, Pool, Refused
from ...cases.model.rules import REFERENCE, Rules
from ...cases.oracle.average import divisor, summed_positions
from ...cases.oracle.layout import Position, Window, layout
from ...cases.oracle.norm import norm_order
from ..rows.records import CaseLine, Row
from ..rows.verdicts import MEASURED
from .answers import Group
from .arrays import Array, format_cell, format_position, read_array

DRAWN_OPS = frozenset(WINDOWED + GLOBAL + ADAPTIVE)
SPAN_LIMIT = 12
"""At most this many positions are drawn along an axis, around the window."""
WINDOW_LIMIT = 1 << 16
"""Windows of more positions are not drawn."""
TERM_LIMIT = 12
"""At most this many numbers of a window are written out in its calculation; the rest are counted."""
TEXT_LIMIT = 6


@dataclass(frozen=True)
class Square:
    """A position: the text in it, whether it is padding, and whether it is part of the window."""

    text: str
    padding: bool
    in_window: bool


@dataclass(frozen=True)
class Picture:
    """The window of one answer: the positions around it, line by line, and the calculation of its number."""

    group: Group
    lines: tuple[tuple[Square, ...], ...]
    calculation: str


@dataclass(frozen=True)
class AnswerArray:
    """The array of an answer as (batch, channels, *spatial), its group, and the rules that explain it."""

    group: Group
    output: Array
    rules: Rules


def draw_windows(line: CaseLine, groups: Sequence[Group], due: Row | None) -> tuple[str, list[Picture]]:
    """The position where answers to a case first differ, and a picture of it for each answer; none where nothing can be drawn."""
    answers = list(read_answers(line, groups, due)) if can_draw(line) else []
    at = find_first_difference([answer.output for answer in answers])
    if at is None:
        return "", []
    pool, plane = read_pool(line), move_channels_first(read_array(line["input"]), line)[at[:2]]
    return format_position(at), [picture for answer in answers if (picture := draw_window(answer, plane, pool, at))]


def can_draw(line: CaseLine) -> bool:
    """Whether a case has windows on one or two axes, and its input is stored in full."""
    return line["op"] in DRAWN_OPS and line["rank"] in (1, 2) and "data" in line["input"]


def read_answers(line: CaseLine, groups: Sequence[Group], due: Row | None) -> Iterator[AnswerArray]:
    """The arrays of the answers, each with the rules that explain it."""
    pinned_rules = REFERENCE.but(**line["rules"])
    for group in groups:
        values = [row["got"] for row in group.findings if row["attribute"] == "values"]
        record = values[0] if values else due["due"] if due and group.verdict in (AGREES, MEASURED, DIFFERS) else None
        if record and "data" in record:
            yield AnswerArray(group, move_channels_first(read_array(record), line), pinned_rules.but(**group.rules))


def move_channels_first(value: Array, line: CaseLine) -> Array:
    """An array as (batch, channels, *spatial); an answer without spatial axes gets axes of size 1."""
    value = to_planes(value, line["batched"], line["layout"] == LAST)
    return value.reshape(*value.shape, *[1] * (line["rank"] + 2 - value.ndim))


def find_first_difference(outputs: Sequence[Array]) -> Position | None:
    """The first cell in which answers differ; where their shapes differ, the last cell of the larger one."""
    cells = []
    for one, other in ((outputs[0], output) for output in outputs[1:]):
        if one.shape != other.shape:
            larger = max(one, other, key=lambda output: output.size)
            return tuple(size - 1 for size in larger.shape) if larger.size else None
        unlike = np.argwhere(~((one == other) | (np.isnan(one) & np.isnan(other))))
        cells += [tuple(map(int, at)) for at in unlike[:1]]
    return min(cells, default=None)


def read_pool(line: CaseLine) -> Pool:
    """The pooling of a case line."""
    return Pool(op=line["op"], **{name: to_tuples(value) for name, value in line["pool"].items()})


def to_tuples(value: Any) -> Any:
    """A value of JSON with its lists as tuples."""
    return tuple(map(to_tuples, value)) if isinstance(value, list) else value


def draw_window(answer: AnswerArray, plane: Array, pool: Pool, at: Position) -> Picture | None:
    """The window of a cell of one answer; none where the answer has no such cell, its rules refuse the case, or nothing can be drawn."""
    if any(index >= size for index, size in zip(at, answer.output.shape, strict=True)):
        return None
    try:
        axes = layout(plane.shape, pool, answer.rules)
    except Refused:
        return None
    if any(index >= axis.size for index, axis in zip(at[2:], axes, strict=True)):
        return None
    if math.prod(len(axis.windows[index]) for index, axis in zip(at[2:], axes, strict=True)) > WINDOW_LIMIT:
        return None
    content = WindowContent(plane, Window(axes, at[2:]), pool, answer.rules)
    lines = list_squares(content)
    if not lines or not lines[0]:
        return None  # an axis without cells and without padding
    return Picture(answer.group, lines, f"{content.calculation} = {format_cell(answer.output[at])}")


def list_squares(content: WindowContent) -> tuple[tuple[Square, ...], ...]:
    """The positions around a window, line by line; a single line for one axis."""
    window, read_positions = content.window, {*content.window.positions}
    spans = [choose_span(axis.n, axis.low, axis.high, axis.windows[i]) for axis, i in window.pairs]
    starts = [(y,) for y in spans[0]] if len(spans) == 2 else [()]
    return tuple(tuple(Square(*content.describe((*start, x)), (*start, x) in read_positions) for x in spans[-1]) for start in starts)


def choose_span(n: int, low: int, high: int, window: range) -> range:
    """The positions of an axis to draw: all with their padding, or `SPAN_LIMIT` of them around the window."""
    positions = range(min(0, -low, *window[:1]), max(n, n + high, *(at + 1 for at in window[-1:])))
    if len(positions) <= SPAN_LIMIT:
        return positions
    start = max(positions.start, min(min(window, default=0) - 2, positions.stop - SPAN_LIMIT))
    return range(start, start + SPAN_LIMIT)


@dataclass(frozen=True, eq=False)
class WindowContent:
    """A window over a plane of cells, as a pooling under some rules takes it."""

    plane: Array
    window: Window
    pool: Pool
    rules: Rules

    @property
    def kind(self) -> str:
        """Maximum, average or norm: max, avg or lp."""
        return self.pool.op.split("_")[-2]

    def describe(self, position: Position) -> tuple[str, bool]:
        """The text at a position, and whether the position is padding."""
        if self.is_inside(position):
            return format_short(self.plane[position]), False
        return self.describe_padding(position), True

    def is_inside(self, position: Position) -> bool:
        """Whether a position is a cell of the input."""
        return all(0 <= at < n for at, n in zip(position, self.plane.shape, strict=True))

    def describe_padding(self, position: Position) -> str:
        """The number that a position outside the input counts as in its window; empty where it is ignored."""
        if position not in self.window.positions:
            return ""
        if self.kind == "avg" and summed_positions(self.window, self.rules) == self.window.edge_positions != self.window.cells:
            return format_short(self.plane[tuple(min(max(at, 0), n - 1) for at, n in zip(position, self.plane.shape, strict=True))])
        return "0" if self.counts_as_zero(position) else ""

    def counts_as_zero(self, position: Position) -> bool:
        """Whether padding at a position counts as a zero."""
        if self.kind == "max":
            return self.rules.pad_value == "zero"
        if self.kind == "lp" or self.pool.divisor_override is not None:
            return False
        include = self.rules.include_default == "padded" if self.pool.count_include_pad is None else self.pool.count_include_pad
        return include and (self.rules.overhang == "counted" or position in self.window.padded_positions)

    @property
    def calculation(self) -> str:
        """The calculation of the window's number: a maximum, a sum and its divisor, or a norm."""
        if self.kind == "avg":
            terms = [format_short(self.plane[position]) for position in summed_positions(self.window, self.rules)]
            return f"({' + '.join(limit_terms(terms))}) / {divisor(self.window, self.pool, self.rules)}"
        terms = [format_short(self.plane[position]) for position in self.window.cells]
        if self.kind == "lp":
            return f"norm{norm_order(self.pool):g}({', '.join(limit_terms(terms))})"
        zero = ["0"] if self.rules.pad_value == "zero" and len(self.window.padded_positions) > len(self.window.cells) else []
        return f"max({', '.join(limit_terms(terms + zero))})"


def limit_terms(terms: list[str]) -> list[str]:
    """The first of some terms, and the number of the others."""
    return terms if len(terms) <= TERM_LIMIT else [*terms[:TERM_LIMIT], f"... {len(terms) - TERM_LIMIT} more"]


def format_short(value: object) -> str:
    """A number that fits into a square."""
    text = format_cell(value)
    return text if len(text) <= TEXT_LIMIT else f"{float(text):.3g}"
