"""Scanning reads models of every kind, runs none of them unasked, and is not led astray by hostile ones."""

import json
import os
import struct
import zipfile

import pytest
from support.model_files import archive, ints, layer, message, model, named_value, varint
from typer.testing import CliRunner

from poolparity.adapters.contract.model_files import LIMIT, BadModel, Pooling, shape_of
from poolparity.adapters.frameworks.onnxruntime import model_file as scan_onnx
from poolparity.adapters.frameworks.onnxruntime.protobuf import MAX_FIELDS, BadMessage, Budget, read_fields
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.model.files import UnreadableFile
from poolparity.reports.cli import app
from poolparity.reports.scan.scan import list_poolings

FOUND = find_targets()


WHOLE = message((1, "y"), (2, "z"), (4, "GlobalLpPool"), (5, message((1, "p"), (3, 3))))
NODE = message(
    (1, "x"),
    (2, "y"),
    (4, "MaxPool"),
    (5, ints("kernel_shape", 3, 3)),
    (5, message((1, "ceil_mode"), (3, 1))),
    (5, ints("pads", 1, 1, 1, 1)),
)


def test_an_onnx_file_is_read_without_onnx(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(model(NODE, message((1, "y"), (2, "z"), (4, "GlobalAveragePool")), WHOLE, values=[named_value("x", "N", 3, 9, 9)]))
    assert scan_onnx.read_poolings(path) == [
        Pooling("y", "onnx.MaxPool(kernel_shape=[3, 3], ceil_mode=1, pads=[1, 1, 1, 1])", (1, 3, 9, 9)),
        Pooling("z", "onnx.GlobalAveragePool()", None),
        Pooling("z", "onnx.GlobalLpPool(p=3)", None),
    ]


@pytest.mark.parametrize(
    "data", [b"", b"\xff" * 40, model(NODE)[:-9], message((7, b"\x0a\xff\xff\xff\xff\x0f"))], ids=["empty", "noise", "cut", "lies"]
)
def test_a_broken_onnx_file_is_refused(tmp_path, data):
    path = tmp_path / "net.onnx"
    path.write_bytes(data)
    with pytest.raises(BadModel, match=r"net\.onnx: .*; expected an ONNX model"):
        scan_onnx.read_poolings(path)


def test_a_large_broken_onnx_file_is_refused_too(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(message((7, message((1, b"\0" * (1 << 21)))))[:-5])
    with pytest.raises(BadModel, match=r"net\.onnx: a field of .* bytes where .* are left; expected an ONNX model"):
        scan_onnx.read_poolings(path)


def test_graphs_within_nodes_and_functions_are_read_and_indices_noticed(tmp_path):
    inner = message((1, NODE), (11, named_value("x", 1, 3, 9, 9)))
    choice = message((1, "c"), (2, "o"), (4, "If"), (5, message((1, "then_branch"), (6, inner), (20, 5))))
    function = message((7, message((1, "x"), (2, "z"), (2, "places"), (4, "MaxPool"), (5, ints("kernel_shape", 2, 2)))))
    path = tmp_path / "net.onnx"
    path.write_bytes(model(choice) + message((25, function)))
    assert [(item.place, item.shape, item.indices) for item in scan_onnx.read_poolings(path)] == [
        ("y", (1, 3, 9, 9), False),
        ("z", None, True),
    ]


def test_graphs_are_followed_so_far_and_no_further(tmp_path):
    graph = message((1, NODE))
    for _ in range(2 * scan_onnx.MAX_DEPTH):
        graph = message((1, message((4, "If"), (5, message((6, graph))))))
    path = tmp_path / "net.onnx"
    path.write_bytes(message((7, graph)))
    assert scan_onnx.read_poolings(path) == []


def test_a_field_that_promises_more_than_there_is_is_refused():
    with pytest.raises(BadMessage, match="a field of 100 bytes where 3 are left"):
        list(read_fields(memoryview(varint(1 << 3 | 2) + varint(100) + b"abc"), Budget()))
    with pytest.raises(BadMessage, match="a field of kind 3"):
        list(read_fields(memoryview(struct.pack("B", 1 << 3 | 3)), Budget()))


def test_a_keras_file_is_read_from_its_configuration(tmp_path):
    inner = {"class_name": "Functional", "config": {"layers": [layer("GlobalAveragePooling2D", {"name": "end", "keepdims": True})]}}
    configuration = {
        "config": {
            "layers": [
                layer("Conv2D", {}),
                layer("MaxPooling2D", {"name": "pool", "pool_size": [3, 3], "padding": "same"}, [None, 8, 8, 4]),
                inner,
            ]
        }
    }
    path = archive(tmp_path / "net.keras", config_json=json.dumps(configuration))
    assert FOUND["keras-jax"].adapter.read_model(path) == [
        Pooling("pool", "keras.layers.MaxPooling2D(pool_size=[3, 3], padding='same')", (1, 8, 8, 4)),
        Pooling("end", "keras.layers.GlobalAveragePooling2D(keepdims=True)", None),
    ]


def test_a_layer_of_a_keras_model_is_listed_for_each_array_that_it_is_called_on(tmp_path):
    nodes = [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [None, size, 3]}}], "kwargs": {}} for size in (9, 11)]
    shared = {**layer("MaxPooling1D", {"pool_size": [2]}, [None, 9, 3]), "inbound_nodes": [*nodes, {"args": [7]}]}
    own = {**layer("RegionPooling", {"name": "own", "regions": 3}), "inbound_nodes": "none"}
    path = archive(tmp_path / "net.keras", config_json=json.dumps([shared, own]))
    assert FOUND["keras-jax"].adapter.read_model(path) == [
        Pooling("", "keras.layers.MaxPooling1D(pool_size=[2])", (1, 9, 3)),
        Pooling("", "keras.layers.MaxPooling1D(pool_size=[2])", (1, 11, 3)),
        Pooling("own", "keras.layers.RegionPooling()", None),
    ]


