"""Where windows stand: sizes against windows listed one by one, and what is refused."""

from itertools import count, takewhile

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from poolparity.cases.fast.vectorised import oracle as fast
from poolparity.cases.model.pool import Pool, Refused
from poolparity.cases.model.rules import Rules
from poolparity.cases.oracle.definition import oracle as slow
from poolparity.cases.oracle.layout import layout, windows
from poolparity.cases.oracle.window import adaptive_windows, make_windows, sliding_windows

OPEN = Rules(pad_limit="none", size_zero="empty", size_negative="empty")

sizes = st.integers(1, 9)
steps = st.integers(1, 4)
pads = st.tuples(st.integers(0, 5), st.integers(0, 5))


def list_starts(n, span, stride, low, high, ceil=False):
    """The starts of all windows, written down one after another.

    With `ceil` another one is due as long as the one before it, real or imagined, does not reach the
    end, and the last is dropped if it begins in the far padding.
    """
    starts = count(-low, stride)
    if not ceil:
        return list(takewhile(lambda start: start + span <= n + high, starts))
    starts_in_input = list(takewhile(lambda start: start - stride + span < n + high, starts))
    return starts_in_input[:-1] if starts_in_input and starts_in_input[-1] >= n else starts_in_input


def starts_of(axis):
    return [window.start for window in axis.windows]


@given(sizes, sizes, steps, steps, pads, st.booleans())
def test_windows_are_those_listed_one_by_one(n, kernel, stride, dilation, padding, ceil):
    axis = sliding_windows(n, kernel, stride, dilation, padding, ceil, OPEN)
    span = (kernel - 1) * dilation + 1
    assert starts_of(axis) == list_starts(n, span, stride, *padding, ceil)
    assert all(list(window) == [window.start + i * dilation for i in range(kernel)] for window in axis.windows)


@given(sizes, sizes, steps, steps, st.sampled_from(["same", "same_lower"]))
def test_same_pads_no_more_than_one_output_for_each_stride_needs(n, kernel, stride, dilation, padding):
    axis = sliding_windows(n, kernel, stride, dilation, padding, False, Rules())
    due = len(range(0, n, stride))
    span = (kernel - 1) * dilation + 1
    total = next(total for total in count() if len(list_starts(n, span, stride, 0, total)) >= due)
    assert (axis.size, axis.low + axis.high) == (due, total)
    odd_side = axis.high - axis.low if padding == "same" else axis.low - axis.high
    assert odd_side == total % 2


@given(sizes, sizes, steps, pads, st.booleans())
def test_a_kept_window_stands_one_stride_past_the_clipped_ones(n, kernel, stride, padding, ceil):
    clipped_starts = starts_of(sliding_windows(n, kernel, stride, 1, padding, ceil, OPEN))
    starts = starts_of(sliding_windows(n, kernel, stride, 1, padding, ceil, Rules(**{**vars(OPEN), "ceil_window": "kept"})))
    assert starts[: len(clipped_starts)] == clipped_starts
    assert all(start >= n for start in starts[len(clipped_starts) :])


@given(sizes, sizes, steps, pads)
def test_truncating_divisions_differ_only_where_the_window_does_not_fit(n, kernel, stride, padding):
    floor, *others = (
        sliding_windows(n, kernel, stride, 1, padding, False, Rules(**{**vars(OPEN), "size_division": division}))
        for division in ("floor", "trunc_kernel", "trunc_stride")
    )
    assume(n + sum(padding) >= kernel)
    assert [axis.windows for axis in others] == [floor.windows] * 2


@given(sizes, sizes, steps, st.tuples(st.integers(-3, 4), st.integers(-3, 4)), st.booleans())
def test_a_window_holds_cells_among_its_padded_positions(n, kernel, stride, padding, ceil):
    axis = sliding_windows(n, kernel, stride, 1, padding, ceil, OPEN)
    for index, window in enumerate(axis.windows):
        assert set(axis.cells(index)) <= set(axis.padded_positions(index)) <= set(window)
        assert all(0 <= cell < n for cell in axis.cells(index))


