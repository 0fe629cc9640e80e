"""How near is near enough: where answers are exact, and the bound elsewhere."""

import ml_dtypes
import numpy as np
import pytest

from poolparity.cases.judge.tolerance import EXACT, Tolerance, gradient_tolerance, rounding_bound, tolerance_of


@pytest.fixture
def bound(spec):
    """The bound of a case's values, in units in the last place."""

    def bound(keys, measure=tolerance_of):
        spec_file = spec(f"cases:\n  one: {{{keys}}}\n")
        assert spec_file.mistakes == ()
        return measure(spec_file.cases[0])

    return bound


@pytest.mark.parametrize(("keys", "ulp"), [
    ("op: max_pool, input: [[[1.5, 2]]], pool: {kernel: [2], stride: [2]}, output: [[[2]]]", 0),
    ("op: global_max_pool, input: [[[1.5, 2]]], pool: {keepdims: true}, output: [[[2]]]", 0),
    ("op: avg_pool, dtype: int8, input: [[[1, 2, 3]]], pool: {kernel: [3], stride: [3]}, output: [[[2]]]", 0),
    ("op: avg_pool, input: [[[1, 2, 3]]], pool: {kernel: [3], stride: [3]}, output: [[[2]]]", 5),
    ("op: avg_pool, input: [[[1, 2]]], pool: {kernel: [2], stride: [2]}, output: [[[1.5]]]", 0),
    ("op: avg_pool, input: [[[1.5, 2]]], pool: {kernel: [2], stride: [2]}, output: [[[1.75]]]", 4),
    ("op: avg_pool, input: [[[.nan, 2]]], pool: {kernel: [2], stride: [2]}, output: [[[.nan]]]", 4),
    ("op: avg_pool, input: [[[.inf, 2]]], pool: {kernel: [2], stride: [2]}, output: [[[.inf]]]", 4),
    ("op: avg_pool, input: [[[1, 2]]], pool: {kernel: [2], stride: [2], padding: [[0, 0]]}, output: [[[1.5]]]", 0),
    ("op: avg_pool, input: [[[1, 2]]], pool: {kernel: [2], stride: [2], padding: [[1, 1]]}, output: [[[0.5, 1]]]", 4),
    ("op: avg_pool, input: [[[1, 2]]], pool: {kernel: [2], stride: [2], padding: same}, output: [[[1.5]]]", 4),
    ("op: avg_pool, input: [[[1, 2]]], pool: {kernel: [2], stride: [2], ceil_mode: true}, output: [[[1.5]]]", 4),
    ("op: avg_pool, input: [[[1, 2]]], pool: {kernel: [2], stride: [2], divisor_override: 3}, output: [[[1]]]", 4),
    ("op: avg_pool, input: [[[1, 2]]], pool: {kernel: [1], stride: [1]}, output: [[[1, 2]]]", 0),
    ("op: avg_pool, input: {full: [1, 0, 2], value: 1}, pool: {kernel: [2], stride: [2]}, output_shape: [1, 0, 1]", 0),
    ("op: global_avg_pool, dtype: bfloat16, input: {full: [1, 1, 128], value: 0}, pool: {keepdims: true}, output: [[[0]]]", 0),
    ("op: avg_pool, input: [[[1, 2, 3]]], pool: {kernel: [3], stride: [3], divisor_override: 4}, output: [[[1.5]]]", 0),
    ("op: avg_pool, input: [[[1, 2, 3]]], pool: {kernel: [3], stride: [3], divisor_override: -4}, output: [[[-1.5]]]", 0),
    ("op: avg_pool, input: [[[[1, 2], [3, 4]]]], pool: {kernel: [2, 2], stride: [2, 2]}, output: [[[[2.5]]]]", 0),
    ("op: avg_pool, input: [[[[1, 2, 3], [3, 4, 5]]]], pool: {kernel: [2, 3], stride: [2, 3]}, output: [[[[3]]]]", 8),
    ("op: global_avg_pool, input: [[[1, 2, 3, 6]]], pool: {keepdims: true}, output: [[[3]]]", 0),
    ("op: global_avg_pool, input: [[[1, 2, 3]]], pool: {keepdims: true}, output: [[[2]]]", 5),
    ("op: global_avg_pool, data_format: channels_last, input: [[[1, 9], [2, 9], [3, 9]]], pool: {keepdims: true}, output: [[[2, 9]]]", 5),
    ("op: global_avg_pool, batched: false, input: [[1, 2, 3], [1, 2, 3]], pool: {keepdims: true}, output: [[2], [2]]", 5),
    ("op: global_avg_pool, batched: false, data_format: channels_last, input: [[1, 1], [2, 2], [3, 3]], pool: {keepdims: true}, output: [[2, 2]]", 5),
    ("op: global_avg_pool, input: [[[1, 2, 3, 6]]], pool: {keepdims: true}, with: {mask: [[true, true, true, false]]}, output: [[[2]]]", 6),
    ("op: adaptive_avg_pool, input: [[[1, 2]]], pool: {output_size: [1]}, output: [[[1.5]]]", 4),
    ("op: avg_pool, input: [[[4194303, 4194305]]], pool: {kernel: [2], stride: [2]}, output: [[[4194304]]]", 4),
    ("op: avg_pool, input: [[[4194303, 4194302]]], pool: {kernel: [2], stride: [2]}, output: [[[4194302.5]]]", 0),
    ("op: avg_pool, input: [[[-4194304, 0]]], pool: {kernel: [2], stride: [2]}, output: [[[-2097152]]]", 4),
    ("op: avg_pool, dtype: float16, input: [[[511, 511]]], pool: {kernel: [2], stride: [2]}, output: [[[511]]]", 0),
    ("op: avg_pool, dtype: float16, input: [[[512, 511]]], pool: {kernel: [2], stride: [2]}, output: [[[511.5]]]", 4),
    ("op: avg_pool, dtype: bfloat16, input: [[[63, 63]]], pool: {kernel: [2], stride: [2]}, output: [[[63]]]", 0),
    ("op: avg_pool, dtype: bfloat16, input: [[[64, 63]]], pool: {kernel: [2], stride: [2]}, output: [[[63.5]]]", 4),
    ("op: avg_pool, dtype: float64, input: [[[8388607, 8388608]]], pool: {kernel: [2], stride: [2]}, output: [[[8388607.5]]]", 0),
    ("op: lp_pool, input: [[[3, 4]]], pool: {kernel: [2], stride: [2], p: 2}, output: [[[5]]]", 20),
    ("op: conv, input: [[[3, 4]]], pool: {stride: [1]}, with: {weights: [[[1, 1]]]}, output: [[[7]]]", 4),
    ("op: conv, input: [[[3, 4], [1, 1]]], pool: {stride: [1]}, with: {weights: [[[1, 1], [1, 1]]]}, output: [[[9]]]", 6),
])  # fmt: skip
def test_the_bound_of_values(bound, keys, ulp):
    assert bound(keys).ulp == ulp


