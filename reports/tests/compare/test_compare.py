"""Two models are compared pooling by pooling, each in its own framework."""

import json
from dataclasses import replace

import pytest
from support.model_files import archive, exported_node, exported_program, ints, message, model, named_value
from typer.testing import CliRunner

from poolparity.adapters.contract.model_files import ModelContents, Pooling
from poolparity.adapters.targets.find import find_targets
from poolparity.reports.cli import app
from poolparity.reports.compare.compare import DIFFERS, IDENTICAL, NOT_COMPARED, compare_models
from poolparity.reports.compare.page import render_comparison
from poolparity.reports.compare.text import comparison_as_json, format_comparison, summarise
from poolparity.reports.port.workers import Workers

FOUND = find_targets()
SHAPE = (1, 3, 9, 9)


def compare(workers, first, second, hidden_parts=()):
    """The comparison of two models of some poolings."""
    contents = (ModelContents(list(first)), ModelContents(list(second), list(hidden_parts)))
    return compare_models(("first.pt2", "second.onnx"), contents, FOUND, workers)


def pool(text, shape=SHAPE, dtype="float32", place="pool", **more):
    """A pooling of a model."""
    return Pooling(place, text, shape, dtype, **more)


AVERAGE = pool("torch.nn.AvgPool2d(kernel_size=[3, 3], stride=[2, 2], padding=[1, 1])")
NODE = "onnx.AveragePool(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad={})"


@pytest.mark.needs("torch", "onnxruntime")
def test_a_pair_that_agrees_is_identical_and_one_that_differs_names_the_rule_and_the_first_cell(workers):
    same = compare(workers, [AVERAGE], [pool(NODE.format(1))])
    assert ([pair.result.verdict for pair in same.pairs], same.equal) == ([IDENTICAL], True)
    other = compare(workers, [AVERAGE], [pool("onnx.AveragePool(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])")])
    [pair] = other.pairs
    assert (pair.result.verdict, other.equal) == (DIFFERS, False)
    assert "cells differ, first at [0, 0, 0, 0]: got " in pair.result.difference
    assert pair.result.why == "leaves padding out of the average by default"
    assert pair.result.parameters == ("count_include_pad is True in the first model, False in the second",)


@pytest.mark.needs("torch", "onnxruntime", "keras-torch")
def test_of_open_sizes_it_is_proved_for_which_two_poolings_agree(workers):
    shape = (1, 3, None, None)
    same = compare(workers, [replace(AVERAGE, shape=shape)], [pool(NODE.format(1), shape)])
    assert same.equal
    assert "  proved for any size" in [line.plain for line in format_comparison(same)]
    assert comparison_as_json(same)["pairs"][0]["range"]["words"] == "any size"
    stem = pool("torch.nn.MaxPool2d(kernel_size=[3, 3], stride=[2, 2], padding=[1, 1])", shape)
    named_padding = pool("keras.layers.MaxPooling2D(pool_size=[3, 3], strides=[2, 2], padding='same')", (1, None, None, 3))
    other = compare(workers, [stem], [named_padding])
    assert other.pairs[0].result.verdict == DIFFERS
    assert "  the two agree for odd heights and widths, and not for others" in [line.plain for line in format_comparison(other)]


@pytest.mark.needs("torch", "onnxruntime", "keras-torch")
@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        (AVERAGE, pool(NODE.format(1)), "proved for any size"),
        (
            pool("torch.nn.MaxPool2d(kernel_size=[3, 3], stride=[2, 2], padding=[1, 1])"),
            pool("keras.layers.MaxPooling2D(pool_size=[3, 3], strides=[2, 2], padding='same')", (1, 9, 9, 3)),
            "proved for odd heights and widths, not for others",
        ),
        (
            pool("torch.nn.AdaptiveAvgPool2d(output_size=[3, 3])"), pool("onnx.AveragePool(kernel_shape=[3, 3], strides=[3, 3])"),
            "ran on only 9 x 9; nothing is proved of other sizes",
        ),
        (AVERAGE, AVERAGE, "the same operation of one framework"),
    ],
)  # fmt: skip
def test_an_identical_pair_says_for_which_sizes_it_is(workers, first, second, sentence):
    comparison = compare(workers, [first], [second])
    assert comparison.equal
    assert f"  {sentence}" in [line.plain for line in format_comparison(comparison)]


@pytest.mark.needs("torch", "onnxruntime")
def test_un_poolings_are_compared_on_indices_of_the_same_places_as_each_framework_counts_them(workers):
    first = pool("torch.nn.functional.max_unpool2d(x, indices, kernel_size=[2, 2], output_size=[8, 10])", (2, 3, 4, 5))
    texts = {"onnx.MaxUnpool(kernel_shape=[2, 2], strides=[2, 2])": True, "onnx.MaxUnpool(kernel_shape=[3, 3], strides=[2, 2])": False}
    for text, equal in texts.items():
        comparison = compare(workers, [first], [pool(text, (2, 3, 4, 5))])
        assert (comparison.equal, comparison.pairs[0].result.why) == (equal, "")


@pytest.mark.needs("torch", "onnxruntime")
def test_a_global_pooling_is_the_same_however_it_is_written_and_whether_it_keeps_its_axes(workers):
    first = pool("torch.nn.AdaptiveAvgPool2d(output_size=[1, 1])", (1, 3, 7, 9))
    for text in ("onnx.GlobalAveragePool()", "onnx.ReduceMean(keepdims=0, axes=[2, 3])", "onnx.AveragePool(kernel_shape=[7, 9])"):
        assert compare(workers, [first], [pool(text, (1, 3, 7, 9))]).equal, text