def test_an_operator_that_is_decomposed_or_has_no_layer_is_not_passed_over(tmp_path):
    node = {
        "target": "torch.ops.aten._adaptive_avg_pool2d.default",
        "inputs": [{"name": "self", "arg": {"as_tensor": {"name": "x"}}}, {"name": "output_size", "arg": {"as_ints": [1, 1]}}],
        "outputs": [{"as_tensor": {"name": "pooled"}}],
    }
    other = {"target": "torch.ops.aten.fractional_max_pool2d.default", "inputs": [], "outputs": [{"as_tensors": []}]}
    graph = {"nodes": [node, other], "tensor_values": {}}
    path = archive(tmp_path / "net.pt2", net__models__model_json=json.dumps({"graph_module": {"graph": graph}}))
    assert FOUND["torch"].adapter.read_model(path) == [
        Pooling("pooled", "torch.nn.AdaptiveAvgPool2d(output_size=[1, 1])", None),
        Pooling("", "torch.ops.aten.fractional_max_pool2d.default()", None),
    ]


def test_a_node_of_onnx_that_nobody_moves_is_not_passed_over(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(model(message((1, "x"), (2, "y"), (4, "QLinearAveragePool")), message((1, "x"), (2, "z"), (4, "MaxUnpool"))))
    assert [item.text for item in scan_onnx.read_poolings(path)] == ["onnx.QLinearAveragePool()", "onnx.MaxUnpool()"]


@pytest.mark.needs("torch", "keras-torch")
def test_a_layer_whose_shape_is_not_told_moves_only_if_it_does_with_cells_left_over_too(tmp_path):
    same = layer("AveragePooling1D", {"pool_size": [2], "strides": [2], "padding": "same"})
    path = archive(tmp_path / "net.keras", config_json=json.dumps([same]))
    process = CliRunner().invoke(app, ["scan", str(path), "--to", "torch"])
    assert "on 1 x 17 x 3, the worse of two assumed shapes: the model does not state one" in process.output
    assert process.exit_code == 1


def test_an_exported_program_is_read_from_its_json(tmp_path):
    node = {
        "target": "torch.ops.aten.max_pool2d.default",
        "inputs": [{"name": "self", "arg": {"as_tensor": {"name": "x"}}}, {"name": "kernel_size", "arg": {"as_ints": [3]}},
                   {"name": "ceil_mode", "arg": {"as_bool": True}}, {"name": "stride", "arg": {"as_ints": []}}],
        "outputs": [{"as_tensor": {"name": "pooled"}}],
    }  # fmt: skip
    graph = {
        "nodes": [node, {"target": "torch.ops.aten.relu.default"}],
        "tensor_values": {"x": {"sizes": [{"as_int": item} for item in (1, 2, 8, 8)]}},
    }
    path = archive(tmp_path / "net.pt2", net__models__model_json=json.dumps({"graph_module": {"graph": graph}}))
    assert FOUND["torch"].adapter.read_model(path) == [
        Pooling("pooled", "torch.nn.MaxPool2d(kernel_size=[3, 3], ceil_mode=True)", (1, 2, 8, 8))
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "the configuration is not JSON"),
        ("[" * 100_000, "the configuration is not JSON"),
        (" " * (LIMIT + 1), f"more than {LIMIT} bytes"),
        ("[" + "{}," * 2_000_000 + "{}]", "the configuration has more than 2,000,000 values; expected at most 2,000,000"),
        (json.dumps([layer("Pool", {})] * 10_001), "more than 10,000 pooling layers; expected at most 10,000"),
    ],
    ids=["cut", "deep", "bomb", "values", "layers"],
)
def test_a_hostile_archive_is_refused(tmp_path, text, message):
    path = archive(tmp_path / "net.keras", config_json=text)
    with pytest.raises(BadModel, match=message):
        list_poolings(str(path), None, FOUND, run_code=False)