@pytest.mark.parametrize(("keys", "magnitude"), [
    ("op: avg_pool, input: [[[3, -3, 3]]], pool: {kernel: [3]}, output: [[[1]]]", [[[3]]]),
    ("op: avg_pool, data_format: channels_last, input: [[[3, 6], [-3, 6], [3, -6]]], pool: {kernel: [3]}, output: [[[1, 2]]]", [[[3, 6]]]),
    ("op: avg_pool, batched: false, input: [[3, -3, 3]], pool: {kernel: [3]}, output: [[1]]", [[3]]),
    ("layer: 'keras.layers.AveragePooling2D((1, 3))', input: [[[[3, 6], [-3, 6], [3, -6]]]], output: [[[[1, 2]]]]", [[[[3, 6]]]]),
    ("op: avg_pool, input: [[[-3, 3]]], pool: {kernel: [3], stride: [3], padding: [[1, 0]]}, output: [[[0]]], rules: {include_default: valid}", [[[3]]]),
    ("op: conv, input: [[[3, 4]]], pool: {stride: [1]}, with: {weights: [[[1, -1]]]}, output: [[[-1]]]", [[[7]]]),
    ("op: avg_pool, input: [[[1, 2]]], pool: {kernel: [3], stride: [3]}, output: [[[1]]], rules: {size_zero: reject}", None),
])  # fmt: skip
def test_the_magnitude_behind_a_bound(bound, keys, magnitude):
    bounds = bound(keys).magnitude
    assert (bounds if bounds is None else bounds.tolist()) == magnitude


