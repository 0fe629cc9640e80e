"""The nodes of ONNX: their attributes, what they mean, and how people make nodes."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from ....cases.model.call_text import BadSpelling, dotted_name
from ....cases.model.layers import make_layers
from ....cases.model.pool import FIRST

MEANS = {
    "kernel_shape": "kernel", "strides": "stride", "auto_pad": "padding", "pads": "pads", "dilations": "dilation",
    "ceil_mode": "ceil_mode", "count_include_pad": "count_include_pad", "p": "p",
}  # fmt: skip
ATTRIBUTES = "kernel_shape, auto_pad='NOTSET', ceil_mode=0, dilations=None, pads=None, strides=None"
WORDS = {"padding": {"notset": "valid", "same_upper": "same"}}

LAYERS = make_layers("onnxruntime", FIRST, MEANS, {
    f"onnx.MaxPool({ATTRIBUTES}, storage_order=0)": ("max_pool", 0),
    f"onnx.AveragePool({ATTRIBUTES}, count_include_pad=0)": ("avg_pool", 0),
    f"onnx.LpPool({ATTRIBUTES}, p=2)": ("lp_pool", 0),
    "onnx.GlobalMaxPool()": ("global_max_pool", 0),
    "onnx.GlobalAveragePool()": ("global_avg_pool", 0),
    "onnx.GlobalLpPool(p=2)": ("global_lp_pool", 0),
}, stride_default="one", words=WORDS)  # fmt: skip

REDUCED = {"axes": "axes", "keepdims": "keepdims"}
REDUCING = "axes=None, keepdims=1, noop_with_empty_axes=0"
RESIZED = {**MEANS, "output_shape": "output_size"}
FUNCTIONS = {
    **make_layers("onnxruntime", FIRST, RESIZED, {
        "onnx.MaxUnpool(kernel_shape, pads=None, strides=None, output_shape=None)": ("max_unpool", 0),
    }, stride_default="one"),
    **make_layers("onnxruntime", FIRST, REDUCED, {
        f"onnx.ReduceMean({REDUCING})": ("global_avg_pool", 0),
        f"onnx.ReduceMax({REDUCING})": ("global_max_pool", 0),
    }),
    **make_layers("onnxruntime", FIRST, REDUCED, {f"onnx.ReduceSum({REDUCING})": ("global_avg_pool", 0)}, fixed={"divisor_override": 1}),
    **make_layers("onnxruntime", FIRST, REDUCED, {f"onnx.ReduceL1({REDUCING})": ("global_lp_pool", 0)}, fixed={"p": 1.0}),
    **make_layers("onnxruntime", FIRST, REDUCED, {f"onnx.ReduceL2({REDUCING})": ("global_lp_pool", 0)}, fixed={"p": 2.0}),
}  # fmt: skip
"""The nodes that reduce axes, which since opset 13 or 18 are an input, and the one that un-pools, whose output's shape is an input."""
OPERATORS = tuple(name.removeprefix("onnx.") for name in (*LAYERS, *FUNCTIONS))

NODE = ("inputs", "outputs", "name", "doc_string", "domain")
"""The arguments of `onnx.helper.make_node` that are not attributes of the node."""
MODULE = re.compile(r"(?:onnxscript\.)?(?:op|opset\d*|ops|g)\.(?:opset\d+\.)?(?P<operator>\w+)")
"""The names of operators in onnxscript, as in `op.MaxPool`."""


def layer_of_node(name: str, call: ast.Call) -> tuple[str, ast.Call]:
    """The node that `onnx.helper.make_node` or a function of onnxscript makes, and its attributes; other calls are returned unchanged."""
    match call.args:
        case [ast.Constant(value=str(operator)), *inputs] if name.rpartition(".")[2] == "make_node":
            words = [word for word in call.keywords if word.arg not in NODE]
            inputs = inputs[:1] or [word.value for word in call.keywords if word.arg == "inputs"]
            if operator == "MaxUnpool" and (shape := shape_of_inputs(inputs)):
                return "onnx.MaxUnpool", ast.Call(call.func, [], [*words, ast.keyword("output_shape", shape)])
            return f"onnx.{operator}", ast.Call(call.func, [], [*words, *axes_of_inputs(operator, inputs, words)])
    if (match := MODULE.fullmatch(name)) and match["operator"] in OPERATORS:
        axes = [ast.keyword("axes", call.args[1])] if len(call.args) > 1 else []
        return f"onnx.{match['operator']}", ast.Call(call.func, [], [*call.keywords, *axes])
    return name, call


def axes_of_inputs(operator: str, inputs: list[ast.expr], words: list[ast.keyword]) -> list[ast.keyword]:
    """The axes of a reduction as an argument, if they are an input that was replaced by its value."""
    if not operator.startswith("Reduce") or not inputs or any(word.arg == "axes" for word in words):
        return []
    names = inputs[0].elts if isinstance(inputs[0], ast.List | ast.Tuple) else []
    if len(names) < 2:
        return []
    if isinstance(names[1], ast.Constant):
        raise BadSpelling(f"the axes of {operator} are the input {names[1].value!r}, whose value is not in the text", "axes=[2, 3]")
    return [ast.keyword("axes", names[1])]


def shape_of_inputs(inputs: list[ast.expr]) -> ast.expr | None:
    """The spatial part of the output's shape, if an un-pooling takes it and it was replaced by its value; None if it takes none."""
    names = inputs[0].elts if inputs and isinstance(inputs[0], ast.List | ast.Tuple) else []
    if len(names) <= SHAPE_INPUT:
        return None
    shape = names[SHAPE_INPUT]
    if isinstance(shape, ast.List | ast.Tuple):
        return ast.Tuple(shape.elts[2:], ast.Load())
    name = shape.value if isinstance(shape, ast.Constant) else ast.unparse(shape)
    raise BadSpelling(f"the output_shape of MaxUnpool is the input {name!r}, whose value is not in the text", "a constant of the text")


SHAPE_INPUT = 2
"""The place of the output's shape among the inputs of an un-pooling."""


def with_constant_inputs(call: ast.Call, values: Mapping[str, ast.expr]) -> ast.Call:
    """A call of `onnx.helper.make_node` with numbers in place of the inputs that the text makes by `onnx.helper.make_tensor` or alike."""
    if dotted_name(call.func).rpartition(".")[2] != "make_node" or len(call.args) < 2 or not isinstance(call.args[1], ast.List):
        return call
    tensors = dict(tensor for value in values.values() if (tensor := tensor_of(value, values)))
    inputs = [tensors.get(str(name.value), name) if isinstance(name, ast.Constant) else name for name in call.args[1].elts]
    return ast.Call(call.func, [call.args[0], ast.List(inputs, ast.Load()), *call.args[2:]], call.keywords)


def tensor_of(node: ast.expr, values: Mapping[str, ast.expr]) -> tuple[str, ast.expr] | None:
    """The name and the numbers of a constant that an expression makes; None for other expressions."""
    if not isinstance(node, ast.Call):
        return None
    match dotted_name(node.func).rpartition(".")[2], node.args:
        case "make_tensor", [ast.Constant(value=str(name)), _, _, numbers]:
            return name, numbers
        case "from_array", [array, ast.Constant(value=str(name))]:
            array = values.get(array.id, array) if isinstance(array, ast.Name) else array
            inner = array.args if isinstance(array, ast.Call) and dotted_name(array.func).rpartition(".")[2] in ("array", "asarray") else []
            return (name, inner[0]) if inner else None
    return None
