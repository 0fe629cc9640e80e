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
from poolparity.cases.model.pool import Refused
from poolparity.cases.model.rules import AXIS_VALUES, REFERENCE
from poolparity.cases.oracle import definition as oracle
from poolparity.cases.read.schema import SCHEMA
from poolparity.cases.read.spec import read_spec

FILES = sorted(SCHEMA.parent.glob("*/rules/*.yaml"))

ALIKE = {
    ("size_zero", "crash", "reject"): "the end of a process is no answer that could be written down",
    ("nan", "columns_restart", "restart", 1): "the columns of a line are its cells",
    ("empty_index", "minus_one", "minus_one_each", 1): "a line has one axis",
    ("empty_index", "window_start", "zero", "global_max_pool"): "the window of a global pooling starts at zero",
    **{
        (*values, op): why
        for op in ("lp_pool", "global_lp_pool")
        for values, why in {
            ("integer_average", "floor", "truncate"): "the norm of integers is positive where it has a fraction",
            ("tie", "first", "split"): "the gradient of an infinite norm goes to one cell",
            ("tie", "all", "first"): "the gradient of an infinite norm goes to one cell",
            ("tie", "all", "split"): "the gradient of an infinite norm goes to one cell",
        }.items()
    },
}
"""Values that no input tells apart, on lines or by an operation alone, or at all."""


@cache
def probes(path):
    """The probes of a file."""
    found = read_spec(path, {})
    assert found.mistakes == ()
    assert {case.kind for case in found.cases} == {"probe"}
    return found.cases


def under(case, value):
    """What comes of a probe under a value of the axis that it asks for; None where that is refused."""
    extra = {name: tensor.value for name, tensor in case.extra.items()}
    cotangent = extra.pop("cotangent", None)
    try:
        return oracle.outcome(case.input.value, case.pool, case.reference.but(**{case.asks: value}), batched=case.batched, extra=extra,
                              cotangent=cotangent if case.wants("gradient") else None, located=case.wants("indices"))  # fmt: skip
    except Refused:
        return None


def holds(due, found):
    """Whether an outcome is all that an answer says, to the last bit."""
    if due.invalid or found is None:
        return due.invalid and found is None
    said = [(due.output_shape, found.output.shape), (due.output_dtype, found.output.dtype.name)]
    said += [(getattr(due, name), getattr(found, name)) for name in ("output", "indices", "gradient")]
    return all(same(one, other) for one, other in said if one is not None)


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
    told = {value: [name for name, due in case.answers.items() if holds(due, under(case, value))] for value in AXIS_VALUES[case.asks]}
    assert {value: len(found) for value, found in told.items()} == dict.fromkeys(told, 1), case.id
    assert {value: told[value] for value in case.answers} == {value: [value] for value in case.answers}, case.id
    return {value: found[0] for value, found in told.items()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SCHEMA.parent).as_posix())
def test_every_value_gives_the_answer_that_is_written_down(path):
    assert [names(case) for case in probes(path)]


@cache
def asked():
    """The probes of each operation and rank by the axis that they ask for."""
    found = defaultdict(lambda: defaultdict(list))
    for path in FILES:
        for case in probes(path):
            found[case.pool.op, case.rank][case.asks].append(case)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SCHEMA.parent).as_posix())
def test_every_two_values_of_an_axis_are_told_apart(path):
    op, axis = probes(path)[0].pool.op, probes(path)[0].asks
    for spatial in sorted({case.rank for case in probes(path)}):
        pairs = [
            pair
            for pair in combinations(sorted(AXIS_VALUES[axis]), 2)
            if not ALIKE.keys() & {(axis, *pair, *also) for also in [(), (spatial,), (op,)]}
        ]
        told = [names(case) for case in asked()[op, spatial][axis]]
        assert [pair for pair in pairs if not any(each[pair[0]] != each[pair[1]] for each in told)] == []


def test_every_axis_is_asked_for():
    assert {axis for cases in asked().values() for axis in cases} == set(AXIS_VALUES)


def outcome(question, rules, seed=None):
    """What comes of a question, None where it is refused."""
    x, pool, extra, batched = question
    try:
        return fast.outcome(x, pool, rules, batched=batched, extra=extra, cotangent=seed)
    except Refused:
        return None


def alike(due, found):
    """Whether two outcomes are the same but for rounding."""
    if due is None or found is None:
        return due is found
    pairs = [(getattr(due, name), getattr(found, name)) for name in ("output", "indices", "gradient")]
    return all(one is other or (one.shape == other.shape and one.dtype == other.dtype and close(one, other)) for one, other in pairs)


def close(one, other):
    return np.allclose(one.astype("float64"), other.astype("float64"), rtol=1e-2, atol=1e-3, equal_nan=True)


@settings(max_examples=200, deadline=None)
@given(questions())
def test_whatever_alters_an_answer_is_asked_for(question):
    x, pool, _, batched = question
    due, fractions = outcome(question, REFERENCE), x.dtype.kind in "fV"
    assume(not (pool.op == "conv" and pool.ceil_mode))  # no spec can state that
    seed = (np.arange(due.output.size) % 5 + 1).reshape(due.output.shape).astype(x.dtype) if due and fractions else None
    for axis in relevant_axes(Facts(x, pool, batched, True, fractions)):
        found = [outcome(question, REFERENCE.but(**{axis: value}), seed) for value in AXIS_VALUES[axis][1:]]
        if not all(alike(outcome(question, REFERENCE, seed), each) for each in found):
            assert axis in asked()[pool.op, x.ndim - 1 - batched], f"no probe of {pool.op} asks for {axis}, which alters {question}"
