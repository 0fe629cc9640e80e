"""Sets of sizes of one axis: all, those with some remainders, or a list; and how they are put in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

MAX_LISTED = 4
"""Sizes or remainders that are listed one by one."""


@dataclass(frozen=True)
class SizeSet:
    """Sizes from 1 on: below `start` those in `small`, and from `start` on those whose remainder by `period` is in `remainders`."""

    start: int = 1
    period: int = 1
    remainders: frozenset[int] = frozenset({0})
    small: frozenset[int] = frozenset()

    @classmethod
    def where(cls, belongs: Callable[[int], bool], start: int, period: int) -> SizeSet:
        """The sizes for which a predicate holds that is periodic from `start` on."""
        small = frozenset(n for n in range(1, start) if belongs(n))
        return cls(start, period, frozenset(n % period for n in range(start, start + period) if belongs(n)), small)

    @classmethod
    def only(cls, sizes: Iterable[int]) -> SizeSet:
        """A list of sizes."""
        small = frozenset(sizes)
        return cls(max(small, default=0) + 1, 1, frozenset(), small)

    def __contains__(self, n: int) -> bool:
        return n in self.small if n < self.start else n % self.period in self.remainders

    def __and__(self, other: SizeSet) -> SizeSet:
        return self.combine(other, lambda a, b: a and b)

    def __or__(self, other: SizeSet) -> SizeSet:
        return self.combine(other, lambda a, b: a or b)

    def __le__(self, other: SizeSet) -> bool:
        return not (self - other)

    def __sub__(self, other: SizeSet) -> SizeSet:
        return self.combine(other, lambda a, b: a and not b)

    def __bool__(self) -> bool:
        return bool(self.small or self.remainders)

    def combine(self, other: SizeSet, rule: Callable[[bool, bool], bool]) -> SizeSet:
        """The sizes that belong by a rule for whether they belong to this set and to another."""
        start, period = max(self.start, other.start), math.lcm(self.period, other.period)
        return SizeSet.where(lambda n: rule(n in self, n in other), start, period)

    def first(self, least: int, count: int) -> list[int]:
        """The first sizes of the set from `least` on, at most `count`."""
        end = max(self.start, least) + (count + 1) * self.period
        return [n for n in range(least, end) if n in self][:count]


EVERY_SIZE = SizeSet()


def describe_sizes(sizes: SizeSet, possible: SizeSet) -> str:
    """A set of sizes among the possible ones in words that follow or precede a noun: 'any', 'even', 'divisible by 3'; see `join_words`."""
    if possible <= sizes:
        return "any"
    if not sizes.remainders:
        return describe_list(sorted((sizes & possible).small))
    remainders = describe_remainders(sizes)
    missing = sorted(n for n in (possible - sizes).small if n % sizes.period in sizes.remainders)
    if not missing:
        return remainders
    [least] = sizes.first(missing[-1] + 1, 1)
    return f"{remainders} from {least}".replace("any from", "from")


def describe_list(sizes: list[int]) -> str:
    """A list of sizes."""
    if not sizes:
        return "none"
    return f"only {join_numbers(sizes)}" if len(sizes) <= MAX_LISTED else f"only some from {sizes[0]} to {sizes[-1]}"


def describe_remainders(sizes: SizeSet) -> str:
    """The remainders of a set of sizes in words."""
    period, remainders = reduce_period(sizes.period, sizes.remainders)
    if period == 1:
        return "any"
    if period == 2:
        return "odd" if 1 in remainders else "even"
    if remainders == {0}:
        return f"divisible by {period}"
    if len(remainders) <= MAX_LISTED or len(remainders) < period - 1:
        return f"with remainder {join_numbers(sorted(remainders), 'or')} by {period}"
    [missing] = set(range(period)) - remainders
    return f"not divisible by {period}" if missing == 0 else f"with no remainder {missing} by {period}"


def reduce_period(period: int, remainders: frozenset[int]) -> tuple[int, frozenset[int]]:
    """The shortest period with which a set can be stated, and its remainders."""
    for shorter in (p for p in range(1, period) if period % p == 0):
        folded_remainders = frozenset(r % shorter for r in remainders)
        if frozenset(r for r in range(period) if r % shorter in folded_remainders) == remainders:
            return shorter, folded_remainders
    return period, remainders


def join_numbers(numbers: list[int], word: str = "and") -> str:
    """Numbers as a list in a sentence."""
    texts = list(map(str, numbers))
    return f" {word} ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))
