"""The nodes of ONNX: their attributes, what they mean, and how people make nodes."""

from __future__ import annotations

import ast

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

NODE = ("inputs", "outputs", "name")
"""The arguments of `onnx.helper.make_node` that are not attributes of the node."""


def layer_of_node(name: str, call: ast.Call) -> tuple[str, ast.Call]:
    """The node that `onnx.helper.make_node` makes, and its attributes; other calls are returned unchanged."""
    match call.args:
        case [ast.Constant(value=str(operator)), *_] if name.endswith("make_node"):
            return f"onnx.{operator}", ast.Call(call.func, [], [word for word in call.keywords if word.arg not in NODE])
    return name, call
