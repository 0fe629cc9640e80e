"""Model files of every kind are read, none of them is run, and hostile ones are refused."""

import json
import os
import struct
import zipfile

import pytest
from support.model_files import NODE, archive, ints, layer, message, model, named_value, varint

from poolparity.adapters.contract.model_files import LIMIT, BadModel, Pooling, not_supported, shape_of
from poolparity.adapters.frameworks.onnxruntime import model_file as onnx_file
from poolparity.adapters.frameworks.onnxruntime.graph import MAX_DEPTH
from poolparity.adapters.frameworks.onnxruntime.protobuf import MAX_FIELDS, BadMessage, Budget, read_fields
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.model.files import UnreadableFile
from poolparity.reports.scan.read import read_contents

FOUND = find_targets()


WHOLE = message((1, "y"), (2, "z"), (4, "GlobalLpPool"), (5, message((1, "p"), (3, 3))))


def test_an_onnx_file_is_read_without_onnx(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(model(NODE, message((1, "y"), (2, "z"), (4, "GlobalAveragePool")), WHOLE, values=[named_value("x", "N", 3, 9, 9)]))
    assert onnx_file.read_poolings(path).poolings == [
        Pooling("y", "onnx.MaxPool(kernel_shape=[3, 3], ceil_mode=1, pads=[1, 1, 1, 1])", (None, 3, 9, 9), "float32"),
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
        onnx_file.read_poolings(path)


def test_a_large_broken_onnx_file_is_refused_too(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(message((7, message((1, b"\0" * (1 << 21)))))[:-5])
    with pytest.raises(BadModel, match=r"net\.onnx: a field of .* bytes where .* are left; expected an ONNX model"):
        onnx_file.read_poolings(path)


def test_graphs_within_nodes_and_functions_are_read_and_indices_noticed(tmp_path):
    inner = message((1, NODE), (11, named_value("x", 1, 3, 9, 9)))
    choice = message((1, "c"), (2, "o"), (4, "If"), (5, message((1, "then_branch"), (6, inner), (20, 5))))
    function = message((7, message((1, "x"), (2, "z"), (2, "places"), (4, "MaxPool"), (5, ints("kernel_shape", 2, 2)))))
    path = tmp_path / "net.onnx"
    path.write_bytes(model(choice) + message((25, function)))
    assert [(pooling.place, pooling.shape, pooling.indices) for pooling in onnx_file.read_poolings(path).poolings] == [
        ("y", (1, 3, 9, 9), False),
        ("z", None, True),
    ]


def test_graphs_are_followed_so_far_and_no_further(tmp_path):
    graph = message((1, NODE))
    for _ in range(2 * MAX_DEPTH):
        graph = message((1, message((4, "If"), (5, message((6, graph))))))
    path = tmp_path / "net.onnx"
    path.write_bytes(message((7, graph)))
    assert onnx_file.read_poolings(path).poolings == []


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
    assert FOUND["keras-jax"].adapter.read_model(path).poolings == [
        Pooling("pool", "keras.layers.MaxPooling2D(pool_size=[3, 3], padding='same')", (None, 8, 8, 4)),
        Pooling("end", "keras.layers.GlobalAveragePooling2D(keepdims=True)", None),
    ]


def test_a_layer_of_a_keras_model_is_listed_for_each_array_that_it_is_called_on(tmp_path):
    nodes = [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [None, size, 3]}}], "kwargs": {}} for size in (9, 11)]
    shared_layer = {**layer("MaxPooling1D", {"pool_size": [2]}, [None, 9, 3]), "inbound_nodes": [*nodes, {"args": [7]}]}
    own = {**layer("RegionPooling", {"name": "own", "regions": 3}), "inbound_nodes": "none"}
    path = archive(tmp_path / "net.keras", config_json=json.dumps([shared_layer, own]))
    assert FOUND["keras-jax"].adapter.read_model(path).poolings == [
        Pooling("", "keras.layers.MaxPooling1D(pool_size=[2])", (None, 9, 3)),
        Pooling("", "keras.layers.MaxPooling1D(pool_size=[2])", (None, 11, 3)),
        Pooling("own", "RegionPooling()", None, problem=not_supported("RegionPooling")),
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
    assert FOUND["torch"].adapter.read_model(path).poolings == [
        Pooling("pooled", "torch.nn.AdaptiveAvgPool2d(output_size=[1, 1])", None),
        Pooling(
            "",
            "torch.ops.aten.fractional_max_pool2d.default()",
            None,
            problem=not_supported("torch.ops.aten.fractional_max_pool2d.default"),
        ),
    ]


def test_a_node_of_onnx_that_nobody_moves_is_not_passed_over(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(model(message((1, "x"), (2, "y"), (4, "QLinearAveragePool")), message((1, "x"), (2, "z"), (4, "MaxRoiPool"))))
    assert [pooling.text for pooling in onnx_file.read_poolings(path).poolings] == ["onnx.QLinearAveragePool()", "onnx.MaxRoiPool()"]


def test_un_poolings_of_onnx_are_read_with_the_shape_of_their_output(tmp_path):
    constant_node = message((2, "made"), (4, "Constant"), (5, message((1, "value"), (5, tensor("", 1, 3, 9, 11)))))
    shapes = {"stated": "sizes", "constant": "made", "computed": "elsewhere", "inferred": ""}
    nodes = [
        message(
            (1, "x"),
            (1, "i"),
            *([(1, shape)] if shape else []),
            (2, f"{name}_out"),
            (3, name),
            (4, "MaxUnpool"),
            (5, ints("kernel_shape", 2, 2)),
        )
        for name, shape in shapes.items()
    ]
    graph = message(*((1, node) for node in (constant_node, *nodes)), (5, tensor("sizes", 1, 3, 8, 10)), (11, named_value("x", 1, 3, 4, 5)))
    path = tmp_path / "net.onnx"
    path.write_bytes(message((1, 8), (7, graph)))
    assert [(pooling.place, pooling.text, pooling.problem) for pooling in onnx_file.read_poolings(path).poolings] == [
        ("stated", "onnx.MaxUnpool(kernel_shape=[2, 2], output_shape=[8, 10])", ""),
        ("constant", "onnx.MaxUnpool(kernel_shape=[2, 2], output_shape=[9, 11])", ""),
        (
            "computed",
            "onnx.MaxUnpool(kernel_shape=[2, 2])",
            "not supported by scan: the shape of the output of onnx.MaxUnpool is computed",
        ),
        ("inferred", "onnx.MaxUnpool(kernel_shape=[2, 2])", ""),
    ]


def open_size(text):
    """An open size of an exported program."""
    return {"as_expr": {"expr_str": text, "hint": {"as_int": 4}}}


S = "Symbol('s0', positive=True, integer=True)"
HALF = f"FloorDiv({S}, Integer(2))"


@pytest.mark.parametrize(
    ("n", "size", "arguments", "text"),
    [
        ({"as_int": 4}, {"as_int": 8}, {}, "torch.nn.functional.max_unpool2d(x, indices, kernel_size=[2, 2], stride=[2, 2], output_size=[8, 8])"),
        ({"as_int": 4}, {"as_int": 11}, {}, "torch.nn.functional.max_unpool2d(x, indices, kernel_size=[5, 5], stride=[2, 2], output_size=[11, 11])"),
        (open_size(HALF), open_size(f"Mul(Integer(2), {HALF})"), {}, "torch.nn.MaxUnpool2d(kernel_size=[2, 2], stride=[2, 2])"),
        (open_size(S), open_size(f"Add(Mul(Integer(2), {S}), Integer(-1))"), {}, "torch.nn.MaxUnpool2d(kernel_size=[1, 1], stride=[2, 2])"),
        (
            open_size(S), open_size(f"Add(Mul(Integer(2), {S}), Integer(-1))"), {"stride": {"as_ints": [2, 2]}, "padding": {"as_ints": [1, 1]}},
            "torch.nn.MaxUnpool2d(kernel_size=[3, 3], stride=[2, 2], padding=[1, 1])",
        ),
        (open_size(S), open_size(f"FloorDiv({S}, Integer(2))"), {}, None),
        (open_size(S), open_size("Symbol('s1', positive=True, integer=True)"), {}, None),
        ({"as_int": 4}, open_size(S), {}, None),
        (open_size(S), open_size(f"Pow({S}, Integer(2))"), {}, None),
        ({"as_int": 8}, {"as_int": 4}, {}, None),
    ],
)  # fmt: skip
def test_un_poolings_of_an_exported_program_get_a_window_from_the_sizes_that_it_states(tmp_path, n, size, arguments, text):
    sizes = {"as_ints": [size["as_int"]] * 2} if "as_int" in size else {"as_sym_ints": [{"as_name": "add"}] * 2}
    inputs = [{"name": name, "arg": {"as_tensor": {"name": array}}} for name, array in (("self", "x"), ("indices", "i"))]
    inputs += [{"name": name, "arg": value} for name, value in {"output_size": sizes, **arguments}.items()]
    node = {"target": "torch.ops.aten.max_unpool2d.default", "inputs": inputs, "outputs": [{"as_tensor": {"name": "y"}}]}
    values = {name: {"sizes": [{"as_int": 1}, {"as_int": 3}, each, each]} for name, each in (("x", n), ("y", size))}
    graph = {"nodes": [node], "tensor_values": values}
    path = archive(tmp_path / "net.pt2", net__models__model_json=json.dumps({"graph_module": {"graph": graph}}))
    [pooling] = FOUND["torch"].adapter.read_model(path).poolings
    assert (None if pooling.problem else pooling.text) == text
    if text is None:
        assert pooling.problem.startswith("not supported by scan: ")


UNPOOLING = """
import torch
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.up = torch.nn.MaxPool1d(3, 2, 1, return_indices=True), torch.nn.MaxUnpool1d(3, 2, 1)
    def forward(self, x):
        y, indices = self.down(x)
        return self.up(y, indices, output_size=x.size()), self.up(y, indices)
"""


@pytest.mark.needs("torch")
def test_an_un_pooling_that_is_called_with_the_size_of_its_output_is_listed_with_it(tmp_path, monkeypatch):
    (tmp_path / "unpooling_net.py").write_text(UNPOOLING)
    monkeypatch.chdir(tmp_path)
    contents = read_contents("unpooling_net:Net", (2, 3, 10), FOUND, run_code=True)
    assert [pooling.text for pooling in contents.poolings[1:]] == [
        "torch.nn.functional.max_unpool1d(x, indices, kernel_size=3, stride=2, padding=1, output_size=[10])",
        "torch.nn.MaxUnpool1d(kernel_size=3, stride=2, padding=1)",
    ]


def test_an_exported_program_is_read_from_its_json(tmp_path):
    node = {
        "target": "torch.ops.aten.max_pool2d.default",
        "inputs": [{"name": "self", "arg": {"as_tensor": {"name": "x"}}}, {"name": "kernel_size", "arg": {"as_ints": [3]}},
                   {"name": "ceil_mode", "arg": {"as_bool": True}}, {"name": "stride", "arg": {"as_ints": []}}],
        "outputs": [{"as_tensor": {"name": "pooled"}}],
    }  # fmt: skip
    graph = {
        "nodes": [node, {"target": "torch.ops.aten.relu.default"}],
        "tensor_values": {"x": {"sizes": [{"as_int": size} for size in (1, 2, 8, 8)]}},
    }
    path = archive(tmp_path / "net.pt2", net__models__model_json=json.dumps({"graph_module": {"graph": graph}}))
    assert FOUND["torch"].adapter.read_model(path).poolings == [
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
        read_contents(str(path), None, FOUND, run_code=False)


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
    with zipfile.ZipFile(path, "w", method) as zip_file:
        zip_file.writestr("config.json", json.dumps({"a": list(range(9999))}))
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
    for name, why in whys.items():
        with pytest.raises(UnreadableFile, match=f"{name}: {why}"):
            read_contents(str(tmp_path / name), None, FOUND, run_code=False)


def test_what_is_no_archive_is_refused(tmp_path):
    path = tmp_path / "net.keras"
    path.write_bytes(b"PK but no archive")
    with pytest.raises(BadModel, match="expected a zip file"):
        FOUND["keras-jax"].adapter.read_model(path)
    with pytest.raises(BadModel, match=r"no config\.json in the archive"):
        FOUND["keras-jax"].adapter.read_model(archive(tmp_path / "other.keras", other_json="{}"))


def test_code_runs_with_consent_only():
    with pytest.raises(BadModel, match="imports and runs its code; expected --run-code if you trust it"):
        read_contents("os:getcwd", (1, 3, 8, 8), FOUND, run_code=False)
    with pytest.raises(
        BadModel, match=r"not a known kind of model; expected a file that ends in \.keras, \.h5, \.hdf5, \.json, \.onnx, \.pt2"
    ):
        read_contents("model.bin", None, FOUND, run_code=False)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (model(NODE) + b"\x0a\x00" * (MAX_FIELDS + 1), "more than 2,000,000 fields"),
        pytest.param(message((7, message((1, b"\x0a\x00" * (MAX_FIELDS + 1))))), "more than 2,000,000 fields", marks=pytest.mark.slow),
        (model(message((4, "MaxPool"), (5, message((1, "kernel_shape"), (8, b"\x01" * 1001))))), "with more than 1,000 numbers"),
        (model(*[message((4, "Pool"))] * 10_001), "more than 10,000 pooling layers"),
    ],
    ids=["fields", "fields of a node", "numbers", "layers"],
)
def test_what_is_read_of_an_onnx_file_is_limited(tmp_path, data, message):
    path = tmp_path / "net.onnx"
    path.write_bytes(data)
    with pytest.raises(BadModel, match=message):
        onnx_file.read_poolings(path)


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
    with zipfile.ZipFile(path, "w") as zip_file:
        for number in range(300):
            zip_file.writestr(f"{number:060000d}", "")
    with pytest.raises(BadModel, match="the list of members has more than 8,388,608 bytes"):
        FOUND["keras-jax"].adapter.read_model(path)


def test_the_open_sizes_of_a_shape_stay_open():
    assert shape_of([None, 3, 8]) == (None, 3, 8)
    assert shape_of([1, -1, "h", True, 8]) == (1, None, None, None, 8)
    assert shape_of([]) is None


@pytest.mark.needs("torch")
def test_a_torch_module_is_listed_in_a_worker(tmp_path, monkeypatch):
    (tmp_path / "own_net.py").write_text(
        "import torch\n\ndef made():\n    return torch.nn.Sequential(torch.nn.MaxPool2d(3, 2, 1), torch.nn.AdaptiveAvgPool2d((None, 2)))\n"
    )
    monkeypatch.chdir(tmp_path)
    contents = read_contents("own_net:made", (1, 2, 9, 9), FOUND, run_code=True)
    assert [(pooling.place, pooling.text.partition("(")[0], pooling.shape) for pooling in contents.poolings] == [
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
    contents = read_contents("derived_net:Net", (1, 2, 9, 9), FOUND, run_code=True)
    assert [(pooling.text.partition(",")[0], pooling.shape) for pooling in contents.poolings] == [
        ("torch.nn.AvgPool2d(kernel_size=2", (1, 2, 9, 9)),
        ("Other(kernel_size=2", (1, 2, 4, 4)),
    ]


def tensor(name, *integers, raw=False):
    """A tensor of ONNX with integers of 64 bits."""
    data = (9, struct.pack(f"<{len(integers)}q", *integers)) if raw else (7, b"".join(map(varint, integers)))
    return message((1, len(integers)), (2, 7), data, (8, name))


def reduction(name, axes="", operator="ReduceMean", *attributes):
    """A reduction of ONNX, whose axes are an input or an attribute."""
    return message(
        (1, "x"),
        *([(1, axes)] if axes else []),
        (2, f"{name}_out"),
        (3, name),
        (4, operator),
        *((5, attribute) for attribute in attributes),
    )


def test_reductions_of_onnx_are_poolings_by_their_axes_and_the_rank_of_their_input(tmp_path):
    constant = message((2, "made"), (4, "Constant"), (5, message((1, "value"), (5, tensor("", 1, 2)))))
    keepdims_attribute = message((1, "keepdims"), (3, 0))
    nodes = [
        constant,
        reduction("by attribute", "", "ReduceMean", ints("axes", 2, 3), keepdims_attribute),
        reduction("by initialiser", "axes"),
        reduction("by constant", "made", "ReduceMax"),
        reduction("tokens", "one"),
        reduction("computed", "elsewhere"),
        reduction("everything"),
    ]
    graph = message(
        *((1, node) for node in nodes), (5, tensor("axes", -1, -2, raw=True)), (5, tensor("one", 1)), (11, named_value("x", 1, 9, 9, 4))
    )
    path = tmp_path / "net.onnx"
    path.write_bytes(message((1, 8), (7, graph)))
    contents = onnx_file.read_poolings(path)
    assert [(pooling.place, pooling.text) for pooling in contents.poolings] == [
        ("by attribute", "onnx.ReduceMean(keepdims=0, axes=[2, 3])"),
        ("by initialiser", "onnx.ReduceMean(axes=[-1, -2])"),
        ("by constant", "onnx.ReduceMax(axes=[1, 2])"),
    ]
    assert contents.hidden_parts == ["whether computed is a pooling: the ReduceMean computes its axes"]


def test_a_node_of_onnx_has_its_own_name_or_that_of_the_module_it_comes_from_and_a_type(tmp_path):
    scopes = message((1, "pkg.torch.onnx.name_scopes"), (2, "['', 'features.pool', 'max_pool2d']"))
    hostile = message((1, "pkg.torch.onnx.name_scopes"), (2, "[__import__('os').abort(), 'a', 'b']"))
    half = message((1, "x"), (2, message((1, message((1, 10), (2, message((1, message((1, 1))), (1, message((1, 3))))))))))
    nodes = [message((1, "x"), (2, "y"), (3, "node_7"), (4, "GlobalMaxPool"), (9, metadata)) for metadata in (scopes, hostile)]
    path = tmp_path / "net.onnx"
    path.write_bytes(model(*nodes, message((1, "x"), (2, "z"), (4, "GlobalMaxPool"), (7, "com.own")), values=[half]))
    assert [(pooling.place, pooling.text, pooling.shape, pooling.dtype) for pooling in onnx_file.read_poolings(path).poolings] == [
        ("features.pool", "onnx.GlobalMaxPool()", (1, 3), "float16"),
        ("node_7", "onnx.GlobalMaxPool()", (1, 3), "float16"),
        ("z", "com.own.GlobalMaxPool()", (1, 3), "float16"),
    ]


@pytest.mark.process
@pytest.mark.needs("onnxruntime")
def test_shapes_that_an_onnx_file_lacks_are_inferred_in_a_process_of_its_own(tmp_path):
    import onnx

    helper, kind = onnx.helper, onnx.TensorProto.FLOAT16
    nodes = [
        helper.make_node("Relu", ["x"], ["r"]),
        helper.make_node("MaxPool", ["r"], ["p"], kernel_shape=[3, 3], name="pool"),
        helper.make_node("ReduceMean", ["p", "axes"], ["y"], name="mean"),
    ]
    axes = helper.make_tensor("axes", onnx.TensorProto.INT64, [2], [2, 3])
    x, y = (helper.make_tensor_value_info(name, kind, shape) for name, shape in (("x", ["n", 3, 9, "w"]), ("y", None)))
    path = tmp_path / "net.onnx"
    onnx.save(helper.make_model(helper.make_graph(nodes, "g", [x], [y], [axes])), path)
    assert [(pooling.place, pooling.shape, pooling.dtype) for pooling in onnx_file.read_poolings(path).poolings] == [
        ("pool", (None, 3, 9, None), "float16"),
        ("mean", (None, 3, 7, None), "float16"),
    ]


@pytest.mark.process
@pytest.mark.needs("onnxruntime")
def test_what_shape_inference_cannot_do_is_said(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(
        model(message((1, "a"), (2, "b"), (4, "MaxPool")), reduction("mean", "", "ReduceMean", ints("axes", 2, 3))) + b"\x0a\x01\xff"
    )
    contents = onnx_file.read_poolings(path)
    assert [pooling.text for pooling in contents.poolings] == ["onnx.MaxPool()"]
    failure, sentence = contents.hidden_parts
    assert failure.startswith("shapes that the file does not state: shape inference failed: ")
    assert sentence == "whether mean is a pooling: the ReduceMean reduces the axes [2, 3] of an array whose rank the file does not state"


def test_an_exported_program_states_types_examples_of_open_sizes_and_names_of_modules(tmp_path):
    stack = "L__self__,,net.Net;L__self___end,body.end,torch.nn.modules.pooling.AdaptiveAvgPool2d"
    expression = {"as_expr": {"expr_str": "s0", "hint": {"as_int": 7}}}
    x = {"dtype": 6, "sizes": [{"as_int": 2}, {"as_int": 3}, expression, expression]}
    tensor_x, two_axes = {"name": "self", "arg": {"as_tensor": {"name": "x"}}}, {"name": "dim", "arg": {"as_ints": [-1, -2]}}
    output = [{"as_tensor": {"name": "mean"}}]
    mean = {"target": "torch.ops.aten.mean.dim", "inputs": [tensor_x, two_axes], "outputs": output, "metadata": {"nn_module_stack": stack}}
    channels = {**mean, "inputs": [tensor_x, {"name": "dim", "arg": {"as_ints": [1]}}]}
    inner = {"name": "branch", "arg": {"as_graph": {"name": "g", "graph": {"nodes": [mean], "tensor_values": {"x": {**x, "dtype": 7}}}}}}
    graph = {"nodes": [channels, mean, {"target": "cond", "inputs": [inner], "outputs": []}], "tensor_values": {"x": x}}
    path = archive(tmp_path / "net.pt2", net__models__model_json=json.dumps({"graph_module": {"graph": graph}}))
    text = "torch.mean(x, dim=[-1, -2], keepdim=False)"
    assert FOUND["torch"].adapter.read_model(path).poolings == [
        Pooling("body.end", text, (2, 3, None, None), "float16", hint=(2, 3, 7, 7)),
        Pooling("body.end", text, (2, 3, None, None), "float32", hint=(2, 3, 7, 7)),
    ]


def test_indices_are_used_only_if_another_operator_takes_them(tmp_path):
    def pool(indices):
        inputs = [{"name": "self", "arg": {"as_tensor": {"name": "x"}}}, {"name": "kernel_size", "arg": {"as_ints": [2, 2]}}]
        outputs = [{"as_tensor": {"name": "y"}}, {"as_tensor": {"name": indices}}]
        return {"target": "torch.ops.aten.max_pool2d_with_indices.default", "inputs": inputs, "outputs": outputs}

    addition = {
        "target": "torch.ops.aten.add.Tensor",
        "inputs": [{"name": "self", "arg": {"as_tensor": {"name": "places"}}}],
        "outputs": [],
    }
    graph = {"nodes": [pool("places"), pool("unused"), addition], "tensor_values": {}}
    path = archive(tmp_path / "net.pt2", net__models__model_json=json.dumps({"graph_module": {"graph": graph}}))
    assert [pooling.indices for pooling in FOUND["torch"].adapter.read_model(path).poolings] == [True, False]


def keras_layer(name, class_name, config, shape=None, module="keras.layers", calls=1):
    """A layer of a functional Keras model, called on an array of some shape."""
    node = {"args": [{"class_name": "__keras_tensor__", "config": {"shape": shape, "dtype": "float32"}}], "kwargs": {}}
    return {"module": module, "class_name": class_name, "config": {"name": name, **config}, "inbound_nodes": [node] * calls}


def keras_model(*layers, name="net"):
    """The configuration of a functional Keras model."""
    return {"module": "keras", "class_name": "Functional", "config": {"name": name, "layers": list(layers)}}


def test_layers_within_models_and_wrappers_are_read_with_the_shapes_and_types_that_they_have_there(tmp_path):
    policy = {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}
    step = {"module": "keras.layers", "class_name": "MaxPooling1D", "config": {"name": "step", "pool_size": [2], "dtype": policy}}
    nested_model = keras_model(keras_layer("pool", "GlobalMaxPooling2D", {}, [None, None, None, 4]), name="body")
    wrapper = keras_layer("time", "TimeDistributed", {"layer": step, "trainable": True}, [None, 5, 9, 3])
    nested_model["inbound_nodes"] = [{"args": []}, {"args": []}]
    path = archive(tmp_path / "net.keras", config_json=json.dumps(keras_model(wrapper, nested_model)))
    assert FOUND["keras-jax"].adapter.read_model(path).poolings == [
        Pooling("time/step", "keras.layers.MaxPooling1D(pool_size=[2])", (None, 9, 3), "float16"),
        *[Pooling("body/pool", "keras.layers.GlobalMaxPooling2D()", (None, None, None, 4), "float32")] * 2,
    ]


def test_shapes_between_the_layers_of_a_sequence_follow_from_that_of_its_input(tmp_path):
    def plain(class_name, **config):
        return {"module": "keras.layers", "class_name": class_name, "config": config}

    window = {"strides": [2, 2], "padding": "same"}
    layers = [
        plain("InputLayer", batch_shape=[None, 33, None, 3]),
        plain("Conv2D", filters=8, kernel_size=[3, 3], strides=[2, 2], padding="valid", dilation_rate=[1, 1]),
        plain("BatchNormalization"),
        plain("MaxPooling2D", name="first", pool_size=[3, 3], **window),
        plain("DepthwiseConv2D", kernel_size=[3, 3], depth_multiplier=2, data_format="channels_last", **window),
        plain("AveragePooling2D", name="second", pool_size=[2, 2]),
        plain("Own"),
        plain("GlobalMaxPooling2D", name="third"),
    ]
    sequence = {"module": "keras", "class_name": "Sequential", "config": {"name": "net", "layers": layers}}
    path = archive(tmp_path / "net.keras", config_json=json.dumps(sequence))
    assert [(pooling.place, pooling.shape) for pooling in FOUND["keras-jax"].adapter.read_model(path).poolings] == [
        ("first", (None, 16, None, 8)),
        ("second", (None, 4, None, 16)),
        ("third", None),
    ]


def test_functions_of_keras_are_read_with_their_arguments(tmp_path):
    window = {"pool_size": 2, "strides": 2, "padding": "same", "data_format": None}
    functions = "keras.src.ops.numpy"
    layers = (
        keras_layer("pool", "AveragePool", window, [None, 8, 8, 3], "keras.src.ops.nn"),
        keras_layer("mean", "Mean", {"axis": [1, 2], "keepdims": True}, [None, 4, 4, 3], functions),
        keras_layer("tokens", "Mean", {"axis": 1, "keepdims": False}, [None, 4, 3], functions),
    )
    texts = ["keras.ops.average_pool(x, pool_size=2, strides=2, padding='same')", "keras.ops.mean(x, axis=[1, 2], keepdims=True)"]
    path = archive(tmp_path / "net.keras", config_json=json.dumps(keras_model(*layers)))
    assert [pooling.text for pooling in FOUND["keras-jax"].adapter.read_model(path).poolings] == texts
    bare = [{key: value for key, value in entry.items() if key != "module"} for entry in layers]
    other = tmp_path / "net.json"
    other.write_text(json.dumps(keras_model(*bare)))
    assert [pooling.text for pooling in FOUND["keras-jax"].adapter.read_model(other).poolings] == texts


def test_what_a_keras_file_does_not_reveal_is_named(tmp_path):
    layers = (
        keras_layer("twice", "Lambda", {"function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}, "trainable": True}),
        keras_layer("own", "Block", {"trainable": True}, module="blocks"),
        keras_layer("plain", "Dense", {"trainable": True, "kernel_initializer": {"class_name": "Own", "module": "mine", "config": {}}}),
        keras_layer("math", "TFOpLambda", {"function": "math.reduce_mean", "trainable": True}),
    )
    path = archive(tmp_path / "net.keras", config_json=json.dumps(keras_model(*layers)))
    contents = FOUND["keras-jax"].adapter.read_model(path)
    assert contents.poolings == []
    assert contents.hidden_parts == [
        "the function of the Lambda layer 'twice'",
        "what the layer 'own' does, whose class 'Block' is not a part of Keras",
        "the arrays that the function 'math.reduce_mean' of the layer 'math' takes",
    ]
    subclassed_model = {"module": None, "class_name": "Net", "config": {"trainable": True}, "build_config": {"input_shape": [1, 8, 8, 3]}}
    path = archive(tmp_path / "other.keras", config_json=json.dumps(subclassed_model))
    assert FOUND["keras-jax"].adapter.read_model(path).hidden_parts == [
        "what the layer 'Net' does, whose class 'Net' is not a part of Keras"
    ]


@pytest.mark.process
@pytest.mark.needs("keras-torch")
def test_an_hdf5_file_is_read_in_a_process_of_its_own(tmp_path):
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "net.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(keras_model(keras_layer("pool", "GlobalMaxPooling2D", {}, [None, 8, 8, 4])))
    assert FOUND["keras-jax"].adapter.read_model(path).poolings == [
        Pooling("pool", "keras.layers.GlobalMaxPooling2D()", (None, 8, 8, 4), "float32")
    ]
    with h5py.File(path, "w"):
        pass
    with pytest.raises(BadModel, match="the file has weights and no model; expected a model that Keras saved as HDF5"):
        FOUND["keras-jax"].adapter.read_model(path)
    path.write_bytes(b"noise")
    with pytest.raises(BadModel, match="not an HDF5 file"):
        FOUND["keras-jax"].adapter.read_model(path)


FUNCTIONS = """
import torch
from torch.nn import functional as F
class Body(torch.nn.Module):
    def forward(self, x): return F.max_pool2d(x, 3, 2, padding=1).mean([2, 3])
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.norm = Body(), torch.nn.LPPool2d(2, 2)
    def forward(self, x): return self.body(self.norm(x)).mean(1)
"""


@pytest.mark.needs("torch")
def test_functions_of_a_torch_module_are_listed_under_the_module_that_calls_them(tmp_path, monkeypatch):
    (tmp_path / "function_net.py").write_text(FUNCTIONS)
    monkeypatch.chdir(tmp_path)
    contents = read_contents("function_net:Net", (1, 2, 18, 18), FOUND, run_code=True)
    assert [(pooling.place, pooling.text.partition("(")[0], pooling.shape, pooling.dtype) for pooling in contents.poolings] == [
        ("norm", "torch.nn.LPPool2d", (1, 2, 18, 18), "float32"),
        ("body", "torch.nn.MaxPool2d", (1, 2, 9, 9), "float32"),
        ("body", "torch.mean", (1, 2, 5, 5), "float32"),
    ]
