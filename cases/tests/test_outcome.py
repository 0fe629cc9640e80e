"""Indices, gradients and arithmetic: a law for all of them, and answers checked by hand or on a framework."""

from dataclasses import replace

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolparity.cases.inputs import distinct
from poolparity.cases.layout import layout, windows
from poolparity.cases.oracle import oracle, outcome
from poolparity.cases.pool import Pool
from poolparity.cases.refused import Crashed, Refused
from poolparity.cases.rules import Rules

NAN, INF = float("nan"), float("inf")
OPEN = Rules(pad_limit="none", size_zero="empty", size_negative="empty", empty_max="zero", empty_average="zero")
LOWEST = float(np.finfo("float32").min)

per_axis = {"kernel", "stride", "dilation", "output_size"}


def pool1(op, **stated):
    """A pooling along one axis, from plain numbers."""
    stated = {name: (value,) if name in per_axis else value for name, value in stated.items()}
    return Pool(op=op, **{name: (value,) if name == "padding" and type(value) is tuple else value for name, value in stated.items()})


def ask(x, pool, dtype="float64", cotangent=None, **rules):
    """The outcome for one plane of one axis."""
    x = np.array([[x]], dtype)
    seed = None if cotangent is None else np.array([[cotangent]], dtype)
    return outcome(x, pool, Rules(**rules), cotangent=seed)


def gradient(x, pool, cotangent, **rules):
    return ask(x, pool, cotangent=cotangent, **rules).gradient[0, 0].tolist()


def indices(x, pool, **rules):
    return ask(x, pool, **rules).indices[0, 0].tolist()


@st.composite
def questions(draw):
    """An input of positive numbers, no two alike, and any operation that is homogeneous of degree one."""
    rank = draw(st.integers(1, 3))
    axes = st.tuples(*[st.integers(1, 3)] * rank)
    pads = st.tuples(*[st.tuples(st.integers(0, 1), st.integers(0, 2))] * rank)
    sliding = {"kernel": axes, "stride": st.none() | axes, "dilation": st.none() | axes, "ceil_mode": st.booleans(),
               "padding": st.sampled_from([None, "same", "same_lower"]) | pads}  # fmt: skip
    p = st.sampled_from([None, 1.0, 3.0, 0.5, INF])
    pool = draw(st.one_of(
        st.builds(Pool, op=st.sampled_from(["max_pool", "avg_pool", "lp_pool"]), p=p, **sliding),
        st.builds(Pool, op=st.sampled_from(["global_max_pool", "global_avg_pool", "global_lp_pool"]), keepdims=st.booleans()),
        st.builds(Pool, op=st.sampled_from(["adaptive_max_pool", "adaptive_avg_pool"]), output_size=axes),
        st.builds(Pool, op=st.just("upsample_nearest"), kernel=axes),
        st.builds(Pool, op=st.sampled_from(["flatten", "input"])),
    ))  # fmt: skip
    shape = draw(st.tuples(st.integers(1, 2), st.integers(1, 2), *[st.integers(1, 6 - rank)] * rank))
    x = distinct(shape, draw(st.integers(0, 9)), "float64").value + 1
    last = draw(st.booleans())
    pool = replace(pool, data_format="channels_last") if last else pool
    return np.moveaxis(x, 1, -1) if last else x, pool


@given(questions(), st.integers(0, 9))
def test_the_gradient_gives_back_what_the_operation_takes(question, seed):
    """Euler: where f(ax) = a f(x), what x puts in along its gradient is what y puts out along its cotangent."""
    x, pool = question
    y = oracle(x, pool, OPEN)
    cotangent = distinct(y.shape, seed, "float64").value
    found = outcome(x, pool, OPEN, cotangent=cotangent)
    np.testing.assert_array_equal(found.output, y)
    assert found.gradient.shape == x.shape
    assert np.vdot(found.gradient, x) == pytest.approx(np.vdot(cotangent, y), rel=1e-9)


