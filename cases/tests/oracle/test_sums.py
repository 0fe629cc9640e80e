"""Averages: the type in which they are added up, divided and answered, and the edge that is repeated; by hand or as on a framework."""

import ml_dtypes
import numpy as np
import pytest
from support.on_a_line import INF, ask, pool1

from poolparity.cases.model.pool import Pool
from poolparity.cases.model.rules import Rules
from poolparity.cases.oracle.definition import oracle


@pytest.mark.parametrize(("accumulator", "due"), [("input", [64, 0]), ("float32", [65, 0]), ("float64", [65, 0.25])])
def test_the_type_in_which_an_average_is_added_up(accumulator, due):
    x = [256, 1, 1, 1, 2**25, 1, -(2**25), 0]
    assert ask(x, pool1("avg_pool", kernel=4), ml_dtypes.bfloat16, accumulator=accumulator).output[0, 0].astype("float64").tolist() == due


def test_sums_that_overflow_their_type():
    pool = pool1("avg_pool", kernel=2)
    assert ask([60000, 60000], pool, "float16").output.item() == 60000
    assert ask([60000, 60000], pool, "float16", accumulator="input").output.item() == INF
    assert ask([2**62, 2**62], pool, "int64").output.item() == 2**62
    assert ask([2**62, 2**62], pool, "int64", accumulator="input").output.item() == -(2**62)
    assert ask([100, 101], pool, "int8", accumulator="input", integer_average="promote32").output.item() == -27.5


def test_a_sum_over_the_whole_input_in_blocks():
    ones = [1] * 1024
    pool = pool1("global_avg_pool")
    for order, due in (("sequential", 0.25), ("blocks32", 1)):
        result = ask(ones, pool, ml_dtypes.bfloat16, accumulator="input", sum_order=order)
        assert result.output.astype("float64").item() == due


@pytest.mark.parametrize(
    ("rule", "due", "dtype"),
    [
        ("truncate", [-3, 47], "int8"),
        ("floor", [-4, 47], "int8"),
        ("half_even", [-4, 48], "int8"),
        ("half_away", [-4, 48], "int8"),
        ("half_up", [-3, 48], "int8"),
        ("promote32", [-3.5, 47.5], "float32"),
        ("promote64", [-3.5, 47.5], "float64"),
    ],
)
def test_averages_of_integers(rule, due, dtype):
    y = ask([-3, -4, 47, 48], pool1("avg_pool", kernel=2), "int8", integer_average=rule).output
    assert (y.dtype.name, y[0, 0].tolist()) == (dtype, due)


@pytest.mark.parametrize(
    ("rule", "due"),
    [("truncate", [0, 0, 0]), ("floor", [0, 0, -1]), ("half_even", [0, 1, -1]), ("half_away", [0, 1, -1]), ("half_up", [0, 1, -1])],
)
def test_averages_of_thirds(rule, due):
    assert ask([0, 1, 0, 1, 1, 0, -1, 0, -1], pool1("avg_pool", kernel=3), "int8", integer_average=rule).output[0, 0].tolist() == due


def test_integers_added_up_in_float32_are_rounded_there():
    pool = pool1("avg_pool", kernel=2)
    assert ask([2**24, 1], pool, "int32", accumulator="float32", integer_average="half_even").output.item() == 2**23
    assert ask([2**24, 3], pool, "int32", accumulator="float64", integer_average="half_even").output.item() == 2**23 + 2


def test_a_reciprocal_is_rounded_once_more():
    pool = pool1("avg_pool", kernel=2, divisor_override=49)
    assert ask([0, 49], pool).output.item() == 1
    assert ask([0, 49], pool, division="reciprocal").output.item() == 49 * (1 / 49) < 1


@pytest.mark.parametrize(
    ("dtype", "rules", "due"),
    [
        ("float16", {}, "float16"),
        ("float16", {"result_dtype": "at_least_float32"}, "float32"),
        (ml_dtypes.bfloat16, {"result_dtype": "at_least_float32"}, "float32"),
        ("float64", {"result_dtype": "at_least_float32"}, "float64"),
        ("float32", {"result_dtype": "at_least_float64"}, "float64"),
        ("float16", {"cast": "float32"}, "float32"),
        ("float64", {"cast": "float32"}, "float32"),
        ("int64", {"cast": "float32"}, "int64"),
        ("float64", {"cast": "bits32"}, "float32"),
        ("int64", {"cast": "bits32"}, "int32"),
        ("float16", {"cast": "bits32"}, "float16"),
    ],
)
def test_the_type_of_the_answer(dtype, rules, due):
    for op in ("max_pool", "avg_pool", "lp_pool"):
        assert ask([1, 2], pool1(op, kernel=2), dtype, **rules).output.dtype.name == due


def test_the_edge_is_repeated_for_an_average_by_rule():
    pool = pool1("avg_pool", kernel=2, stride=1, padding="same")
    rules = {"include_default": "valid"}
    assert ask([2, 4], pool, **rules).output[0, 0].tolist() == [3, 4]
    result = ask([2, 4], pool, cotangent=[2, 2], average_pad="edge", **rules)
    assert (result.output[0, 0].tolist(), result.gradient[0, 0].tolist()) == ([3, 4], [1, 3])
    even = pool1("avg_pool", kernel=3, stride=1, padding="same")
    assert ask([2, 4], even, average_pad="edge", **rules).output[0, 0].tolist() == pytest.approx([8 / 3, 10 / 3])
    assert ask([2, 4], even, average_pad="edge_if_uneven", **rules).output[0, 0].tolist() == [3, 3]
    uneven = Pool(op="avg_pool", kernel=(2, 3), stride=(1, 1), padding="same")
    y = oracle(np.array([[[[2.0, 4]]]]), uneven, Rules(average_pad="edge_if_uneven", **rules))
    assert y.ravel().tolist() == pytest.approx([8 / 3, 10 / 3])  # keras on torch: one uneven axis repeats the edge of all
