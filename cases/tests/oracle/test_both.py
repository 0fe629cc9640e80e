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
def test_ceil_mode_and_same_may_be_refused(module):
    x, pool = np.arange(5.0).reshape(1, 1, 5), Pool(op="max_pool", kernel=(2,), stride=(2,), padding="valid", ceil_mode=True)
    assert module(x, pool, Rules(named_ceil="ignored")).output.tolist() == [[[1, 3]]]
    assert module(x, replace(pool, padding=None), Rules(named_ceil="reject")).output.tolist() == [[[1, 3, 4]]]
    with pytest.raises(Refused):
        module(x, pool, Rules(named_ceil="reject"))
    with pytest.raises(Refused):
        module(x, replace(pool, padding="same"), Rules(same_padding="reject"))
    assert module(x, replace(pool, ceil_mode=None), Rules(same_padding="reject")).output.tolist() == [[[1, 3]]]


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
        with pytest.raises(Crashed):
            module(x, Pool(op="adaptive_max_pool", output_size=size), rules)
    for op, size, cells in (("adaptive_max_pool", (1, 2), x), ("adaptive_avg_pool", (1, 1), x), ("adaptive_max_pool", (1, 1), x[:, :0])):
        pool = Pool(op=op, output_size=size)
        np.testing.assert_array_equal(module(cells, pool, rules).output, module(cells, pool).output)


@both
def test_a_parameter_of_more_than_32_bits_may_end_the_process(module):
    x, rules = np.ones((1, 1, 4), "float32"), Rules(parameter_limit="crash")
    with pytest.raises(Crashed):
        module(x, Pool(op="max_pool", kernel=(2,), stride=(1 << 31,)), rules)
    assert module(x, Pool(op="max_pool", kernel=(2,), stride=((1 << 31) - 1,)), rules).output.shape == (1, 1, 1)


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
