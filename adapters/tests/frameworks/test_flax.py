"""What flax is asked: the functions of linen, windows one apart unless strides are written."""

import numpy as np
import pytest

from poolparity.adapters import Ask, Unsupported
from poolparity.adapters.frameworks.flax.adapter import ADAPTER
from poolparity.adapters.frameworks.flax_nnx.adapter import ADAPTER as NNX
from poolparity.cases.model.layers import BadSpelling, parse_layer
from poolparity.cases.model.pool import FIRST, LAST, Pool


@pytest.mark.parametrize(
    ("pool", "code"),
    [
        (Pool(op="max_pool", kernel=(2, 2)), "y = flax.linen.max_pool(x, window_shape=(2, 2))"),
        (
            Pool(op="max_pool", kernel=(2, 2), stride=(2, 1), padding="same_lower", dilation=(1, 1), ceil_mode=False),
            "y = flax.linen.max_pool(x, window_shape=(2, 2), strides=(2, 1), padding='SAME_LOWER')",
        ),
        (
            Pool(op="avg_pool", kernel=(2, 2), stride=(2, 2), padding=((0, 1), (1, 0)), count_include_pad=False, data_format=LAST),
            "y = flax.linen.avg_pool(x, window_shape=(2, 2), strides=(2, 2), padding=((0, 1), (1, 0)), count_include_pad=False)",
        ),
        (Pool(op="global_avg_pool", keepdims=False), "y = jax.numpy.mean(x, axis=(1, 2), keepdims=False)"),
    ],
)
def test_a_pooling_is_a_function_s_call(lines, pool, code):
    assert lines(ADAPTER, pool, (1, 6, 6, 2), layout=LAST) == [code]


def test_a_convolution_is_a_layer_applied_with_the_weights_as_its_kernel(lines):
    pool = Pool(op="conv", stride=(2, 1), padding="same", data_format=LAST)
    assert lines(ADAPTER, pool, (1, 6, 6, 4), layout=LAST, shapes={"weights": (6, 2, 3, 2)}) == [
        "kernel = jax.numpy.transpose(weights, (2, 3, 1, 0))",
        "layer = flax.linen.Conv(features=6, kernel_size=(3, 2), use_bias=False, feature_group_count=2, strides=(2, 1), padding='SAME')",
        "y = layer.apply({'params': {'kernel': kernel}}, x)",
    ]


def test_a_convolution_of_nnx_is_given_the_weights_as_its_kernel(lines):
    assert lines(NNX, Pool(op="conv"), (1, 6, 2), layout=LAST, shapes={"weights": (3, 2, 5)}) == [
        "kernel = jax.numpy.transpose(weights, (2, 1, 0))",
        "rngs = flax.nnx.Rngs(0)",
        "layer = flax.nnx.Conv(in_features=2, out_features=3, kernel_size=(5,), use_bias=False, kernel_init=jax.nn.initializers.zeros, rngs=rngs)",
        "kernel = flax.nnx.Param(kernel)",
        "layer.kernel = kernel",
        "y = layer(x)",
    ]


@pytest.mark.parametrize("weights", [(), (3,), (4, 0, 3), (4, 2, 3, 3, 3)])
def test_weights_that_fit_nothing_are_flax_s_to_refuse(lines, weights):
    for adapter in (ADAPTER, NNX):
        assert lines(adapter, Pool(op="conv"), shapes={"weights": weights})[-1].startswith("y = layer")


def test_flax_pads_a_convolution_where_nothing_is_stated(answers_of):
    ones = {"weights": np.ones((1, 1, 3), "float32")}
    (y,) = answers_of("flax", np.ones((1, 4, 1), "float32"), Pool(op="conv"), layout=LAST, extra=ones)
    assert y.ravel().tolist() == [2, 3, 3, 2]


def test_nnx_has_linen_s_functions_by_its_own_names(lines):
    for op in ("max_pool", "avg_pool"):
        assert lines(NNX, Pool(op=op, kernel=(2, 2)), layout=LAST) == [f"y = flax.nnx.{op}(x, window_shape=(2, 2))"]


def test_arrays_that_are_written_channels_first_are_turned():
    call = ADAPTER.call(Ask(Pool(op="max_pool", kernel=(2, 2)), (1, 2, 6, 6), "float32", FIRST))
    assert call.moves == {"x": (1, 3), "y": (3, 1)}


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"op": "max_pool", "data_format": FIRST}, "no data_format: its arrays are channels last"),
        ({"op": "avg_pool", "dilation": (1, 2)}, "no dilation"),
        ({"op": "max_pool", "ceil_mode": True}, "no ceil_mode"),
        ({"op": "avg_pool", "divisor_override": 3}, "no divisor_override"),
    ],
)
def test_what_flax_lacks_is_unsupported(lines, parameters, reason):
    with pytest.raises(Unsupported, match=reason):
        lines(ADAPTER, Pool(kernel=(2, 2), **parameters))


def test_windows_are_one_apart_where_no_stride_is_stated(answers_of):
    (y,) = answers_of("flax", np.arange(4, dtype="float32").reshape(1, 4, 1), Pool(op="max_pool", kernel=(2,)), layout=LAST)
    assert y.ravel().tolist() == [1, 2, 3]


def test_inputs_may_lack_their_batch_axis(answers_of):
    x = np.arange(32, dtype="float32").reshape(4, 4, 2)
    maximum, average = answers_of("flax", x, *(Pool(op=op, kernel=(4, 4)) for op in ("max_pool", "avg_pool")), layout=LAST, batched=False)
    assert (maximum.tolist(), average.tolist()) == ([[[30, 31]]], [[[15, 16]]])


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("flax.linen.max_pool((2, 3))", Pool(op="max_pool", kernel=(2, 3), stride=(1, 1), padding="valid")),
        ("flax.linen.max_pool((2,), (2,), 'SAME')", Pool(op="max_pool", kernel=(2,), stride=(2,), padding="same")),
        (
            "flax.linen.avg_pool((2, 2), padding=((0, 1), (2, 3)), count_include_pad=False)",
            Pool(op="avg_pool", kernel=(2, 2), stride=(1, 1), padding=((0, 1), (2, 3)), count_include_pad=False),
        ),
    ],
)
def test_the_window_tells_the_rank_of_a_spelling(text, parameters):
    spelling = parse_layer(text, ADAPTER.layers)
    assert spelling.full_pool == parameters
    assert (spelling.layer.rank, spelling.data_format) == (len(parameters.kernel), LAST)


@pytest.mark.parametrize("text", ["flax.linen.max_pool(2)", "flax.linen.max_pool(())"])
def test_a_window_without_axes_is_no_spelling(text):
    with pytest.raises(
        BadSpelling, match=r"window_shape=.* has no meaning for flax.linen.max_pool; expected one integer for each spatial axis"
    ):
        parse_layer(text, ADAPTER.layers)


@pytest.mark.parametrize("padding", ["((1,), (1,))", "((1, 1),)", "((1, 1, 1), (1, 1, 1))", "()"])
def test_ragged_padding_is_no_spelling(padding):
    with pytest.raises(BadSpelling, match=r"padding=.* has no meaning for flax.linen.max_pool; expected .*pair"):
        parse_layer(f"flax.linen.max_pool((2, 2), padding={padding})", ADAPTER.layers)


def test_a_function_as_written_is_called_on_the_input():
    call = ADAPTER.literal_call("flax.linen.max_pool", {"window_shape": (2,), "strides": (2,)})
    assert list(map(str, call.steps)) == ["y = flax.linen.max_pool(x, window_shape=(2,), strides=(2,))"]
