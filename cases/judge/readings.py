"""What an answer to a probe may mean: the rules under which a target would have given it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ..model.case import Case
from .cause import CauseSearch, Change, OracleAnswer
from .sensitivity import differ, possible_changes

Readings = dict[str, list[Change]]


@lru_cache(maxsize=256)
def readings(case: Case) -> Readings:
    """For each answer that a probe names, every rule that gives it alone, the named one first.

    Tried are the values of the asked axis and of those that the probe pins, as it does where others
    matter. The answer of the reference is that of every rule which changes nothing: of these only the
    values of the asked axis are told. Empty for whatever is no probe.
    """
    if case.asks is None or case.waiting or case.as_written:
        return {}
    search, gradient = CauseSearch(case), case.wants("gradient")
    answers = [(case.asks, name) for name in case.answers]
    further = [change for change in possible_changes(search, gradient) if change[0] == case.asks or change[0] in case.rules]
    found = {change: search.under([change], gradient) for change in (*answers, *further)}
    return {change[1]: equivalent_changes(case, found, change) for change in answers}


def equivalent_changes(case: Case, found: Mapping[Change, OracleAnswer], named: Change) -> list[Change]:
    """The changes that come to what a named one comes to."""
    same = [change for change, other in found.items() if change != named and not differ(case, named, found[named], other)]
    plain = named[1] == getattr(case.reference, named[0])
    return [named, *(change for change in same if change[0] == case.asks or not plain)]
