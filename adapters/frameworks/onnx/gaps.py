"""What ONNX does not have, each with a model that `onnx.checker` refuses, its inference of shapes included."""

from __future__ import annotations

from typing import Any

from ...contract import OPEN, Feature, Gap
from .model import IR, OPSET

SIZE = "kernel_shape=[2] * {rank}"
POOLED = f"onnx.helper.make_node('MaxPool', ['x'], ['p', 'i'], {SIZE}), "
SCALES = "onnx.helper.make_node('Constant', [], ['s'], value_floats=[1.0, 1.0] + [2.0] * {rank}), "
FRACTION = "the p of ONNX's LpPool is a whole number"
CHANNELS_FIRST = "ONNX has no data_format: its arrays are channels first"


def model_code(
    attributes: str, node: str = "{call}", *, x: str = "x", inputs: str = "'x'", outputs: str = "'y'", before: str = "", domain: str = "",
    axes: str = "", opset: int = OPSET,
) -> str:  # fmt: skip
    """Native code that makes a model of a node with these attributes, after nodes that make its inputs.

    Its result has as many axes as the input, or `axes`; without them the checker refuses every model.
    """
    info = "onnx.helper.make_tensor_value_info"
    return (
        f"onnx.helper.make_model(onnx.helper.make_graph("
        f"[{before}onnx.helper.make_node('{node}', [{inputs}], [{outputs}], domain='{domain}', {attributes})], 'pooling', "
        f"[{info}('x', onnx.TensorProto.FLOAT, {x}.shape)], [{info}('y', onnx.TensorProto.FLOAT, [None] * {axes or f'{x}.ndim'})]), "
        f"opset_imports=[onnx.helper.make_opsetid('', {opset}), onnx.helper.make_opsetid('{domain or 'ai.onnx.ml'}', 1)], "
        f"ir_version={IR})"
    )


def check_code(attributes: str, node: str = "{call}", **more: Any) -> str:
    """Native code that has ONNX check a model of a node with these attributes; `more` are further arguments of `model_code`."""
    return f"onnx.checker.check_model({model_code(attributes, node, **more)}, full_check=True)"


def infer_code(attributes: str, node: str = "{call}") -> str:
    """Native code for the type that ONNX infers of the result of a node."""
    return f"onnx.shape_inference.infer_shapes({model_code(attributes, node, axes='2')}, strict_mode=True).graph.output[0].type.tensor_type"


GAPS = (
    Gap("flatten*", Feature("batched", "false"), "ONNX's Flatten gives two axes always", f"assert len({infer_code('axis=0')}.shape.dim) == 1"),
    Gap("*", Feature("batched", "false"), "ONNX's pooling has a batch axis always", check_code(SIZE, "MaxPool", x="x[0]")),
    Gap("max_pool*|avg_pool*|lp_pool*", Feature("kernel", OPEN), "ONNX's windows have no default size", check_code("strides=[2] * {rank}")),
    Gap("max_unpool*", Feature("kernel", OPEN), "ONNX's windows have no default size",
        check_code("strides=[2] * {rank}", inputs="'p', 'i'", before=POOLED)),
    Gap("lp_pool*", Feature("p", "fraction"), FRACTION, check_code(f"{SIZE}, p=2.5")),
    Gap("global_lp_pool*", Feature("p", "fraction"), FRACTION, check_code("p=2.5")),
    Gap("upsample_nearest*", Feature("output_size", OPEN), "ONNX's Resize has no default size", check_code("mode='nearest'")),
    Gap("conv*", Feature("weights", OPEN), "a convolution needs weights", check_code("strides=[1] * {rank}")),
    Gap("max_unpool*", Feature("indices", OPEN), "an un-pooling needs indices", check_code(SIZE)),
    Gap("max_unpool*", "padding", "ONNX's MaxUnpool has no padding by name",
        check_code(f"{SIZE}, auto_pad='SAME_UPPER'", inputs="'p', 'i'", before=POOLED)),
    Gap("max_pool*|avg_pool*|lp_pool*", Feature("data_format", "channels_last"), CHANNELS_FIRST,
        check_code(f"{SIZE}, data_format='channels_last'")),
    Gap("global*", Feature("data_format", "channels_last"), CHANNELS_FIRST, check_code("data_format='channels_last'")),
    Gap("max_unpool*", Feature("data_format", "channels_last"), CHANNELS_FIRST,
        check_code(f"{SIZE}, data_format='channels_last'", inputs="'p', 'i'", before=POOLED)),
    Gap("upsample_nearest*", Feature("data_format", "channels_last"), CHANNELS_FIRST,
        check_code("mode='nearest', data_format='channels_last'", inputs="'x', '', 's'", before=SCALES)),
    Gap("conv*", Feature("data_format", "channels_last"), CHANNELS_FIRST, check_code("data_format='channels_last'", inputs="'x', 'x'")),
    Gap("avg_pool*", "divisor_override", "ONNX's AveragePool has no divisor_override", check_code(f"{SIZE}, divisor_override=3")),
    Gap("global_avg_pool*", "mask", "ONNX's GlobalAveragePool takes no mask", check_code("mask='m'")),
    Gap("global_max_pool*", "indices", "ONNX's GlobalMaxPool does not say where it was found", check_code("return_indices=1")),
    Gap("global_lp_pool*", "keepdims", "ONNX's GlobalLpPool keeps its axes always", check_code("keepdims=0")),
    Gap("adaptive_max_pool*", "op", "ONNX has no adaptive pooling", check_code("output_size=[2] * {rank}", "AdaptiveMaxPool")),
    Gap("adaptive_avg_pool*", "op", "ONNX has no adaptive pooling", check_code("output_size=[2] * {rank}", "AdaptiveAveragePool")),
    Gap("fractional*", "op", "ONNX has no fractional pooling", check_code(SIZE, "FractionalMaxPool")),
    Gap("input*", "op", "ONNX has no layers", check_code("shape=[2] * {rank}", "Input")),
)  # fmt: skip
