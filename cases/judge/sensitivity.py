"""What a case can tell apart: the changes of one rule under which something else would be due of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from ..model.arithmetic import Array
from ..model.case import Case, as_json
from ..model.operation import Result
from .cause import CauseSearch, Change, OracleAnswer
from .tolerance import EXACT, Tolerance, gradient_tolerance, tolerance_of

UNPINNED = ("element_type", "explicit_padding", "result_dtype", "index_base")
"""Axes that a case need not pin: its type or its padding is taken, or that shows, and indices are compared as positions."""


def altering_changes(case: Case) -> frozenset[Change]:
    """Every change of one rule that alters what is due of a case; none where nothing runs, or a text as it is written."""
    if case.as_written or case.waiting or case.due.equals:
        return frozenset()
    search, gradient = CauseSearch(case), case.wants("gradient")
    due = search.under((), gradient)
    return frozenset(change for change in possible_changes(search, gradient) if differ(case, change, due, search.under([change], gradient)))


def possible_changes(search: CauseSearch, gradient: bool) -> Iterator[Change]:
    """Every change of one rule that can matter in a case."""
    for axis, values in search.options(gradient):
        if axis != "index_base" or search.case.asks == axis:
            yield from ((axis, value) for value in values)


def differ(case: Case, change: Change, due: OracleAnswer, other: OracleAnswer) -> bool:
    """Whether what is due of a case is not what comes of a change; a probe tells values of its own axis apart to the last bit."""
    if not (isinstance(due, Result) and isinstance(other, Result)):
        return due != other
    seen = compared_attributes(case)
    values, gradient = (EXACT, EXACT) if change[0] == case.asks else (tolerance_of(case), gradient_tolerance(case))
    return (
        due.output.shape != other.output.shape
        or ("dtype" in seen and due.output.dtype != other.output.dtype)
        or ("values" in seen and arrays_differ(due.output, other.output, values))
        or arrays_differ(due.indices, other.indices, EXACT)
        or arrays_differ(due.gradient, other.gradient, gradient)
    )


@lru_cache(maxsize=256)
def compared_attributes(case: Case) -> frozenset[str]:
    """What is compared of a case; of a probe, whatever one of its answers has."""
    parts = [replace(case, asks=None, answers={}, due=due) for due in case.answers.values()]
    return frozenset(name for each in (case, *parts) for name in each.attributes)


def arrays_differ(due: Array | None, other: Array | None, tolerance: Tolerance) -> bool:
    """Whether two arrays of one shape, where there are any, differ in a cell."""
    return due is not None and other is not None and not tolerance.same(due, other).all()


def count_distinct(cases: Iterable[Case]) -> int:
    """How many cases are left where those count once that no wrong rule tells apart.

    Two cases are alike if their operation, rank, parameters, type, attributes and altering changes are.
    """
    return len(
        {
            (case.pool.op, case.rank, repr(as_json(case.pool.stated())), case.input.dtype, case.attributes, altering_changes(case))
            for case in cases
        }
    )
