"""What a window holds under some rules: the number at each position, and the reckoning that makes one of them all."""

from __future__ import annotations

from dataclasses import dataclass

from ...cases.model.pool import Pool
from ...cases.model.rules import Rules
from ...cases.oracle.average import divisor, summed_positions
from ...cases.oracle.layout import Position, Window
from ...cases.oracle.norm import norm_order
from .arrays import Array, cell

TERMS = 12
"""So many numbers of a window stand in its reckoning; the rest are counted."""
WIDE = 6


@dataclass(frozen=True, eq=False)
class Content:
    """A window over a plane of cells, as a pooling under some rules takes it."""

    plane: Array
    window: Window
    pool: Pool
    rules: Rules

    @property
    def kind(self) -> str:
        """Maximum, average or norm: max, avg or lp."""
        return self.pool.op.split("_")[-2]

    def at(self, position: Position) -> tuple[str, bool]:
        """What stands at a position, and whether that is padding."""
        if self.inside(position):
            return short(self.plane[position]), False
        return self.filling(position), True

    def inside(self, position: Position) -> bool:
        """Whether a position holds a cell of the input."""
        return all(0 <= at < n for at, n in zip(position, self.plane.shape, strict=True))

    def filling(self, position: Position) -> str:
        """What a position outside the input counts as in its window; nothing where it takes no part."""
        if position not in self.window.positions:
            return ""
        if self.kind == "avg" and summed_positions(self.window, self.rules) == self.window.edged != self.window.cells:
            return short(self.plane[tuple(min(max(at, 0), n - 1) for at, n in zip(position, self.plane.shape, strict=True))])
        return "0" if self.counted(position) else ""

    def counted(self, position: Position) -> bool:
        """Whether padding at a position counts as a zero."""
        if self.kind == "max":
            return self.rules.pad_value == "zero"
        if self.kind == "lp" or self.pool.divisor_override is not None:
            return False
        include = self.rules.include_default == "padded" if self.pool.count_include_pad is None else self.pool.count_include_pad
        return include and (self.rules.overhang == "counted" or position in self.window.padded)

    @property
    def reckoning(self) -> str:
        """How the window's number comes about: the maximum of what, which sum divided by what, or the norm of what."""
        if self.kind == "avg":
            terms = [short(self.plane[position]) for position in summed_positions(self.window, self.rules)]
            return f"({' + '.join(cut(terms))}) / {divisor(self.window, self.pool, self.rules)}"
        terms = [short(self.plane[position]) for position in self.window.cells]
        if self.kind == "lp":
            return f"norm{norm_order(self.pool):g}({', '.join(cut(terms))})"
        zero = ["0"] if self.rules.pad_value == "zero" and len(self.window.padded) > len(self.window.cells) else []
        return f"max({', '.join(cut(terms + zero))})"


def cut(terms: list[str]) -> list[str]:
    """The first of some terms, and how many more there are."""
    return terms if len(terms) <= TERMS else [*terms[:TERMS], f"... {len(terms) - TERMS} more"]


def short(value: object) -> str:
    """A number that fits into a square."""
    text = cell(value)
    return text if len(text) <= WIDE else f"{float(text):.3g}"
