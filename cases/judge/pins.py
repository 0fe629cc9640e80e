"""Whether a case pins every rule that its answer depends on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ..model.case import Case
from ..model.mistake import Fault, join_with_or
from .cause import CauseSearch, Change
from .sensitivity import UNPINNED, altering_changes, differ, possible_changes


def check_pins(case: Case) -> Iterator[Fault]:
    """Every axis that a conformance case or a probe leaves open although its answer depends on it."""
    if case.asks and not case.waiting:
        yield from check_answers_differ(case, case.asks)
        yield from check_no_other_axis(case, case.asks)
    elif case.kind == "conformance":
        yield from check_conformance(case)


def check_conformance(case: Case) -> Iterator[Fault]:
    """The axes that a conformance case does not pin although the expected answer depends on them."""
    for axis, values in group_by_axis(sorted(altering_changes(case, (*case.rules, *UNPINNED)))):
        problem = f"the expected answer of {case.name} changes where {axis} is {join_with_or(values)}, and {axis} is not pinned"
        yield Fault(case.line, problem, f"{axis} under rules, or an input whose answer does not depend on it")


def check_answers_differ(case: Case, axis: str) -> Iterator[Fault]:
    """The answers of a probe that are the same under the rules behind them."""
    search, gradient = CauseSearch(case), case.wants("gradient")
    for one, other in combinations(case.answers, 2):
        if not differ(case, (axis, other), search.under([(axis, one)], gradient), search.under([(axis, other)], gradient)):
            yield Fault(case.line, f"the answers {one} and {other} of {case.name} are equal", "an input for which they differ")


def check_no_other_axis(case: Case, probed_axis: str) -> Iterator[Fault]:
    """The axes that a probe does not pin although one of their values alone gives one of its answers."""
    search, gradient = CauseSearch(case), case.wants("gradient")
    others = [change for change in possible_changes(search, gradient) if change[0] != probed_axis and change[0] not in case.rules]
    for name in case.answers:
        if name == getattr(case.reference, probed_axis):
            continue
        due = search.under([(probed_axis, name)], gradient)
        same = [change for change in others if not differ(case, (probed_axis, name), due, search.under([change], gradient))]
        for axis, values in group_by_axis(same):
            problem = f"the answer {name} of {case.name} is also that of {axis} {join_with_or(values)}, and {axis} is not pinned"
            yield Fault(case.line, problem, f"{axis} under rules, or an input for which they differ")


def group_by_axis(changes: list[Change]) -> Iterator[tuple[str, list[str]]]:
    """Each axis of some changes with its values."""
    for axis in dict.fromkeys(axis for axis, _ in changes):
        yield axis, [value for name, value in changes if name == axis]