@pytest.mark.parametrize(
    "graph",
    [
        {"nodes": 7, "tensor_values": {}},
        {"nodes": [{"target": "torch.ops.aten.max_pool2d.default", "inputs": [{"name": "self", "arg": {}}], "outputs": []}]},
        {"nodes": [{"target": "torch.ops.aten.max_pool2d.default", "inputs": [{"name": "stride", "arg": {"as_int": 1, "b": 2}}], "outputs": []}],
         "tensor_values": {}},
        {"nodes": [{"target": "torch.ops.aten.max_pool2d.default", "inputs": [{"name": "self", "arg": {"as_tensor": {"name": "x"}}}],
                    "outputs": []}], "tensor_values": {"x": {"sizes": [5, 6]}}},
    ],
    ids=["nodes", "nameless", "ambiguous", "sizes"],
)  # fmt: skip
def test_an_exported_program_of_wrong_types_is_refused(tmp_path, graph):
    path = archive(tmp_path / "net.pt2", net__models__model_json=json.dumps({"graph_module": {"graph": graph}}))
    with pytest.raises(BadModel, match="no graph of an exported program"):
        FOUND["torch"].adapter.read_model(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_that_is_damaged_inside_is_refused(tmp_path, method):
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w", method) as archive_file:
        archive_file.writestr("config.json", json.dumps({"a": list(range(9999))}))
    data = bytearray(path.read_bytes())
    for at in range(60, len(data) - 200):
        data[at] ^= 0x5A
    path.write_bytes(data)
    with pytest.raises(BadModel, match="not a readable archive"):
        FOUND["keras-jax"].adapter.read_model(path)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path):
    (tmp_path / "net.onnx").mkdir()
    os.mkfifo(tmp_path / "net.keras")
    (tmp_path / "net.pt2").symlink_to("/dev/zero")
    whys = {"net.onnx": "is a directory", "none.keras": "no such file", "net.keras": "is a FIFO", "net.pt2": "is a device"}
    for name, reason in whys.items():
        with pytest.raises(UnreadableFile, match=f"{name}: {reason}"):
            list_poolings(str(tmp_path / name), None, FOUND, run_code=False)