@given(st.integers(1, 12), st.integers(1, 12))
def test_adaptive_bins_cover_every_cell_in_order(n, size):
    cells = range(n)
    bins = adaptive_windows(n, size, Rules()).windows
    assert len(bins) == size
    assert sorted({cell for window in bins for cell in window}) == list(cells)
    for i, window in enumerate(bins):
        touched_cells = [cell for cell in cells if cell * size < (i + 1) * n and (cell + 1) * size > i * n]
        assert list(window) == touched_cells


@given(st.integers(1, 12), st.integers(1, 12))
def test_disjoint_bins_deal_every_cell_out_once(n, size):
    assume(size <= n)
    bins = adaptive_windows(n, size, Rules(adaptive_bins="disjoint")).windows
    assert [cell for window in bins for cell in window] == list(range(n))
    assert {len(window) for window in bins} <= {n // size, n // size + 1}


def test_an_axis_without_cells_has_no_edge():
    pool = Pool(op="avg_pool", kernel=(2,), stride=(1,), padding=((1, 1),))
    [window] = windows(layout((0,), pool, OPEN))
    assert (len(window.padded_positions), window.edge_positions, window.cells) == (2, (), ())


def test_windows_in_two_dimensions_are_products():
    pool = Pool(op="max_pool", kernel=(2, 1), stride=(2, 1), padding=((1, 0), (0, 0)))
    cells_by_index = {window.index: (window.cells, window.edge_positions) for window in windows(layout((3, 2), pool, OPEN))}
    assert cells_by_index == {
        (0, 0): (((0, 0),), ((0, 0), (0, 0))),
        (0, 1): (((0, 1),), ((0, 1), (0, 1))),
        (1, 0): (((1, 0), (2, 0)), ((1, 0), (2, 0))),
        (1, 1): (((1, 1), (2, 1)), ((1, 1), (2, 1))),
    }


@pytest.mark.parametrize(
    ("n", "kernel", "stride", "padding", "ceil", "rules", "starts"),
    [
        (5, 2, 3, (1, 1), True, Rules(), [-1, 2]),  # torch, onnxruntime 1.31
        (5, 2, 3, (1, 1), True, Rules(ceil_window="kept"), [-1, 2, 5]),  # onnxruntime 1.19
        (2, 3, 3, (0, 0), True, Rules(), [0]),  # torch
        (2, 3, 3, (0, 0), False, Rules(size_division="trunc_kernel"), [0]),  # onnxruntime
        (4, 3, 2, "same", False, Rules(), [0, 2]),  # TensorFlow
        (4, 3, 2, "same", False, Rules(same_split="low"), [-1, 1]),
        (4, 3, 2, "same", False, Rules(same_amount="half_window"), [-1, 1]),
        (5, 1, 4, "same", False, Rules(), [0, 4]),
        (8, 1, 4, "same", False, Rules(), [0, 4]),
        (8, 1, 4, "same", False, Rules(same_amount="unclamped"), [1, 5]),
    ],
)
def test_windows_start_where_frameworks_are_known_to_start_them(n, kernel, stride, padding, ceil, rules, starts):
    assert starts_of(sliding_windows(n, kernel, stride, 1, padding, ceil, rules)) == starts


@pytest.mark.parametrize(
    ("pool", "message"),
    [
        (Pool(op="max_pool"), "max_pool has no kernel; expected one integer for each spatial axis"),
        (Pool(op="max_pool", kernel=(2,)), "kernel is (2,); expected 2 entries, one for each spatial axis of the input"),
        (Pool(op="max_pool", kernel=(0, 2)), "kernel is 0; expected at least 1"),
        (Pool(op="max_pool", kernel=(2, 2), stride=(1, -1)), "stride is -1; expected at least 1"),
        (Pool(op="max_pool", kernel=(2, 2), dilation=(1, 0)), "dilation is 0; expected at least 1"),
        (Pool(op="max_pool", kernel=(2, 3), padding=((0, 1), (0, 2))), "padding is 2 on the high side; a window of 3 allows 0 to 1"),
        (Pool(op="max_pool", kernel=(2, 3), padding=((-1, 1), (0, 0))), "padding is -1 on the low side; a window of 2 allows 0 to 1"),
        (Pool(op="max_pool", kernel=(2, 5)), "a window that spans 5 cells does not fit on an axis of 4: the size would be 0"),
        (Pool(op="adaptive_max_pool"), "adaptive_max_pool has no output_size; expected one integer for each spatial axis"),
        (Pool(op="adaptive_max_pool", output_size=(1, 0)), "output_size is 0; expected at least 1"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_was_expected(pool, message):
    with pytest.raises(Refused) as refusal:
        layout((4, 4), pool, Rules())
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("pool", "rules", "message"),
    [
        (
            Pool(op="max_pool", kernel=(2, 2)),
            {"stride_default": "reject"},
            "max_pool has no stride; expected one integer for each spatial axis",
        ),
        (Pool(op="max_pool", kernel=(2, 1 << 31)), {"parameter_limit": "int32"}, "a parameter is 2147483648; expected at most 2147483647"),
        (Pool(op="max_pool"), {"parameter_limit": "int32"}, "max_pool has no kernel; expected one integer for each spatial axis"),
        (
            Pool(op="max_pool", kernel=(2, 2), padding="same", ceil_mode=True),
            {"named_ceil": "reject"},
            "ceil_mode is stated beside same padding; expected one of the two",
        ),
    ],
)
def test_what_a_rule_does_not_allow_is_refused_with_what_was_expected(pool, rules, message):
    with pytest.raises(Refused) as refusal:
        layout((4, 4), pool, Rules(**rules))
    assert str(refusal.value) == message


def test_more_disjoint_bins_than_cells_are_refused():
    with pytest.raises(Refused, match=r"^output_size is 4; 3 cells fill at most 3 disjoint bins$"):
        adaptive_windows(3, 4, Rules(adaptive_bins="disjoint"))


@pytest.mark.parametrize("rule", ["size_zero", "size_negative"])
def test_windows_that_do_not_fit_give_nothing_where_that_is_allowed(rule):
    kernel = {"size_zero": 3, "size_negative": 4}[rule]
    assert sliding_windows(2, kernel, 1, 1, (0, 0), False, Rules(**{rule: "empty"})).size == 0
    with pytest.raises(Refused):
        sliding_windows(2, kernel, 1, 1, (0, 0), False, Rules())


def refusal_of(*question):
    """The message where windows are refused, None where they are laid out."""
    try:
        sliding_windows(*question)
    except Refused as error:
        return str(error)
    return None


@pytest.mark.parametrize(("n", "kernel", "dilation", "fits"), [(3, 3, 1, True), (2, 3, 1, False), (5, 3, 2, True), (4, 3, 2, False)])
def test_an_input_as_large_as_its_window_is_not_small(n, kernel, dilation, fits):
    assert (refusal_of(n, kernel, 1, dilation, (1, 1), False, OPEN.but(small_input="reject")) is None) == fits


@pytest.mark.parametrize(
    ("limit", "kernel", "most"), [("half_window", 4, 2), ("half_window", 5, 2), ("below_window", 4, 3), ("below_window", 2, 1)]
)
def test_padding_up_to_its_limit(limit, kernel, most):
    rules = OPEN.but(pad_limit=limit)
    assert refusal_of(9, kernel, 1, 1, (most, 0), False, rules) is None
    assert refusal_of(9, kernel, 1, 1, (0, most), False, rules) is None
    message = f"padding is {most + 1} on the {{}} side; a window of {kernel} allows 0 to {most}"
    assert refusal_of(9, kernel, 1, 1, (most + 1, 0), False, rules) == message.format("low")
    assert refusal_of(9, kernel, 1, 1, (0, most + 1), False, rules) == message.format("high")


def test_same_that_ignores_dilation_pads_for_the_plain_window():
    axis = sliding_windows(5, 3, 1, 2, "same", False, OPEN.but(same_dilation="ignored"))
    assert (axis.low, axis.high, axis.size) == (1, 1, 3)


@pytest.mark.parametrize(("n", "kernel", "stride", "dilation", "padding", "size", "outputs"), [
    (4, 2, 1, 2, "same", 3, 4),
    (5, 2, 2, 2, "same", 2, 3),
    (6, 2, 3, 2, "same", 2, 2),
    (2, 2, 1, 2, "same", 1, 2),
    (1, 2, 1, 2, "same", 0, 1),
    (1, 2, 1, 3, "same_lower", 0, 1),
    (5, 3, 2, 1, "same", 3, 3),
    (5, 2, 1, 2, "valid", 3, 3),
    (5, 2, 1, 2, (0, 1), 4, 4),
])  # fmt: skip
def test_same_that_ignores_dilation_may_leave_zeros_where_windows_are_missing(n, kernel, stride, dilation, padding, size, outputs):
    axis = sliding_windows(n, kernel, stride, dilation, padding, False, Rules(same_dilation="ignored_with_zeros"))
    assert (axis.size, axis.outputs) == (size, outputs)


def test_no_zeros_make_room_for_a_window_without_holes_or_without_same():
    rules = Rules(same_dilation="ignored_with_zeros")
    assert refusal_of(0, 2, 1, 1, "same", False, rules) == "a window that spans 2 cells does not fit on an axis of 0: the size would be 0"
    assert refusal_of(2, 2, 1, 2, "valid", False, rules) == "a window that spans 3 cells does not fit on an axis of 2: the size would be 0"


def test_more_windows_than_same_needs_are_all_kept():
    axis = sliding_windows(8, 2, 4, 2, "same", True, Rules(same_dilation="ignored_with_zeros", ceil_window="kept"))
    assert (starts_of(axis), axis.outputs) == ([0, 4, 8], 3)


@pytest.mark.parametrize("padding", ["same", "same_lower"])
def test_same_may_be_refused(padding):
    rules = OPEN.but(same_padding="reject")
    assert sliding_windows(5, 3, 1, 1, "valid", False, rules).size == 3
    with pytest.raises(Refused, match=f"^padding is {padding}; expected padding in cells or none$"):
        sliding_windows(5, 3, 1, 1, padding, False, rules)


def test_same_with_a_dilation_may_be_refused_where_either_alone_is_taken():
    rules = OPEN.but(same_dilation="reject")
    assert (
        refusal_of(5, 3, 1, 2, "same", False, rules) == "padding is same and the window is dilated to 5 cells; expected only one of the two"
    )
    assert [refusal_of(5, 3, 1, 1, "same", False, rules), refusal_of(5, 1, 1, 2, "same", False, rules)] == [None, None]
    assert refusal_of(5, 3, 1, 2, (1, 1), False, rules) is None


@pytest.mark.parametrize("padding", [(1, 0), (0, 1), (-1, 1)])
def test_padding_in_cells_may_be_refused(padding):
    rules = OPEN.but(explicit_padding="reject")
    assert refusal_of(5, 3, 1, 1, padding, False, rules) == f"padding is {padding}; expected a name or none"
    assert [refusal_of(5, 3, 1, 1, padding, False, rules) for padding in ((0, 0), "same", "valid")] == [None, None, None]


@pytest.mark.parametrize(("n", "stride", "total"), [(5, 1, 1), (6, 2, 0), (7, 6, 1), (8, 6, 0), (9, 6, -1)])
def test_same_that_would_crop_is_refused(n, stride, total):
    message = f"SAME would pad by {total}: a stride of {stride} over {n} cells leaves some out of every window"
    assert refusal_of(n, 2, stride, 1, "same", False, OPEN.but(same_amount="reject_negative")) == (message if total < 0 else None)


@pytest.mark.parametrize(("n", "division", "size"), [
    (2, "floor", 0), (2, "trunc_kernel", 1), (2, "trunc_stride", 0),
    (0, "floor", -1), (0, "trunc_kernel", 0), (0, "trunc_stride", 0),
    (7, "floor", 3), (7, "trunc_kernel", 3), (7, "trunc_stride", 3),
])  # fmt: skip
def test_sizes_are_rounded_as_the_rule_says(n, division, size):
    rules = Rules(size_zero="empty", size_negative="reject", size_division=division)
    assert (refusal_of(n, 3, 2, 1, "valid", False, rules) is not None) == (size < 0)
    assert size < 0 or sliding_windows(n, 3, 2, 1, "valid", False, rules).size == size


@pytest.mark.parametrize("n", [4096 + 2, 4096 + 3])
def test_windows_of_large_axes_are_computed_and_are_the_same(n):
    axis = sliding_windows(n, 3, 1, 1, (0, 0), False, Rules())
    windows_of_line = tuple(range(start, start + 3) for start in range(n - 2))
    assert axis.windows == windows_of_line
    assert windows_of_line == axis.windows
    assert axis.size == n - 2
    assert (axis.windows[0], axis.windows[-1]) == (windows_of_line[0], windows_of_line[-1])
    assert tuple(axis.windows[1:3]) == windows_of_line[1:3]
    assert axis.windows != sliding_windows(n, 3, 1, 1, (1, 1), False, Rules()).windows
    for other in ((*windows_of_line[:-1], range(1)), windows_of_line[:-1], (*windows_of_line, range(1)), "w" * (n - 2), None):
        assert axis.windows != other
    assert hash(axis) == hash(sliding_windows(n, 3, 1, 1, (0, 0), False, Rules()))
    with pytest.raises(IndexError):
        axis.windows[n - 2]


def test_any_size_can_be_laid_out():
    huge = 2**31 - 1
    axis = sliding_windows(huge, 3, 1, 1, (1, 1), False, Rules())
    assert (axis.size, axis.windows[0], axis.cells(0), axis.padded_positions(huge - 1)) == (
        huge,
        range(-1, 2),
        range(2),
        range(huge - 2, huge + 1),
    )
    bins = adaptive_windows(huge, huge - 1, Rules())
    assert (bins.size, bins.windows[-1]) == (huge - 1, range(huge - 2, huge))
    wide = sliding_windows(8, huge, 1, 1, (huge // 2, huge // 2), False, Rules())
    assert [wide.cells(i) for i in range(wide.size)] == [range(8)] * 8


def test_a_huge_window_on_a_small_input_is_pooled_at_once():
    """The oracles visit the cells of a window, and count the rest."""
    pool = Pool(op="avg_pool", kernel=(2**31 - 1,), stride=(1,), padding=((2**30 - 1, 2**30 - 1),))
    for oracle in (slow, fast):
        assert oracle(np.arange(8.0).reshape(1, 1, 8), pool).tolist() == [[[28 / (2**31 - 1)] * 8]]


def test_the_shape_of_an_output_takes_no_window():
    x = np.zeros((0, 1, 2**31 - 1), "float32")
    assert slow(x, Pool(op="max_pool", kernel=(3,), stride=(1,))).shape == (0, 1, 2**31 - 3)


def test_windows_that_are_computed_are_compared_as_those_that_are_listed():
    many, fewer, later = make_windows(5000, range), make_windows(4999, range), make_windows(5000, lambda i: range(i, i + 1))
    assert many[2:4] == (range(2), range(3))
    assert many == [range(i) for i in range(5000)]
    assert hash(many) == hash(make_windows(5000, range))
    for other in (fewer, later, range(5000), 5000):
        assert many != other
