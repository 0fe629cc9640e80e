"""Every axis is asked for wherever it matters, and every probe answers what the oracle gives."""

from collections import defaultdict
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from support.drawn import questions

from poolparity.cases.fast import vectorised as fast
from poolparity.cases.judge.relevance import Facts, relevant_axes
from poolparity.cases.model.pool import Crashed, Refused
from poolparity.cases.model.rules import AXIS_VALUES, REFERENCE
from poolparity.cases.oracle import definition as oracle
from poolparity.cases.read.schema import SCHEMA
from poolparity.cases.read.spec import read_spec

FILES = sorted(SCHEMA.parent.glob("*/rules/*.yaml"))

ALIKE = {
    ("size_zero", "crash", "reject"): "the end of a process is no answer that could be written down",
    ("parameter_limit", "crash", "int32"): "the end of a process is no answer that could be written down",
    ("adaptive_bins", "crash_for_one", "overlapping", 1): "the end of a process is no answer that could be written down",
    ("adaptive_bins", "crash_for_one", "overlapping", "adaptive_avg_pool"): "only maxima end the process",
    ("nan", "columns_restart", "restart", 1): "the columns of a line are its cells",
    ("empty_index", "minus_one", "minus_one_each", 1): "a line has one axis",
    ("all_minus_inf_index", "found", "plane_start", "global_max_pool"): "the first cell is the first of the plane",
    ("empty_index", "window_start", "zero", "global_max_pool"): "the window of a global pooling starts at zero",
    ("empty_index", "first_position", "zero", "global_max_pool"): "the window of a global pooling starts at zero",
    ("empty_index", "first_position", "window_start", "global_max_pool"): "the window of a global pooling has no padding",
    ("empty_index", "first_position", "window_start", "adaptive_max_pool"): "the bins of an adaptive pooling have no padding",
    ("sum_order", "rows", "sequential", 1): "a line is one row",
    **{
        ("all_minus_inf", "lowest_at_edges", "minus_inf", op): "the window does not cross the end of a row"
        for op in ("adaptive_max_pool", "fractional_max_pool", "global_max_pool")
    },
    **{
        (*values, op): reason
        for op in ("lp_pool", "global_lp_pool")
        for values, reason in {
            ("integer_average", "half_away", "half_even"): "no norm of integers is halfway between two",
            ("integer_average", "half_away", "half_up"): "no norm of integers is halfway between two",
            ("integer_average", "half_even", "half_up"): "no norm of integers is halfway between two",
            ("integer_average", "floor", "truncate"): "the norm of integers is positive where it has a fraction",
            ("tie", "first", "split"): "the gradient of an infinite norm goes to one cell",
            ("tie", "all", "first"): "the gradient of an infinite norm goes to one cell",
            ("tie", "all", "split"): "the gradient of an infinite norm goes to one cell",
        }.items()
    },
}
"""Values that no input tells apart, on lines or by an operation alone, or at all."""

CRASH = "the end of the process"


@cache
def probes(path):
    """The probes of a file."""
    spec_file = read_spec(path, {})
    assert spec_file.mistakes == ()
    assert {case.kind for case in spec_file.cases} == {"probe"}
    return spec_file.cases


def under(case, value):
    """What comes of a probe under a value of the axis that it asks for; None where that is refused, and CRASH where it ends the process."""
    extra = {name: tensor.value for name, tensor in case.extra.items()}
    cotangent = extra.pop("cotangent", None)
    try:
        return oracle.outcome(case.input.value, case.pool, case.reference.but(**{case.asks: value}), batched=case.batched, extra=extra,
                              cotangent=cotangent if case.wants("gradient") else None, located=case.wants("indices"))  # fmt: skip
    except Crashed:
        return CRASH
    except Refused:
        return None


def holds(due, result):
    """Whether an outcome is all that an answer says, to the last bit."""
    if due.invalid or result is None:
        return due.invalid and result is None
    pairs = [(due.output_shape, result.output.shape), (due.output_dtype, result.output.dtype.name)]
    pairs += [(getattr(due, name), getattr(result, name)) for name in ("output", "indices", "gradient")]
    return all(same(one, other) for one, other in pairs if one is not None)


