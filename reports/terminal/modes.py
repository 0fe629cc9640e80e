"""The lines about execution modes: in how many cases each answers otherwise than the plain target of its framework, and by which rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..diff.modes import ModeComparison
from ..words.text import format_count, make_printable

SHOWN = 8
"""At most so many rules of a mode are listed; the others are counted."""


def mode_lines(comparisons: Iterable[ModeComparison]) -> Iterator[str]:
    """A line for each mode."""
    return (make_printable(describe_mode(comparison)) for comparison in comparisons)


def describe_mode(comparison: ModeComparison) -> str:
    """The line of one mode, with the number of cases for each rule, those of no rule first."""
    cases = f"{format_count(comparison.compared_count, 'case')} that both answered"
    if not comparison.cases:
        return f"{comparison.mode} answers as {comparison.plain} in all of {cases}"
    rules = [f"{axis or 'no rule'} ({len(ids)})" for axis, ids in comparison.cases.items()]
    more = len(rules) - SHOWN
    rest = f" and {format_count(more, 'more rule')}" if more > 0 else ""
    return f"{comparison.mode} differs from {comparison.plain} in {comparison.differing_count} of {cases}: {', '.join(rules[:SHOWN])}{rest}"
