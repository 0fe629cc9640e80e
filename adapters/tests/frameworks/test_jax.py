"""What JAX is asked: windows over every axis, and sums over a divisor that the case states."""

import numpy as np
import pytest

from poolparity.adapters import Ask, Unsupported
from poolparity.adapters.frameworks.jax.adapter import ADAPTER
from poolparity.cases.model.pool import FIRST, LAST, Pool

PADDED = ((1, 0), (0, 1))


@pytest.mark.parametrize(
    ("shape", "options", "window", "padding"),
    [
        ((1, 2, 6, 6), {"layout": FIRST}, (1, 1, 2, 3), ((0, 0), (0, 0), (1, 0), (0, 1))),
        ((1, 6, 6, 2), {"layout": LAST}, (1, 2, 3, 1), ((0, 0), (1, 0), (0, 1), (0, 0))),
        ((2, 6, 6), {"layout": FIRST, "batched": False}, (1, 2, 3), ((0, 0), (1, 0), (0, 1))),
        ((6, 6, 2), {"layout": LAST, "batched": False}, (2, 3, 1), ((1, 0), (0, 1), (0, 0))),
    ],
)
def test_windows_are_given_for_every_axis(lines, shape, options, window, padding):
    pool = Pool(op="max_pool", kernel=(2, 3), stride=(2, 3), dilation=(2, 3), padding=PADDED)
    code = (
        "y = jax.lax.reduce_window(x, init_value=-numpy.inf, computation=jax.lax.max, "
        f"window_dimensions={window}, window_strides={window}, padding={padding}, window_dilation={window})"
    )
    assert lines(ADAPTER, pool, shape, **options) == [code]


@pytest.mark.parametrize(("name", "native"), [("valid", "VALID"), ("same", "SAME"), ("same_lower", "SAME_LOWER")])
def test_padding_by_name_is_in_capitals(lines, name, native):
    assert f"padding={native!r}" in lines(ADAPTER, Pool(op="max_pool", kernel=(2, 2), padding=name))[0]


def test_open_padding_is_filled_and_an_open_stride_left_to_jax(lines):
    pool = Pool(op="max_pool", kernel=(2, 2))
    assert lines(ADAPTER, pool)[0].endswith("window_dimensions=(1, 1, 2, 2), padding='VALID')")
    assert ADAPTER.call(Ask(pool, (1, 2, 6, 6), "float32")).notes == ("padding was left open; the target requires it and got 'valid'",)


@pytest.mark.parametrize(
    ("parameters", "divisor"),
    [
        ({}, "6"),
        ({"padding": "valid"}, "6"),
        ({"padding": "valid", "count_include_pad": False}, "6"),
        ({"padding": "same", "count_include_pad": True}, "6"),
        ({"padding": "same", "count_include_pad": False}, "cells"),
        ({"padding": PADDED, "count_include_pad": False}, "cells"),
        ({"padding": "same", "divisor_override": 5}, "5"),
        ({"padding": PADDED, "count_include_pad": False, "divisor_override": 5}, "5"),
    ],
)
def test_an_average_divides_the_sums_by_the_stated_divisor(lines, parameters, divisor):
    sums, *count_lines, average = lines(ADAPTER, Pool(op="avg_pool", kernel=(2, 3), stride=(1, 1), **parameters))
    assert sums.startswith("sums = jax.lax.reduce_window(x, init_value=0, computation=jax.lax.add, ")
    assert count_lines == (
        ["ones = jax.numpy.ones_like(x)", sums.replace("sums", "cells").replace("(x", "(ones")] if divisor == "cells" else []
    )
    assert average == f"y = jax.numpy.divide(sums, {divisor})"


@pytest.mark.parametrize("padding", ["same", "same_lower", PADDED])
def test_an_average_whose_divisor_is_open_is_unsupported(lines, padding):
    with pytest.raises(Unsupported, match="no average pooling that chooses by itself whether padding counts"):
        lines(ADAPTER, Pool(op="avg_pool", kernel=(2, 2), stride=(2, 2), padding=padding))


def test_a_gradient_is_pulled_back_through_a_function_of_the_input_in_each_mode():
    pool = Pool(op="max_pool", kernel=(2,), padding="valid")
    plain_lines, compiled_lines = (
        list(map(str, ADAPTER.gradient(Ask(pool, (1, 1, 4), "float32"), target).steps)) for target in ADAPTER.targets[:2]
    )
    definition, *gradient_lines = plain_lines
    assert definition.startswith("def f(x):\n    y = jax.lax.reduce_window(x, ")
    assert gradient_lines == [
        "[y, pull_back] = jax.vjp(f, x)",
        "cotangent = jax.numpy.asarray(cotangent, dtype=y.dtype)",
        "[gradient] = pull_back(cotangent)",
    ]
    assert compiled_lines == [definition, "f = jax.jit(f)", *gradient_lines]


def test_a_compiled_call_is_a_function_s():
    call = ADAPTER.call(Ask(Pool(op="flatten"), (1, 2, 6), "float32"), ADAPTER.targets[1])
    assert list(map(str, call.steps)) == [
        "def f(x):\n    y = jax.lax.collapse(x, start_dimension=1)\n    return y", "f = jax.jit(f)", "y = f(x)",
    ]  # fmt: skip