@given(questions())
def test_an_index_points_to_the_maximum_inside_its_window(question):
    x, pool = question
    if "max" not in pool.op:
        pool = Pool(op="global_max_pool", data_format=pool.data_format)
    found = outcome(x, pool, OPEN)
    planes, y, at = (
        np.moveaxis(each, -1, 1) if pool.data_format and each.ndim == x.ndim else each for each in (x, found.output, found.indices)
    )
    spatial = planes.shape[2:]
    for window in windows(layout(spatial, pool, OPEN)):
        for plane in np.ndindex(planes.shape[:2]):
            cell = plane + window.index if y.ndim == x.ndim else plane
            if window.cells:
                assert np.unravel_index(at[cell], spatial) in window.cells
                assert planes[plane].flat[at[cell]] == y[cell]


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


def test_zeros_in_the_padding_win_their_windows():
    found = ask(
        [-1, -2], pool1("max_pool", kernel=2, stride=1, padding=(1, 0)), cotangent=[1, 1], pad_value="zero", empty_index="minus_one"
    )
    assert (found.output[0, 0].tolist(), found.indices[0, 0].tolist(), found.gradient[0, 0].tolist()) == ([0, -1], [-1, 0], [1, 0])


@pytest.mark.parametrize(
    ("rule", "due"),
    [("window_start", [[4, 4, 5], [4, 4, 5]]), ("minus_one", [[-1] * 3] * 2), ("zero", [[0] * 3] * 2), ("minus_one_each", [[-3] * 3] * 2)],
)
def test_the_index_of_a_window_without_cells(rule, due):
    pool = Pool(op="max_pool", kernel=(2, 2), stride=(1, 1), padding=((1, 1), (1, 1)), dilation=(3, 1))
    found = outcome(np.ones((1, 2, 2, 2)), pool, Rules(empty_index=rule))
    assert found.indices.reshape(2, 3).tolist() == due


def test_a_window_wholly_before_the_input_starts_at_its_first_cell():
    assert indices([5, 6], pool1("max_pool", kernel=1, padding=(2, 0)), pad_limit="none") == [0, 0, 0, 1]


def test_a_window_without_cells_has_its_index_in_the_tensor_as_onnxruntime_has_it():
    pool = Pool(op="max_pool", kernel=(2, 2), stride=(1, 1), padding=((1, 1), (1, 1)), dilation=(2, 2))
    found = outcome(np.ones((2, 2, 1, 1)), pool, Rules(empty_index="minus_one_each", index_base="tensor"))
    assert found.indices.ravel().tolist() == [-2, -1, 0, 1]


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
    found = outcome(x, Pool(op="global_max_pool"), Rules(index_base=base)).indices
    assert {plane: found[plane].item() for plane in cells} == {plane: due(*plane, cell) for plane, cell in cells.items()}


