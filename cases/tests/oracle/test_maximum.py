"""Maxima: which cell is the greatest, its index, what takes the gradient, and NaN on the way; by hand or as on a framework."""

import numpy as np
import pytest
from support.on_a_line import INF, NAN, ask, gradient, indices, pool1

from poolparity.cases.model.inputs import distinct
from poolparity.cases.model.pool import Pool
from poolparity.cases.model.rules import Rules
from poolparity.cases.oracle.definition import oracle, outcome


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("last", [0, 1, 2, 2, 2]),  # torch
        ("first", [0, 1, 2, 0, 1]),
        ("ignore", [2, 2, 1, 0, 0]),
        ("seeded", [0, 2, 1, 0, 0]),  # TensorFlow with argmax, onnxruntime
        ("restart", [2, 2, 2, 2, 2]),  # the gradient of jax
    ],
)
def test_the_index_of_nan(rule, due):
    windows_ = [[NAN, 2, 3], [1, NAN, 3], [1, 2, NAN], [NAN] * 3, [5, NAN, NAN]]
    assert [indices(x, pool1("max_pool", kernel=3), nan_index=rule)[0] for x in windows_] == due


@pytest.mark.parametrize(
    ("rule", "due"),
    [("first", [0, 6, 0, 0]), ("last", [0, 0, 0, 6]), ("split", [0, 2, 2, 2]), ("all", [0, 6, 6, 6])],
)
def test_the_gradient_of_equal_maxima(rule, due):
    assert gradient([1, 2, 2, 2], pool1("max_pool", kernel=4), [6], tie=rule) == due


def test_equal_shares_of_a_window_whose_maximum_is_nan_are_nan():
    split = gradient([1, NAN, 2, 0], pool1("max_pool", kernel=2), [1, 1], tie="split")
    np.testing.assert_array_equal(split, [NAN, NAN, 1, 0])  # torch.amax, tf.reduce_max, jax.numpy.max
    assert gradient([1, NAN, 2, 0], pool1("max_pool", kernel=2), [1, 1], tie="all") == [0, 0, 1, 0]  # tf.nn.max_pool3d


@pytest.mark.parametrize(("rule", "due"), [("no", [2, 1, 0]), ("yes", [1, 1, 0])])
def test_padding_may_win_over_minus_infinity(rule, due):
    pool = pool1("max_pool", kernel=3, stride=1, padding="same")
    assert gradient([-INF] * 3, pool, [1, 1, 1], pad_candidate=rule) == due  # torch, TensorFlow; jax


def test_zeros_in_the_padding_win_over_negative_cells_alone():
    pool = pool1("max_pool", kernel=2, stride=1, padding=(1, 1))
    result = ask([-1, -2, 0.5], pool, cotangent=[1, 2, 4, 8], pad_value="zero", empty_index="minus_one")
    assert result.output[0, 0].tolist() == [0, -1, 0.5, 0.5]
    assert (result.indices[0, 0].tolist(), result.gradient[0, 0].tolist()) == ([-1, 0, 2, 2], [2, 0, 12])


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("window_start", [[4, 4, 5], [4, 4, 5]]),
        ("minus_one", [[-1] * 3] * 2),
        ("zero", [[0] * 3] * 2),
        ("minus_one_each", [[-3] * 3] * 2),
        ("first_position", [[-3, -2, -1]] * 2),
    ],
)
def test_the_index_of_a_window_without_cells(rule, due):
    pool = Pool(op="max_pool", kernel=(2, 2), stride=(1, 1), padding=((1, 1), (1, 1)), dilation=(3, 1))
    result = outcome(np.ones((1, 2, 2, 2)), pool, Rules(empty_index=rule))
    assert result.indices.reshape(2, 3).tolist() == due


def test_a_window_wholly_before_the_input_starts_at_its_first_cell():
    assert indices([5, 6], pool1("max_pool", kernel=1, padding=(2, 0)), pad_limit="none", empty_index="window_start") == [0, 0, 0, 1]


