"""The selection of cases that a slow mode runs by default: it contains each value of each axis, and each kind of answer."""

import pytest

from poolparity.adapters.targets.find import find_targets, layers_of
from poolparity.cases.read.check import find_spec_files
from poolparity.cases.read.spec import read_spec
from poolparity.reports.ledger.suite import SPECS
from poolparity.reports.run.plan import INFERRED, plan_calls

pytestmark = pytest.mark.slow

SLOW = {name: entry for name, entry in find_targets().items() if entry.target.tag}
UNSAFE = {"empty_gradient"}
"""Compiled, torch writes the gradient of an empty window before its array, which can end the process."""
KINDS = {"indices": {"max_pool", "adaptive_max_pool"}, "gradient": {"adaptive_max_pool", "adaptive_avg_pool"}}
"""Kinds of answers, and the operations whose answers of that kind a selection has where its target has them at all."""
LOW, INTEGERS = {"float16", "bfloat16"}, {"bool", "int8", "uint8", "int16", "int32", "int64"}


@pytest.fixture(scope="module")
def core():
    layers = layers_of(find_targets())
    return [case for path in find_spec_files([SPECS]) for case in read_spec(path, layers, tiers=("smoke", "core")).cases]


def runs(case, entry):
    """Whether a target has all that a case needs."""
    if case.waiting or case.as_written:
        return False
    return all(call.call is not None for call in plan_calls(case, entry.adapter, entry.target) if call.name != INFERRED)


@pytest.mark.parametrize("name", SLOW)
def test_a_slow_mode_runs_each_value_of_each_axis_and_each_kind_of_answer(core, name):
    entry = SLOW[name]
    running_cases = [case for case in core if runs(case, entry)]
    selected_cases = [case for case in running_cases if case.tier == entry.target.tier or entry.target.tag in case.tags]
    assert {axis for axis, _ in values(running_cases) - values(selected_cases)} <= UNSAFE
    for kind, ops in KINDS.items():
        possible = {case.pool.op for case in running_cases if case.wants(kind)} & ops
        assert {case.pool.op for case in selected_cases if case.wants(kind)} >= possible
    for op in ("max_pool", "avg_pool"):
        assert {case.input.dtype for case in selected_cases if case.pool.op == op} >= LOW | INTEGERS
    assert {case.rank for case in selected_cases} == {1, 2, 3}


def values(cases):
    """Every value of an axis that some case has an answer for."""
    return {(case.asks, value) for case in cases if case.asks for value in case.answers}
