"""A question whose answer no rule explains is asked again: its numbers change, or are wrong in the same way."""

import sys
from pathlib import Path

import numpy as np
import pytest

from poolparity.adapters.ledger.ledger import Ledger
from poolparity.adapters.parent.limits import Limits
from poolparity.adapters.targets.choose import SelectedTarget
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.judge.answer import ACCEPTS, AGREES, DIFFERS, REJECTS, Answer, Finding
from poolparity.cases.model.case import Due
from poolparity.cases.model.pool import Pool
from poolparity.reports.ledger.update import answers_to_pin
from poolparity.reports.run.engine import Engine
from poolparity.reports.run.repetition import TIMES, is_worth_repeating, mark_unsteady
from poolparity.reports.run.run import Run

RESTLESS = Path(__file__).parents[1] / "support" / "restless.py"
NAN = float("nan")


def answer(*cells, **more):
    return Answer(ACCEPTS, np.array(cells, "float32"), **more)


FINDING = Finding("values", DIFFERS, detail="it differs")


@pytest.mark.process
@pytest.mark.parametrize(("stride", "changed_cells"), [(1, 1), (2, 0)])
def test_only_an_answer_that_is_another_each_time_is_unsteady(make, stride, changed_cells):
    case = make(pool=Pool(op="max_pool", kernel=(2,), stride=(stride,)), due=Due(from_oracle=("output",)))
    target = SelectedTarget("restless", find_targets([RESTLESS])["restless"], sys.executable)
    run = Run(Engine([target], Limits()), Ledger())
    try:
        [(_, _, rows)] = run.answers([case])
    finally:
        run.close()
    [values] = [row for row in rows if row["attribute"] == "values"]
    assert (values["verdict"], values["cause"], values.get("unsteady", False)) == (DIFFERS, None, bool(changed_cells))
    assert ("asked 8 times more, the target gave other numbers in 1 of" in values["detail"]) == bool(changed_cells)
    assert TIMES == 8
    pinned_answers = dict(answers_to_pin([row for row in rows if row["verdict"] != AGREES]))
    assert pinned_answers["values"] == ("varies" if changed_cells else values["got"]["data"])


@pytest.mark.parametrize(
    ("first", "others", "unsteady"),
    [
        (answer(1, NAN), [answer(1, NAN)] * 3, False),
        (answer(1, NAN), [answer(1, NAN), answer(1, 2)], True),
        (answer(1, 2), [answer(1, 2), answer(1, 2, 3)], True),
        (answer(1, 2), [Answer(REJECTS)] * 3, False),
        (answer(1, 2), [], False),
    ],
)
def test_answers_are_compared_cell_by_cell_and_nan_is_nan(first, others, unsteady):
    assert mark_unsteady(FINDING, first, others).unsteady == unsteady


def test_a_gradient_is_compared_with_gradients():
    first, other = (Answer(ACCEPTS, extra={"gradient": np.array([cell])}) for cell in (1.0, 2.0))
    finding = mark_unsteady(Finding("gradient", DIFFERS), first, [first, other])
    assert (finding.unsteady, finding.detail) == (True, "asked 2 times more, the target gave other numbers in 1 of 1 cells")


@pytest.mark.parametrize(
    ("finding", "reply", "worth"),
    [
        (FINDING, answer(1), True),
        (FINDING, answer(1, seconds=2.0), False),
        (Finding("values", AGREES), answer(1), False),
        (Finding("shape", DIFFERS), answer(1), False),
        (Finding("values", DIFFERS, cause=[[{"axis": "tie", "value": "last"}]]), answer(1), False),
        (Finding("values", DIFFERS, consistent=[[{"axis": "nan", "value": "positional"}]]), answer(1), False),
    ],
)
def test_only_numbers_without_an_explanation_are_asked_for_again(make, finding, reply, worth):
    assert is_worth_repeating(make(), finding, reply) == worth