@pytest.mark.parametrize("base", ["plane", "tensor", "channels_last", "channels_last_batch"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("last", [False, True])
def test_unpooling_undoes_the_indices_of_every_base(base, channels, last):
    x = distinct((2, channels, 4, 6), 0, "float64").value + 1
    pool = Pool(op="max_pool", kernel=(2, 3), data_format="channels_last" if last else None)
    x = np.moveaxis(x, 1, -1) if last else x
    found = outcome(x, pool, Rules(index_base=base))
    back = oracle(found.output, replace(pool, op="max_unpool"), Rules(index_base=base), extra={"indices": found.indices})
    np.testing.assert_array_equal(back, np.where(np.isin(x, found.output), x, 0))


def test_unpooling_as_torch_has_it():
    x = np.array([[[1.0, 2, 3]]])
    ask_ = {"extra": {"indices": np.array([[[1, 1, 4]]])}, "cotangent": np.arange(6.0).reshape(1, 1, 6)}
    found = outcome(x, pool1("max_unpool", kernel=2), **ask_)
    assert found.output.tolist() == [[[0, 2, 0, 0, 3, 0]]]
    assert found.gradient.tolist() == [[[1, 1, 4]]]
    wider = oracle(x, pool1("max_unpool", kernel=2, output_size=7), extra={"indices": np.array([[[1, 3, 6]]])})
    assert wider.tolist() == [[[0, 1, 0, 2, 0, 0, 3]]]
    padded = oracle(x, pool1("max_unpool", kernel=3, stride=2, padding=(1, 1)), extra={"indices": np.array([[[1, 3, 4]]])})
    assert padded.tolist() == [[[0, 1, 0, 2, 3]]]


def test_only_an_index_that_counts_the_tensor_leads_into_another_plane():
    x, extra = np.array([[[1.0], [2.0]]]), {"indices": np.array([[[3], [0]]])}
    pool = pool1("max_unpool", kernel=2)
    assert oracle(x, pool, Rules(index_base="tensor"), extra=extra).tolist() == [[[2, 0], [0, 1]]]
    with pytest.raises(Refused, match=r"^an index points to cell 3; 0 to 1 was expected$"):
        oracle(x, pool, extra=extra)


def test_fractional_windows_as_torch_places_them():
    x = np.arange(49.0).reshape(1, 1, 7, 7)
    pool = Pool(op="fractional_max_pool", kernel=(2, 2), output_size=(3, 4))
    found = outcome(x, pool, Rules(sample_order="reversed"), extra={"samples": np.array([[[0.1, 0.9]]], "float32")})
    assert found.indices.tolist() == [[[[8, 9, 11, 13], [22, 23, 25, 27], [43, 44, 46, 48]]]]
    found = outcome(x, pool, extra={"samples": np.array([[[0.9, 0.1]]], "float32")})
    assert found.output.tolist() == [[[[8, 9, 11, 13], [22, 23, 25, 27], [43, 44, 46, 48]]]]


def test_fractional_windows_may_be_single_cells():
    pool = pool1("fractional_max_pool", kernel=1, output_size=2)
    assert oracle(np.array([[[7.0, 8, 9]]]), pool, extra={"samples": np.zeros((1, 1, 1))}).tolist() == [[[7, 9]]]


def test_cells_that_are_moved_or_weighed_keep_their_type():
    for dtype in ("int8", "float32"):
        x, rules = np.array([[[3, 4]]], dtype), Rules(integer_average="promote32")
        assert oracle(x, Pool(op="conv"), rules, extra={"weights": np.ones((1, 1, 1), dtype)}).dtype == x.dtype
        for pool, extra in ((pool1("max_unpool", kernel=2), {"indices": np.array([[[0, 3]]])}), (pool1("upsample_nearest", kernel=2), {})):
            assert oracle(x, pool, rules, extra=extra).dtype == x.dtype


def test_nearest_upsampling():
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
    assert outcome(x * 1.0, Pool(op="flatten"), cotangent=np.arange(6.0)[None]).gradient.tolist() == x.tolist()


def test_average_pooling_is_a_convolution_of_each_channel():
    x = distinct((2, 3, 5, 6), 0, "float64").value
    sliding = {"kernel": (2, 3), "stride": (2, 1), "padding": ((1, 0), (1, 1))}
    ask_ = {"cotangent": distinct((2, 3, 3, 6), 1, "float64").value}
    due = outcome(x, Pool(op="avg_pool", count_include_pad=True, **sliding), Rules(pad_limit="none"), **ask_)
    found = outcome(x, Pool(op="conv", **sliding), extra={"weights": np.full((3, 1, 2, 3), 1 / 6)}, **ask_)
    np.testing.assert_allclose(found.output, due.output)
    np.testing.assert_allclose(found.gradient, due.gradient)


def test_a_convolution_of_two_channels_by_hand():
    x = np.array([[[1.0, 2, 3], [4, 5, 6]]])
    weights = np.array([[[1.0, 0], [0, 1]], [[0, 1], [0, 0]], [[1, 1], [1, 1]]])
    found = outcome(x, Pool(op="conv"), extra={"weights": weights}, cotangent=np.array([[[1.0, 0], [0, 0], [0, 2]]]))
    assert found.output.tolist() == [[[6, 8], [2, 3], [12, 16]]]
    assert found.gradient.tolist() == [[[1, 2, 2], [0, 3, 2]]]
    strided = oracle(x, Pool(op="conv", stride=(2,), padding="same", dilation=(2,)), extra={"weights": weights[:1]})
    assert strided.tolist() == [[[5, 2]]]


def test_each_filter_sees_the_channels_of_its_group():
    x = np.array([[[0.5], [1], [2], [4]]])
    assert oracle(x, Pool(op="conv"), extra={"weights": np.array([[[1.0], [10]], [[3], [30]]])}).ravel().tolist() == [10.5, 126]


def test_a_convolution_is_padded_as_widely_as_it_is_told_to():
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
    told = f"the weights have shape {shape}; filters and channels of a group that divide {channels} were expected"
    assert str(refusal.value) == told


def test_weights_with_fractions_for_an_input_without_them_are_refused():
    with pytest.raises(Refused, match=r"^the weights are float32; int8, the input's, was expected$"):
        oracle(np.ones((1, 1, 2), "int8"), Pool(op="conv"), extra={"weights": np.ones((1, 1, 1), "float32")})


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
    found = ask([-0.25], pool, cotangent=[1, 2], pad_limit="none", tie=tie)
    assert (found.output.ravel().tolist(), found.gradient.ravel().tolist()) == ([0, 0.25], [-2])


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
    found = ask([100, 100], pool1("lp_pool", kernel=2, p=3.0), "float16", cotangent=[1]).gradient.ravel()
    assert found.tolist() == [np.float16(2 ** (-2 / 3))] * 2


@pytest.mark.parametrize(("order", "due"), [("sequential", 2048), ("blocks32", 2080)])
def test_a_norm_over_the_whole_input_in_blocks(order, due):
    found = ask([2048] + [1] * 63, pool1("global_lp_pool", p=1.0), "float16", accumulator="input", sum_order=order)
    assert found.output.item() == due


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
        found = ask(ones, pool, ml_dtypes.bfloat16, accumulator="input", sum_order=order)
        assert found.output.astype("float64").item() == due


@pytest.mark.parametrize(
    ("rule", "due", "dtype"),
    [
        ("truncate", [-3, 47], "int8"),
        ("floor", [-4, 47], "int8"),
        ("half_even", [-4, 48], "int8"),
        ("promote32", [-3.5, 47.5], "float32"),
        ("promote64", [-3.5, 47.5], "float64"),
    ],
)
def test_averages_of_integers(rule, due, dtype):
    y = ask([-3, -4, 47, 48], pool1("avg_pool", kernel=2), "int8", integer_average=rule).output
    assert (y.dtype.name, y[0, 0].tolist()) == (dtype, due)


def test_integers_added_up_in_float32_are_rounded_there():
    pool = pool1("avg_pool", kernel=2)
    assert ask([2**24, 1], pool, "int32", accumulator="float32", integer_average="half_even").output.item() == 2**23
    assert ask([2**24, 3], pool, "int32", accumulator="float64", integer_average="half_even").output.item() == 2**23 + 2


def test_a_maximum_of_integers_keeps_its_type_where_averages_are_promoted():
    y = ask([3, 4], pool1("max_pool", kernel=2), "int8", integer_average="promote32").output
    assert (y.dtype.name, y.item()) == ("int8", 4)


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
    found = ask([2, 4], pool, cotangent=[2, 2], average_pad="edge", **rules)
    assert (found.output[0, 0].tolist(), found.gradient[0, 0].tolist()) == ([3, 4], [1, 3])
    even = pool1("avg_pool", kernel=3, stride=1, padding="same")
    assert ask([2, 4], even, average_pad="edge", **rules).output[0, 0].tolist() == pytest.approx([8 / 3, 10 / 3])
    assert ask([2, 4], even, average_pad="edge_if_uneven", **rules).output[0, 0].tolist() == [3, 3]
    uneven = Pool(op="avg_pool", kernel=(2, 3), stride=(1, 1), padding="same")
    y = oracle(np.array([[[[2.0, 4]]]]), uneven, Rules(average_pad="edge_if_uneven", **rules))
    assert y.ravel().tolist() == pytest.approx([8 / 3, 10 / 3])  # keras on torch: one uneven axis repeats the edge of all


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


@pytest.mark.parametrize(
    ("stated", "rules", "message"),
    [
        ({"op": "max_pool", "kernel": 3}, {"element_type": "reject"}, "the input is float64; another type was expected"),
        ({"op": "max_pool", "kernel": 3, "padding": (1, 1)}, {"small_input": "reject"}, "a window that spans 3 cells is larger than an axis of 2"),
        ({"op": "max_pool", "kernel": 1, "stride": 3, "padding": "same"}, {"same_amount": "reject_negative"},
         "SAME would pad by -1: a stride of 3 over 2 cells leaves some out of every window"),
        ({"op": "max_unpool", "kernel": 2}, {}, "max_unpool has no indices; an array was expected"),
        ({"op": "fractional_max_pool", "kernel": 1, "output_size": 1}, {}, "fractional_max_pool has no samples; an array was expected"),
        ({"op": "conv"}, {}, "conv has no weights; an array was expected"),
        ({"op": "upsample_nearest"}, {}, "upsample_nearest has no kernel; one integer for each spatial axis was expected"),
        ({"op": "upsample_nearest", "kernel": 0}, {}, "the size of the answer is 0; at least 1 was expected"),
        ({"op": "upsample_nearest", "output_size": 0}, {}, "the size of the answer is 0; at least 1 was expected"),
    ],
)  # fmt: skip
def test_what_is_refused(stated, rules, message):
    with pytest.raises(Refused) as refusal:
        ask([1, 2], pool1(**stated), **rules)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("op", "extra", "message"),
    [
        ("max_unpool", {"indices": np.array([[[0, 4]]])}, "an index points to cell 4; 0 to 3 was expected"),
        ("max_unpool", {"indices": np.array([[[0]]])}, "the indices have shape (1, 1, 1); (1, 1, 2), the input's, was expected"),
        (
            "fractional_max_pool",
            {"samples": np.zeros((1, 1))},
            "the samples have shape (1, 1); (1, 1, 1) was expected, one for each plane and spatial axis",
        ),
        ("fractional_max_pool", {"samples": np.zeros((1, 1, 1))}, "windows of 2 cannot be 2 on an axis of 2; 1 to 1 were expected"),
        ("conv", {"weights": np.zeros((1, 1))}, "the weights have shape (1, 1); filters, channels and 1 kernel axes were expected"),
        (
            "conv",
            {"weights": np.zeros((1, 2, 2))},
            "the weights have shape (1, 2, 2); filters and channels of a group that divide 1 were expected",
        ),
        ("conv", {"weights": np.zeros((1, 1, 3))}, "kernel is (2,); (3,), that of the weights, was expected"),
    ],
)
def test_further_inputs_that_do_not_fit_are_refused(op, extra, message):
    with pytest.raises(Refused) as refusal:
        outcome(np.ones((1, 1, 2)), pool1(op, kernel=2, output_size=2 if op == "fractional_max_pool" else 4), extra=extra)
    assert str(refusal.value) == message


@pytest.mark.parametrize("op", ["fractional_max_pool", "max_unpool", "upsample_nearest"])
def test_sizes_of_another_rank_are_refused(op):
    extra = {"samples": np.zeros((1, 1, 1)), "indices": np.zeros((1, 1, 3), "int64")}
    with pytest.raises(Refused, match=r"^output_size is \(2, 2\); the input has 1 spatial axes, so 1 entries were expected$"):
        outcome(np.ones((1, 1, 3)), Pool(op=op, kernel=(1,), output_size=(2, 2)), extra=extra)


def test_integers_have_no_gradient_and_no_average_where_that_is_refused():
    with pytest.raises(Refused, match=r"^the input is int8; a type with fractions was expected for a gradient$"):
        ask([1, 2], pool1("max_pool", kernel=2), "int8", cotangent=[1])
    with pytest.raises(Refused, match=r"^the input is int8; a type with fractions was expected for an average or a norm$"):
        ask([1, 2], pool1("avg_pool", kernel=2), "int8", integer_average="reject")


def test_a_cotangent_has_the_shape_of_the_output():
    with pytest.raises(Refused, match=r"^the cotangent has shape \(1, 1, 2\); \(1, 1, 1\), the output's, was expected$"):
        ask([1, 2], pool1("max_pool", kernel=2), cotangent=[1, 2])


def test_sizes_that_are_nothing_are_refused():
    with pytest.raises(Refused, match=r"^the size of the input is 0; at least 1 was expected$"):
        oracle(np.ones((1, 1, 0)), pool1("upsample_nearest", output_size=2))
    with pytest.raises(Refused, match=r"^the size of the answer is 0; at least 1 was expected$"):
        oracle(np.ones((1, 1, 1)), pool1("max_unpool", kernel=2, padding=(1, 1)), extra={"indices": np.zeros((1, 1, 1), "int64")})


def test_an_input_without_cells_is_refused_by_rule():
    with pytest.raises(Refused, match=r"^the input has shape \(2, 0, 4\); at least one cell was expected$"):
        outcome(np.zeros((2, 0, 4)), pool1("max_pool", kernel=2), Rules(empty_input="reject"))
    assert outcome(np.zeros((0, 2, 4)), pool1("max_pool", kernel=2), Rules(empty_input="reject")).output.shape == (0, 2, 2)


def test_a_window_one_too_large_takes_the_process_along_by_rule():
    with pytest.raises(Crashed):
        ask([1, 2], pool1("max_pool", kernel=3, stride=1), size_zero="crash")
    with pytest.raises(Refused) as refusal:
        ask([1, 2], pool1("max_pool", kernel=4, stride=1), size_zero="crash")
    assert type(refusal.value) is Refused


def test_the_gradient_of_a_global_pooling_without_its_axes():
    x = distinct((2, 3, 2, 2), 0, "float32").value
    for batched in (True, False):
        found = outcome(x if batched else x[0], Pool(op="global_avg_pool", keepdims=False), batched=batched,
                        cotangent=np.ones((2, 3) if batched else 3, "float32"))  # fmt: skip
        assert found.gradient.dtype == x.dtype
        assert found.gradient.tolist() == (np.ones_like(x) / 4 if batched else np.ones_like(x[0]) / 4).tolist()


def test_a_global_maximum_without_its_axes_has_its_indices_without_them():
    x = distinct((2, 3, 2, 2), 0, "float32").value
    for batched, shape in ((True, (2, 3)), (False, (3,))):
        found = outcome(x if batched else x[0], Pool(op="global_max_pool", keepdims=False), batched=batched)
        assert found.output.shape == found.indices.shape == shape


def test_a_gradient_is_there_only_where_a_cotangent_is_given():
    x = np.ones((1, 1, 2))
    assert outcome(x, pool1("max_pool", kernel=2)).gradient is None
    assert outcome(x, Pool(op="conv"), extra={"weights": np.ones((1, 1, 1))}).gradient is None
    assert outcome(x, pool1("max_pool", kernel=2), cotangent=np.ones((1, 1, 1))).gradient is not None


def test_indices_are_there_only_of_maxima_that_are_located():
    x = np.ones((1, 1, 2))
    assert outcome(x, pool1("avg_pool", kernel=2)).indices is None
    assert outcome(x, pool1("max_pool", kernel=2), located=False).indices is None
    assert outcome(x, pool1("max_pool", kernel=2)).indices is not None


def test_a_cell_of_several_windows_takes_from_each():
    assert gradient([1, 3, 2], pool1("max_pool", kernel=2, stride=1), [10, 1]) == [0, 11, 0]


def test_a_convolution_without_a_batch_axis():
    x, weights = distinct((1, 2, 5), 0, "float64").value, distinct((4, 2, 3), 1, "float64").value
    ask_ = {"extra": {"weights": weights}}
    due = outcome(x, Pool(op="conv"), **ask_).output
    assert outcome(x[0], Pool(op="conv"), batched=False, **ask_).output.tolist() == due[0].tolist()
    last = outcome(x[0].T, Pool(op="conv", data_format="channels_last"), batched=False, **ask_).output
    assert last.tolist() == due[0].T.tolist()


@pytest.mark.parametrize("batched", [False, True])
def test_an_input_may_have_any_number_of_axes(batched):
    x = np.array([1.0, 2])
    assert outcome(x, Pool(op="input"), batched=batched).output.tolist() == [1, 2]
