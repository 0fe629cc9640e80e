"""The range of an answer: for which sizes, batch sizes and channels it was proved to give what the source gives.

`cases/sizes` proves it along each spatial axis. What a target fills in by rules of its own, such as what an average counts, is
assumed first (`assumptions`), and `search` confirms the assumption by running the answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any, TypeVar

from ...adapters.contract import Ask
from ...adapters.contract.verbs import bin_bounds
from ...cases.model.formula import Amount, Size, substitute
from ...cases.model.pool import WINDOWED, Pool, Refused
from ...cases.model.rules import Rules
from ...cases.oracle.lowering import LoweredPool, lower_pool
from ...cases.oracle.window import Axis
from ...cases.sizes.axis_windows import LENGTH, AxisWindows, Cover, pool_of_axis, windows_after_padding, windows_of_bins, windows_of_pool
from ...cases.sizes.lower import lower_for_every_size
from ...cases.sizes.proof import AxisRange, agreeing_sizes
from ...cases.sizes.size_set import EVERY_SIZE, SizeSet, describe_sizes
from .plans import BINNED, PADDED, REPEATED, SLICED, SUMMED, Plan
from .unpooling import PLACED, RENUMBERED

Item = TypeVar("Item")

AXIS_NAMES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
"""What the spatial axes of an input are called, by their number."""
MAX_CONFIRMED = 8
"""Shapes on which the range of one answer is confirmed."""


@dataclass(frozen=True)
class AnswerRange:
    """For which sizes an answer holds: those along each spatial axis; `planes` is whether it holds for any batch size and channels.

    `shape` is the shape of the question. An answer that is not proved for other sizes holds for those of `shape` alone.
    """

    axes: tuple[AxisRange, ...]
    shape: tuple[int, ...]
    spatial: tuple[int, ...]
    planes: bool = True

    @property
    def any_size(self) -> bool:
        """Whether it holds for every input that the source accepts."""
        return self.planes and all(axis.everywhere for axis in self.axes)

    @property
    def one_size(self) -> bool:
        """Whether it holds for one size along some axis only, or for nothing but one batch size."""
        return not self.planes or any(not axis.everywhere and not axis.agree.remainders for axis in self.axes)

    @property
    def empty(self) -> bool:
        """Whether it holds for no size that the source accepts."""
        return any(not axis.agree & axis.possible for axis in self.axes)

    @property
    def order(self) -> tuple[int, float]:
        """The place among ranges: those for any size come first, and larger ones before smaller ones."""
        shares = [1.0 if axis.everywhere else len(axis.agree.remainders) / axis.agree.period for axis in self.axes]
        return (0 if self.any_size else 2 if self.one_size else 1), -math.prod(shares)

    @property
    def words(self) -> str:
        """The range in words: 'any size', 'even heights and widths', or 'only 57 x 57'."""
        sizes = describe_axes(self.axis_words, self.names)
        if any(axis.tight for axis in self.axes):
            sizes += " into which a window fits"
        if self.planes:
            return sizes
        others = [f"{name} {self.shape[axis]}" for axis, name in self.plane_axes]
        return f"{sizes}, {' and '.join(others)} only"

    @property
    def axis_words(self) -> list[str]:
        """The sizes along each spatial axis in words."""
        return [describe_sizes(axis.agree, axis.sizes_to_describe) for axis in self.axes]

    @property
    def names(self) -> tuple[str, ...]:
        """What the spatial axes are called."""
        return AXIS_NAMES.get(len(self.axes), tuple(f"axis {place}" for place in range(len(self.axes))))

    @property
    def plane_axes(self) -> list[tuple[int, str]]:
        """The axes of the input that are not spatial, with their names."""
        others = [axis for axis in range(len(self.shape)) if axis not in self.spatial]
        return list(zip(others, ("batch size", "channels")[-len(others) :], strict=True))

    def includes(self, shape: Sequence[int]) -> bool:
        """Whether an input of some shape is in the range."""
        planes = self.planes or all(shape[axis] == self.shape[axis] for axis, _ in self.plane_axes)
        return planes and all(shape[axis] in sizes.agree for axis, sizes in zip(self.spatial, self.axes, strict=True))

    def allows(self, shape: Sequence[int]) -> bool:
        """Whether an input of some shape is in the range, or one on which the source places no window along an axis."""
        sizes = [(shape[axis], sizes) for axis, sizes in zip(self.spatial, self.axes, strict=True)]
        return self.includes(shape) or any(n not in axis.possible for n, axis in sizes)

    def confirming_shapes(self, horizons: Sequence[int]) -> list[tuple[int, ...]]:
        """Shapes of the range with two sizes of each remainder along each axis, from the sizes `horizons` on, and its smallest."""
        lines = [list_sizes(axis, horizon) for axis, horizon in zip(self.axes, horizons, strict=True)]
        count = min(max(map(len, lines), default=0), MAX_CONFIRMED)
        planes = dict(zip((axis for axis, _ in reversed(self.plane_axes)), (2, 1), strict=False)) if self.planes else {}
        shapes = []
        for number in range(count):
            sizes = [line[(number + place) % len(line)] for place, line in enumerate(lines)]
            shape = dict(enumerate(self.shape)) | planes | dict(zip(self.spatial, sizes, strict=True))
            shapes.append(tuple(shape[axis] for axis in range(len(self.shape))))
        return list(dict.fromkeys(shapes))

    def as_json(self) -> dict[str, Any]:
        """The range as JSON: in words, and for each axis of the input in words."""
        return {
            "words": self.words, "any_size": self.any_size,
            "axes": {
                **{name: "any" if self.planes else f"only {self.shape[axis]}" for axis, name in self.plane_axes},
                **dict(zip(self.names, self.axis_words, strict=True)),
            },
        }  # fmt: skip


def list_sizes(axis: AxisRange, horizon: int) -> list[int]:
    """Two sizes of each remainder of a range, from `horizon` on, and the smallest size; all sizes if it has no remainder."""
    both = axis.agree & axis.possible
    if not both.remainders:
        return sorted(both.small)
    large = both.first(horizon, 2 * len(both.remainders))
    return spread(list(dict.fromkeys([*large, *both.first(1, 1)])), MAX_CONFIRMED)


def spread(items: list[Item], count: int) -> list[Item]:
    """At most `count` of some items, evenly spaced."""
    return items if len(items) <= count else [items[number * (len(items) - 1) // (count - 1)] for number in range(count)]


def describe_axes(words: Sequence[str], names: Sequence[str]) -> str:
    """The sizes along several axes in words, those of axes with the same sizes together."""
    if all(word == "any" for word in words):
        return "any size"
    if all(word.startswith("only ") and word[5:].isdigit() for word in words):
        return "only " + " x ".join(word[5:] for word in words)
    groups: dict[str, list[str]] = {}
    for word, name in zip(words, names, strict=True):
        groups.setdefault(word, []).append(name)
    return ", ".join(describe_group(word, group) for word, group in groups.items())


def describe_group(word: str, names: Sequence[str]) -> str:
    """The sizes along axes in words, as an adjective or behind the names: 'even heights', 'heights divisible by 3'."""
    if word == "any":
        return f"any {' and '.join(names)}"
    plural = " and ".join(f"{name}s" for name in names)
    first, _, rest = word.partition(" ")
    if first in ("even", "odd"):
        return f"{first} {plural}{f' {rest}' if rest else ''}"
    if first == "only":
        return f"{' and '.join(names)} {word}"
    return f"{plural} {word}"


@dataclass(frozen=True)
class Ranges:
    """The ranges of plans that stand for a source's pooling in a question."""

    pool: Pool
    rules: Rules
    ask: Ask
    also: tuple[tuple[int, ...], ...] = ()
    holds_elsewhere: bool = True
    """Whether the source is the same pooling on other sizes, and the oracle under its rules gives its answers."""

    def windows(self, axis: int) -> AxisWindows:
        """The windows of the source along a spatial axis."""
        return windows_of(pool_of_axis(self.pool, axis), self.rules)

    @property
    def horizons(self) -> list[int]:
        """The size along each axis from which on windows are periodic."""
        return [self.windows(axis).horizon for axis in range(self.ask.rank)]

    def every_size(self) -> AnswerRange:
        """The range of the source itself."""
        return self.make([self.compare(axis, self.windows(axis)) for axis in range(self.ask.rank)])

    def shapes_below(self) -> list[tuple[int, ...]]:
        """Shapes that the source should refuse, because one axis is a cell smaller than the smallest possible size."""
        smallest = [next(iter(axis.possible.first(1, 1)), 1) for axis in self.every_size().axes]
        shapes = []
        for place, axis in enumerate(self.ask.spatial):
            if smallest[place] > 1:
                sizes = dict(zip(self.ask.spatial, self.horizons, strict=True)) | {axis: smallest[place] - 1}
                shapes.append(tuple(sizes.get(axis, 1) for axis in range(len(self.ask.shape))))
        return shapes

    def possible(self, plan: Plan) -> list[AnswerRange]:
        """The ranges of a plan under each assumption about the target, the largest first; those without the asked size are left out."""
        return [sizes for sizes in self.list_ranges(plan) if all(map(sizes.allows, (self.ask.shape, *self.also)))]

    def list_ranges(self, plan: Plan) -> list[AnswerRange]:
        """The ranges of a plan under each assumption about the target, the largest first, those without any size left out."""
        if not self.holds_elsewhere:
            return []
        if plan.bound:
            candidates = [self.make([self.bound_range(plan, axis) for axis in range(self.ask.rank)], planes=self.free_of_planes(plan))]
        else:
            candidates = [self.make(axes) for axes in self.axis_ranges_by_assumption(plan)]
        return sorted(dict.fromkeys(one for one in candidates if not one.empty), key=lambda one: one.order)

    def make(self, axes: Sequence[AxisRange], *, planes: bool = True) -> AnswerRange:
        """A range of this question."""
        return AnswerRange(tuple(axes), self.ask.shape, self.ask.spatial, planes)

    def only_asked(self, *, planes: bool = True) -> AnswerRange:
        """The range of an answer that is not proved for other sizes: those of the question alone; `planes` as in `AnswerRange`."""
        sizes = [self.ask.shape[axis] for axis in self.ask.spatial]
        return self.make([AxisRange(SizeSet.only([n]), EVERY_SIZE) for n in sizes], planes=planes)

    def axis_ranges_by_assumption(self, plan: Plan) -> Iterator[list[AxisRange]]:
        """The sizes along each axis for which a plan has the source's windows, under each assumption."""
        rank = self.ask.rank
        if plan.way in (PADDED, SLICED):
            low = lower_for_every_size(plan.pool, rank, plan.rules)
            yield [self.compare(axis, padded_windows(low, axis, plan.pool)) for axis in range(rank)]
            return
        if plan.way == BINNED and plan.pool.output_size:
            counting = plan.pool.kind == "avg"
            lines = [windows_of_bins(bins, *bin_bounds(LENGTH, bins), counting=counting) for bins in plan.pool.output_size]
            yield [self.compare(axis, line) for axis, line in enumerate(lines)]
            return
        if plan.way in (SUMMED, REPEATED, RENUMBERED, PLACED):  # all cells, whatever their number
            yield [self.compare(axis, self.windows(axis)) for axis in range(rank)]
            return
        pool = plan.equivalent(rank) if plan.way != "stated" else plan.pool
        for rules in assumptions(pool, plan.rules):
            counts = self.constant_counts(pool)
            yield [self.compare(axis, windows_of(pool_of_axis(pool, axis), rules, counts[axis])) for axis in range(rank)]

    def constant_counts(self, pool: Pool) -> Sequence[int | None]:
        """What each axis contributes to the divisor that a pooling states, if the source states none and its own is always that."""
        nothing = (None,) * self.ask.rank
        if pool.divisor_override is None or self.pool.divisor_override is not None or not self.pool.kernel:
            return nothing
        return self.pool.kernel if math.prod(self.pool.kernel) == pool.divisor_override else nothing

    def compare(self, axis: int, windows: AxisWindows) -> AxisRange:
        """The sizes along an axis for which windows are the source's; only the asked one if that cannot be decided."""
        only = AxisRange(SizeSet.only([self.ask.shape[self.ask.spatial[axis]]]), EVERY_SIZE)
        return agreeing_sizes(self.windows(axis), windows) or only

    def bound_range(self, plan: Plan, axis: int) -> AxisRange:
        """The sizes along an axis for which the plan has the same verbs as for the asked size.

        Padding is periodic as windows are; the size of bins and the places of picked cells grow with the axis.
        """
        asked_size, windows = self.ask.shape[self.ask.spatial[axis]], self.windows(axis)
        one, pick = pool_of_axis(plan.pool, axis), plan.way == "picked"

        @lru_cache(maxsize=4096)
        def steps(n: int) -> LoweredPool | None:
            try:
                return lower_pool(one, (n,), plan.rules, pick=pick)
            except Refused:
                return None

        lowered_pool = steps(asked_size)
        if not one.kernel or lowered_pool is None or lowered_pool.picks:
            return self.only_asked().axes[axis]

        def cover(n: int) -> Cover | None:
            return windows.at(n) if steps(n) == lowered_pool else None

        return agreeing_sizes(windows, replace(windows, at=cover)) or self.only_asked().axes[axis]

    def free_of_planes(self, plan: Plan) -> bool:
        """Whether the verbs of a plan are the same for other batch sizes and channels."""
        other = tuple(size if axis in self.ask.spatial else size + 1 for axis, size in enumerate(self.ask.shape))
        try:
            return plan.verbs(self.ask) == plan.verbs(replace(self.ask, shape=other))
        except Refused:
            return False