@pytest.mark.needs("torch", "keras-torch")
def test_layers_of_other_layouts_are_compared_on_the_same_numbers(workers):
    first = pool("torch.nn.MaxPool2d(kernel_size=[2, 2])", (1, 5, 8, None))
    second = "keras.layers.MaxPooling2D(pool_size=[{}, 2], strides=[2, 2], padding='valid', data_format='channels_last')"
    assert compare(workers, [first], [pool(second.format(2), (None, 8, 6, 5))]).equal
    [pair] = compare(workers, [first], [pool(second.format(3), (None, 8, 6, 5))]).pairs
    assert pair.result.parameters == ("kernel is (2, 2) in the first model, (3, 2) in the second",)
    assert pair.result.difference.endswith("got shape (2, 3, 3, 3), expected (2, 3, 4, 3)")


def test_what_is_written_the_same_is_identical_without_running():
    odd = pool("torch.ops.aten.fractional_max_pool2d.default()", problem="not supported by scan: no such layer")
    with Workers() as workers:
        assert compare(workers, [odd, AVERAGE], [odd, AVERAGE]).equal
        assert not workers.hosts


def test_types_shapes_and_problems_are_said(workers):
    half = compare(workers, [AVERAGE], [pool(NODE.format(1), dtype="float16")]).pairs[0].result
    assert (half.verdict, half.difference) == (DIFFERS, "elements of float32 in the first model, of float16 in the second")
    larger = compare(workers, [AVERAGE], [pool(NODE.format(1), (1, 3, 9, 10))]).pairs[0].result
    assert (larger.verdict, larger.difference) == (
        DIFFERS, "channels and cells of the input are 3 x 9 x 9 in the first model, 3 x 9 x 10 in the second",
    )  # fmt: skip
    byte = compare(workers, [pool(AVERAGE.text, dtype="int8")], [pool(NODE.format(1), dtype="int8")]).pairs[0].result
    assert (byte.verdict, byte.reason.partition(";")[0]) == (
        NOT_COMPARED,
        "torch.nn.AvgPool2d on int8: only maxima of integers are compared",
    )
    flags = compare(workers, [pool(AVERAGE.text, dtype="bool")], [pool(NODE.format(1), dtype="bool")]).pairs[0].result
    assert flags.reason.partition(";")[0] == "not supported by scan: its elements are bool"


def test_poolings_that_only_one_model_has_and_hidden_parts_are_listed(workers):
    extra = pool("torch.nn.MaxPool2d(kernel_size=[2, 2])", place="more")
    comparison = compare(workers, [AVERAGE, extra], [AVERAGE], ["the function of the Lambda layer 'twice'"])
    text = "\n".join(line.plain for line in format_comparison(comparison))
    assert "only in the first model: more" in text
    assert "the other model may compute it with operators that are no poolings" in text
    assert "operators that are no poolings" not in "\n".join(
        line.plain for line in format_comparison(compare(workers, [AVERAGE], [AVERAGE]))
    )
    assert "the file of the second model does not reveal the function of the Lambda layer 'twice'" in text
    assert summarise(comparison) == "1 pair of poolings: 1 identical, 1 only in the first model"
    assert comparison_as_json(comparison)["only_first"] == [
        {"place": "more", "layer": "torch.nn.MaxPool2d(kernel_size=[2, 2])", "input": SHAPE, "dtype": "float32"}
    ]


def test_equal_poolings_of_one_array_count_once(workers):
    twice = [pool(AVERAGE.text, array="x", place=place) for place in ("a", "b")]
    assert compare(workers, twice, [AVERAGE]).equal
    assert not compare(workers, [pool(AVERAGE.text, array=name) for name in ("x", "y")], [AVERAGE]).equal


def test_the_page_shows_text_of_unknown_origin_as_text(workers):
    first = pool(AVERAGE.text, place="<script>alert(1)</script>\x1b")
    page = render_comparison(compare(workers, [first], [], ["<b>"]))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b" in page
    assert "<script" not in page
    assert "&lt;b&gt;" in page


@pytest.mark.needs("torch", "onnxruntime")
def test_the_command_compares_two_files(tmp_path, workers, share_workers):
    share_workers("compare", workers)
    arguments = {"kernel_size": {"as_ints": [3, 3]}, "stride": {"as_ints": [2, 2]}, "padding": {"as_ints": [1, 1]}}
    node = exported_node("max_pool2d", arguments, "y")
    first = archive(tmp_path / "net.pt2", net__models__model_json=exported_program(node, sizes=SHAPE))
    attributes = [ints("kernel_shape", 3, 3), ints("strides", 2, 2)]
    for name, pads, status, word in (("same", [1, 1, 1, 1], 0, "1 identical"), ("other", [0, 0, 1, 1], 1, "1 differs")):
        second, page = tmp_path / f"{name}.onnx", tmp_path / f"{name}.html"
        operator = message((1, "x"), (2, "y"), (4, "MaxPool"), *((5, attribute) for attribute in (*attributes, ints("pads", *pads))))
        second.write_bytes(model(operator, values=[named_value("x", *SHAPE)]))
        result = CliRunner().invoke(app, ["compare", str(first), str(second), "--report", str(page)])
        assert (result.exit_code, word in result.output, word in page.read_text(encoding="utf-8")) == (status, True, True), result.output
    result = CliRunner().invoke(app, ["compare", str(first), str(second), "--json"])
    [pair] = json.loads(result.stdout)["pairs"]
    assert (pair["verdict"], pair["parameters"]) == (
        "differs", ["padding is ((1, 1), (1, 1)) in the first model, ((0, 1), (0, 1)) in the second"],
    )  # fmt: skip
