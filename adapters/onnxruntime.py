"""ONNX Runtime: models of one node, made by `onnx.helper`, channels first.

A session gets one thread and no graph optimisation, for then a new one costs far less. About one node
there is nothing to optimise, and the tests hold that the answers are those of the defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..cases.layers import layers
from ..cases.pool import FIRST
from . import Adapter, Ask, Form, Gap, Name, Ref, Step, Target

OPSET, IR = 21, 10
"""The newest that ONNX Runtime 1.19 reads; AveragePool has dilations since opset 19."""

ELEMENTS = {"float16": "FLOAT16", "float32": "FLOAT", "float64": "DOUBLE"}
AUTO_PAD = {"valid": "VALID", "same": "SAME_UPPER", "same_lower": "SAME_LOWER"}

WINDOW = {"kernel": "kernel_shape", "stride": "strides", "padding": "pads", "dilation": "dilations", "ceil_mode": "ceil_mode"}
DROPPING = {
    "global_max_pool": Form("ReduceMax", {"keepdims": "keepdims"}, axes="axes"),
    "global_avg_pool": Form("ReduceMean", {"keepdims": "keepdims"}, axes="axes"),
}
"""The reductions that global pooling is without its axes, which ONNX's global pooling always keeps."""

RUN = (
    Step("options", "onnxruntime.SessionOptions"),
    Step("", "options.__setattr__", ("intra_op_num_threads", 1)),
    Step("", "options.__setattr__", ("graph_optimization_level", Name("onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL"))),
    Step("data", "model.SerializeToString"),
    Step("session", "onnxruntime.InferenceSession", (Ref("data"), Ref("options"))),
    Step(("y",), "session.run", (None, {"x": Ref("x")})),
)

MEANS = {
    "kernel_shape": "kernel", "strides": "stride", "auto_pad": "padding", "pads": "pads", "dilations": "dilation",
    "ceil_mode": "ceil_mode", "count_include_pad": "count_include_pad", "p": "p",
}  # fmt: skip
ATTRIBUTES = "kernel_shape, auto_pad='NOTSET', ceil_mode=0, dilations=None, pads=None, strides=None"


def tried(attributes: str, node: str = "{call}", x: str = "x") -> str:
    """Native code that runs a node with these attributes."""
    info = "onnx.helper.make_tensor_value_info"
    return (
        f"onnxruntime.InferenceSession(onnx.helper.make_model(onnx.helper.make_graph("
        f"[onnx.helper.make_node('{node}', ['x'], ['y'], {attributes})], 'pooling', "
        f"[{info}('x', onnx.TensorProto.FLOAT, {x}.shape)], [{info}('y', onnx.TensorProto.FLOAT, None)]), "
        f"opset_imports=[onnx.helper.make_opsetid('', {OPSET})], ir_version={IR}).SerializeToString()).run(None, dict(x={x}))"
    )