@lru_cache(maxsize=512)
def windows_of(pool: Pool, rules: Rules, count: int | None = None) -> AxisWindows:
    """The windows of a pooling of one axis, the same object each time, so that windows are computed once for each size."""
    return windows_of_pool(pool, 0, rules, count)


def padded_windows(low: LoweredPool, axis: int, pool: Pool) -> AxisWindows:
    """The windows of a lowered pooling along an axis: padded by formulas, and then without padding."""
    inner = Pool(op=pool.op, kernel=low.kernel[axis : axis + 1], stride=low.stride[axis : axis + 1], dilation=low.dilation[axis : axis + 1])
    before, after = (of_length(side) for side in low.pads[axis])
    counted_sides = [of_length(side) for side in low.counted_pads[axis]]

    def count(moved_axis: Axis, i: int) -> int:
        if low.divisor is not None:
            return low.kernel[axis]
        if not low.include:
            return len(moved_axis.cells(i))
        first, last = (side if isinstance(side, int) else moved_axis.low if side == before else moved_axis.high for side in counted_sides)
        return sum(-first <= position < moved_axis.n + last for position in moved_axis.windows[i])

    counting = pool.kind == "avg" and pool.divisor_override is None
    return windows_after_padding(inner, before, after, count if counting else None, low.stride[axis])


def of_length(amount: Amount) -> Amount:
    """A formula of the size of one axis."""
    return substitute(amount, lambda leaf: LENGTH if isinstance(leaf, Size) else leaf)


def assumptions(pool: Pool, rules: Rules) -> Iterator[Rules]:
    """The rules that a target may follow where a pooling leaves them open, the likely ones first; others are the reference."""
    options: dict[str, tuple[str, ...]] = {}
    if pool.op in WINDOWED and pool.stride is None:
        options["stride_default"] = ("window", "one")
    if pool.ceil_mode:
        options["ceil_window"] = ("clipped", "kept")
    if pool.kind == "avg" and pool.pads() and pool.count_include_pad is None:
        options["include_default"] = ("valid", "padded")
    if pool.kind == "avg" and pool.ceil_mode:
        options["overhang"] = ("excluded", "counted")
    if pool.op.startswith("adaptive"):
        options["adaptive_bins"] = ("overlapping", "disjoint")
    for choice in product(*options.values()):
        yield Rules().but(**dict(zip(options, choice, strict=True)))