@pytest.mark.parametrize(("keys", "ulp", "magnitude"), [
    ("op: avg_pool, input: [[[3, 3, 3]]], pool: {kernel: [2], stride: [1]}, with: {cotangent: [[[2, -4]]]}, gradient: [[[1, -1, -2]]]", 4, [[[1, 3, 2]]]),
    ("op: lp_pool, input: [[[3, 4]]], pool: {kernel: [2], stride: [2], p: 1}, with: {cotangent: [[[1]]]}, gradient: [[[1, 1]]]", 20, [[[1, 1]]]),
    ("op: max_pool, input: [[[3, 4]]], pool: {kernel: [2], stride: [2]}, with: {cotangent: [[[-5]]]}, gradient: [[[0, -5]]]", 4, [[[0, 5]]]),
    ("op: conv, input: [[[3, 4]]], pool: {stride: [1]}, with: {weights: [[[1, -2]]], cotangent: [[[1]]]}, gradient: [[[1, -2]]]", 4, [[[1, 2]]]),
])  # fmt: skip
def test_the_bound_of_a_gradient(bound, keys, ulp, magnitude):
    gradient_bound = bound(keys, gradient_tolerance)
    assert (gradient_bound.ulp, gradient_bound.magnitude.tolist()) == (ulp, magnitude)


def test_the_bound_of_a_gradient_of_whole_numbers_has_no_limit(bound):
    keys = f"input: [[{[3] * 40}]], with: {{cotangent: [[[-40]]]}}, gradient: [[{[-1] * 40}]]"
    gradient_bound = bound(f"op: global_avg_pool, dtype: int8, pool: {{keepdims: true}}, {keys}", gradient_tolerance)
    assert (gradient_bound.ulp, gradient_bound.magnitude.tolist(), gradient_bound.least) == (42, [[[1] * 40]], None)


def test_a_gradient_whose_forward_is_refused_has_no_magnitude(bound):
    keys = "op: max_pool, input: [[[3, 4]]], pool: {kernel: [3], stride: [3]}, with: {cotangent: [[[5]]]}, gradient: [[[0, 5]]]"
    gradient_bound = bound(keys, gradient_tolerance)
    assert (gradient_bound.ulp, gradient_bound.magnitude) == (5, None)


@pytest.mark.parametrize(("dtype", "units", "ulp", "least"), [
    ("bfloat16", 4, 4, None),
    ("bfloat16", 5, 4, 3 * 5 * 2.0**-23),
    ("float16", 32, 32, None),
    ("float16", 33, 32, 3 * 33 * 2.0**-23),
    ("float32", 1 << 18, 1 << 18, None),
    ("float32", 1 << 19, 1 << 18, 3 * 2.0**-4),
    ("float64", 1 << 19, 1 << 19, None),
])  # fmt: skip
def test_more_units_than_a_few_per_cent_are_those_of_sums_in_float32(dtype, units, ulp, least):
    kind = np.dtype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)
    limited = rounding_bound(units, kind, np.array([3.0]))
    assert (limited.ulp, limited.magnitude.tolist(), limited.least if least is None else limited.least.item()) == (ulp, [3], least)
    blind = rounding_bound(units, kind, None)
    assert (blind.ulp, blind.magnitude, blind.least) == (ulp, None, None)


def same(tolerance, due, got, dtype="float32"):
    return tolerance.same(np.array(due, dtype), np.array(got, dtype)).tolist()


def test_exact_is_the_same_number_with_the_same_sign():
    assert same(EXACT, [1, np.nan, np.inf, 0, -0.0, 2, np.inf], [1, np.nan, np.inf, 0, -0.0, np.nan, -np.inf]) == [True] * 5 + [False] * 2
    assert same(EXACT, [0.0, -0.0], [-0.0, 0.0]) == [False, False]
    assert same(EXACT, [np.nan], [-np.nan]) == [True]
    assert EXACT.same(np.array([0, 3]), np.array([0, 3])).tolist() == [True, True]
    assert EXACT.same(np.array([-0.0, 3.0]), np.array([0, 3])).tolist() == [True, True]
    assert EXACT.same(np.array([0, 3]), np.array([-0.0, 3.0])).tolist() == [True, True]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_so_many_units_in_the_last_place(dtype):
    kind = np.dtype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)
    one = np.array([1.0], kind)
    steps = one + np.arange(4).astype(kind) * np.spacing(one)
    assert Tolerance(2).same(one.repeat(4), steps).tolist() == [True, True, True, False]
    assert Tolerance(2).same(steps, one.repeat(4)).tolist() == [True, True, True, False]


def test_whole_numbers_are_counted_in_units_of_float64():
    unit = np.spacing(3.0)
    assert Tolerance(2).same(np.array([3, 3, 4]), np.array([3 + 2 * unit, 3 + 3 * unit, 3])).tolist() == [True, False, False]


def test_units_are_those_of_the_magnitude():
    magnitude = np.array([1024.0, 1.0])
    assert Tolerance(1, magnitude).same(np.zeros(2, "float32"), np.array([1e-4, 1e-4], "float32")).tolist() == [True, False]
    assert Tolerance(1, magnitude).same(np.zeros(3, "float32"), np.array([1e-4] * 3, "float32")).tolist() == [False] * 3


