"""The range of an answer: by arithmetic alone, and for the questions that were answered for one size only, with frameworks."""

from dataclasses import replace

import pytest

from poolparity.adapters.contract import Unsupported
from poolparity.adapters.parent.recipe import recipe
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.model.pool import Pool, Refused
from poolparity.cases.model.rules import Rules
from poolparity.cases.sizes.axis_windows import windows_of_pool
from poolparity.cases.sizes.proof import AxisRange
from poolparity.cases.sizes.size_set import EVERY_SIZE, SizeSet
from poolparity.reports.cli.port import parse_sizes
from poolparity.reports.port.answer import Porter
from poolparity.reports.port.plans import STATED, Plan
from poolparity.reports.port.ranges import AnswerRange, describe_axes
from poolparity.reports.port.record import DROP_IN, RECIPE
from poolparity.reports.port.request import Unportable, read_source
from poolparity.reports.port.search import RecipeSearch, Reference
from poolparity.reports.port.terminal import describe_drop_in

FOUND = find_targets()
STEM = "torch.nn.MaxPool2d(3, stride=2, padding=1)"


def search_without_running(text, target, sizes=None, **rules):
    """A search whose source was not run: what it tries first follows from arithmetic alone."""
    source = read_source(text, sizes, "float32", FOUND)
    source = replace(source, rules={**source.rules, **rules})
    return RecipeSearch(Reference(source, None, {}), select_targets([target], FOUND)[0])


def first_candidate(text, target, sizes=None, **rules):
    """The range of the first plan that the target can be asked, and the code of its steps."""
    search = search_without_running(text, target, sizes, **rules)
    for plan, answer_range in search.list_candidates():
        try:
            call = recipe(search.target.adapter, search.target.target, search.source.small, plan.verbs)
        except (Unsupported, Refused):
            continue
        return answer_range, "\n".join(map(str, call.steps))
    raise AssertionError("no plan")


@pytest.mark.parametrize(
    ("text", "target", "parts"),
    [
        (STEM, "keras-tensorflow", ["[[0, 0], [1, 1], [1, 1], [0, 0]], constant_values=-numpy.inf", "padding='valid'"]),
        ("torch.nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False)", "keras-tensorflow", ["padding='same'"]),
        ("torch.nn.MaxPool2d(3, stride=2, ceil_mode=True)", "keras-tensorflow", ["[[0, 0], [0, 1], [0, 1], [0, 0]]", "padding='valid'"]),
        ("torch.nn.AdaptiveAvgPool2d(1)", "onnxruntime", ["'GlobalAveragePool'"]),
        ("torch.nn.AdaptiveAvgPool2d(1)", "tensorflow", ["tensorflow.reduce_mean(x, axis=(1, 2), keepdims=True)"]),
        ("torch.nn.AdaptiveAvgPool2d(1)", "flax", ["jax.numpy.mean(x, axis=(1, 2), keepdims=True)"]),
        ("torch.nn.AdaptiveAvgPool2d(1)", "jax", ["jax.numpy.mean(x, axis=(2, 3), keepdims=True)"]),
        ("onnx.GlobalAveragePool()", "keras-tensorflow", ["GlobalAveragePooling2D(dtype='float32', keepdims=True)"]),
        ("onnx.GlobalAveragePool()", "torch", ["torch.nn.AdaptiveAvgPool2d(output_size=(1, 1))"]),
        ("onnx.GlobalAveragePool()", "flax", ["jax.numpy.mean(x, axis=(1, 2), keepdims=True)"]),
        ("torch.nn.AdaptiveAvgPool2d((6, 1))", "onnxruntime", ["'ReduceMean'", "'Gather'"]),
        ("torch.nn.AdaptiveAvgPool2d(7)", "tensorflow", ["for i in range(7)]", "i * tensorflow.shape(x)[1] // 7"]),
        ("torch.nn.MaxPool2d(3, stride=2, padding=1, dilation=2)", "flax", ["for i in range(3)]"]),
        ("onnx.GlobalLpPool(p=3)", "tensorflow", ["tensorflow.reduce_sum(powers, axis=1, keepdims=True)", "tensorflow.pow(y, 0.333"]),
        ("onnx.LpPool(kernel_shape=[3, 3], dilations=[2, 2])", "torch", ["powers.shape[2] - 4 + i * 2]", "torch.pow(y, 0.5)"]),
        ("keras.layers.MaxPooling2D(3, 2, padding='same')", "torch", ["-x.shape[2] % 2 + 1"]),
        ("onnx.MaxPool(kernel_shape=[3, 3], strides=[2, 2], auto_pad='SAME_LOWER')", "keras-tensorflow", ["keras.ops.shape(x)[1] % 2"]),
    ],
)
def test_what_is_tried_first_is_valid_for_any_size(text, target, parts):
    answer_range, code = first_candidate(text, target)
    assert answer_range.words == "any size"
    for part in parts:
        assert part in code


