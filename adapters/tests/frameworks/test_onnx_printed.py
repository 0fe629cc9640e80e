"""Nodes of ONNX as tools print them become the calls that make them."""

import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed; to install: pip install 'poolparity[onnx]'")

from poolparity.adapters.frameworks.onnxruntime.printed import as_python  # noqa: E402

MAXIMUM = onnx.helper.make_node(
    "MaxPool", ["x"], ["a"], name="/features/pool/MaxPool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1
)
AVERAGE = onnx.helper.make_node("AveragePool", ["a"], ["/b"], kernel_shape=[2, 2], auto_pad="SAME_UPPER", count_include_pad=1)
NORM = onnx.helper.make_node("GlobalLpPool", ["/b"], ["c"], p=1)
MEAN = onnx.helper.make_node("ReduceMean", ["/b", "/c/axes"], ["d"], keepdims=0)
WHOLE = onnx.helper.make_node("GlobalAveragePool", ["/b"], ["e"])
NODES = [MAXIMUM, AVERAGE, NORM, MEAN, WHOLE]
AXES = onnx.helper.make_tensor("/c/axes", onnx.TensorProto.INT64, [2], [2, 3])
MADE = [
    "_a = onnx.helper.make_node('MaxPool', ['x'], ['a'], ceil_mode=1, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])",
    "__b = onnx.helper.make_node('AveragePool', ['a'], ['/b'], auto_pad='SAME_UPPER', count_include_pad=1, kernel_shape=[2, 2])",
    "_c = onnx.helper.make_node('GlobalLpPool', ['/b'], ['c'], p=1)",
    "_d = onnx.helper.make_node('ReduceMean', ['/b', '/c/axes'], ['d'], keepdims=0)",
    "_e = onnx.helper.make_node('GlobalAveragePool', ['/b'], ['e'])",
]
AXES_MADE = "__c_axes = onnx.helper.make_tensor('/c/axes', 7, [2], [2, 3])"
EXPORTED = """
Exported graph: graph(%onnx::MaxPool_0 : Float(1, 3, 32, 32, strides=[3072, 1024, 32, 1], requires_grad=0, device=cpu)):
  %/p/MaxPool_output_0 : Float(1, 3, 17, 17, strides=[867, 289, 17, 1], requires_grad=0, device=cpu) = onnx::MaxPool[ceil_mode=1, \
dilations=[1, 1], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2], onnx_name="/p/MaxPool"](%onnx::MaxPool_0), scope: M:: # m.py:7:0
  %/Constant_output_0 : Long(2, strides=[1], device=cpu) = onnx::Constant[value= 2  3 [ CPULongType{2} ], onnx_name="/Constant"](), scope: M::
  %4 : Float(1, 3, strides=[3, 1], requires_grad=0, device=cpu) = onnx::ReduceMean[keepdims=0, onnx_name="/ReduceMean"]\
(%/p/MaxPool_output_0, %/Constant_output_0), scope: M:: # m.py:8:0
  return (%4)
"""
"""What torch.onnx.export(..., dynamo=False, verbose=True) of torch 2.13 printed, with shorter scopes."""


def model(initializers=(), nodes=NODES):
    results = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in ("c", "d", "e")]
    x = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["N", 3, 32, 32])
    return onnx.helper.make_model(onnx.helper.make_graph(list(nodes), "g", [x], results, list(initializers)))


def calls_in(text):
    return [line for line in as_python(text).splitlines() if "onnx.helper.make_" in line]


@pytest.mark.parametrize(
    ("initializers", "nodes"),
    [
        ([AXES], NODES),
        ([], [onnx.helper.make_node("Constant", [], ["/c/axes"], value=AXES), *NODES]),
        ([], [onnx.helper.make_node("Constant", [], ["/c/axes"], value_ints=[2, 3]), *NODES]),
    ],
    ids=["initializer", "constant", "numbers"],
)
def test_nodes_that_the_printer_of_onnx_writes(initializers, nodes):
    assert calls_in(onnx.printer.to_text(model(initializers, nodes))) == [AXES_MADE, *MADE]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("print_node", [onnx.printer.to_text, onnx.helper.printable_node, str], ids=["printer", "helper", "protobuf"])
def test_an_input_that_is_left_out_keeps_its_place(print_node):
    node = onnx.helper.make_node("MaxUnpool", ["x", "", "s"], ["y"], kernel_shape=[2])
    assert calls_in(print_node(node)) == ["_y = onnx.helper.make_node('MaxUnpool', ['x', '', 's'], ['y'], kernel_shape=[2])"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_nodes_of_a_printable_graph_whose_initializers_have_no_values():
    assert calls_in(onnx.helper.printable_graph(model([AXES]).graph)) == MADE


@pytest.mark.parametrize("text", [str(model([AXES])), "\n".join(map(str, NODES)), " ".join("\n".join(map(str, NODES)).split())])
def test_nodes_that_protobuf_prints(text):
    assert {frozenset(call.split(", ")) for call in calls_in(text)} == {frozenset(call.split(", ")) for call in MADE}


def test_nodes_that_the_exporter_of_torch_prints():
    assert calls_in(EXPORTED) == [
        "__Constant_output_0 = onnx.helper.make_tensor('/Constant_output_0', 7, [2], [2, 3])",
        (
            "__p_MaxPool_output_0 = onnx.helper.make_node('MaxPool', ['onnx::MaxPool_0'], ['/p/MaxPool_output_0'], "
            "ceil_mode=1, dilations=[1, 1], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])"
        ),
        "_4 = onnx.helper.make_node('ReduceMean', ['/p/MaxPool_output_0', '/Constant_output_0'], ['4'], keepdims=0)",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "y = MaxPool(x)",
        "pool = hk.MaxPool((2, 2), (2, 2), 'VALID')",
        "self.pool = nn.MaxPool2d(2)",
        "onnx.helper.make_node('MaxPool', ['x'], ['y'], kernel_shape=[2, 2])",
        "%c = Relu(%b)",
        'input: "x" output: "y" op_type: "Relu"',
    ],
)
def test_other_texts_stay_as_they_are(text):
    assert as_python(text) == text


def test_what_stands_between_nodes_stays():
    assert as_python("nn.MaxPool2d(2)\n%c = GlobalMaxPool(%b)\ny = MaxPool(x)").splitlines() == [
        "nn.MaxPool2d(2)", "", "_c = onnx.helper.make_node('GlobalMaxPool', ['b'], ['c'])", "", "y = MaxPool(x)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "part", ["a", ":", "%a, ", "= ", "a=", 'input: "x" ', "int64[2] ", "= MaxPool<a = 1, ", "= MaxPool<a = [", "a : b = "]
)
def test_long_texts_that_are_nearly_nodes_stay_as_they_are(part):
    """An expression that backtracks over them would not end."""
    text = part * (1_000_000 // len(part))
    assert as_python(text) == text
