"""Lying targets that follow one wrong rule: the fast oracle, with the value of one axis changed."""

from dataclasses import replace

from poolparity.cases.judge.answer import ACCEPTS, REJECTS, Answer
from poolparity.cases.judge.cause import CauseSearch
from poolparity.cases.model.operation import Result
from poolparity.cases.model.rules import AXIS_VALUES

FOLLOWERS = [(axis, value) for axis, values in AXIS_VALUES.items() for value in values[1:]]
"""Every change of one rule."""


def answer_under(case, changes=(), pool=None):
    """What one who follows some rules instead of the reference answers to a case, or to another pooling of its input."""
    same = pool in (None, case.pool)  # then the case itself is asked, of which the judge asks the same again
    search = CauseSearch(case if same else replace(case, pool=pool))
    result = search.under(changes, case.wants("gradient"))
    if result == REJECTS and isinstance(forward := search.under(changes), Result):  # the cotangent does not fit this output
        return answer_from(forward, case)[0], {"gradient": Answer(REJECTS)}
    return answer_from(result, case)


def answer_from(result, case):
    """What the oracle came to, as a target tells it: its answer, and what was asked for apart."""
    if not isinstance(result, Result):
        return Answer(result), {}
    extra = {} if result.indices is None else {"indices": result.indices}
    separate_answers = {} if result.gradient is None else {"gradient": Answer(ACCEPTS, extra={"gradient": result.gradient})}
    return Answer(ACCEPTS, result.output, case.due.parameters, extra=extra), separate_answers
