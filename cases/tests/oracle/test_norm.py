"""Norms: partial windows, the greatest magnitude, and the type in which powers are added up; by hand or as on a framework."""

import numpy as np
import pytest
from support.on_a_line import INF, NAN, ask, gradient, pool1


def test_the_rest_of_a_partial_norm():
    pool = pool1("lp_pool", kernel=2, ceil_mode=True, p=1.0)
    assert ask([1] * 5, pool).output.tolist() == [[[2, 2, 1]]]  # onnxruntime
    assert ask([1] * 5, pool, lp_partial="rescaled").output.tolist() == [[[2, 2, 2]]]  # torch
    assert gradient([1] * 5, pool, [1, 1, 1], lp_partial="rescaled") == [1, 1, 1, 1, 2]
    wide = pool1("lp_pool", kernel=3, ceil_mode=True, p=1.0)
    assert ask([1] * 5, wide, lp_partial="rescaled").output.tolist() == [[[3, 3]]]
    assert gradient([1] * 5, wide, [1, 1], lp_partial="rescaled") == [1, 1, 1, 1.5, 1.5]


@pytest.mark.parametrize(
    ("tie", "due"), [("first", [0, 0, 6, 0]), ("last", [0, 0, 0, -6]), ("split", [0, 0, 3, -3]), ("all", [0, 0, 6, -6])]
)
def test_the_gradient_of_the_largest_magnitudes(tie, due):
    assert gradient([0, 1, 2, -2], pool1("lp_pool", kernel=4, p=INF), [6], tie=tie) == due


@pytest.mark.parametrize(("tie", "due"), [("first", [0, 1, 0]), ("last", [0, 1, 0]), ("split", [NAN] * 3), ("all", [0] * 3)])
def test_the_gradient_of_the_largest_magnitude_where_that_is_nan(tie, due):
    np.testing.assert_array_equal(gradient([1, NAN, 0], pool1("lp_pool", kernel=3, p=INF), [1], tie=tie), due)


@pytest.mark.parametrize("tie", ["first", "last", "split", "all"])
def test_the_largest_magnitude_of_nothing(tie):
    pool = pool1("lp_pool", kernel=1, padding=(1, 0), p=INF)
    result = ask([-0.25], pool, cotangent=[1, 2], pad_limit="none", tie=tie)
    assert (result.output.ravel().tolist(), result.gradient.ravel().tolist()) == ([0, 0.25], [-2])


@pytest.mark.parametrize(("accumulator", "due"), [("input", 2**24 + 1), ("float32", 2**24), ("float64", 2**24 + 1)])
def test_norms_of_integers_are_added_up_in_fractions(accumulator, due):
    pool = pool1("lp_pool", kernel=2, p=1.0)
    assert ask([2**24, 1], pool, "int32", accumulator=accumulator).output.item() == due


@pytest.mark.parametrize(("accumulator", "due"), [("input", 2048), ("float32", 2050), ("float64", 2050)])
def test_the_type_in_which_a_norm_is_added_up(accumulator, due):
    assert ask([2048, 1, 1], pool1("lp_pool", kernel=3, p=1.0), "float16", accumulator=accumulator).output.item() == due


def test_the_magnitude_of_the_least_integer():
    assert ask([-128, 0], pool1("lp_pool", kernel=2, p=INF), "int8", integer_average="promote32").output.item() == 128


def test_the_gradient_of_a_norm_whose_powers_overflow_the_type():
    result = ask([100, 100], pool1("lp_pool", kernel=2, p=3.0), "float16", cotangent=[1]).gradient.ravel()
    assert result.tolist() == [np.float16(2 ** (-2 / 3))] * 2


@pytest.mark.parametrize(("order", "due"), [("sequential", 2048), ("blocks32", 2080)])
def test_a_norm_over_the_whole_input_in_blocks(order, due):
    result = ask([2048] + [1] * 63, pool1("global_lp_pool", p=1.0), "float16", accumulator="input", sum_order=order)
    assert result.output.item() == due


def test_gradients_of_norms_as_torch_has_them():
    assert gradient([3, -4], pool1("lp_pool", kernel=2), [1]) == pytest.approx([0.6, -0.8])
    assert gradient([0, 0], pool1("lp_pool", kernel=2, p=1.0), [1]) == [0, 0]
    assert gradient([3, -4], pool1("lp_pool", kernel=2, p=1.0), [1], lp_sign="absolute") == [1, -1]
    assert gradient([0, 2], pool1("lp_pool", kernel=2, p=1.0), [1], lp_sign="absolute") == [0, 1]
    assert gradient([3, -4], pool1("lp_pool", kernel=2, p=3.0), [1], lp_sign="absolute") == pytest.approx(
        [9 / 91 ** (2 / 3), -16 / 91 ** (2 / 3)]
    )
    assert gradient([3, -4], pool1("lp_pool", kernel=2, p=INF), [1]) == [0, -1]
    assert gradient([0, 0], pool1("lp_pool", kernel=2, p=INF), [1]) == [0, 0]
    assert gradient([0, 2], pool1("lp_pool", kernel=2, p=0.5), [1]) == pytest.approx([INF, 1])
