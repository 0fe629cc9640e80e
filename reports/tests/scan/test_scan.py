"""The layers of a model are listed with their ports, in the terminal and as JSON."""

import json

import pytest
from support.model_files import NODE, archive, ints, layer, message, model, named_value
from typer.testing import CliRunner

from poolparity.reports.cli import app


@pytest.fixture
def shared_workers(workers, share_workers):
    """Lets the commands of several tests share their workers."""
    share_workers("scan", workers)


@pytest.mark.needs("torch", "keras-torch")
@pytest.mark.usefixtures("shared_workers")
def test_a_layer_whose_shape_is_open_gets_an_answer_for_any_size(tmp_path):
    same = layer("AveragePooling1D", {"pool_size": [2], "strides": [2], "padding": "same"})
    path = archive(tmp_path / "net.keras", config_json=json.dumps([same]))
    result = CliRunner().invoke(app, ["scan", str(path), "--to", "torch"])
    assert result.exit_code == 1
    assert "on an unknown shape; of an unknown type, taken as float32" in result.output
    assert "recipe, for any size" in result.output


@pytest.mark.needs("torch", "onnxruntime")
@pytest.mark.usefixtures("shared_workers")
def test_a_layer_is_ported_in_its_own_type_and_equal_layers_of_several_shapes_once(tmp_path):
    nodes = [message((1, name), (2, "y"), (3, f"pool_{name}"), (4, "MaxPool"), (5, ints("kernel_shape", 2))) for name in ("x", "y", "h")]
    path = tmp_path / "net.onnx"
    path.write_bytes(model(*nodes, values=[named_value("x", 1, 3, 8), named_value("y", 1, 3, "n"), named_value("h", 1, 3, 8, kind=10)]))
    result = CliRunner().invoke(app, ["scan", str(path), "--to", "torch"])
    assert "2 equal layers: pool_x, pool_y  move by a recipe" in result.output
    assert "on 1 x 3 x 8, 1 x 3 x ?; float32" in result.output
    assert "on 1 x 3 x 8; float16" in result.output
    assert result.output.count("recipe, for any size") == 2


@pytest.mark.needs("keras-torch", "keras-numpy")
@pytest.mark.usefixtures("shared_workers")
def test_each_target_that_a_pattern_matches_is_scanned_for(tmp_path):
    hidden_layer = {**layer("Lambda", {"name": "own", "trainable": True}), "module": "keras.layers"}
    pooling = layer("MaxPooling1D", {"pool_size": [2], "strides": [2], "padding": "valid"})
    path = archive(tmp_path / "net.keras", config_json=json.dumps([pooling, hidden_layer]))
    result = CliRunner().invoke(app, ["scan", str(path), "--to", "keras-?????"])
    assert [line for line in result.output.splitlines() if line.startswith("to ")] == [
        "to keras-torch, 1 of 2 targets",
        "to keras-numpy, 2 of 2 targets",
    ]
    assert result.output.count("1 pooling layer, to ") == 2
    assert result.output.count("the file does not reveal") == 1
    documents = json.loads(CliRunner().invoke(app, ["scan", str(path), "--to", "keras-?????", "--json"]).output)
    assert [document["to"] for document in documents] == ["keras-torch", "keras-numpy"]


@pytest.mark.needs("keras-torch", "keras-numpy")
def test_a_model_without_poolings_is_reported_once_whatever_the_targets(tmp_path):
    path = archive(tmp_path / "net.keras", config_json=json.dumps([layer("Dense", {"units": 1})]))
    result = CliRunner().invoke(app, ["scan", str(path), "--to", "keras-?????"])
    assert (result.exit_code, result.output.count("no pooling layers in"), "targets" in result.output) == (0, 1, False)


def test_what_scan_cannot_compare_is_not_what_the_target_cannot_have(tmp_path):
    nodes = [
        message((1, "x"), (2, "y"), (3, f"node_{name}"), (4, name), (7, "com.microsoft")) for name in ("QLinearAveragePool", "NhwcMaxPool")
    ]
    unpooling = message((1, "x"), (1, "i"), (1, "s"), (2, "u"), (3, "node_u"), (4, "MaxUnpool"), (5, ints("kernel_shape", 2)))
    byte = message((1, "b"), (2, "y"), (4, "GlobalMaxPool"))
    path = tmp_path / "net.onnx"
    path.write_bytes(model(*nodes, unpooling, byte, values=[named_value("x", 1, 3, 8), named_value("b", 1, 3, 8, kind=9)]))
    result = CliRunner().invoke(app, ["scan", str(path), "--to", "numpy"])
    assert result.exit_code == 1
    for name in ("QLinearAveragePool", "NhwcMaxPool", "u"):
        assert f"node_{name}  not supported by scan" in result.output
    assert "com.microsoft.QLinearAveragePool pools quantised numbers, and scan compares numbers that are not" in result.output
    assert "com.microsoft.NhwcMaxPool is not among the layers that it can compare" in result.output
    assert "the shape of the output of onnx.MaxUnpool is computed" in result.output
    assert "not supported by scan: its elements are bool; expected float16, bfloat16, float32, float64, int8" in result.output
    assert "4 pooling layers, to numpy: 4 not supported by scan" in result.output