@pytest.mark.parametrize("target", ["onnxruntime", "tensorflow", "jax"])
@pytest.mark.parametrize(
    "text",
    [
        "torch.nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True)",
        "torch.nn.AdaptiveMaxPool2d((6, 7))",
        "torch.nn.MaxPool2d((3, 2), stride=(2, 3), dilation=2)",
    ],
)
def test_a_recipe_contains_neither_arrays_of_the_shape_nor_tables_of_indices(text, target):
    search = search_without_running(text, target)
    plans = [plan for plan, _ in search.list_candidates() if plan.way in ("padded", "sliced", "binned")]
    if "dilation" in text and target == "tensorflow":
        plans = [plan for plan in plans if plan.way == "sliced"]  # which pools without a dilation
    small = search.source.small
    larger = replace(small, shape=tuple(size + 5 for size in small.shape))
    first, second = (recipe(search.target.adapter, search.target.target, ask, plans[0].verbs) for ask in (small, larger))
    assert first.steps == second.steps


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("any", "any"), "any size"),
        (("even", "even"), "even heights and widths"),
        (("divisible by 3", "any"), "heights divisible by 3, any width"),
        (("odd", "with remainder 1 by 3"), "odd heights, widths with remainder 1 by 3"),
        (("from 4", "from 4"), "heights and widths from 4"),
        (("even from 4", "any"), "even heights from 4, any width"),
        (("only 57", "only 57"), "only 57 x 57"),
        (("only 2 and 3", "any"), "height only 2 and 3, any width"),
    ],
)
def test_ranges_in_words(words, expected):
    assert describe_axes(words, ("height", "width")) == expected


def test_the_same_arguments_are_known_to_agree_for_odd_sizes_only():
    search = search_without_running(STEM, "keras-tensorflow", [1, 16, 57, 57])
    same = Plan(search.source.pool, search.reference.ranges.rules, "same")
    [size_range] = search.reference.ranges.possible(same)
    assert (size_range.words, size_range.any_size, size_range.includes((8, 3, 9, 11)), size_range.includes((8, 3, 9, 10))) == (
        "odd heights and widths", False, True, False
    )  # fmt: skip
    assert size_range.as_json() == {
        "words": "odd heights and widths",
        "any_size": False,
        "axes": {"batch size": "any", "channels": "any", "height": "odd", "width": "odd"},
    }


def test_the_range_of_one_size_is_not_claimed_for_others():
    search = search_without_running("torch.nn.AdaptiveAvgPool2d(3)", "onnxruntime", [1, 2, 9, 12])
    plan = Plan(search.source.pool, search.reference.ranges.rules, "bound cells")
    assert [size_range.words for size_range in search.reference.ranges.possible(plan)] == ["only 9 x 12"]


def test_shapes_that_confirm_a_range_have_two_sizes_of_each_remainder():
    search = search_without_running("torch.nn.MaxPool2d((2, 3), stride=(2, 3))", "jax")
    ranges = search.reference.ranges
    shapes = ranges.every_size().confirming_shapes(ranges.horizons)
    heights, widths = zip(*(shape[2:] for shape in shapes), strict=True)
    assert all(sum(size % 2 == rest for size in heights) >= 2 for rest in range(2))
    assert all(sum(size % 3 == rest for size in widths) >= 2 for rest in range(3))
    assert (min(heights), min(widths)) == (2, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1,64,?,?", [1, 64, None, None]), ("(?, 3, 9)", [None, 3, 9]), ("1x3x?", [1, 3, None])],
)
def test_open_sizes_are_question_marks(text, expected):
    assert parse_sizes(text) == expected


