"""Porting: what is told was run, code that is printed runs by itself, and what cannot be moved is said to be so."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from poolparity.adapters.parent.recipe import recipe
from poolparity.adapters.targets.choose import UnknownTarget, select_targets
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.fast.vectorised import outcome
from poolparity.cases.judge.answer import Answer
from poolparity.cases.model.pool import Pool
from poolparity.cases.model.rules import Rules
from poolparity.reports.cli import app
from poolparity.reports.cli.port import parse_shape
from poolparity.reports.port import request
from poolparity.reports.port.answer import Porter
from poolparity.reports.port.plans import LAID_OUT, Plan
from poolparity.reports.port.record import DROP_IN, IMPOSSIBLE, RECIPE
from poolparity.reports.port.request import Unportable, choose_ports, choose_targets, list_slow_frameworks, list_targets, read_source
from poolparity.reports.port.samples import NUMBERS, TIES, make_samples, shrink
from poolparity.reports.port.search import RecipeSearch, gradient_tolerance
from poolparity.reports.port.terminal import describe_layout, describe_source

FOUND = find_targets()
POOL = "torch.nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)"


def port_layer(workers, text, shape, target, **more):
    source = read_source(text, shape, "float32", FOUND, **more)
    return Porter(source, workers).port(select_targets([target], FOUND)[0])


def fresh(code, folder):
    """What a code leaves as y, in an interpreter of its own."""
    script = f"{code}\nwith open({str(folder / 'y')!r}, 'wb') as file:\n    numpy.save(file, numpy.asarray(y))\n"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KERAS")} | {"KERAS_HOME": str(folder)}
    process = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr[-2000:]
    return np.load(folder / "y")


def test_a_source_that_is_not_installed_is_answered_for_by_the_definition(workers, monkeypatch):
    monkeypatch.setattr("poolparity.reports.port.request.is_installed", lambda target: target.name == "numpy")
    source = read_source(POOL, (1, 2, 9, 9), "float32", FOUND)
    assert (source.run, source.target.name) == (False, "numpy")
    port = Porter(source, workers).port(select_targets(["numpy"], FOUND)[0])
    assert port.verdict == DROP_IN
    assert port.exceptions == {}


@pytest.mark.needs("torch", "onnxruntime")
def test_arguments_that_mean_the_same_are_a_drop_in(workers):
    port = port_layer(workers, POOL, (1, 2, 16, 12), "onnxruntime")
    assert port.verdict == DROP_IN
    assert "MaxPool" in port.drop_in.line
    assert set(port.exceptions) >= {"NaN"}


@pytest.mark.needs("torch", "onnxruntime")
def test_a_rule_that_differs_is_named_and_a_recipe_found(workers):
    port = port_layer(workers, "torch.nn.AvgPool2d(3, stride=2, padding=1)", (1, 2, 16, 12), "onnxruntime")
    assert port.verdict == RECIPE
    assert port.drop_in.why == "leaves padding out of the average by default"
    assert "first at [0, 0, 0, 0]" in port.drop_in.difference
    assert "count_include_pad=1" in port.code


@pytest.mark.needs("torch", "onnxruntime")
@pytest.mark.parametrize(
    "text",
    [
        POOL,
        "torch.nn.AvgPool2d(3, stride=2, padding=1, divisor_override=5)",
        "torch.nn.LPPool2d(2, 3, stride=2, ceil_mode=True)",
        "torch.nn.AdaptiveAvgPool2d((3, 5))",
        "torch.nn.AdaptiveMaxPool2d((3, 5))",
    ],
)
def test_printed_code_gives_the_source_s_answer_in_a_fresh_interpreter(workers, text, tmp_path):
    source = read_source(text, (2, 3, 17, 12), "float32", FOUND)
    porter = Porter(source, workers)
    port = porter.port(select_targets(["onnxruntime"], FOUND)[0])
    last = porter.reference.samples[-1]
    assert last.tensor.shape == (2, 3, 17, 12)
    for code in filter(None, (port.code, port.complete)):
        np.testing.assert_allclose(fresh(code, tmp_path), porter.reference.answers[last].output, rtol=1e-5)


@pytest.mark.needs("torch", "onnxruntime")
def test_what_does_not_differentiate_cannot_have_the_gradient(workers):
    port = port_layer(workers, "torch.nn.MaxPool2d(2)", (1, 1, 4, 4), "onnxruntime", gradient=True)
    assert (port.verdict, port.reason) == (IMPOSSIBLE, "ONNX Runtime does not differentiate")


@pytest.mark.needs("torch", "flax")
def test_a_gradient_is_compared_where_it_is_asked_for(workers):
    port = port_layer(workers, "torch.nn.MaxPool2d(3, stride=1, padding=1)", (1, 1, 5, 5), "flax", gradient=True)
    assert port.verdict == DROP_IN
    assert "the gradient" in port.exceptions["NaN"]


@pytest.mark.needs("torch", "flax")
def test_gradients_of_sums_are_compared_by_the_largest_of_them(workers):
    port = port_layer(workers, "torch.nn.AvgPool2d(3, 2, 1, ceil_mode=True)", (2, 3, 7, 8), "flax", gradient=True)
    assert (port.verdict, set(port.exceptions)) == (RECIPE, {"subnormal numbers"})


def test_a_gradient_that_goes_elsewhere_is_found_out():
    due = np.array([[1, 0.25, 1e-8]], "float32")
    assert gradient_tolerance(Answer("accepts", due)).same(due, due + np.float32(5e-7)).all()
    assert not gradient_tolerance(Answer("accepts", due)).same(due, due + np.float32(5e-5)).any()


def test_equal_numbers_hold_no_zeros_below_zero():
    inputs = [
        sample.tensor.value
        for sample in make_samples(shrink(read_source(POOL, (1, 2, 9, 9), "float32", FOUND).ask), ties=True)
        if sample.kind == TIES
    ]
    assert len(inputs) == 2
    assert not any(np.signbit(x[x == 0]).any() for x in inputs)


@pytest.mark.needs("torch", "onnxruntime")
def test_padding_that_other_frameworks_refuse_is_laid_out_by_hand(workers):
    text = "onnx.AveragePool(kernel_shape=[4, 3], strides=[1, 3], pads=[2, 1, 0, 2], ceil_mode=1)"
    port = port_layer(workers, text, (1, 2, 11, 11), "torch")
    assert (port.verdict, port.exceptions) == (RECIPE, {})
    assert "torch.nn.functional.pad" in port.code


@pytest.mark.needs("torch", "onnxruntime")
def test_a_longer_recipe_keeps_nan(workers, tmp_path):
    port = port_layer(workers, "torch.nn.MaxPool2d(2)", (1, 1, 4, 4), "onnxruntime")
    assert "NaN" in port.exceptions
    assert "NaN" not in port.exceptions_left
    code = port.complete.replace("x = numpy", "x = numpy.full((1, 1, 4, 4), numpy.nan, 'float32')\n_ = numpy", 1)
    assert np.isnan(fresh(code, tmp_path)).all()


@pytest.mark.needs("torch")
def test_a_layer_that_its_own_framework_refuses_is_not_moved(workers):
    with pytest.raises(Unportable, match="torch itself rejects it: RuntimeError"):
        port_layer(workers, "torch.nn.MaxPool2d(9)", (1, 1, 4, 4), "numpy")


@pytest.mark.parametrize(
    ("text", "shape", "message"),
    [
        ("MaxPool9d(2)", (1, 1, 4, 4), "MaxPool9d.* is not a known layer; expected one of"),
        ("torch.nn.Conv2d(1, 1, 2)", (1, 1, 4, 4), "torch.nn.Conv2d cannot be ported; expected a max, average"),
        ("nn.MaxPool2d(2, stride=s)", (1, 1, 4, 4), "argument stride: s is a variable; give a number"),
        ("nn.MaxPool2d((2, k))", (1, 1, 4, 4), r"argument kernel_size: \(2, k\) contains the variable k; give a number"),
        ("torch.nn.MaxPool2d(2)", (4, 4), "--input 4,4: 2 sizes; expected batch, channels and 2 spatial axes"),
    ],
)
def test_what_cannot_be_asked_is_said_with_what_was_expected(text, shape, message):
    with pytest.raises(Unportable, match=message):
        read_source(text, shape, "float32", FOUND)


def test_without_a_shape_one_is_asked_for():
    with pytest.raises(Unportable, match="missing --input; expected the shape of the layer's input, as in --input 1,64,112,112"):
        parse_shape("")


@pytest.mark.parametrize("text", ["1,3,9", "1x3x9", "(1, 3, 9)", "[1,3,9]"])
def test_a_shape_is_written_in_several_ways(text):
    assert parse_shape(text) == (1, 3, 9)


@pytest.mark.parametrize("text", [",", "1,x,3", "1,0,3"])
def test_a_shape_of_anything_but_sizes_is_refused(text):
    with pytest.raises(Unportable, match=r"invalid --input .*: expected sizes from 1 to 2,147,483,647, as in --input 1,64,112,112"):
        parse_shape(text)


@pytest.mark.parametrize(
    ("shape", "dtype", "message"),
    [
        (
            (1, 1, 4, 4),
            "complex64",
            "invalid --dtype 'complex64': no such type; expected one of float16, bfloat16, float32, float64, int8, uint8",
        ),
        (
            (1, 1, 9999, 9999),
            "float32",
            r"on 1 x 1 x 9999 x 9999: 100,020,001 cells of the input with its padding in each plane; expected at most 4,194,304",
        ),
    ],
)
def test_what_cannot_be_tried_is_said_with_what_was_expected(shape, dtype, message):
    with pytest.raises(Unportable, match=message):
        read_source(POOL, shape, dtype, FOUND)


@pytest.mark.parametrize(
    ("text", "shape", "message"),
    [
        ("torch.nn.MaxPool1d(2000000000, stride=1, padding=1000000000)", (1, 1, 8), "2,000,000,008 cells of the input with its padding in"),
        (
            "torch.nn.MaxPool1d(2)",
            (1, 1, 1 << 24),
            "16,777,216 cells of the input with its padding in each plane; expected at most 4,194,304",
        ),
        ("torch.nn.MaxPool1d(2)", (1, 1, 1 << 21), "2,097,152 cells with padding along an axis; expected at most 1,048,576"),
        ("torch.nn.AdaptiveAvgPool2d(5000)", (1, 1, 9, 9), "25,000,000 cells of the output in each plane; expected at most 4,194,304"),
        ("torch.nn.MaxPool2d(200)", (1, 1, 400, 400), "40,000 cells in a window; expected at most 16,384"),
        ("torch.nn.AvgPool2d(200)", (1, 1, 400, 400), "40,000 cells in a window; expected at most 16,384"),
        ("torch.nn.AdaptiveAvgPool2d(2)", (1, 1, 2000, 2000), "1,002,001 cells in a bin; expected at most 131,072"),
        ("torch.nn.AvgPool2d(41, 1, 20)", (1, 1, 512, 512), "440,664,064 cells in all windows of a plane together; expected at most"),
        ("torch.nn.AvgPool2d(63, 1, 31)", (1, 1, 128, 128), "16,769,025 cells in all windows together, even on a small input; expected at"),
        ("torch.nn.AdaptiveMaxPool1d(65536)", (1, 1, 13), "65,536 windows along an axis, even on a small input; expected at most 4,096"),
        (f"torch.nn.MaxPool2d({'9' * 3000})", (1, 1, 9, 9), "a number has too many digits; expected a number of 64 bits"),
        (f"torch.nn.MaxPool2d({'1' * 10_000})", (1, 1, 9, 9), "10,020 characters; expected a layer in at most 10,000"),
        (f"torch.nn.MaxPool2d({'-' * 5000}1)", (1, 1, 9, 9), "expected a"),
        ("nnx.max_pool((1,) * 9)", (1,) * 11, "--input: 11 sizes up to 1; expected at most 8 of at most"),
    ],
)
def test_a_layer_with_too_much_work_is_refused_by_its_numbers(text, shape, message):
    with pytest.raises(Unportable, match=message):
        read_source(text, shape, "float32", FOUND)


@pytest.mark.needs("torch", "flax")
def test_a_setting_by_which_a_framework_answers_is_reported():
    heads = [describe_source(read_source(text, (1, 4, 4, 4), "float32", FOUND)).plain for text in (POOL, "nn.max_pool(x, (2, 2))")]
    assert ["jax.config.update('jax_enable_x64', True)" in head for head in heads] == [False, True]


def test_a_destination_that_is_not_known_is_said_by_its_option():
    with pytest.raises(UnknownTarget, match=r"--to 'bogus': no such framework or target; expected 'all', .*, onnx, .*, onnxruntime, "):
        choose_targets("bogus", "torch", FOUND)


def test_port_writes_no_code_for_targets_in_node(monkeypatch):
    monkeypatch.setattr(request, "is_installed", lambda target: True)
    with pytest.raises(UnknownTarget, match=r"--to 'tfjs': port writes Python, and tfjs runs in node; expected another framework"):
        choose_ports("tfjs", "torch", FOUND)
    assert "node" not in {target.target.program for target in choose_targets("all", "torch", FOUND)}


@pytest.mark.parametrize(
    ("installed_names", "message"),
    [
        (
            ["numpy"],
            r"^--to all: no framework is installed here; to install one: pip install 'poolparity\[EXTRA\]', where EXTRA is one of .*\bjax,",
        ),
        (["numpy", "torch"], r"^--to all: no framework but torch is installed here; "),
        (
            ["numpy", "torch", "iree"],
            r"^--to all: no framework but torch is installed that answers quickly; expected one by name, such as --to iree$",
        ),
    ],
)
def test_a_layer_that_has_nowhere_to_go_gets_advice(monkeypatch, installed_names, message):
    monkeypatch.setattr(request, "is_installed", lambda target: target.name in installed_names)
    with pytest.raises(UnknownTarget, match=message):
        choose_ports("all", "torch", FOUND)


@pytest.mark.parametrize("origin", ["bogus", "keras-torch"])
def test_a_layer_is_answered_for_by_its_own_framework_alone(origin):
    with pytest.raises(Unportable, match=rf"--from '{origin}': no target of torch; expected one of torch, torch\+compile"):
        read_source(POOL, (1, 1, 4, 4), "float32", FOUND, origin)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["torch.nn.MaxPool2d(2)", "--table", "x.json"], "a table has layers of its own; expected one of the two"),
        (["--table", "no/such/x.json"], "not the path of a file in an existing folder"),
        ([], "missing layer; expected one in quotes"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_runs(arguments, message):
    result = CliRunner().invoke(app, ["port", *arguments])
    assert message in str(result.exception)


@pytest.mark.parametrize(("kernel", "verdict", "exceptions"), [(2, IMPOSSIBLE, set()), (3, DROP_IN, {"NaN"})])
def test_what_holds_for_the_inputs_that_a_search_sees_alone_is_no_answer(workers, monkeypatch, kernel, verdict, exceptions):
    monkeypatch.setattr("poolparity.reports.port.request.is_installed", lambda target: target.name == "numpy")
    entries = find_targets([Path(__file__).parents[1] / "support" / "twofaced.py"])
    source = read_source(f"torch.nn.MaxPool2d({kernel})", (2, 3, 6, 6), "float32", entries)
    port = Porter(source, workers).port(select_targets(["twofaced"], entries)[0])
    assert (port.verdict, set(port.exceptions or {})) == (verdict, exceptions)
    assert ("differs" in port.reason) is (verdict == IMPOSSIBLE)


@pytest.mark.needs("torch", "onnxruntime")
@pytest.mark.parametrize(
    ("text", "shape", "step"),
    [
        ("torch.nn.AvgPool2d((4, 3), padding=(2, 1), divisor_override=4)", (3, 6, 4), "numpy.expand_dims(x, 0)"),
        ("torch.nn.AdaptiveMaxPool3d((6, 5, 5))", (2, 3, 5, 7, 8), "'Gather'"),
    ],
)
def test_recipes_are_found_for_unbatched_and_adaptive_layers(workers, tmp_path, text, shape, step):
    porter = Porter(read_source(text, shape, "float32", FOUND), workers)
    port = porter.port(select_targets(["onnxruntime"], FOUND)[0])
    assert port.verdict == RECIPE
    assert step in port.code
    np.testing.assert_allclose(fresh(port.code, tmp_path), porter.reference.answers[porter.reference.samples[-1]].output, rtol=1e-5)


@pytest.mark.needs("torch", "onnxruntime")
def test_numbers_of_little_precision_are_added_up_in_more(workers):
    source = read_source("torch.nn.AvgPool2d((4, 3), padding=(2, 1), divisor_override=4)", (1, 1, 6, 6), "float16", FOUND)
    search = RecipeSearch(Porter(source, workers).reference, select_targets(["onnxruntime"], FOUND)[0])
    port = search.try_plan(Plan(source.pool, Rules(), LAID_OUT, ("cast",)), search.reference.ranges.only_asked())
    assert port is not None, search.differences
    assert port.exceptions == {}


@pytest.mark.needs("flax", "torch")
def test_an_answer_without_cells_is_said_to_be_one(workers):
    port = port_layer(workers, "torch.nn.AdaptiveAvgPool2d(0)", (1, 3, 7, 3), "flax")
    assert (port.verdict, port.reason.partition(";")[0]) == (IMPOSSIBLE, "the answer has no cells: its shape is (1, 3, 0, 0)")
    port = port_layer(workers, "flax.linen.max_pool((4, 1))", (1, 3, 7, 3), "torch")
    assert (port.verdict, port.reason.partition(";")[0]) == (IMPOSSIBLE, "the answer has no cells: its shape is (1, 0, 7, 3)")


@pytest.mark.needs("onnxruntime", "torch")
@pytest.mark.parametrize("layer", ["MaxPool(kernel_shape=(3, 4), strides=(2, 3))", "AveragePool(kernel_shape=(4, 4), strides=(3, 2))"])
def test_a_window_that_counts_although_it_does_not_fit_is_moved(workers, tmp_path, layer):
    porter = Porter(read_source(f"onnx.{layer}", (2, 3, 6, 3), "float32", FOUND), workers)
    port = porter.port(select_targets(["torch"], FOUND)[0])
    assert port.verdict == RECIPE
    np.testing.assert_allclose(fresh(port.code, tmp_path), porter.reference.answers[porter.reference.samples[-1]].output, rtol=1e-5)


@pytest.mark.needs("torch", "tensorflow", "flax")
def test_indices_are_reported_and_not_ported(workers):
    text = "torch.nn.MaxPool2d(2, return_indices=True)"
    index_notes = [port_layer(workers, text, (1, 1, 4, 4), target).as_json()["indices"] for target in ("flax", "tensorflow")]
    assert index_notes[0] == "there is no maximum in JAX that says where it was found"
    assert index_notes[1].startswith("tensorflow returns its own: there indices count cells and channels, channels last, here")
    assert port_layer(workers, "torch.nn.MaxPool2d(2)", (1, 1, 4, 4), "flax").as_json()["indices"] == ""


def test_all_targets_are_one_for_each_other_framework():
    frameworks = [target.adapter.framework for target in choose_targets("all", "torch", FOUND)]
    assert len(frameworks) == len(set(frameworks))
    assert not {"torch", "numpy"} & set(frameworks)


def test_small_shapes_keep_what_is_left_over_and_samples_hide_half():
    source = read_source("torch.nn.MaxPool2d(3, stride=2, padding=1)", (8, 64, 113, 112), "float32", FOUND)
    ask = shrink(source.ask)
    assert ask.shape == (2, 3, 7, 8)
    windows = Pool(op="max_pool", kernel=(3, 3), stride=(2, 2), padding=((1, 1), (1, 1)), ceil_mode=True)
    shapes = [outcome(np.zeros((1, 1, *sizes)), windows).output.shape[2:] for sizes in (ask.shape[2:], (113, 112))]
    assert [(57 - a, 57 - b) for a, b in shapes] == [(53, 52), (0, 0)]
    samples = list(make_samples(ask))
    seen_kinds, held_kinds = ([sample.kind for sample in samples if sample.is_held_back is part] for part in (False, True))
    assert set(seen_kinds) == set(held_kinds)
    assert seen_kinds.count(NUMBERS) == held_kinds.count(NUMBERS) == 4
    assert len({sample.tensor.value.tobytes() for sample in samples}) == len(samples)


@pytest.mark.needs("torch", "onnxruntime")
def test_the_command_tells_its_verdict_by_its_status(workers, share_workers):
    share_workers("port", workers)
    runner = CliRunner()
    result = runner.invoke(app, ["port", "torch.nn.AvgPool2d(3, 2, 1)", "--to", "onnx", "--input", "1,1,9,9", "--json"])
    assert result.exit_code == 3, result.output
    document = json.loads(result.stdout)
    assert [(port["to"], port["verdict"]) for port in document["ports"]] == [("onnxruntime", "recipe")]
    result = runner.invoke(app, ["port", "torch.nn.MaxPool2d(2, 2)", "--to", "onnx", "--input", "1,1,8,8"])
    assert result.exit_code == 0, result.output
    assert "moves as it is" in result.output
    result = runner.invoke(app, ["port", "torch.nn.MaxPool2d(2)", "--to", "onnx", "--input", "1,1,8,8", "--gradient"])
    assert result.exit_code == 4, result.output


@pytest.mark.needs("torch", "tensorflow")
@pytest.mark.parametrize(
    ("text", "axes", "layout"),
    [
        ("x.mean((2, 3))", "axis=(2, 3)", "x is channels first"),
        ("torch.nn.AdaptiveAvgPool2d(1)", "axis=(1, 2)", "x is channels last"),
    ],
)
def test_the_layout_that_is_stated_is_that_of_the_axes_in_the_code(workers, text, axes, layout):
    answer = port_layer(workers, text, (1, 2, 6, 5), "tensorflow")
    assert axes in answer.lines()
    assert describe_layout(answer) == layout


def test_a_framework_comes_before_other_runtimes_of_its_models():
    own = ["onnxruntime", "onnxruntime+optimized", *(f"onnxruntime+opset{opset}" for opset in (7, 10, 11, 19, 22))]
    others = ["mnn", "onnx-reference", "onnxruntime-node", "onnxruntime-web", "opencv", "openvino", "tract", "iree", "tinygrad-onnx", "tvm"]
    assert list_targets("onnx", FOUND) == [*own, "onnx-reference"]
    assert list_targets("onnxruntime", FOUND) == [*own, *others]


@pytest.mark.needs("torch", "tract")
@pytest.mark.parametrize("target", ["tract", "tinygrad-onnx", "tvm"])
def test_a_recipe_runs_in_a_runtime_that_takes_no_model_with_open_sizes(target):
    entry = FOUND[target]
    source = read_source("torch.nn.MaxPool2d(2)", None, "float32", FOUND)
    [plan, *_] = [Plan(replace(source.pool, stride=(2, 2)), Rules(), "stated")]
    call = recipe(entry.adapter, entry.target, source.ask, plan.verbs)
    [info] = [step for step in call.steps if step.call == "onnx.helper.make_tensor_value_info" and step.args[0] == "x"]
    assert info.args[2] == source.ask.shape


@pytest.mark.needs("torch", "tract")
def test_a_layer_is_ported_to_a_runtime_that_takes_no_model_with_open_sizes(workers):
    port = port_layer(workers, "torch.nn.MaxPool2d(2)", None, "tract")
    assert (port.verdict, port.sizes.words) == (RECIPE, "any size")
    assert "None" not in port.lines()


def test_all_leaves_out_frameworks_whose_targets_are_slow_and_they_are_listed(monkeypatch):
    monkeypatch.setattr("poolparity.reports.port.request.is_installed", lambda target: True)
    slow = list_slow_frameworks("all", "torch", FOUND)
    assert {"iree", "tvm", "tinygrad-onnx"} <= set(slow)
    assert not {"keras-tensorflow", "onnxruntime", "torch"} & set(slow)
    assert not set(slow) & {target.name for target in choose_targets("all", "torch", FOUND)}
    assert list_slow_frameworks("tvm", "torch", FOUND) == []
    assert [target.name for target in choose_targets("tvm", "torch", FOUND)] == ["tvm"]
