"""Un-pooling, up-sampling, flattening and convolution, by hand or as on a framework."""

from dataclasses import replace

import numpy as np
import pytest
from support.on_a_line import pool1

from poolparity.cases.model.inputs import distinct
from poolparity.cases.model.pool import Pool, Refused
from poolparity.cases.model.rules import Rules
from poolparity.cases.oracle.definition import oracle, outcome


@pytest.mark.parametrize("base", ["plane", "tensor", "channels_last", "channels_last_batch"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("last", [False, True])
def test_unpooling_undoes_the_indices_of_every_base(base, channels, last):
    x = distinct((2, channels, 4, 6), 0, "float64").value + 1
    pool = Pool(op="max_pool", kernel=(2, 3), data_format="channels_last" if last else None)
    x = np.moveaxis(x, 1, -1) if last else x
    result = outcome(x, pool, Rules(index_base=base))
    back = oracle(result.output, replace(pool, op="max_unpool"), Rules(index_base=base), extra={"indices": result.indices})
    np.testing.assert_array_equal(back, np.where(np.isin(x, result.output), x, 0))


def test_unpooling_as_torch_has_it():
    x = np.array([[[1.0, 2, 3]]])
    ask_ = {"extra": {"indices": np.array([[[1, 1, 4]]])}, "cotangent": np.arange(6.0).reshape(1, 1, 6)}
    result = outcome(x, pool1("max_unpool", kernel=2), **ask_)
    assert result.output.tolist() == [[[0, 2, 0, 0, 3, 0]]]
    assert result.gradient.tolist() == [[[1, 1, 4]]]
    wider = oracle(x, pool1("max_unpool", kernel=2, output_size=7), extra={"indices": np.array([[[1, 3, 6]]])})
    assert wider.tolist() == [[[0, 1, 0, 2, 0, 0, 3]]]
    padded = oracle(x, pool1("max_unpool", kernel=3, stride=2, padding=(1, 1)), extra={"indices": np.array([[[1, 3, 4]]])})
    assert padded.tolist() == [[[0, 1, 0, 2, 3]]]


def test_only_an_index_that_counts_the_tensor_leads_into_another_plane():
    x, extra = np.array([[[1.0], [2.0]]]), {"indices": np.array([[[3], [0]]])}
    pool = pool1("max_unpool", kernel=2)
    assert oracle(x, pool, Rules(index_base="tensor"), extra=extra).tolist() == [[[2, 0], [0, 1]]]
    with pytest.raises(Refused, match=r"^an index points to cell 3; expected 0 to 1$"):
        oracle(x, pool, extra=extra)


def test_cells_that_are_moved_or_weighed_keep_their_type():
    for dtype in ("int8", "float32"):
        x, rules = np.array([[[3, 4]]], dtype), Rules(integer_average="promote32")
        assert oracle(x, Pool(op="conv"), rules, extra={"weights": np.ones((1, 1, 1), dtype)}).dtype == x.dtype
        for pool, extra in ((pool1("max_unpool", kernel=2), {"indices": np.array([[[0, 3]]])}), (pool1("upsample_nearest", kernel=2), {})):
            assert oracle(x, pool, rules, extra=extra).dtype == x.dtype


def test_upsampling_repeats_the_nearest_cell():
    assert oracle(np.array([[[1, 2]]]), pool1("upsample_nearest", kernel=3)).tolist() == [[[1, 1, 1, 2, 2, 2]]]
    x = np.arange(3.0).reshape(1, 1, 3)
    assert oracle(x, pool1("upsample_nearest", output_size=5)).tolist() == [[[0, 0, 1, 1, 2]]]
    assert oracle(x, pool1("upsample_nearest", output_size=5), Rules(nearest="middle")).tolist() == [[[0, 0, 1, 2, 2]]]


@pytest.mark.parametrize(("order", "due"), [("written", [0, 1, 2, 3, 4, 5]), ("channels_last", [0, 3, 1, 4, 2, 5])])
def test_flattening_follows_the_order_in_which_cells_are_written(order, due):
    x = np.arange(6).reshape(1, 2, 3)
    assert oracle(x, Pool(op="flatten"), Rules(flatten_order=order)).tolist() == [due]
    last = Pool(op="flatten", data_format="channels_last")
    assert oracle(x, last, Rules(flatten_order=order)).tolist() == [[0, 1, 2, 3, 4, 5]]
    assert oracle(np.zeros((2, 5)), Pool(op="flatten")).shape == (2, 5)


@pytest.mark.parametrize(
    ("order", "data_format", "due"),
    [
        ("written", None, [[[0, 1, 2], [3, 4, 5]]]),
        ("written", "channels_last", [[[0, 1, 2], [3, 4, 5]]]),
        ("channels_last", None, [[[0, 2, 4], [1, 3, 5]]]),
    ],
)
def test_each_cell_of_a_flattening_has_the_gradient_of_its_place(order, data_format, due):
    pool, cotangent = Pool(op="flatten", data_format=data_format), np.arange(6.0)[None]
    assert outcome(np.zeros((1, 2, 3)), pool, Rules(flatten_order=order), cotangent=cotangent).gradient.tolist() == due


def test_average_pooling_is_a_convolution_of_each_channel():
    x = distinct((2, 3, 5, 6), 0, "float64").value
    sliding = {"kernel": (2, 3), "stride": (2, 1), "padding": ((1, 0), (1, 1))}
    ask_ = {"cotangent": distinct((2, 3, 3, 6), 1, "float64").value}
    due = outcome(x, Pool(op="avg_pool", count_include_pad=True, **sliding), Rules(pad_limit="none"), **ask_)
    result = outcome(x, Pool(op="conv", **sliding), extra={"weights": np.full((3, 1, 2, 3), 1 / 6)}, **ask_)
    np.testing.assert_allclose(result.output, due.output)
    np.testing.assert_allclose(result.gradient, due.gradient)


def test_a_convolution_of_two_channels_by_hand():
    x = np.array([[[1.0, 2, 3], [4, 5, 6]]])
    weights = np.array([[[1.0, 0], [0, 1]], [[0, 1], [0, 0]], [[1, 1], [1, 1]]])
    result = outcome(x, Pool(op="conv"), extra={"weights": weights}, cotangent=np.array([[[1.0, 0], [0, 0], [0, 2]]]))
    assert result.output.tolist() == [[[6, 8], [2, 3], [12, 16]]]
    assert result.gradient.tolist() == [[[1, 2, 2], [0, 3, 2]]]
    strided_output = oracle(x, Pool(op="conv", stride=(2,), padding="same", dilation=(2,)), extra={"weights": weights[:1]})
    assert strided_output.tolist() == [[[5, 2]]]


def test_each_filter_sees_the_channels_of_its_group():
    x = np.array([[[0.5], [1], [2], [4]]])
    assert oracle(x, Pool(op="conv"), extra={"weights": np.array([[[1.0], [10]], [[3], [30]]])}).ravel().tolist() == [10.5, 126]


@pytest.mark.parametrize(
    ("accumulator", "dtype", "cells", "due"),
    [("float64", "int64", [2**53, 1], 2**53 + 1), ("float64", "float16", [2048, 1.5], 2050), ("input", "float16", [2048, 1, 1], 2048)],
)
def test_the_type_in_which_a_convolution_is_added_up(accumulator, dtype, cells, due):
    x = np.array([[cells]], dtype)
    assert oracle(x, Pool(op="conv"), Rules(accumulator=accumulator), extra={"weights": np.ones_like(x)}).item() == due


def test_a_convolution_is_padded_as_widely_as_stated():
    pool = Pool(op="conv", padding=((2, 1),))
    for rules in (Rules(), Rules(explicit_padding="reject"), Rules(pad_limit="half_window")):
        assert oracle(np.array([[[5.0]]]), pool, rules, extra={"weights": np.array([[[2.0]]])}).tolist() == [[[0, 0, 10, 0]]]


def test_the_padding_of_a_convolution_that_is_left_open():
    x, weights = np.ones((1, 1, 4)), np.ones((1, 1, 3))
    for default, due in (("valid", [3, 3]), ("same", [2, 3, 3, 2])):
        rules = Rules(padding_default=default)
        assert oracle(x, Pool(op="conv"), rules, extra={"weights": weights}).ravel().tolist() == due
        assert oracle(x, pool1("max_pool", kernel=3, stride=1), rules).shape == (1, 1, 2)


@pytest.mark.parametrize(("channels", "shape"), [(4, (3, 2, 1)), (3, (1, 2, 1)), (0, (1, 0, 1))])
def test_groups_that_do_not_divide_filters_and_channels_are_refused(channels, shape):
    with pytest.raises(Refused) as refusal:
        oracle(np.ones((1, channels, 2)), Pool(op="conv"), extra={"weights": np.ones(shape)})
    message = f"the weights have shape {shape}; expected filters and channels of a group that divide {channels}"
    assert str(refusal.value) == message


def test_weights_with_fractions_for_an_input_without_them_are_refused():
    with pytest.raises(Refused, match=r"^the weights are float32; expected int8, the input's type$"):
        oracle(np.ones((1, 1, 2), "int8"), Pool(op="conv"), extra={"weights": np.ones((1, 1, 1), "float32")})


def test_a_convolution_without_a_batch_axis():
    x, weights = distinct((1, 2, 5), 0, "float64").value, distinct((4, 2, 3), 1, "float64").value
    ask_ = {"extra": {"weights": weights}}
    due = outcome(x, Pool(op="conv"), **ask_).output
    assert outcome(x[0], Pool(op="conv"), batched=False, **ask_).output.tolist() == due[0].tolist()
    last = outcome(x[0].T, Pool(op="conv", data_format="channels_last"), batched=False, **ask_).output
    assert last.tolist() == due[0].T.tolist()