@pytest.mark.parametrize("text", ["1,-1,?", "1,*,4", "??", ""])
def test_a_shape_is_sizes_and_question_marks(text):
    with pytest.raises(
        Unportable, match=r"invalid --input .*: expected sizes from 1 to 2,147,483,647, or \? for any, as in --input 1,64,\?,\?"
    ):
        parse_sizes(text)


@pytest.mark.parametrize(
    ("text", "sizes", "shape"),
    [
        (STEM, None, (2, 3, 8, 8)),
        (STEM, [1, 64, None, 57], (1, 64, 8, 57)),
        ("torch.nn.AvgPool1d(3)", None, (2, 3, 9)),
        ("keras.layers.MaxPooling2D((2, 3))", None, (2, 6, 9, 3)),
        ("torch.nn.AdaptiveAvgPool3d((2, 3, 1))", [None, 8, None, None, None], (2, 8, 4, 6, 2)),
        ("flax.linen.avg_pool(x, (2,))", None, (2, 4, 3)),
    ],
)
def test_a_size_is_chosen_for_each_open_one(text, sizes, shape):
    source = read_source(text, sizes, "float32", FOUND)
    assert source.ask.shape == shape
    assert source.sizes == tuple(sizes or [None] * len(shape))


def test_an_answer_is_to_hold_for_several_inputs():
    source = read_source(STEM, [1, 3, 57, 57], "float32", FOUND, also=[[1, 3, 56, 57]])
    assert source.also == ((1, 3, 56, 57),)
    ranges = Reference(source, None, {}).ranges
    assert ranges.possible(Plan(source.pool, ranges.rules, "same")) == []
    assert [size_range.words for size_range in ranges.possible(Plan(source.pool, ranges.rules, "padded"))] == ["any size"]


def test_a_layer_whose_parameters_depend_on_the_size_is_answered_for_one_size():
    source = read_source("torch.nn.AdaptiveAvgPool2d((None, 3))", [1, 2, 5, 9], "float32", FOUND)
    assert source.size_independent is False
    ranges = Reference(source, None, {}).ranges
    assert ranges.possible(Plan(source.pool, ranges.rules, "binned")) == []
    assert ranges.only_asked().words == "only 5 x 9"


def test_a_size_into_which_no_window_fits_is_named_where_the_source_accepts_it():
    rules = {"size_division": "trunc_kernel"}
    answer_range, _ = first_candidate("onnx.MaxPool(kernel_shape=[3, 3], strides=[2, 2])", "torch", **rules)
    assert (answer_range.words, answer_range.any_size) == ("any size into which a window fits", True)
    assert not answer_range.includes((1, 1, 2, 9))


SIZES = ((9, 5), (28, 29), (7, 7), (12, 31))
TABLE = [
    (STEM, "keras-tensorflow", [1, 16, 57, 57], RECIPE),
    (STEM, "keras-tensorflow", [1, 16, 56, 56], RECIPE),
    ("torch.nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False)", "keras-tensorflow", [1, 3, 28, 28], RECIPE),
    ("torch.nn.MaxPool2d(3, stride=2, ceil_mode=True)", "keras-tensorflow", [1, 3, 28, 28], RECIPE),
    ("torch.nn.AdaptiveAvgPool2d(1)", "keras-tensorflow", [1, 3, 7, 7], RECIPE),
    ("torch.nn.AdaptiveMaxPool2d(1)", "keras-tensorflow", [1, 3, 7, 7], RECIPE),
    ("torch.nn.AdaptiveAvgPool2d(1)", "onnxruntime", [1, 3, 7, 7], RECIPE),
    ("torch.nn.AdaptiveAvgPool2d(1)", "tensorflow", [1, 3, 7, 7], RECIPE),
    ("torch.nn.AdaptiveAvgPool2d(1)", "flax", [1, 3, 7, 7], RECIPE),
    ("torch.nn.AdaptiveAvgPool2d(1)", "jax", [1, 3, 7, 7], RECIPE),
    ("onnx.GlobalAveragePool()", "keras-tensorflow", [1, 3, 7, 7], RECIPE),
    ("onnx.GlobalAveragePool()", "torch", [1, 3, 7, 7], RECIPE),
    ("onnx.GlobalAveragePool()", "flax", [1, 3, 7, 7], RECIPE),
    ("torch.nn.AdaptiveAvgPool2d((6, 1))", "onnxruntime", [1, 3, 12, 7], RECIPE),
    ("torch.nn.MaxPool2d(3, stride=2, padding=1, dilation=2)", "jax", [1, 3, 28, 28], DROP_IN),
]