@pytest.mark.parametrize(("rule", "due"), [("dropped", [0, 0, 0, 0]), ("window_start", [0, 0, 1, 2])])
def test_the_gradient_of_a_window_without_cells(rule, due):
    pool = Pool(op="max_pool", kernel=(2, 2), stride=(1, 1), padding=((1, 1), (1, 1)), dilation=(2, 2))
    cotangent = np.array([1.0, 2, 4, 8]).reshape(1, 4, 1, 1)
    result_of_rule = outcome(np.ones((1, 4, 1, 1)), pool, Rules(empty_gradient=rule), cotangent=cotangent)
    assert result_of_rule.gradient.ravel().tolist() == due  # torch writes the last two behind its array


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("minus_inf", [-INF] * 3),
        ("lowest", [-1.7976931348623157e308] * 3),
        ("lowest_at_edges", [-1.7976931348623157e308, -INF, -1.7976931348623157e308]),
    ],
)
def test_minus_infinity_may_become_the_lowest_number_at_the_ends_of_rows(rule, due):
    pool = Pool(op="max_pool", kernel=(3, 3), stride=(1, 1), padding=((1, 1), (1, 1)))
    result_of_rule = outcome(np.full((1, 1, 2, 3), -INF), pool, Rules(all_minus_inf=rule))
    assert result_of_rule.output[0, 0].tolist() == [due] * 2


def test_a_window_without_cells_has_its_index_in_the_tensor_as_onnxruntime_has_it():
    pool = Pool(op="max_pool", kernel=(2, 2), stride=(1, 1), padding=((1, 1), (1, 1)), dilation=(2, 2))
    result = outcome(np.ones((2, 2, 1, 1)), pool, Rules(empty_index="minus_one_each", index_base="tensor"))
    assert result.indices.ravel().tolist() == [-2, -1, 0, 1]


@pytest.mark.parametrize(("rule", "due"), [("found", [0, 2]), ("empty", [-1, 2])])
def test_the_index_of_minus_infinity(rule, due):
    pool = pool1("max_pool", kernel=2)
    assert indices([-INF, -INF, 0, -INF], pool, all_minus_inf_index=rule, empty_index="minus_one") == due
    assert gradient([-INF, -INF, 0, -INF], pool, [1, 1], all_minus_inf_index=rule)[0] == (due[0] == 0)


@pytest.mark.parametrize(("rule", "due"), [("last", 1), ("first", 0), ("seeded", 0), ("restart", 1), ("ignore", -1)])
def test_nan_is_nothing_only_where_it_is_ignored(rule, due):
    rules = {"nan_index": rule, "all_minus_inf_index": "empty", "empty_index": "minus_one"}
    assert indices([NAN, NAN], pool1("max_pool", kernel=2), **rules) == [due]


@pytest.mark.parametrize(
    ("base", "due"),
    [
        ("plane", lambda batch, channel, cell: cell),
        ("tensor", lambda batch, channel, cell: (batch * 2 + channel) * 6 + cell),
        ("channels_last", lambda batch, channel, cell: cell * 2 + channel),
        ("channels_last_batch", lambda batch, channel, cell: (batch * 6 + cell) * 2 + channel),
    ],
)
def test_what_an_index_counts(base, due):
    x = np.zeros((3, 2, 2, 3))
    cells = {(0, 0): 1, (0, 1): 4, (1, 0): 2, (1, 1): 5, (2, 0): 4, (2, 1): 3}
    for plane, cell in cells.items():
        x[plane].flat[cell] = 1
    result = outcome(x, Pool(op="global_max_pool"), Rules(index_base=base)).indices
    assert {plane: result[plane].item() for plane in cells} == {plane: due(*plane, cell) for plane, cell in cells.items()}


def test_fractional_windows_as_torch_places_them():
    x = np.arange(49.0).reshape(1, 1, 7, 7)
    pool = Pool(op="fractional_max_pool", kernel=(2, 2), output_size=(3, 4))
    result = outcome(x, pool, Rules(sample_order="reversed"), extra={"samples": np.array([[[0.1, 0.9]]], "float32")})
    assert result.indices.tolist() == [[[[8, 9, 11, 13], [22, 23, 25, 27], [43, 44, 46, 48]]]]
    result = outcome(x, pool, extra={"samples": np.array([[[0.9, 0.1]]], "float32")})
    assert result.output.tolist() == [[[[8, 9, 11, 13], [22, 23, 25, 27], [43, 44, 46, 48]]]]


