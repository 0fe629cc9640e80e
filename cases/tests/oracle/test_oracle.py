"""The oracle: laws that every pooling obeys, and answers checked by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolparity.cases.model.inputs import distinct
from poolparity.cases.model.pool import Pool, Refused
from poolparity.cases.model.rules import Rules
from poolparity.cases.oracle.definition import oracle
from poolparity.cases.oracle.layout import layout, windows

NAN, INF = float("nan"), float("inf")
OPEN = Rules(pad_limit="none", size_zero="empty", size_negative="empty")


def random_array(shape, seed=0, dtype="float64"):
    """Numbers of both signs, no two alike."""
    x = distinct(shape, seed, dtype).value
    return x - x.size // 2 if x.dtype.kind != "u" else x


@st.composite
def sliding_pools(draw, rank=None):
    """A pooling whose window slides over one to three axes."""
    rank = rank or draw(st.integers(1, 3))
    axes = st.tuples(*[st.integers(1, 3)] * rank)
    pairs = st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * rank)
    return Pool(
        op=draw(st.sampled_from(["max_pool", "avg_pool", "lp_pool"])),
        kernel=draw(axes),
        stride=draw(st.none() | axes),
        dilation=draw(st.none() | axes),
        padding=draw(st.sampled_from([None, "valid", "same", "same_lower"]) | pairs),
        ceil_mode=draw(st.none() | st.booleans()),
        count_include_pad=draw(st.none() | st.booleans()),
        divisor_override=draw(st.none() | st.sampled_from([-3, 1, 4])),
        p=draw(st.sampled_from([None, 1.0, 3.0, INF])),
    )


@st.composite
def pools(draw, rank=None):
    """A pooling of any kind."""
    rank = rank or draw(st.integers(1, 3))
    whole = st.sampled_from(["global_max_pool", "global_avg_pool", "global_lp_pool"]).map(lambda op: Pool(op=op))
    bins = st.builds(
        lambda op, size: Pool(op=op, output_size=size),
        st.sampled_from(["adaptive_max_pool", "adaptive_avg_pool"]),
        st.tuples(*[st.integers(1, 5)] * rank),
    )
    return draw(sliding_pools(rank) | whole | bins)


@st.composite
def questions(draw, pool_strategy=pools):
    """An input of one to three spatial axes and a pooling of it."""
    rank = draw(st.integers(1, 3))
    shape = draw(st.tuples(st.integers(1, 2), st.integers(1, 3), *[st.integers(1, 6 - rank)] * rank))
    return random_array(shape, draw(st.integers(0, 9))), draw(pool_strategy(rank))


def same(one, other):
    """Equal but for the order of a sum; NaN equals NaN."""
    assert one.shape == other.shape
    assert one.dtype == other.dtype
    np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


@given(questions())
def test_every_value_lies_in_the_range_of_its_window(question):
    x, pool = question
    if pool.op.endswith("lp_pool") or pool.divisor_override is not None:
        pool = replace(pool, op="max_pool" if pool.kernel else "global_max_pool", divisor_override=None)
    y = oracle(x, pool, OPEN)
    for window in windows(layout(x.shape[2:], pool, OPEN)):
        values = np.array([x[(..., *cell)] for cell in window.cells])
        if "avg" in pool.op and len(window.padded_positions) > len(window.cells) and pool.count_include_pad is not False:
            values = np.concatenate([values.reshape(-1, *x.shape[:2]), np.zeros((1, *x.shape[:2]))])
        if values.size:
            slack = 1e-12 * np.abs(values).max(0)
            assert (values.min(0) - slack <= y[(..., *window.index)]).all()
            assert (y[(..., *window.index)] <= values.max(0) + slack).all()


@given(questions(sliding_pools), st.integers(0, 3))
def test_shifting_by_strides_shifts_the_answer(question, strides):
    x, pool = question
    pool = replace(pool, padding=None, ceil_mode=None)
    far = [(0, 0), (0, 0), *((strides * step, 0) for step in pool.stride or pool.kernel)]
    padded = oracle(np.pad(x, far), pool, OPEN)
    same(padded[(..., *(slice(strides, None),) * (x.ndim - 2))], oracle(x, pool, OPEN))


@given(questions(), st.randoms())
def test_permuting_batches_and_channels_permutes_the_answer(question, random):
    x, pool = question
    for axis in (0, 1):
        order = random.sample(range(x.shape[axis]), x.shape[axis])
        same(oracle(np.take(x, order, axis), pool, OPEN), np.take(oracle(x, pool, OPEN), order, axis))


@given(questions(), st.randoms())
def test_swapping_spatial_axes_swaps_those_of_the_answer(question, random):
    x, pool = question
    rank = x.ndim - 2
    order = random.sample(range(rank), rank)
    swapped_parameters = {
        name: tuple(value[i] for i in order) for name, value in pool.stated_parameters().items() if isinstance(value, tuple)
    }
    axes = (0, 1, *(2 + i for i in order))
    same(oracle(x.transpose(axes), replace(pool, **swapped_parameters), OPEN), oracle(x, pool, OPEN).transpose(axes))


@given(questions())
def test_both_formats_and_a_missing_batch_axis_give_the_same(question):
    x, pool = question
    y = oracle(x, pool, OPEN)
    last = oracle(np.moveaxis(x, 1, -1), replace(pool, data_format="channels_last"), OPEN)
    np.testing.assert_array_equal(last, np.moveaxis(y, 1, -1))
    np.testing.assert_array_equal(oracle(x[0], pool, OPEN, batched=False), y[0])


def pool1(x, op="max_pool", rules=Rules(), dtype="float64", **parameters):
    """One pooling along one axis, as a list."""
    parameters = {name: (value,) if type(value) is int and name in ("kernel", "stride", "dilation", "output_size") else value
              for name, value in parameters.items()}  # fmt: skip
    parameters = {name: ((value, value),) if name == "padding" and type(value) is int else value for name, value in parameters.items()}
    return oracle(np.array([[x]], dtype), Pool(op=op, **parameters), rules)[0, 0].tolist()


@pytest.mark.parametrize(
    ("parameters", "due"),
    [
        ({"kernel": 2}, [2, 4]),
        ({"kernel": 2, "stride": 1}, [2, 3, 4, 5]),
        ({"kernel": 2, "ceil_mode": True}, [2, 4, 5]),
        ({"kernel": 2, "dilation": 2, "stride": 1}, [3, 4, 5]),
        ({"kernel": 3, "stride": 2, "padding": 1}, [2, 4, 5]),
        ({"kernel": 2, "stride": 3, "padding": 1, "ceil_mode": True}, [1, 4]),
        ({"kernel": 2, "stride": 1, "padding": "same"}, [2, 3, 4, 5, 5]),
        ({"kernel": 2, "stride": 1, "padding": "same_lower"}, [1, 2, 3, 4, 5]),
    ],
)
def test_maxima_of_one_to_five(parameters, due):
    assert pool1([1, 2, 3, 4, 5], **parameters) == due


def test_a_stride_that_is_left_open():
    assert pool1([1, 2, 3, 4], kernel=2) == [2, 4]
    assert pool1([1, 2, 3, 4], rules=Rules(stride_default="one"), kernel=2) == [2, 3, 4]


@pytest.mark.parametrize(
    ("n", "parameters", "due"),
    [
        (5, {"kernel": 2, "stride": 3, "padding": 1, "ceil_mode": True}, [0.5, 3.5]),
        (6, {"kernel": 3, "stride": 2, "padding": 1, "ceil_mode": True}, [1, 3, 5, 3]),
        (4, {"kernel": 3, "stride": 3, "padding": 1, "ceil_mode": True}, [1, 7 / 3]),
        (4, {"kernel": 3, "stride": 3, "padding": 1, "ceil_mode": True, "count_include_pad": False}, [1.5, 3.5]),
        (2, {"kernel": 3, "stride": 3, "ceil_mode": True}, [1.5]),
        (4, {"kernel": 2, "divisor_override": -3}, [-1, -7 / 3]),
        (3, {"kernel": 2, "stride": 1, "padding": "same", "count_include_pad": False}, [1.5, 2.5, 3]),
    ],
)
def test_averages_as_torch_and_tensorflow_have_them(n, parameters, due):
    assert pool1(range(1, n + 1), "avg_pool", **parameters) == pytest.approx(due, abs=1e-15)


@pytest.mark.parametrize(
    ("x", "parameters", "due"),
    [
        ([3, -4], {"kernel": 2}, 5),
        ([3, -4], {"kernel": 2, "p": 1}, -1),
        ([-3, -4], {"kernel": 2, "p": 3}, NAN),
        ([-3, -4], {"kernel": 2, "p": INF}, 4),
        ([3, 4], {"kernel": 2, "p": -1}, 12 / 7),
    ],
)
def test_norms_as_torch_has_them(x, parameters, due):
    assert pool1(x, "lp_pool", **parameters) == pytest.approx([due], nan_ok=True)


def test_the_norm_of_negative_numbers_without_their_signs():
    assert pool1([-3, 4], "lp_pool", Rules(lp_sign="absolute"), kernel=2, p=1) == [7]


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("propagate", [NAN, NAN, NAN, NAN]),
        ("ignore", [3, 3, 2, -INF]),
        ("ignore_else_nan", [3, 3, 2, NAN]),
        ("seeded", [NAN, 3, 2, NAN]),
        ("restart", [3, 3, NAN, NAN]),
    ],
)
def test_nan_at_each_place_of_a_window(rule, due):
    x = [NAN, 2, 3, 1, NAN, 3, 1, 2, NAN, NAN, NAN, NAN]
    np.testing.assert_array_equal(pool1(x, rules=Rules(nan=rule), kernel=3), due)


@pytest.mark.parametrize(("rule", "due"), [("minus_inf", -INF), ("lowest", np.finfo("float64").min), ("zero", 0), ("nan", NAN)])
def test_a_window_that_holds_padding_only(rule, due):
    rules = Rules(pad_limit="none", empty_max=rule)
    np.testing.assert_array_equal(pool1([-1], rules=rules, kernel=1, padding=1), [due, -1, due])


def test_the_last_of_several_zeros():
    assert np.copysign(1, pool1([0.0, 0.0, -0.0], rules=Rules(zero_sign="last"), kernel=3)) == [-1]
    assert np.copysign(1, pool1([0.0, -0.0, 0.0], rules=Rules(zero_sign="last"), kernel=3)) == [1]


def test_zero_joins_a_maximum_where_padding_is_filled():
    assert pool1([-3, -2], rules=Rules(pad_value="zero"), kernel=2, stride=1, padding=1) == [0, -2, 0]


def test_windows_of_minus_infinity():
    assert pool1([-INF, -INF], kernel=2) == [-INF]
    assert pool1([-INF, -INF], rules=Rules(all_minus_inf="lowest"), kernel=2, dtype="float32") == [np.finfo("float32").min]


@pytest.mark.parametrize(("rule", "due"), [("first", [-1, 1, -1]), ("last", [1, -1, -1]), ("positive", [1, 1, -1])])
def test_the_sign_of_a_zero(rule, due):
    y = pool1([-0.0, 0.0, 0.0, -0.0, -0.0, -0.0], rules=Rules(zero_sign=rule), kernel=2)
    assert [np.copysign(1, zero) for zero in y] == due


@pytest.mark.parametrize(("rules", "due"), [(Rules(), [NAN, 1, NAN]), (Rules(empty_average="zero"), [0, 1, 0])])
def test_an_average_over_no_cell(rules, due):
    parameters = {"kernel": 1, "padding": 1, "count_include_pad": False}
    np.testing.assert_array_equal(pool1([1], "avg_pool", replace(rules, pad_limit="none"), **parameters), due)


def test_cells_beyond_the_padding_count_only_by_rule():
    parameters = {"kernel": 3, "stride": 2, "padding": 1, "ceil_mode": True}
    assert pool1([1] * 6, "avg_pool", **parameters)[-1] == 0.5
    assert pool1([1] * 6, "avg_pool", Rules(overhang="counted"), **parameters)[-1] == pytest.approx(1 / 3)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64"])
def test_integers_are_exact(dtype):
    top = np.iinfo(dtype).max
    assert pool1([top - 1, top], dtype=dtype, kernel=2) == [top]
    assert pool1([top - 1, top], "avg_pool", dtype=dtype, kernel=2) == [top - 1]
    empty = Rules(pad_limit="none")
    assert pool1([0], rules=empty, dtype=dtype, kernel=1, padding=1)[0] == np.iinfo(dtype).min


def test_averages_of_integers_truncate():
    assert pool1([-3, -4, 3, 4], "avg_pool", dtype="int64", kernel=2) == [-3, 3]
    assert pool1([-3, -4], "avg_pool", dtype="int64", kernel=2, divisor_override=-2) == [3]


def test_truth_values_have_a_maximum():
    assert pool1([False, True, False, False], dtype="bool", kernel=2) == [True, False]
    assert pool1([False], rules=Rules(pad_limit="none"), dtype="bool", kernel=1, padding=1) == [False, False, False]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_answer_has_the_type_of_the_input(dtype):
    x = np.full((1, 1, 4), 60000, dtype)
    for op in ("max_pool", "avg_pool"):
        y = oracle(x, Pool(op=op, kernel=(4,)))
        assert (y.dtype, y.item()) == (x.dtype, x[0, 0, 0].item())


@pytest.mark.parametrize(("keepdims", "shape"), [(None, (2, 3, 1, 1)), (True, (2, 3, 1, 1)), (False, (2, 3))])
def test_global_pooling_keeps_its_axes_unless_keepdims_is_false(keepdims, shape):
    x = random_array((2, 3, 4, 5))
    y = oracle(x, Pool(op="global_avg_pool", keepdims=keepdims))
    same(y, x.mean((2, 3)).reshape(shape))
    assert oracle(x, Pool(op="global_max_pool"), Rules(keepdims_default="dropped")).shape == (2, 3)


def test_global_pooling_with_channels_last_keeps_the_channel_last():
    x = random_array((2, 4, 5, 3))
    for keepdims in (True, False):
        y = oracle(x, Pool(op="global_max_pool", keepdims=keepdims, data_format="channels_last"))
        np.testing.assert_array_equal(y, x.max((1, 2), keepdims=keepdims))


@pytest.mark.parametrize(("rule", "due"), [("overlapping", [0.5, 2, 3.5]), ("disjoint", [0.5, 2.5, 4])])
def test_adaptive_averages_of_five_cells_in_three_bins(rule, due):
    assert pool1(range(5), "adaptive_avg_pool", Rules(adaptive_bins=rule), output_size=3) == due


def test_adaptive_maxima_may_be_more_than_the_cells():
    assert pool1([1, 2], "adaptive_max_pool", output_size=5) == [1, 1, 2, 2, 2]


def test_an_empty_batch_and_no_channels_give_nothing():
    for shape in ((0, 2, 4), (2, 0, 4)):
        assert oracle(np.zeros(shape), Pool(op="max_pool", kernel=(2,))).shape == (*shape[:2], 2)


@pytest.mark.parametrize(
    ("shape", "batched", "message"),
    [
        ((2, 3), True, r"^the input has shape \(2, 3\); expected batch, channels and at least one spatial axis$"),
        ((2,), False, r"^the input has shape \(2,\); expected channels and at least one spatial axis$"),
    ],
)
def test_an_input_without_a_spatial_axis_is_refused(shape, batched, message):
    with pytest.raises(Refused, match=message):
        oracle(np.zeros(shape), Pool(op="max_pool", kernel=(2,)), batched=batched)


def test_divisors_and_norms_that_have_no_meaning_are_refused():
    with pytest.raises(Refused, match=r"^divisor_override is 0; expected another integer$"):
        pool1([1, 2], "avg_pool", kernel=2, divisor_override=0)
    with pytest.raises(Refused, match=r"^p is 0; expected another number$"):
        pool1([1, 2], "lp_pool", kernel=2, p=0)