def test_a_number_beside_its_least_is_within_its_units_and_a_few_per_cent_of_itself():
    due, got = [1.75, 1.75, 1, 0.5, 0.5, 0, 0], [1.78125, 1.7890625, 1.03125, 0.515625, 0.5234375, 2.0**-8, 2.0**-7]
    four_units = Tolerance(4, np.full(7, 1.75), np.full(7, 2.0**-8))
    assert same(four_units, due, got, ml_dtypes.bfloat16) == [True, False, True, True, False, True, False]


def test_a_bound_takes_no_number_for_nan_or_infinity():
    due, got = [np.nan, np.inf, 1, 1, -np.inf, np.nan], [1, 1, np.nan, np.inf, np.inf, np.nan]
    assert same(Tolerance(9), due, got) == [False, False, False, False, False, True]
    assert same(Tolerance(9), [0.0, np.inf], [-0.0, np.inf]) == [True, True]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_the_greatest_number_is_near_its_neighbours_alone(dtype):
    kind = np.dtype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)
    most = ml_dtypes.finfo(kind).max
    below = np.nextafter(most, kind.type(0))
    next_below = np.nextafter(below, kind.type(0))
    due, got = np.array([most] * 5, kind), np.array([most, below, next_below, -most, np.inf], kind)
    assert Tolerance(1).same(due, got).tolist() == [True, True, False, False, False]
    assert Tolerance(1).same(got, due).tolist() == [True, True, False, False, False]


def test_a_magnitude_beyond_the_type_is_as_large_as_it_has():
    wide = Tolerance(1, np.array([1e6, 1e6]))
    assert wide.same(np.array([1, 1], "float16"), np.array([2, 60], "float16")).tolist() == [True, False]


@pytest.mark.parametrize("keys", [
    "asks: stride_default, input: [[[2, 2, 2, 2]]], pool: {kernel: [3]}, answers: {window: [[[2]]], one: [[[2, 2]]]}",
    "asks: result_dtype, input: [[[2, 2, 2]]], pool: {kernel: [3], stride: [3]}, answers: {input: [[[2]]], at_least_float64: {output: [[[2]]], output_dtype: float64}}",
])  # fmt: skip
def test_answers_of_other_shapes_or_types_need_no_narrower_bound(bound, keys):
    assert bound(f"op: avg_pool, {keys}").ulp == 5


@pytest.mark.parametrize(("got", "is_same"), [(1.66669, True), (1.66674, True), (1.66661, False), (1.6668, False)])
def test_printed_numbers_agree_to_half_a_unit_of_their_last_decimal(spec, got, is_same):
    text = "{op: avg_pool, digits: 4, input: [[[1, 2, 2]]], pool: {kernel: [3], stride: [3]}, output: [[[1.6667]]]}"
    [case] = spec(f"cases:\n  one: {text}\n").cases
    assert tolerance_of(case).same(case.due.output, np.array([[[got]]], "float32")).all() == is_same


def test_the_last_decimal_of_a_large_number_is_no_larger(spec):
    text = "{op: avg_pool, digits: 4, input: [[[1000, 1000, 1000]]], pool: {kernel: [3], stride: [3]}, output: [[[1000]]]}"
    [case] = spec(f"cases:\n  one: {text}\n").cases
    assert not tolerance_of(case).same(case.due.output, np.array([[[1000.001]]], "float32")).any()


def test_numbers_beside_printed_whole_ones_agree_to_half_a_unit_of_their_last_decimal(spec):
    text = "{op: avg_pool, digits: 4, dtype: int8, input: [[[1, 2, 2]]], pool: {kernel: [3], stride: [3]}, output: [[[1]]]}"
    [case] = spec(f"cases:\n  one: {text}\n").cases
    assert tolerance_of(case).same(case.due.output, np.array([[[1.00004]]], "float32")).all()
    assert not tolerance_of(case).same(case.due.output, np.array([[[1.0001]]], "float32")).any()


@pytest.mark.parametrize(("got", "is_same"), [(0.33334, True), (0.3334, False)])
def test_printed_gradients_agree_to_half_a_unit_of_their_last_decimal(spec, got, is_same):
    text = "{op: avg_pool, digits: 4, input: [[[1, 2, 2]]], pool: {kernel: [3], stride: [3]}, with: {cotangent: [[[1]]]}, gradient: %s}"
    [case] = spec(f"cases:\n  one: {text % '[[[0.3333, 0.3333, 0.3333]]]'}\n").cases
    assert gradient_tolerance(case).same(case.due.gradient, np.full((1, 1, 3), got, "float32")).all() == is_same
