"""What a case can detect: the changes of one rule under which another answer would be expected."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from ..model.arithmetic import Array
from ..model.case import Case, as_json
from ..model.operation import Result
from .cause import CauseSearch, Change, OracleAnswer
from .tolerance import EXACT, Tolerance, gradient_tolerance, tolerance_of

UNPINNED = ("element_type", "explicit_padding", "same_padding", "parameter_limit", "named_ceil", "reduced_axes", "result_dtype",
            "index_base", "index_planes", "index_tap")  # fmt: skip
"""Axes that a case need not pin: its type or its padding is taken, the shape or the type shows it, and indices are compared as positions."""


def altering_changes(case: Case, ignored_axes: Collection[str] = ()) -> frozenset[Change]:
    """Every change of one rule that alters what is expected of a case; none for a case that does not run or runs a text unchanged.

    No answer is calculated for changes of `ignored_axes`.
    """
    if case.as_written or case.waiting or case.due.equals:
        return frozenset()
    search, gradient = CauseSearch(case), case.wants("gradient")
    due = search.under((), gradient)
    changes = [change for change in possible_changes(search, gradient) if change[0] not in ignored_axes]
    return frozenset(change for change in changes if differ(case, change, due, search.under([change], gradient)))


def possible_changes(search: CauseSearch, gradient: bool) -> Iterator[Change]:
    """Every change of one rule that can matter in a case."""
    for axis, values in search.options(gradient):
        if axis != "index_base" or search.case.asks == axis:
            yield from ((axis, value) for value in values)


def differ(case: Case, change: Change, due: OracleAnswer, other: OracleAnswer) -> bool:
    """Whether two answers of the oracle differ in what a case compares; a probe compares its own axis exactly."""
    if not (isinstance(due, Result) and isinstance(other, Result)):
        return due != other
    attributes, exact = compared_attributes(case), change[0] == case.asks
    return (  # a tolerance may need a run of the slow oracle, so it is computed only where two arrays are compared with it
        due.output.shape != other.output.shape
        or ("dtype" in attributes and due.output.dtype != other.output.dtype)
        or ("values" in attributes and arrays_differ(due.output, other.output, EXACT if exact else tolerance_of(case)))
        or arrays_differ(due.indices, other.indices, EXACT)
        or (due.gradient is not None and arrays_differ(due.gradient, other.gradient, EXACT if exact else gradient_tolerance(case)))
    )


@lru_cache(maxsize=256)
def compared_attributes(case: Case) -> frozenset[str]:
    """The attributes that a case compares; for a probe, those of any of its answers."""
    parts = [replace(case, asks=None, answers={}, due=due) for due in case.answers.values()]
    return frozenset(name for part in (case, *parts) for name in part.attributes)


def arrays_differ(due: Array | None, other: Array | None, tolerance: Tolerance) -> bool:
    """Whether two arrays of one shape differ in a cell; not if one of them is missing."""
    return due is not None and other is not None and not tolerance.same(due, other).all()


def count_distinct(cases: Iterable[Case]) -> int:
    """The number of distinct cases: those with the same operation, rank, parameters, type, attributes and altering changes count once."""
    return len(
        {
            (
                case.pool.op,
                case.rank,
                repr(as_json(case.pool.stated_parameters())),
                case.input.dtype,
                case.attributes,
                altering_changes(case),
            )
            for case in cases
        }
    )