@pytest.mark.needs("torch", "keras-tensorflow", "onnxruntime", "tensorflow", "flax", "jax")
@pytest.mark.parametrize(("text", "target", "sizes", "verdict"), TABLE)
def test_answers_that_held_for_one_size_hold_for_four(workers, monkeypatch, text, target, sizes, verdict):
    recipes = []
    for name in ("find_recipe", "try_plan"):
        monkeypatch.setattr(RecipeSearch, name, record_results(getattr(RecipeSearch, name), recipes))
    porter = Porter(read_source(text, sizes, "float32", FOUND), workers)
    port = porter.port(select_targets([target], FOUND)[0], complete=False)
    assert (port.verdict, port.sizes.words) == (verdict, "any size")
    search = RecipeSearch(porter.reference, port.target)
    plan = recipes[-1].plan if verdict == RECIPE else None
    if plan is None:
        assert "VJP not implemented" in port.no_gradient
        assert (port.differentiable_sizes.words, "jax.numpy.stack" in port.differentiable_lines) == ("any size", True)
        plan = recipes[-1].plan
    samples = porter.reference.samples_of([(2, 1, *pair) for pair in SIZES])
    calls = [search.call(plan, sample) for sample in samples]
    assert len(samples) == len(SIZES)
    assert search.find_differences(samples, calls) == {}
    assert all(call.steps == calls[0].steps for call in calls)


def record_results(method, results):
    """A method that also adds what it returns to a list."""

    def record(self, *args, **options):
        result = method(self, *args, **options)
        results.extend([result] if result else [])
        return result

    return record


@pytest.mark.needs("torch", "keras-tensorflow")
@pytest.mark.parametrize(
    ("layer", "line", "same_arguments"),
    [
        ("AdaptiveAvgPool2d(1)", "layer = keras.layers.GlobalAveragePooling2D(keepdims=True)", "agrees for any size, too"),
        ("AdaptiveMaxPool1d(1)", "layer = keras.layers.GlobalMaxPooling1D(keepdims=True)", "crashes"),
        ("AdaptiveAvgPool2d((1, 2))", "layer = keras.layers.AdaptiveAveragePooling2D(output_size=(1, 2))", ""),
    ],
)
def test_one_bin_moves_to_the_layer_for_the_whole_input(workers, layer, line, same_arguments):
    source = read_source(f"torch.nn.{layer}", None, "float32", FOUND)
    port = Porter(source, workers).port(select_targets(["keras-tensorflow"], FOUND)[0], complete=False)
    assert line in port.lines()
    assert port.sizes.any_size
    assert port.drop_in.agrees == (same_arguments != "crashes")
    assert (port.verdict == DROP_IN) == ("Adaptive" in line)
    sentences = list(describe_drop_in(port))[1:]
    assert len(sentences) == bool(same_arguments)
    assert same_arguments in " ".join(sentences)


