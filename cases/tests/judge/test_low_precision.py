"""Averages in every type: sums that a framework may have agree or are explained, and answers off by more than a few per cent never agree."""

import warnings
from functools import cache

import ml_dtypes
import numpy as np
import pytest
from support.accumulations import SUMS, average

from poolparity.cases.judge.answer import ACCEPTS, AGREES, Answer
from poolparity.cases.judge.cause import add_causes
from poolparity.cases.judge.judge import judge
from poolparity.cases.judge.tolerance import gradient_tolerance, tolerance_of
from poolparity.cases.model.case import Case, Due
from poolparity.cases.model.inputs import PRECISION, Tensor, dtype_of
from poolparity.cases.model.pool import Pool

ROWS = 6
LOW = ("float16", "bfloat16")
NUMBERS = {
    "ones": lambda random, shape: np.ones(shape),
    "uniform": lambda random, shape: random.random(shape),
    "activations": lambda random, shape: np.maximum(random.normal(size=shape), 0),
    "normal": lambda random, shape: random.normal(size=shape),
}


@cache
def global_average(dtype, cells, numbers):
    """The case of global averages over rows of such numbers."""
    x = NUMBERS[numbers](np.random.default_rng(cells), (1, ROWS, cells)).astype(dtype_of(dtype))
    return Case(id="rows", pool=Pool(op="global_avg_pool", keepdims=True), input=Tensor(x, "x"), due=Due(from_oracle=("output",)))


def find_values(case, output):
    """The finding about the values of an answer, with its causes."""
    answer = Answer(ACCEPTS, output=output)
    findings = add_causes(case, judge(case, answer), answer, {})
    return next(finding for finding in findings if finding.attribute == "values")


def expected_output(case):
    """The output that is due."""
    answer = Answer(ACCEPTS, output=np.zeros((1, ROWS, 1), case.input.value.dtype))
    return next(finding.due for finding in judge(case, answer) if finding.attribute == "values")


def sum_in_order(case, add):
    """The output of an honest framework that adds numbers up in a way."""
    x = case.input.value
    return average(x[0], x.dtype, SUMS[add]).reshape(1, ROWS, 1)


@pytest.mark.parametrize("add", SUMS)
@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize("dtype", PRECISION)
def test_sums_over_small_windows_agree_whatever_their_order(dtype, numbers, add):
    for cells in (2, 4) if dtype == "bfloat16" and numbers == "normal" else (2, 4, 6, 9):
        case = global_average(dtype, cells, numbers)
        assert find_values(case, sum_in_order(case, add)).verdict == AGREES, cells


@pytest.mark.parametrize("cells", [9, 25, 64, 256, 1024, 4096])
@pytest.mark.parametrize("add", SUMS)
@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize("dtype", PRECISION)
def test_sums_over_any_window_agree_or_are_explained_by_the_type_in_which_they_are_kept(dtype, numbers, add, cells):
    case = global_average(dtype, cells, numbers)
    finding = find_values(case, sum_in_order(case, add))
    assert finding.verdict == AGREES or {"axis": "accumulator", "value": "input"} in finding.cause[0]
    if add == "float32" or dtype in ("float32", "float64"):
        assert finding.verdict == AGREES
    if add in ("pairs", "blocks") and numbers != "normal":
        assert finding.verdict == AGREES


@pytest.mark.parametrize("cells", [9, 25, 64, 1024, 4096, 65536])
@pytest.mark.parametrize("dtype", PRECISION)
def test_an_answer_that_is_off_by_more_than_a_few_per_cent_never_agrees(dtype, cells):
    case = global_average(dtype, cells, "ones" if cells == 65536 else "activations")
    due = expected_output(case)
    for off in (-1, -0.9375, -0.5, -0.1, -0.05, 0.05, 0.1, 0.5, 1, 15, np.inf, np.nan):
        got = (due.astype("float64") * (1 + off)).astype(due.dtype)
        assert not tolerance_of(case).same(due, got).any(), off


@pytest.mark.parametrize("cells", [1024, 4096])
@pytest.mark.parametrize("dtype", LOW)
def test_where_numbers_cancel_a_window_of_low_precision_is_judged_by_what_is_left(dtype, cells):
    case = global_average(dtype, cells, "normal")
    due = expected_output(case)
    for off in (-1, -0.1, 0.1, 1):
        assert find_values(case, (due.astype("float64") * (1 + off)).astype(due.dtype)).verdict != AGREES


def test_ones_that_stop_adding_up_are_explained():
    case = global_average("bfloat16", 4096, "ones")
    got = sum_in_order(case, "one_by_one")
    assert got.astype("float64").ravel().tolist() == [0.0625] * ROWS
    assert find_values(case, got).cause == [[{"axis": "accumulator", "value": "input"}]]


@pytest.mark.parametrize("dtype", LOW)
def test_a_gradient_that_is_off_by_more_than_a_few_per_cent_is_not_near(dtype):
    x, kind = np.ones((1, 1, 24, 24)), dtype_of(dtype)
    extra = {"cotangent": Tensor(np.ones((1, 1, 13, 13), kind), "ones")}
    pool = Pool(op="avg_pool", kernel=(12, 12), stride=(1, 1), padding="valid")
    case = Case(id="gradient", pool=pool, input=Tensor(x.astype(kind), "x"), due=Due(from_oracle=("gradient",)), extra=extra)
    tolerance = gradient_tolerance(case)
    due = tolerance.magnitude.astype(kind)
    assert tolerance.same(due, due).all()
    assert not tolerance.same(due, (due.astype("float64") * 1.06).astype(kind)).any()
    assert not tolerance.same(due, np.zeros_like(due)).any()


@pytest.mark.parametrize("op", ["global_avg_pool", "global_lp_pool", pytest.param("global_max_pool", marks=pytest.mark.slow)])
@pytest.mark.parametrize("dtype", PRECISION)
def test_special_numbers_cause_no_warnings(dtype, op):
    kind = dtype_of(dtype)
    special = np.array([0, -0.0, 1, ml_dtypes.finfo(kind).max, np.inf, -np.inf, np.nan]).astype(kind)
    for cells in (7, 700):
        x = np.resize(special, (1, 2, cells))
        case = Case(id="special", pool=Pool(op=op, keepdims=True), input=Tensor(x, "x"), due=Due(from_oracle=("output",)))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for got in (x[..., :1], x[..., 3:4], x[..., 4:5]):
                find_values(case, got)