class OnnxRuntime(Adapter):
    """The pooling nodes of ONNX."""

    targets = (Target("onnxruntime", ("onnxruntime", "onnx"), ("onnxruntime", "onnx"), "onnx"),)
    forms = {
        "max_pool": Form("MaxPool", WINDOW, required=("kernel",)),
        "avg_pool": Form("AveragePool", {**WINDOW, "count_include_pad": "count_include_pad"}, required=("kernel",)),
        "lp_pool": Form("LpPool", {**WINDOW, "p": "p"}, required=("kernel",)),
        "global_max_pool": Form("GlobalMaxPool", {}),
        "global_avg_pool": Form("GlobalAveragePool", {}),
        "global_lp_pool": Form("GlobalLpPool", {"p": "p"}),
    }
    gaps = (
        Gap("*", "batched=false", "ONNX's pooling has a batch axis always", tried("kernel_shape=[2] * {rank}", "MaxPool", "x[0]")),
        Gap("max_pool*|avg_pool*|lp_pool*", "kernel open", "ONNX's windows have no default size", tried("strides=[2] * {rank}")),
        Gap("max_pool*|avg_pool*|lp_pool*", "data_format=channels_last", "ONNX's pooling has no data_format: its arrays are channels first",
            tried("kernel_shape=[2] * {rank}, data_format='channels_last'")),
        Gap("global*", "data_format=channels_last", "ONNX's pooling has no data_format: its arrays are channels first",
            tried("data_format='channels_last'")),
        Gap("avg_pool*", "divisor_override", "ONNX's AveragePool has no divisor_override",
            tried("kernel_shape=[2] * {rank}, divisor_override=3")),
        Gap("global_lp_pool*", "keepdims", "ONNX's GlobalLpPool keeps its axes always", tried("keepdims=0")),
        Gap("adaptive_max_pool*", "op", "ONNX has no adaptive pooling", tried("output_size=[2] * {rank}", "AdaptiveMaxPool")),
        Gap("adaptive_avg_pool*", "op", "ONNX has no adaptive pooling", tried("output_size=[2] * {rank}", "AdaptiveAveragePool")),
    )  # fmt: skip
    layers = layers("onnxruntime", FIRST, MEANS, {
        f"onnx.MaxPool({ATTRIBUTES}, storage_order=0)": ("max_pool", 0),
        f"onnx.AveragePool({ATTRIBUTES}, count_include_pad=0)": ("avg_pool", 0),
        f"onnx.LpPool({ATTRIBUTES}, p=2)": ("lp_pool", 0),
    }, stride_default="one")  # fmt: skip

    def keeps(self, ask: Ask) -> bool:
        """Always: a node that drops axes takes every layout, and so moves nothing."""
        return True

    def form(self, ask: Ask) -> Form:
        """The node of an operation, with padding by name or in cells."""
        op, padding = ask.pool.op, ask.pool.padding
        if ask.pool.keepdims is False and op in DROPPING:
            return DROPPING[op]
        form = super().form(ask)
        return replace(form, names={**form.names, "padding": "auto_pad"}) if isinstance(padding, str) else form

    def needed(self, name: str, ask: Ask, form: Form) -> bool:
        """Whether a stated parameter has an attribute; axes are kept without one."""
        return False if name == "keepdims" and ask.pool.keepdims else super().needed(name, ask, form)

    def spelled(self, ask: Ask, form: Form) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """The node, the model around it, a session of the model, and its run."""
        attributes, notes = self.arguments(ask, form)
        axes = attributes.pop("axes", None)
        return (*model(form.call, attributes, axes, ask), *RUN), notes

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value as an attribute: integers, and padding in cells with all low sides first."""
        match value:
            case str():
                return AUTO_PAD[value]
            case bool():
                return int(value)
            case float() if value.is_integer():
                return int(value)
        return tuple(low for low, _ in value) + tuple(high for _, high in value) if name == "padding" else value


def model(node: str, attributes: Mapping[str, Any], axes: tuple[int, ...] | None, ask: Ask) -> tuple[Step, ...]:
    """The model of one node; what a reduction runs over is another input, a constant of the model."""
    element = Name(f"onnx.TensorProto.{ELEMENTS.get(ask.dtype, ask.dtype.upper())}")
    constant = Step("axes", "onnx.helper.make_tensor", ("axes", Name("onnx.TensorProto.INT64"), (ask.rank,), axes))
    steps = (
        Step("node", "onnx.helper.make_node", (node, ["x", "axes"] if axes else ["x"], ["y"]), attributes),
        Step("x_info", "onnx.helper.make_tensor_value_info", ("x", element, ask.shape)),
        Step("y_info", "onnx.helper.make_tensor_value_info", ("y", element, None)),  # its shape is the runtime's to infer
        Step("graph", "onnx.helper.make_graph", ([Ref("node")], "pooling", [Ref("x_info")], [Ref("y_info")]),
             {"initializer": [Ref("axes")]} if axes else {}),
        Step("opset", "onnx.helper.make_opsetid", ("", OPSET)),
        Step("model", "onnx.helper.make_model", (Ref("graph"),), {"opset_imports": [Ref("opset")], "ir_version": IR}),
    )  # fmt: skip
    return (constant, *steps) if axes else steps


ADAPTER = OnnxRuntime()