@pytest.mark.needs("torch", "onnxruntime", "jax", "tensorflow")
@pytest.mark.parametrize(
    ("layer", "target", "verdict", "line", "words"),
    [
        ("Upsample(scale_factor=2)", "onnxruntime", DROP_IN, "(1.0, 1.0, 2.0, 2.0)", "any size"),
        ("Upsample(scale_factor=2)", "jax", RECIPE, "y = jax.numpy.repeat(y, 2, axis=3)", "any size"),
        ("UpsamplingNearest2d(scale_factor=3)", "tensorflow", RECIPE, "y = tensorflow.repeat(x, 3, axis=1)", "any size"),
        ("Upsample(size=(6, 8))", "onnxruntime", RECIPE, "(2, 3, 6, 8)", "only 12 x 16, batch size 2 and channels 3 only"),
    ],
)
def test_an_up_sampling_moves(workers, layer, target, verdict, line, words):
    source = read_source(f"torch.nn.{layer}", None, "float32", FOUND)
    port = Porter(source, workers).port(select_targets([target], FOUND)[0], complete=False)
    assert (port.verdict, port.sizes.words) == (verdict, words)
    assert line in port.lines()


@pytest.mark.needs("torch", "onnxruntime", "jax")
@pytest.mark.parametrize(("target", "dtype"), [("onnxruntime", "uint8"), ("jax", "int32")])
def test_a_maximum_of_integers_moves(workers, target, dtype):
    source = read_source(STEM, None, dtype, FOUND)
    port = Porter(source, workers).port(select_targets([target], FOUND)[0])
    assert (port.verdict, port.sizes.words, port.exceptions) == (DROP_IN, "any size", {})
    assert {sample.tensor.dtype for sample in Porter(source, workers).reference.samples} == {dtype}


@pytest.mark.needs("torch", "onnxruntime")
def test_special_numbers_are_compared_on_sizes_of_other_remainders(workers):
    porter = Porter(read_source(STEM, None, "float32", FOUND), workers)
    port = porter.port(select_targets(["onnxruntime"], FOUND)[0])
    assert port.sizes.any_size
    for kind in ("NaN", "infinities"):
        heights = {sample.tensor.shape[2] for sample in porter.reference.elsewhere if sample.kind == kind}
        assert {height % 2 for height in heights} == {0, 1}


@pytest.mark.needs("torch", "onnxruntime")
def test_an_average_of_a_large_window_moves(workers):
    source = read_source("torch.nn.AvgPool2d(112)", None, "float32", FOUND)
    port = Porter(source, workers).port(select_targets(["onnxruntime"], FOUND)[0], complete=False)
    assert (port.verdict, port.sizes.words) == (RECIPE, "any size")
    assert "kernel_shape=(112, 112), strides=(112, 112)" in port.lines()


@pytest.mark.needs("torch", "keras-tensorflow")
def test_the_same_arguments_that_match_at_the_asked_size_alone_are_no_answer_for_any_size(workers):
    port = Porter(read_source(STEM, [1, 2, 57, 57], "float32", FOUND), workers).port(select_targets(["keras-tensorflow"], FOUND)[0])
    document = port.as_json()
    assert (port.verdict, document["range"]["words"]) == (RECIPE, "any size")
    assert document["drop_in"]["agrees"] is False
    assert document["drop_in"]["range"]["words"] == "odd heights and widths"


@pytest.mark.needs("torch", "keras-tensorflow")
def test_an_input_into_which_no_window_fits_is_named_and_the_answer_is_for_the_others(workers):
    source = read_source("keras.layers.MaxPool2D((4, 2), 1)", [2, 3, 7, 3], "float32", FOUND)
    porter = Porter(source, workers)
    assert porter.source.notes == ("on this input no window fits: the answer has no cells, and its shape is (2, 0, 6, 3)",)
    assert porter.reference.ranges.possible(Plan(source.pool, Rules(), STATED))[0].words == "any size"


def test_a_size_below_that_of_the_window_is_the_only_one_in_words():
    pool = Pool(op="lp_pool", kernel=(4,), stride=(2,))
    axis = AxisRange(SizeSet.only([3]), EVERY_SIZE, 4)
    assert AnswerRange((axis,), (2, 3, 3), (2,)).words == "only 3"
    assert windows_of_pool(pool, 0, Rules()).fitting == 4
