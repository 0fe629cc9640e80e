"""Ranges of sizes are those that enumeration finds, far beyond the sizes that the proof compares."""

import math
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poolparity.cases.model.formula import evaluate
from poolparity.cases.model.pool import Pool, Refused
from poolparity.cases.model.rules import Rules
from poolparity.cases.oracle.layout import layout
from poolparity.cases.oracle.lowering import count_positions
from poolparity.cases.oracle.other_ops import nearest_cells
from poolparity.cases.sizes.axis_windows import BIN, LENGTH, windows_of_bins, windows_of_pool
from poolparity.cases.sizes.lower import lower_for_every_size
from poolparity.cases.sizes.proof import MAX_SIZES, agreeing_sizes
from poolparity.cases.sizes.size_set import describe_sizes

RULES = Rules()
PADDINGS = ["valid", "same", "same_lower", ((0, 1),), ((1, 0),), ((1, 1),), ((2, 1),)]
VARIANTS = [
    RULES, RULES.but(ceil_window="kept"), RULES.but(same_split="low"), RULES.but(overhang="counted"), RULES.but(same_amount="half_window")
]  # fmt: skip


@cache
def windows(n, pool, rules):
    """All windows on a size, as the cells and the counts of each; None where there are none."""
    try:
        [axis] = layout((n,), pool, rules.but(pad_limit="none"))
    except Refused:
        return None
    include = rules.include_default == "padded" if pool.count_include_pad is None else pool.count_include_pad
    counts = [count_positions(axis, i, include, rules) if pool.kind == "avg" else 0 for i in range(axis.size)]
    return [(list(axis.cells(i)), count) for i, count in enumerate(counts)] or None


def check_against_enumeration(first, second, rules=RULES, other=RULES):
    sizes = agreeing_sizes(windows_of_pool(first, 0, rules), windows_of_pool(second, 0, other))
    period = sizes.agree.period
    for n in range(1, sizes.agree.start + 5 * period):
        own = windows(n, first, rules)
        assert (n in sizes.possible) == (own is not None), n
        assert (n in (sizes.agree & sizes.possible)) == (own is not None and own == windows(n, second, other)), n
    return sizes


def sliding_windows(kernel, stride, padding, dilation=1, *, ceil=False, op="max_pool", include=None):
    return Pool(op=op, kernel=(kernel,), stride=(stride,), padding=padding, dilation=(dilation,), ceil_mode=ceil, count_include_pad=include)


def words(first, second, rules=RULES, other=RULES):
    sizes = agreeing_sizes(windows_of_pool(first, 0, rules), windows_of_pool(second, 0, other))
    return describe_sizes(sizes.agree, sizes.possible)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (sliding_windows(3, 2, ((1, 1),)), sliding_windows(3, 2, "same"), "odd"),
        (sliding_windows(3, 2, ((0, 0),), ceil=True), sliding_windows(3, 2, "same"), "even"),
        (sliding_windows(3, 2, ((0, 0),), ceil=True), sliding_windows(3, 2, ((0, 1),)), "any"),
        (sliding_windows(2, 2, "valid", ceil=True, op="avg_pool"), sliding_windows(2, 2, "same", op="avg_pool", include=False), "any"),
        (sliding_windows(2, 2, "valid", ceil=True, op="avg_pool"), sliding_windows(2, 2, "valid", op="avg_pool"), "even"),
        (sliding_windows(3, 1, ((1, 1),)), sliding_windows(3, 1, "same"), "any"),
        (sliding_windows(3, 2, "same"), sliding_windows(3, 2, "same_lower"), "odd"),
        (sliding_windows(3, 3, ((1, 1),)), sliding_windows(3, 3, "same"), "with remainder 1 by 3"),
        (Pool(op="adaptive_avg_pool", output_size=(1,)), Pool(op="global_avg_pool"), "any"),
        (Pool(op="adaptive_avg_pool", output_size=(7,)), sliding_windows(2, 2, "valid", op="avg_pool"), "only 14"),
        (Pool(op="max_pool", kernel=(2,), stride=(2,)), Pool(op="max_pool", kernel=(2,), stride=(3,)), "only 2 and 3"),
    ],
)
def test_ranges_in_words(first, second, expected):
    check_against_enumeration(first, second)
    assert words(first, second) == expected


def test_disjoint_bins_are_the_overlapping_ones_where_the_number_divides_the_size():
    bins = Pool(op="adaptive_avg_pool", output_size=(3,))
    assert words(bins, bins, other=RULES.but(adaptive_bins="disjoint")) == "divisible by 3"