def same(one, other):
    """Whether two values are the same; of NaN there is one, of zeros there are two."""
    if not isinstance(one, np.ndarray):
        return one == other
    if (one.dtype, one.shape) != (other.dtype, other.shape):
        return False
    return bool((((one == other) & (np.signbit(one) == np.signbit(other))) | ((one != one) & (other != other))).all())


@cache
def names(case):
    """The answer of a probe that each value of its axis gives; there is one, its own where it has one."""
    results = {value: under(case, value) for value in AXIS_VALUES[case.asks]}
    names_by_value = {
        value: [CRASH] if result is CRASH else [name for name, due in case.answers.items() if holds(due, result)]
        for value, result in results.items()
    }
    assert {value: len(case_names) for value, case_names in names_by_value.items()} == dict.fromkeys(names_by_value, 1), case.id
    assert {value: names_by_value[value] for value in case.answers} == {value: [value] for value in case.answers}, case.id
    return {value: case_names[0] for value, case_names in names_by_value.items()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SCHEMA.parent).as_posix())
def test_every_value_gives_the_answer_that_is_written_down(path):
    assert [names(case) for case in probes(path)]


@cache
def cases_by_axis():
    """The probes of each operation and rank by the axis that they ask for."""
    by_axis = defaultdict(lambda: defaultdict(list))
    for path in FILES:
        for case in probes(path):
            by_axis[case.pool.op, case.rank][case.asks].append(case)
    return by_axis


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SCHEMA.parent).as_posix())
def test_every_two_values_of_an_axis_are_distinguished(path):
    op, axis = probes(path)[0].pool.op, probes(path)[0].asks
    for spatial in sorted({case.rank for case in probes(path)}):
        pairs = [
            pair
            for pair in combinations(sorted(AXIS_VALUES[axis]), 2)
            if not ALIKE.keys() & {(axis, *pair, *also) for also in [(), (spatial,), (op,)]}
        ]
        names_by_case = [names(case) for case in cases_by_axis()[op, spatial][axis]]
        assert [
            pair for pair in pairs if not any(names_by_value[pair[0]] != names_by_value[pair[1]] for names_by_value in names_by_case)
        ] == []


def test_every_axis_is_asked_for():
    assert {axis for cases in cases_by_axis().values() for axis in cases} == set(AXIS_VALUES)


def outcome(question, rules, seed=None):
    """What comes of a question, None where it is refused."""
    x, pool, extra, batched = question
    try:
        return fast.outcome(x, pool, rules, batched=batched, extra=extra, cotangent=seed)
    except Refused:
        return None


def is_same_result(due, result):
    """Whether two outcomes are the same but for rounding."""
    if due is None or result is None:
        return due is result
    pairs = [(getattr(due, name), getattr(result, name)) for name in ("output", "indices", "gradient")]
    return all(one is other or (one.shape == other.shape and one.dtype == other.dtype and close(one, other)) for one, other in pairs)


def close(one, other):
    return np.allclose(one.astype("float64"), other.astype("float64"), rtol=1e-2, atol=1e-3, equal_nan=True)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(questions())
def test_whatever_alters_an_answer_is_asked_for(question):
    x, pool, extra, batched = question
    due, fractions = outcome(question, REFERENCE), x.dtype.kind in "fV"
    assume(not (pool.op == "conv" and pool.ceil_mode))  # no spec can state that
    seed = (np.arange(due.output.size) % 5 + 1).reshape(due.output.shape).astype(x.dtype) if due and fractions else None
    honest = outcome(question, REFERENCE, seed)
    for axis in relevant_axes(Facts(x, pool, batched, True, fractions, "mask" in extra)):
        results = [outcome(question, REFERENCE.but(**{axis: value}), seed) for value in AXIS_VALUES[axis][1:]]
        if not all(is_same_result(honest, result) for result in results):
            assert axis in cases_by_axis()[pool.op, x.ndim - 1 - batched], f"no probe of {pool.op} asks for {axis}, which alters {question}"
