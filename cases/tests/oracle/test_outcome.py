"""Outcomes: a law for the gradients and indices of all operations, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.on_a_line import INF, OPEN, ask, gradient, pool1

from poolparity.cases.model.inputs import distinct
from poolparity.cases.model.pool import Crashed, Pool, Refused
from poolparity.cases.model.rules import Rules
from poolparity.cases.oracle.definition import oracle, outcome
from poolparity.cases.oracle.layout import layout, windows


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
    result = outcome(x, pool, OPEN, cotangent=cotangent)
    np.testing.assert_array_equal(result.output, y)
    assert result.gradient.shape == x.shape
    assert np.vdot(result.gradient, x) == pytest.approx(np.vdot(cotangent, y), rel=1e-9)


@given(questions())
def test_an_index_points_to_the_maximum_inside_its_window(question):
    x, pool = question
    if "max" not in pool.op:
        pool = Pool(op="global_max_pool", data_format=pool.data_format)
    result = outcome(x, pool, OPEN)
    planes, y, at = (
        np.moveaxis(array, -1, 1) if pool.data_format and array.ndim == x.ndim else array for array in (x, result.output, result.indices)
    )
    spatial = planes.shape[2:]
    for window in windows(layout(spatial, pool, OPEN)):
        for plane in np.ndindex(planes.shape[:2]):
            cell = plane + window.index if y.ndim == x.ndim else plane
            if window.cells:
                assert np.unravel_index(at[cell], spatial) in window.cells
                assert planes[plane].flat[at[cell]] == y[cell]


@pytest.mark.parametrize(
    ("parameters", "rules", "message"),
    [
        ({"op": "max_pool", "kernel": 3}, {"element_type": "reject"}, "the input is float64; expected another type"),
        ({"op": "max_pool", "kernel": 3, "padding": (1, 1)}, {"small_input": "reject"}, "a window that spans 3 cells is larger than an axis of 2"),
        ({"op": "max_pool", "kernel": 1, "stride": 3, "padding": "same"}, {"same_amount": "reject_negative"},
         "SAME would pad by -1: a stride of 3 over 2 cells leaves some out of every window"),
        ({"op": "max_unpool", "kernel": 2}, {}, "max_unpool has no indices; expected an array"),
        ({"op": "fractional_max_pool", "kernel": 1, "output_size": 1}, {}, "fractional_max_pool has no samples; expected an array"),
        ({"op": "conv"}, {}, "conv has no weights; expected an array"),
        ({"op": "upsample_nearest"}, {}, "upsample_nearest has no kernel; expected one integer for each spatial axis"),
        ({"op": "upsample_nearest", "kernel": 0}, {}, "the size of the answer is 0; expected at least 1"),
        ({"op": "upsample_nearest", "output_size": 0}, {}, "the size of the answer is 0; expected at least 1"),
    ],
)  # fmt: skip
def test_invalid_parameters_are_refused_with_a_reason(parameters, rules, message):
    with pytest.raises(Refused) as refusal:
        ask([1, 2], pool1(**parameters), **rules)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("op", "extra", "message"),
    [
        ("max_unpool", {"indices": np.array([[[0, 4]]])}, "an index points to cell 4; expected 0 to 3"),
        ("max_unpool", {"indices": np.array([[[0]]])}, "the indices have shape (1, 1, 1); expected (1, 1, 2), the shape of the input"),
        (
            "fractional_max_pool",
            {"samples": np.zeros((1, 1))},
            "the samples have shape (1, 1); expected (1, 1, 1), one for each plane and spatial axis",
        ),
        ("fractional_max_pool", {"samples": np.zeros((1, 1, 1))}, "windows of 2 cannot be 2 on an axis of 2; expected 1 to 1"),
        ("conv", {"weights": np.zeros((1, 1))}, "the weights have shape (1, 1); expected filters, channels and 1 kernel axes"),
        (
            "conv",
            {"weights": np.zeros((1, 2, 2))},
            "the weights have shape (1, 2, 2); expected filters and channels of a group that divide 1",
        ),
        ("conv", {"weights": np.zeros((1, 1, 3))}, "kernel is (2,); expected (3,), that of the weights"),
    ],
)
def test_further_inputs_that_do_not_fit_are_refused(op, extra, message):
    with pytest.raises(Refused) as refusal:
        outcome(np.ones((1, 1, 2)), pool1(op, kernel=2, output_size=2 if op == "fractional_max_pool" else 4), extra=extra)
    assert str(refusal.value) == message


@pytest.mark.parametrize("op", ["fractional_max_pool", "max_unpool", "upsample_nearest"])
def test_sizes_of_another_rank_are_refused(op):
    extra = {"samples": np.zeros((1, 1, 1)), "indices": np.zeros((1, 1, 3), "int64")}
    with pytest.raises(Refused, match=r"^output_size is \(2, 2\); expected 1 entries, one for each spatial axis of the input$"):
        outcome(np.ones((1, 1, 3)), Pool(op=op, kernel=(1,), output_size=(2, 2)), extra=extra)


def test_integers_have_no_gradient_and_no_average_where_that_is_refused():
    with pytest.raises(Refused, match=r"^the input is int8; expected a floating-point type for a gradient$"):
        ask([1, 2], pool1("max_pool", kernel=2), "int8", cotangent=[1])
    with pytest.raises(Refused, match=r"^the input is int8; expected a floating-point type for an average or a norm$"):
        ask([1, 2], pool1("avg_pool", kernel=2), "int8", integer_average="reject")


def test_a_cotangent_has_the_shape_of_the_output():
    with pytest.raises(Refused, match=r"^the cotangent has shape \(1, 1, 2\); expected \(1, 1, 1\), the shape of the output$"):
        ask([1, 2], pool1("max_pool", kernel=2), cotangent=[1, 2])


def test_sizes_that_are_nothing_are_refused():
    with pytest.raises(Refused, match=r"^the size of the input is 0; expected at least 1$"):
        oracle(np.ones((1, 1, 0)), pool1("upsample_nearest", output_size=2))
    with pytest.raises(Refused, match=r"^the size of the answer is 0; expected at least 1$"):
        oracle(np.ones((1, 1, 1)), pool1("max_unpool", kernel=2, padding=(1, 1)), extra={"indices": np.zeros((1, 1, 1), "int64")})


def test_an_input_without_cells_is_refused_by_rule():
    with pytest.raises(Refused, match=r"^the input has shape \(2, 0, 4\); expected at least one cell$"):
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
        result = outcome(x if batched else x[0], Pool(op="global_avg_pool", keepdims=False), batched=batched,
                        cotangent=np.ones((2, 3) if batched else 3, "float32"))  # fmt: skip
        assert result.gradient.dtype == x.dtype
        assert result.gradient.tolist() == (np.ones_like(x) / 4 if batched else np.ones_like(x[0]) / 4).tolist()


def test_a_gradient_is_there_only_where_a_cotangent_is_given():
    x = np.ones((1, 1, 2))
    assert outcome(x, pool1("max_pool", kernel=2)).gradient is None
    assert outcome(x, Pool(op="conv"), extra={"weights": np.ones((1, 1, 1))}).gradient is None
    assert outcome(x, pool1("max_pool", kernel=2), cotangent=np.ones((1, 1, 1))).gradient is not None


def test_a_cell_of_several_windows_takes_from_each():
    assert gradient([1, 3, 2], pool1("max_pool", kernel=2, stride=1), [10, 1]) == [0, 11, 0]


@pytest.mark.parametrize("batched", [False, True])
def test_an_input_may_have_any_number_of_axes(batched):
    x = np.array([1.0, 2])
    assert outcome(x, Pool(op="input"), batched=batched).output.tolist() == [1, 2]


def test_the_gradient_of_the_input_itself_is_the_cotangent():
    assert outcome(np.zeros((1, 2, 3)), Pool(op="input"), cotangent=np.arange(6.0).reshape(1, 2, 3)).gradient.tolist() == [
        [[0, 1, 2], [3, 4, 5]]
    ]


def test_cells_are_copied_unless_all_are_one_in_memory():
    cells, one_cell = np.zeros((1, 2, 3)), np.broadcast_to(0.0, (1, 2, 3))
    assert not np.shares_memory(outcome(cells, Pool(op="input")).output, cells)
    assert outcome(one_cell, Pool(op="input")).output.strides == (0, 0, 0)


def test_what_is_computed_in_float32_inside_has_the_type_of_the_input():
    y = outcome(np.array([[[1, 2]]], "float16"), pool1("avg_pool", kernel=2), Rules(cast="float32_inside")).output
    assert (y.dtype.name, y.item()) == ("float16", 1.5)