def test_repeated_cells_are_the_same_for_every_size_or_for_those_that_the_number_of_places_decides():
    twice = Pool(op="upsample_nearest", kernel=(2,))
    assert words(twice, twice, other=RULES.but(nearest="middle")) == "any"
    assert words(twice, Pool(op="upsample_nearest", kernel=(3,))) == "none"
    for places in range(1, 6):
        sized_pool = Pool(op="upsample_nearest", output_size=(places,))
        sizes = agreeing_sizes(windows_of_pool(sized_pool, 0, RULES), windows_of_pool(sized_pool, 0, RULES.but(nearest="middle")))
        for n in range(1, sizes.agree.start + 6 * sizes.agree.period):
            same = nearest_cells(n, places, "corner") == nearest_cells(n, places, "middle")
            assert (n in sizes.agree) == same, (places, n)
        assert words(sized_pool, twice) == (f"only {places // 2}" if places % 2 == 0 else "none")


def test_small_parameters_against_enumeration():
    pools = [
        sliding_windows(kernel, stride, padding, ceil=ceil)
        for kernel, stride, padding, ceil in product((1, 2, 3), (1, 2), ("valid", "same", ((1, 1),), ((0, 1),)), (False, True))
    ]
    for first, second in product(pools, pools):
        if first.stride == second.stride or first.kernel == second.kernel == (1,):
            check_against_enumeration(first, second)


pools = st.builds(
    sliding_windows, st.integers(1, 4), st.integers(1, 4), st.sampled_from(PADDINGS), st.integers(1, 3), ceil=st.booleans(),
    op=st.sampled_from(["max_pool", "avg_pool"]), include=st.sampled_from([None, True, False]),
)  # fmt: skip
all_pools = st.one_of(
    pools,
    st.builds(lambda bins: Pool(op="adaptive_avg_pool", output_size=(bins,)), st.integers(1, 5)),
    st.just(Pool(op="global_avg_pool")),
)


@settings(max_examples=100, deadline=None)
@given(all_pools, all_pools, st.sampled_from(VARIANTS), st.sampled_from(VARIANTS))
def test_ranges_of_random_poolings_against_enumeration(first, second, rules, other):
    check_against_enumeration(first, second, rules, other)


@settings(max_examples=100, deadline=None)
@given(pools, st.sampled_from(VARIANTS))
def test_padding_by_formula_gives_the_same_windows_for_every_size(pool, rules):
    try:
        low = lower_for_every_size(pool, 1, rules)
    except Refused:
        return
    [[before, after]] = low.pads
    inner = sliding_windows(low.kernel[0], low.stride[0], "valid", low.dilation[0])
    for n in range(1, 40):
        own = windows(n, pool, rules)
        if own is None:
            continue
        left, right = (evaluate(side, lambda _, n=n: n) for side in (before, after))
        [axis] = layout((n + left + right,), inner, RULES)
        shifted_windows = [[position - left for position in window if 0 <= position - left < n] for window in axis.windows]
        assert shifted_windows == [cells for cells, _ in own], n
        if low.divisor is not None and pool.kind == "avg":
            assert {count for _, count in own} == {low.divisor}


@pytest.mark.parametrize("bins", range(1, 9))
def test_bins_by_formula_are_those_of_adaptive_pooling(bins):
    start, stop = BIN * LENGTH // bins, ((BIN + 1) * LENGTH + (bins - 1)) // bins
    sizes = agreeing_sizes(
        windows_of_pool(Pool(op="adaptive_avg_pool", output_size=(bins,)), 0, RULES), windows_of_bins(bins, start, stop, counting=True)
    )
    assert describe_sizes(sizes.agree, sizes.possible) == "any"


def test_too_many_sizes_are_not_compared():
    first, second = (Pool(op="adaptive_max_pool", output_size=(bins,)) for bins in (64, 63))
    assert math.lcm(64, 63) > MAX_SIZES
    assert agreeing_sizes(windows_of_pool(first, 0, RULES), windows_of_pool(second, 0, RULES)) is None


@pytest.mark.parametrize(("size", "kernel", "expected"), [(8, 2, "only 4"), (9, 2, "none"), (9, 3, "only 4"), (224, 2, "only 112")])
def test_an_un_pooling_to_a_stated_size_agrees_with_one_by_its_window_on_one_size(size, kernel, expected):
    by_window = Pool(op="max_unpool", kernel=(kernel,), stride=(2,))
    stated_pool = Pool(op="max_unpool", kernel=(2,), stride=(2,), output_size=(size,))
    assert words(by_window, stated_pool) == expected
