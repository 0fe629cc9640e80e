"""Answers of both oracles under single rules, checked by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from poolparity.cases.fast.vectorised import outcome as fast_outcome
from poolparity.cases.model.inputs import distinct
from poolparity.cases.model.pool import Crashed, Pool, Refused
from poolparity.cases.model.rules import Rules
from poolparity.cases.oracle.definition import outcome

both = pytest.mark.parametrize("module", [outcome, fast_outcome], ids=["oracle", "fast"])


@pytest.mark.parametrize(("shape", "due"), [((2, 3, 4), (2, 1)), ((2, 3, 4, 5), (2, 3, 1, 1)), ((2, 3, 4, 5, 6), (2, 3, 4, 1, 1, 1))])
@both
def test_a_global_maximum_of_the_last_two_axes(module, shape, due):
    x = distinct(shape, 0, "float64").value
    rules, seed = Rules(reduced_axes="last_two"), np.arange(1.0, 1 + math.prod(due)).reshape(due)
    result = module(x, Pool(op="global_max_pool"), rules, cotangent=seed)
    np.testing.assert_array_equal(result.output, x.max((-2, -1)).reshape(due))
    np.testing.assert_array_equal(result.gradient, np.where(x == x.max((-2, -1), keepdims=True), seed.reshape(*shape[:-2], 1, 1), 0))
    assert module(x, Pool(op="global_max_pool", keepdims=False), rules).output.shape == shape[:-2]


@both
def test_a_mask_leaves_cells_out_of_each_window_of_the_last_two_axes(module):
    x = np.arange(1.0, 9).reshape(1, 1, 2, 2, 2)
    mask = np.array([[[[True, False], [False, True]], [[False, False], [False, False]]]])
    rules, seed = Rules(reduced_axes="last_two"), np.array([6.0, 8.0]).reshape(1, 1, 2, 1, 1, 1)
    result = module(x, Pool(op="global_avg_pool"), rules, cotangent=seed, extra={"mask": mask})
    np.testing.assert_array_equal(result.output, np.array([2.5, np.nan]).reshape(seed.shape))
    np.testing.assert_array_equal(result.gradient, np.array([[3.0, 0], [0, 3], [0, 0], [0, 0]]).reshape(x.shape))


@both
def test_an_adaptive_average_in_turn_is_rounded_in_between(module):
    x = np.array([[[[8388608, 8388609], [8388609, 8388612]]]], "float32")
    pool = Pool(op="adaptive_avg_pool", output_size=(1, 1))
    assert [module(x, pool, Rules(adaptive_passes=value)).output.item() for value in ("together", "in_turn")] == [8388610, 8388609]


@both
def test_an_adaptive_maximum_in_turn_is_traced_back(module):
    x = np.array([[[[7, 7], [7, 1]]]], "float32")
    pool, seed = Pool(op="adaptive_max_pool", output_size=(1, 1)), np.full((1, 1, 1, 1), 12.0)
    split = module(x, pool, Rules(adaptive_passes="in_turn", tie="split"), cotangent=seed)
    assert split.gradient.tolist() == [[[[3, 6], [3, 0]]]]
    last = module(x, pool, Rules(adaptive_passes="in_turn", tie="last"), cotangent=seed)
    assert (last.gradient.tolist(), last.indices.tolist()) == ([[[[0, 12], [0, 0]]]], [[[[1]]]])
    nothing = module(np.full((1, 1, 2, 2), -np.inf), pool, Rules(adaptive_passes="in_turn", all_minus_inf_index="empty"))
    assert nothing.indices.tolist() == [[[[-1]]]]


@both
def test_indices_that_read_a_cell_by_the_rows_of_the_output_and_leave_out_planes(module):
    x = np.zeros((1, 2, 3, 5), "float32")
    x[:, :, 1, 2] = 1
    pool = Pool(op="max_pool", kernel=(2, 3), stride=(1, 1))
    right, tap, planes = (module(x, pool, Rules(**rules)).indices for rules in ({}, {"index_tap": "output"}, {"index_planes": "left_out"}))
    assert right[0, 1].tolist() == [[7, 7, 7], [7, 7, 7]]
    # a window of six cells in rows of three is read in the three rows of the output, so that only its first row is right
    assert tap[0, 1].tolist() == [[7, 7, 7], [7, 7, 7]]
    assert (right - planes).tolist() == [[[[0] * 3] * 2, [[15] * 3] * 2]]
    wide = module(np.pad(x, ((0, 0),) * 3 + ((0, 1),)), pool, Rules(index_tap="output")).indices
    assert wide[0, 0, 0].tolist() == [7, 7, 5, 3]


@both
def test_minus_infinities_alone_may_be_found_at_the_start_of_the_plane(module):
    x = np.array([[[1, 5, -np.inf, -np.inf]]], "float32")
    pool, seed = Pool(op="max_pool", kernel=(2,), stride=(2,)), np.array([[[1.0, 2.0]]])
    result = module(x, pool, Rules(all_minus_inf_index="plane_start"), cotangent=seed)
    assert (result.indices.tolist(), result.gradient.tolist()) == ([[[1, 0]]], [[[2, 1, 0, 0]]])


@both
def test_float32_inside_gives_back_the_type_of_the_input(module):
    x = np.full((1, 1, 2), 1 + 2.0**-40)
    y = module(x, Pool(op="global_avg_pool"), Rules(cast="float32_inside")).output
    assert (y.dtype, y.item()) == (x.dtype, 1)


@both
def test_ceil_mode_beside_a_named_padding_and_same_may_be_refused(module):
    x, pool = np.arange(5.0).reshape(1, 1, 5), Pool(op="max_pool", kernel=(2,), stride=(2,), padding="valid", ceil_mode=True)
    assert module(x, pool, Rules(named_ceil="rounds_up")).output.tolist() == [[[1, 3, 4]]]
    assert module(x, pool, Rules(named_ceil="ignored")).output.tolist() == [[[1, 3]]]
    for padding in (None, ((0, 0),)):
        for rule in ("rounds_up", "ignored", "reject"):
            assert module(x, replace(pool, padding=padding), Rules(named_ceil=rule)).output.tolist() == [[[1, 3, 4]]]
    with pytest.raises(Refused):
        module(x, pool, Rules(named_ceil="reject"))
    with pytest.raises(Refused):
        module(x, replace(pool, padding="same"), Rules(same_padding="reject"))
    assert module(x, replace(pool, ceil_mode=None), Rules(same_padding="reject")).output.tolist() == [[[1, 3]]]


@both
def test_same_that_ignores_dilation_may_leave_zeros_where_no_window_fits(module):
    x, pool = np.array([[[-4.0, -3, -2, -1]]]), Pool(op="max_pool", kernel=(2,), stride=(1,), dilation=(2,), padding="same")
    assert module(x, pool, Rules(same_dilation="ignored_with_zeros")).output.tolist() == [[[-2, -1, -2, 0]]]


@both
def test_a_convolution_takes_same_padding_whatever_poolings_do(module):
    x, extra = np.arange(4.0).reshape(1, 1, 4), {"weights": np.ones((1, 1, 3))}
    due = [[[1, 3, 6, 5]]]
    assert module(x, Pool(op="conv", padding="same"), Rules(same_padding="reject"), extra=extra).output.tolist() == due


@both
def test_one_bin_on_the_last_axis_may_end_the_process_of_a_maximum(module):
    rules = Rules(adaptive_bins="crash_for_one")
    x = distinct([1, 2, 3, 4], 0, "float32").value
    for size in ((1, 1), (2, 1)):
        with pytest.raises(Crashed, match=r"on the last axis$"):
            module(x, Pool(op="adaptive_max_pool", output_size=size), rules)
    for op, size, cells in (("adaptive_max_pool", (1, 2), x), ("adaptive_avg_pool", (1, 1), x), ("adaptive_max_pool", (1, 1), x[:, :0])):
        pool = Pool(op=op, output_size=size)
        np.testing.assert_array_equal(module(cells, pool, rules).output, module(cells, pool).output)


@both
def test_a_parameter_of_more_than_32_bits_may_be_refused_or_end_the_process(module):
    x, large = np.ones((1, 1, 4), "float32"), Pool(op="max_pool", kernel=(2,), stride=(1 << 31,))
    for limit, failure in (("int32", Refused), ("crash", Crashed)):
        rules = Rules(parameter_limit=limit)
        with pytest.raises(Refused) as refusal:
            module(x, large, rules)
        assert type(refusal.value) is failure
        assert module(x, replace(large, stride=((1 << 31) - 1,)), rules).output.shape == (1, 1, 1)
    assert module(x, large, Rules(parameter_limit="none")).output.shape == (1, 1, 1)


@both
def test_an_up_sampling_to_a_negative_size_may_be_empty(module):
    x, rules = np.ones((1, 2, 3, 4), "float32"), Rules(size_negative="empty")
    assert module(x, Pool(op="upsample_nearest", output_size=(5, -1)), rules).output.shape == (1, 2, 5, 0)
    assert module(x, Pool(op="upsample_nearest", kernel=(-2, 3)), rules).output.shape == (1, 2, 0, 12)
    for pool in (Pool(op="upsample_nearest", output_size=(5, 0)), Pool(op="upsample_nearest", kernel=(0, 1))):
        with pytest.raises(Refused):
            module(x, pool, rules)
    with pytest.raises(Refused):
        module(x, Pool(op="upsample_nearest", output_size=(5, -1)))


@pytest.mark.parametrize(
    ("order", "tie", "due"), [("rows", "first", 1), ("rows", "last", 4), ("columns", "first", 4), ("columns", "last", 1)]
)
@pytest.mark.parametrize("rules", [{}, {"pad_candidate": "yes"}, {"pad_value": "zero"}], ids=["padding left out", "candidate", "zero"])
@both
def test_a_search_by_columns_runs_along_the_first_axis_first(module, rules, order, tie, due):
    x = np.zeros((1, 1, 2, 2, 2))
    x.flat[[1, 2, 4]] = 7  # one step along the last axis, along the middle one, and along the first
    assert module(x, Pool(op="global_max_pool"), Rules(scan_order=order, tie=tie, **rules)).indices.item() == due


@both
def test_an_output_without_a_window_is_zero_and_has_no_index(module):
    x = np.array([[[5.0, 6, 7, 4]]])
    pool = Pool(op="max_pool", kernel=(2,), stride=(1,), dilation=(3,), padding="same")
    result = module(x, pool, Rules(same_dilation="ignored_with_zeros"))
    assert (result.output.tolist(), result.indices.tolist()) == ([[[5, 6, 0, 0]]], [[[0, 1, -1, -1]]])


@both
def test_the_start_of_the_plane_is_read_as_it_is_where_it_is_no_cell_of_its_window(module):
    x, rules = np.full((1, 1, 3, 4), -np.inf), Rules(all_minus_inf_index="plane_start", index_tap="output")
    pool = Pool(op="max_pool", kernel=(2, 2), stride=(1, 1), dilation=(2, 2))
    assert module(x, pool, rules).indices.tolist() == [[[[0, 0]]]]


def sum16(module, x, kernel, *, padding=None, **rules):
    """The sum of one window of half precision, in half precision."""
    pool = Pool(op="avg_pool", kernel=kernel, stride=kernel, padding=padding, divisor_override=1)
    return module(np.array(x, "float16")[None, None], pool, Rules(accumulator="input", **rules)).output.item()


@pytest.mark.parametrize(
    ("shape", "first", "sequential", "by_rows"),
    [
        ((4,), 2048, 2048, 2048),
        ((4, 1), 2048, 2048, 2048),
        ((2, 2), 2048, 2048, 2050),
        ((2, 2, 2), 4096, 4096, 4100),  # the sums of rows are added up in planes: 4096 and 4
    ],
)
@both
def test_ones_in_later_rows_than_a_number_that_swallows_them(module, shape, first, sequential, by_rows):
    x = np.ones(shape)
    x.flat[0] = first
    assert sum16(module, x, shape) == sequential
    assert sum16(module, x, shape, sum_order="rows") == by_rows


@pytest.mark.parametrize(("rule", "due"), [("absent", 2048 + 2), ("edge", 4096 + 4)])
@both
def test_rows_of_a_sum_are_as_long_as_what_is_summed(module, rule, due):
    rules = {"sum_order": "rows", "average_pad": rule}
    assert sum16(module, [[2048, 1], [1, 1]], (2, 3), padding=((0, 0), (1, 0)), **rules) == due  # 3 is rounded to 4 beside 4096


@pytest.mark.parametrize("order", ["sequential", "blocks32", "rows"])
@both
def test_padding_alone_sums_to_zero_in_any_order(module, order):
    pool = Pool(op="avg_pool", kernel=(1,), stride=(1,), padding=((1, 1),), count_include_pad=True)
    assert module(np.array([[[5.0]]]), pool, Rules(pad_limit="none", sum_order=order)).output.tolist() == [[[0, 5, 0]]]


@pytest.mark.parametrize("order", ["sequential", "blocks32", "rows"])
@pytest.mark.parametrize("shape", [(2,), (64,), (2, 2)])
@both
def test_truth_values_that_are_added_up_as_such_make_one_at_most(module, shape, order):
    x, pool = np.ones((1, 1, *shape), bool), Pool(op="global_avg_pool")
    assert module(x, pool, Rules(sum_order=order)).output.item() is True
    assert module(x, pool, Rules(sum_order=order, accumulator="input")).output.item() is False  # a half or less, truncated