def test_what_is_no_archive_is_refused(tmp_path):
    path = tmp_path / "net.keras"
    path.write_bytes(b"PK but no archive")
    with pytest.raises(BadModel, match="expected a zip file"):
        FOUND["keras-jax"].adapter.read_model(path)
    with pytest.raises(BadModel, match=r"no config\.json in the archive"):
        FOUND["keras-jax"].adapter.read_model(archive(tmp_path / "other.keras", other_json="{}"))


def test_code_runs_with_consent_only():
    with pytest.raises(BadModel, match="imports and runs its code; expected --run-code if you trust it"):
        list_poolings("os:getcwd", (1, 3, 8, 8), FOUND, run_code=False)
    with pytest.raises(BadModel, match=r"not a known kind of model; expected a file that ends in \.keras, \.onnx, \.pt2"):
        list_poolings("model.bin", None, FOUND, run_code=False)


def test_a_model_without_pooling_is_a_valid_answer(tmp_path):
    path = archive(tmp_path / "net.keras", config_json="{}")
    process = CliRunner().invoke(app, ["scan", str(path), "--to", "numpy"])
    assert (process.exit_code, process.output.replace("\n", "")) == (0, f"no pooling layers in {path}")
    assert CliRunner().invoke(app, ["scan", str(path), "--to", "numpy", "--json"]).output == "[]\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (model(NODE) + b"\x0a\x00" * (MAX_FIELDS + 1), "more than 2,000,000 fields"),
        (message((7, message((1, b"\x0a\x00" * (MAX_FIELDS + 1))))), "more than 2,000,000 fields"),
        (model(message((4, "MaxPool"), (5, message((1, "kernel_shape"), (8, b"\x01" * 1001))))), "with more than 1,000 numbers"),
        (model(*[message((4, "Pool"))] * 10_001), "more than 10,000 pooling layers"),
    ],
    ids=["fields", "fields of a node", "numbers", "layers"],
)
def test_what_is_read_of_an_onnx_file_is_limited(tmp_path, data, message):
    path = tmp_path / "net.onnx"
    path.write_bytes(data)
    with pytest.raises(BadModel, match=message):
        scan_onnx.read_poolings(path)


def test_a_member_s_name_that_is_not_utf_8_is_refused(tmp_path):
    path = archive(tmp_path / "net.keras", config_json="{}")
    data = bytearray(path.read_bytes())
    entry = data.find(b"PK\x01\x02")
    data[entry + 9] |= 8  # the flag that says the name is UTF-8
    data[data.find(b"config.json", entry)] = 0xFF
    path.write_bytes(data)
    with pytest.raises(BadModel, match="a member's name is not UTF-8"):
        FOUND["keras-jax"].adapter.read_model(path)


def test_an_archive_with_a_long_list_of_members_is_refused(tmp_path):
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w") as archive_file:
        for number in range(300):
            archive_file.writestr(f"{number:060000d}", "")
    with pytest.raises(BadModel, match="the list of members has more than 8,388,608 bytes"):
        FOUND["keras-jax"].adapter.read_model(path)


