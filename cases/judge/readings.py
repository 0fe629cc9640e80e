"""The readings of a probe's answers: the rules under which a target would have given each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ..model.case import Case
from .cause import CauseSearch, Change, OracleAnswer
from .sensitivity import differ, possible_changes

Readings = dict[str, list[Change]]


@lru_cache(maxsize=256)
def readings(case: Case) -> Readings:
    """For each answer of a probe, every rule that alone gives it, the named one first.

    The values of the axis are tried, and those of the axes that the probe pins. The reference answer is
    that of every rule which changes nothing, so only values of the axis are listed for it. Empty for
    other cases.
    """
    if case.asks is None or case.waiting or case.as_written:
        return {}
    search, gradient = CauseSearch(case), case.wants("gradient")
    answers = [(case.asks, name) for name in case.answers]
    related_changes = [change for change in possible_changes(search, gradient) if change[0] == case.asks or change[0] in case.rules]
    answers_by_change = {change: search.under([change], gradient) for change in (*answers, *related_changes)}
    return {change[1]: equivalent_changes(case, answers_by_change, change) for change in answers}


def equivalent_changes(case: Case, answers: Mapping[Change, OracleAnswer], own_change: Change) -> list[Change]:
    """The changes under which the oracle answers as under a named one."""
    same = [
        change for change, other in answers.items() if change != own_change and not differ(case, own_change, answers[own_change], other)
    ]
    is_reference = own_change[1] == getattr(case.reference, own_change[0])
    return [own_change, *(change for change in same if change[0] == case.asks or not is_reference)]