def test_a_shape_is_inferred_by_tracing():
    steps = ADAPTER.inferred_shape(Ask(Pool(op="flatten"), (1, 2, 6), "float32"), ADAPTER.targets[0]).steps
    assert list(map(str, steps[1:])) == ["inferred = jax.eval_shape(f, x)", "inferred_shape = inferred.shape"]


@pytest.mark.parametrize(
    ("layout", "shape", "letters", "groups"),
    [
        (FIRST, (1, 2, 6, 6), "('NCHW', 'OIHW', 'NCHW')", ""),
        (LAST, (1, 6, 6, 4), "('NHWC', 'OIHW', 'NHWC')", ", feature_group_count=2"),
    ],
)
def test_a_convolution_gets_the_order_of_its_axes(lines, layout, shape, letters, groups):
    pool = Pool(op="conv", stride=(2, 1), padding=PADDED, dilation=(1, 2), data_format=layout)
    (code,) = lines(ADAPTER, pool, shape, layout=layout, shapes={"weights": (4, 2, 3, 3)})
    assert code.startswith(f"y = jax.lax.conv_general_dilated(x, weights, dimension_numbers={letters}{groups}, ")
    assert code.endswith("window_strides=(2, 1), padding=((1, 0), (0, 1)), rhs_dilation=(1, 2))")


@pytest.mark.parametrize("weights", [(), (3,), (4, 0, 3), (4, 2, 3, 3, 3)])
def test_weights_that_fit_nothing_are_jax_s_to_refuse(lines, weights):
    assert len(lines(ADAPTER, Pool(op="conv"), shapes={"weights": weights})) == 1


@pytest.mark.parametrize(
    ("parameters", "layout", "shape"),
    [
        ({"kernel": (2, 3)}, FIRST, "(1, 2, 12, 15)"),
        ({"kernel": (2, 3)}, LAST, "(1, 4, 18, 5)"),
        ({"output_size": (7, 8)}, LAST, "(1, 7, 8, 5)"),
    ],
)
def test_up_sampling_gets_the_shape_of_all_axes(lines, parameters, layout, shape):
    code = lines(ADAPTER, Pool(op="upsample_nearest", **parameters), (1, 2, 6, 5), layout=layout)
    assert code == [f"y = jax.image.resize(x, method='nearest', shape={shape})"]


@pytest.mark.parametrize(
    ("pool", "options", "reason"),
    [
        (Pool(op="max_pool", kernel=(2, 2)), {"wants": frozenset({"indices"})}, "no maximum in JAX that says where"),
        (Pool(op="upsample_nearest"), {}, "no default size"),
        (Pool(op="conv"), {}, "a convolution needs weights"),
        (Pool(op="conv"), {"batched": False, "shapes": {"weights": (1, 1, 2, 2)}}, "needs a batch axis"),
        (Pool(op="max_unpool", kernel=(2, 2)), {}, "no such pooling"),
    ],
)
def test_what_jax_lacks_is_unsupported(lines, pool, options, reason):
    with pytest.raises(Unsupported, match=reason):
        lines(ADAPTER, pool, **options)


def test_global_pooling_reduces_the_spatial_axes_of_any_layout(lines):
    assert lines(ADAPTER, Pool(op="global_max_pool")) == ["y = jax.numpy.max(x, axis=(2, 3))"]
    last = Pool(op="global_avg_pool", keepdims=True, data_format=LAST)
    assert lines(ADAPTER, last, (1, 6, 6, 2), layout=LAST) == ["y = jax.numpy.mean(x, axis=(1, 2), keepdims=True)"]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bool"])
def test_no_maximum_of_any_type_is_the_padding_s(answers_of, dtype):
    lowest = np.zeros(1, bool) if dtype == "bool" else np.array([np.finfo(dtype).min if "float" in dtype else np.iinfo(dtype).min], dtype)
    (y,) = answers_of("jax", np.full((1, 1, 3), lowest), Pool(op="max_pool", kernel=(2,), stride=(1,), padding=((1, 1),)))
    assert y.dtype == dtype
    assert y.tolist() == [[lowest.tolist() * 4]]


def test_sixty_four_bits_are_kept(answers_of):
    maximum = Pool(op="max_pool", kernel=(2,), stride=(2,))
    (y,) = answers_of("jax", np.array([[[1, 2**53 + 1]]]), maximum)
    assert (y.dtype, y.item()) == ("int64", 2**53 + 1)
    (y,) = answers_of("jax", np.array([[[1, 1 + 2**-40]]]), maximum)
    assert (y.dtype, y.item()) == ("float64", 1 + 2**-40)


def test_integers_are_summed_in_their_own_type_and_divided_as_jax_divides(answers_of):
    (y,) = answers_of("jax", np.array([[[100, 101]]], "int8"), Pool(op="avg_pool", kernel=(2,), stride=(2,)))
    assert (y.dtype, y.item()) == ("float32", -27.5)
