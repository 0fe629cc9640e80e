"""What a case can tell apart: the changes of one rule under which something else would be due of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from ..model.arithmetic import Array
from ..model.case import Case, plain
from ..model.outcome import Outcome
from .cause import Change, Found, Search
from .tolerance import EXACT, Tolerance, gradient_tolerance, tolerance_of

UNPINNED = ("element_type", "explicit_padding", "result_dtype", "index_base")
"""Axes that a case need not pin: its type or its padding is taken, or that shows, and indices are compared as positions."""


def altering(case: Case) -> frozenset[Change]:
    """Every change of one rule that alters what is due of a case; none where nothing runs, or a text as it is written."""
    if case.as_written or case.waiting or case.due.equals:
        return frozenset()
    search, gradient = Search(case), case.wants("gradient")
    due = search.under((), gradient)
    return frozenset(change for change in changes(search, gradient) if differ(case, change, due, search.under([change], gradient)))


def changes(search: Search, gradient: bool) -> Iterator[Change]:
    """Every change of one rule that can matter in a case."""
    for axis, values in search.options(gradient):
        if axis != "index_base" or search.case.asks == axis:
            yield from ((axis, value) for value in values)


def differ(case: Case, change: Change, due: Found, other: Found) -> bool:
    """Whether what is due of a case is not what comes of a change; a probe tells values of its own axis apart to the last bit."""
    if not (isinstance(due, Outcome) and isinstance(other, Outcome)):
        return due != other
    seen = compared(case)
    values, gradient = (EXACT, EXACT) if change[0] == case.asks else (tolerance_of(case), gradient_tolerance(case))
    return (
        due.output.shape != other.output.shape
        or ("dtype" in seen and due.output.dtype != other.output.dtype)
        or ("values" in seen and unlike(due.output, other.output, values))
        or unlike(due.indices, other.indices, EXACT)
        or unlike(due.gradient, other.gradient, gradient)
    )


@lru_cache(maxsize=256)
def compared(case: Case) -> frozenset[str]:
    """What is compared of a case; of a probe, whatever one of its answers has."""
    parts = [replace(case, asks=None, answers={}, due=due) for due in case.answers.values()]
    return frozenset(name for each in (case, *parts) for name in each.attributes)


def unlike(due: Array | None, other: Array | None, tolerance: Tolerance) -> bool:
    """Whether two arrays of one shape, where there are any, differ in a cell."""
    return due is not None and other is not None and not tolerance.same(due, other).all()


def distinct(cases: Iterable[Case]) -> int:
    """How many cases are left where those count once that no wrong rule tells apart.

    Two cases are alike if their operation, rank, parameters, type, attributes and altering changes are.
    """
    return len(
        {(case.pool.op, rank(case), repr(plain(case.pool.stated())), case.input.dtype, case.attributes, altering(case)) for case in cases}
    )


def rank(case: Case) -> int:
    """The number of spatial axes."""
    return case.input.value.ndim - 1 - case.batched