def test_what_a_file_does_not_reveal_is_listed_and_is_no_failure(tmp_path):
    hidden_layer = {**layer("Lambda", {"name": "own\nname", "trainable": True}), "module": "keras.layers"}
    path = archive(tmp_path / "net.keras", config_json=json.dumps([hidden_layer]))
    result = CliRunner().invoke(app, ["scan", str(path), "--to", "numpy"])
    assert result.exit_code == 0
    assert "the file does not reveal\n  the function of the Lambda layer" in result.output
    assert json.loads(CliRunner().invoke(app, ["scan", str(path), "--to", "numpy", "--json"]).output)["hidden"]


def test_a_model_without_pooling_is_a_valid_answer(tmp_path):
    path = archive(tmp_path / "net.keras", config_json="{}")
    result = CliRunner().invoke(app, ["scan", str(path), "--to", "numpy"])
    assert (result.exit_code, result.output.replace("\n", "")) == (0, f"no pooling layers in {path}")
    assert CliRunner().invoke(app, ["scan", str(path), "--to", "numpy", "--json"]).output.count("[]") == 2


@pytest.mark.parametrize(("kernel", "n"), [(2_000_000_000, 8), (3_000_000, None)])
def test_a_layer_with_too_much_work_is_listed_with_the_limit_that_it_exceeds(tmp_path, kernel, n):
    path = tmp_path / "net.onnx"
    node = message((1, "x"), (2, "y"), (4, "MaxPool"), (5, ints("kernel_shape", kernel)), (5, ints("pads", kernel // 2, kernel // 2)))
    path.write_bytes(model(node, values=[named_value("x", 1, 1, n)] if n else []))
    result = CliRunner().invoke(app, ["scan", str(path), "--to", "numpy"])
    assert result.exit_code == 1
    assert "cells of the input with its padding in each plane; expected at most 4,194,304" in result.output


@pytest.mark.needs("torch", "onnxruntime")
@pytest.mark.usefixtures("shared_workers")
def test_the_command_fails_where_a_layer_cannot_move_as_it_is(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(model(NODE, values=[named_value("x", 1, 3, 9, 9)]))
    result = CliRunner().invoke(app, ["scan", str(path), "--to", "torch", "--json"])
    [entry] = json.loads(result.stdout)["layers"]
    assert (entry["input"], entry["dtype"], entry["port"]["range"]["words"]) == ([1, 3, 9, 9], "float32", "any size")
    assert (result.exit_code, entry["verdict"], entry["port"]["drop_in"]["why"]) == (
        1,
        "recipe",
        "strides by the window where no stride is given",
    )
    result = CliRunner().invoke(app, ["scan", str(path), "--to", "torch"])
    assert "1 pooling layer, to torch: 1 moves by a recipe" in result.output


@pytest.mark.needs("torch", "onnxruntime")
@pytest.mark.usefixtures("shared_workers")
def test_a_name_of_several_lines_is_one(tmp_path):
    path = tmp_path / "NET.ONNX"
    forged_node = message((1, "x"), (2, "y\npooling layers, to torch: 0"), (4, "MaxPool"), (5, ints("a\nb", 2)))
    path.write_bytes(model(forged_node, values=[named_value("x", 1, 3, 9, 9)]))
    result = CliRunner().invoke(app, ["scan", str(path), "--to", "torch"])
    assert [line.partition("  ")[0] for line in result.stdout.split("\n")] == [
        r"y\npooling layers, to torch: 0", "", "", "", "1 pooling layer, to torch: 1 not supported by scan", ""
    ]  # fmt: skip


@pytest.mark.needs("torch", "onnxruntime")
@pytest.mark.usefixtures("shared_workers")
def test_layers_that_move_and_do_not_are_reported_in_words(tmp_path):
    movable = message((1, "x"), (2, "y:x:"), (2, "places"), (4, "MaxPool"), (5, ints("kernel_shape", 2)), (5, ints("strides", 2)))
    wrong = message((1, "x"), (2, "w"), (4, "MaxPool"), (5, ints("colour", *range(999))))
    path = tmp_path / "net.onnx"
    path.write_bytes(model(movable, movable, wrong, values=[named_value("x", 1, 3, 8)]))
    result = CliRunner().invoke(app, ["scan", str(path), "--to", "torch"])
    assert "2 equal layers: y:x:  move as they are" in result.output
    assert "its indices are not ported" in result.output
    assert "onnx.MaxPool has no argument colour" in result.output
    assert max(map(len, result.output.split("\n"))) < 400
    assert "3 pooling layers, to torch: 2 move as they are, 1 not supported by scan" in result.output


@pytest.mark.needs("onnxruntime")
@pytest.mark.usefixtures("shared_workers")
def test_a_sum_over_the_spatial_axes_is_listed_in_the_type_that_the_file_states(tmp_path):
    total = message((1, "x"), (2, "s"), (3, "total"), (4, "ReduceSum"), (5, ints("axes", 2, 3)))
    byte = message((1, "b"), (2, "y"), (4, "MaxPool"), (5, ints("kernel_shape", 2)))
    path = tmp_path / "net.onnx"
    path.write_bytes(model(total, byte, values=[named_value("x", 1, 3, 8, 8), named_value("b", 1, 3, 8, kind=2)]))
    result = CliRunner().invoke(app, ["scan", str(path), "--to", "numpy"])
    assert "onnx.ReduceSum(axes=[2, 3])" in result.output
    assert "on 1 x 3 x 8; uint8" in result.output
    assert "2 pooling layers, to numpy: 1 moves as it is, 1 moves by a recipe" in result.output