@pytest.mark.parametrize(("kernel", "size", "due"), [(1, 2, [9, 7]), (1, 1, [7]), (2, 1, [8]), (2, 2, [9, 8]), (1, 3, [9, 8, 7])], ids=str)
def test_the_last_fractional_window_ends_with_the_input(kernel, size, due):
    pool = pool1("fractional_max_pool", kernel=kernel, output_size=size)
    assert oracle(np.array([[[9.0, 8, 7]]]), pool, extra={"samples": np.zeros((1, 1, 1))}).tolist() == [[due]]


def test_a_maximum_of_integers_keeps_its_type_where_averages_are_promoted():
    y = ask([3, 4], pool1("max_pool", kernel=2), "int8", integer_average="promote32").output
    assert (y.dtype.name, y.item()) == ("int8", 4)


@pytest.mark.parametrize(
    ("rule", "shape", "due"),
    [
        ("columns_restart", (2, 2), [4, 4, 4, NAN]),
        ("lanes4", (2, 2), [4, 4, 4, NAN]),
        ("lanes4", (3,), [3, 3, 2]),
        ("lanes4", (2, 3), [6, 6, 6, NAN, 6, 5]),
        ("lanes4", (9,), [9, 9, 9, 9, 9, 9, 9, NAN, 8]),
    ],
)
def test_folds_of_onnxruntime_with_nan_at_each_place(rule, shape, due):
    for at, answer in enumerate(due):
        x = np.arange(1.0, len(due) + 1)
        x[at] = NAN
        y = oracle(x.reshape(1, 1, *shape), Pool(op="global_max_pool"), Rules(nan=rule))
        np.testing.assert_array_equal(y.item(), answer)


def test_nan_hides_what_came_before_it_in_its_lane():
    x = np.array([[[9.0, 1, 1, 1, NAN, 2, 3, 4]]])
    assert oracle(x, Pool(op="global_max_pool"), Rules(nan="lanes4")).item() == 4
    assert oracle(x, Pool(op="global_max_pool"), Rules(nan="ignore")).item() == 9


def test_a_fold_down_the_columns_loses_only_one_column_to_nan():
    x = np.array([[[[9.0, 1, 3], [NAN, 2, 1], [5, 8, 2]]]])
    for rule, due in (("restart", 8), ("columns_restart", 8), ("ignore", 9)):
        assert oracle(x, Pool(op="global_max_pool"), Rules(nan=rule)).item() == due
    x = np.array([[[[9.0, NAN], [1, 2]]]])
    for rule, due in (("restart", 2), ("columns_restart", 9)):
        assert oracle(x, Pool(op="global_max_pool"), Rules(nan=rule)).item() == due


def test_columns_of_a_fold_are_those_of_a_filled_padding_as_well():
    x = np.array([[[[9.0, 1], [NAN, 2]]]])
    pool = Pool(op="max_pool", kernel=(2, 3), stride=(1, 1), padding=((0, 0), (0, 1)))
    assert oracle(x, pool, Rules(nan="columns_restart", pad_value="zero")).item() == 2


def test_a_global_maximum_without_its_axes_has_its_indices_without_them():
    x = distinct((2, 3, 2, 2), 0, "float32").value
    for batched, shape in ((True, (2, 3)), (False, (3,))):
        result = outcome(x if batched else x[0], Pool(op="global_max_pool", keepdims=False), batched=batched)
        assert result.output.shape == result.indices.shape == shape


def test_indices_are_there_only_of_maxima_that_are_located():
    x = np.ones((1, 1, 2))
    assert outcome(x, pool1("avg_pool", kernel=2)).indices is None
    assert outcome(x, pool1("max_pool", kernel=2), located=False).indices is None
    assert outcome(x, pool1("max_pool", kernel=2)).indices is not None