@pytest.mark.parametrize(("kernel", "n"), [(2_000_000_000, 8), (3_000_000, None)])
def test_a_layer_with_too_much_work_is_listed_with_the_limit_that_it_exceeds(tmp_path, kernel, n):
    path = tmp_path / "net.onnx"
    node = message((1, "x"), (2, "y"), (4, "MaxPool"), (5, ints("kernel_shape", kernel)), (5, ints("pads", kernel // 2, kernel // 2)))
    path.write_bytes(model(node, values=[named_value("x", 1, 1, n)] if n else []))
    process = CliRunner().invoke(app, ["scan", str(path), "--to", "numpy"])
    assert process.exit_code == 1
    assert "cells of the input with its padding in each plane; expected at most 4,194,304" in process.output


def test_a_shape_is_whole_or_unknown():
    assert shape_of([None, 3, 8]) == (1, 3, 8)
    assert shape_of([1, None, 8]) is None
    assert shape_of([]) is None


@pytest.mark.needs("torch")
def test_a_torch_module_is_listed_in_a_worker(tmp_path, monkeypatch):
    (tmp_path / "own_net.py").write_text(
        "import torch\n\ndef made():\n    return torch.nn.Sequential(torch.nn.MaxPool2d(3, 2, 1), torch.nn.AdaptiveAvgPool2d((None, 2)))\n"
    )
    monkeypatch.chdir(tmp_path)
    poolings = list_poolings("own_net:made", (1, 2, 9, 9), FOUND, run_code=True)
    assert [(item.place, item.text.partition("(")[0], item.shape) for item in poolings] == [
        ("0", "torch.nn.MaxPool2d", (1, 2, 9, 9)),
        ("1", "torch.nn.AdaptiveAvgPool2d", (1, 2, 5, 5)),
    ]


DERIVED = """
import torch
class Plain(torch.nn.AvgPool2d): pass
class Other(torch.nn.MaxPool2d):
    def forward(self, input): return -super().forward(-input)
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.plain, self.other = Plain((2,)), Other(2)
    def forward(self, x): return self.other(input=self.plain(x))
"""


@pytest.mark.needs("torch")
def test_a_layer_derived_from_one_of_torch_is_listed_under_its_own_name_if_it_does_something_else(tmp_path, monkeypatch):
    (tmp_path / "derived_net.py").write_text(DERIVED)
    monkeypatch.chdir(tmp_path)
    poolings = list_poolings("derived_net:Net", (1, 2, 9, 9), FOUND, run_code=True)
    assert [(item.text.partition(",")[0], item.shape) for item in poolings] == [
        ("torch.nn.AvgPool2d(kernel_size=2", (1, 2, 9, 9)),
        ("torch.nn.Other(kernel_size=2", (1, 2, 4, 4)),
    ]


@pytest.mark.needs("torch", "onnxruntime")
def test_the_command_fails_where_a_layer_cannot_move_as_it_is(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(model(NODE, values=[named_value("x", 1, 3, 9, 9)]))
    process = CliRunner().invoke(app, ["scan", str(path), "--to", "torch", "--json"])
    [document] = json.loads(process.stdout)
    assert (process.exit_code, document["verdict"], document["port"]["drop_in"]["why"]) == (
        1,
        "recipe",
        "strides by the window where no stride is given",
    )
    process = CliRunner().invoke(app, ["scan", str(path), "--to", "torch"])
    assert "pooling layers, to torch: 1 moves by a recipe" in process.output


@pytest.mark.needs("torch", "onnxruntime")
def test_a_name_of_several_lines_is_one(tmp_path):
    path = tmp_path / "NET.ONNX"
    forged = message((1, "x"), (2, "y\npooling layers, to torch: 0"), (4, "MaxPool"), (5, ints("a\nb", 2)))
    path.write_bytes(model(forged, values=[named_value("x", 1, 3, 9, 9)]))
    process = CliRunner().invoke(app, ["scan", str(path), "--to", "torch"])
    assert [line.partition("  ")[0] for line in process.stdout.split("\n")] == [
        r"y\npooling layers, to torch: 0", "", "", "", "pooling layers, to torch: 1 cannot be had", ""
    ]  # fmt: skip


@pytest.mark.needs("torch", "onnxruntime")
def test_layers_that_move_and_do_not_are_told_in_words(tmp_path):
    node = message((1, "x"), (2, "y:x:"), (2, "places"), (4, "MaxPool"), (5, ints("kernel_shape", 2)), (5, ints("strides", 2)))
    wrong = message((1, "x"), (2, "w"), (4, "MaxPool"), (5, ints("colour", *range(999))))
    path = tmp_path / "net.onnx"
    path.write_bytes(model(node, node, wrong, values=[named_value("x", 1, 3, 8)]))
    process = CliRunner().invoke(app, ["scan", str(path), "--to", "torch"])
    assert "2 equal layers: y:x:, y:x:  moves as it is" in process.output
    assert "its indices are not ported" in process.output
    assert "onnx.MaxPool has no argument colour" in process.output
    assert max(map(len, process.output.split("\n"))) < 400
    assert "pooling layers, to torch: 2 move as they are, 1 cannot be had" in process.output
