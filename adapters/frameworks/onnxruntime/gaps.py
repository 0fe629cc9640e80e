"""What ONNX Runtime does not have, each with a model that it does not run."""

from __future__ import annotations

from ...contract import OPEN, Feature, Gap
from .model import IR, OPSET

SIZE = "kernel_shape=[2] * {rank}"
POOLED = f"onnx.helper.make_node('MaxPool', ['x'], ['p', 'i'], {SIZE}), "
SIZED = POOLED + "onnx.helper.make_node('Constant', [], ['o'], value_ints=[1, 2] + [9] * {rank}), "
SCALES = "onnx.helper.make_node('Constant', [], ['s'], value_floats=[1.0, 1.0] + [2.0] * {rank}), "
SIZED_INPUTS = "'p', 'i', 'o'"
FRACTION = "the p of ONNX's LpPool is a whole number"
CHANNELS_FIRST = "ONNX has no data_format: its arrays are channels first"


def load_code(attributes: str, node: str = "{call}", *, x: str = "x", inputs: str = "'x'", before: str = "", domain: str = "") -> str:
    """Native code that loads a model of a node with these attributes, after nodes that make its inputs."""
    info = "onnx.helper.make_tensor_value_info"
    return (
        f"onnxruntime.InferenceSession(onnx.helper.make_model(onnx.helper.make_graph("
        f"[{before}onnx.helper.make_node('{node}', [{inputs}], ['y'], domain='{domain}', {attributes})], 'pooling', "
        f"[{info}('x', onnx.TensorProto.FLOAT, {x}.shape)], [{info}('y', onnx.TensorProto.FLOAT, None)]), "
        f"opset_imports=[onnx.helper.make_opsetid('', {OPSET}), onnx.helper.make_opsetid('{domain or 'ai.onnx.ml'}', 1)], "
        f"ir_version={IR}).SerializeToString())"
    )


def run_code(attributes: str, node: str = "{call}", *, x: str = "x", inputs: str = "'x'", before: str = "", domain: str = "") -> str:
    """Native code that runs a model of a node with these attributes."""
    return f"{load_code(attributes, node, x=x, inputs=inputs, before=before, domain=domain)}.run(None, dict(x={x}))"


GAPS = (
    Gap("*", "gradient", "ONNX Runtime does not differentiate",
        run_code("xs=['x'], y='y'", "Gradient", domain="ai.onnx.preview.training")),
    Gap("flatten*", Feature("batched", "false"), "ONNX's Flatten gives two axes always", f"assert {run_code('axis=0')}[0].ndim == 1"),
    Gap("*", Feature("batched", "false"), "ONNX's pooling has a batch axis always", run_code(SIZE, "MaxPool", x="x[0]")),
    Gap("max_pool*|avg_pool*|lp_pool*", Feature("kernel", OPEN), "ONNX's windows have no default size", run_code("strides=[2] * {rank}")),
    Gap("max_unpool*", Feature("kernel", OPEN), "ONNX's windows have no default size",
        run_code("strides=[2] * {rank}", inputs="'p', 'i'", before=POOLED)),
    Gap("lp_pool*", Feature("p", "fraction"), FRACTION, run_code(f"{SIZE}, p=2.5")),
    Gap("global_lp_pool*", Feature("p", "fraction"), FRACTION, run_code("p=2.5")),
    Gap("upsample_nearest*", Feature("output_size", OPEN), "ONNX's Resize has no default size", run_code("mode='nearest'")),
    Gap("conv*", Feature("weights", OPEN), "a convolution needs weights", run_code("strides=[1] * {rank}")),
    Gap("max_unpool*", Feature("indices", OPEN), "an un-pooling needs indices", run_code(SIZE)),
    Gap("max_unpool*", "padding", "ONNX's MaxUnpool has no padding by name",
        run_code(f"{SIZE}, auto_pad='SAME_UPPER'", inputs="'p', 'i'", before=POOLED)),
    Gap("max_unpool*", "inferred_shape", "ONNX infers no shape of a MaxUnpool that is told its output_shape",
        f"assert {load_code(SIZE, inputs=SIZED_INPUTS, before=SIZED)}.get_outputs()[0].shape"),
    Gap("max_pool*|avg_pool*|lp_pool*", Feature("data_format", "channels_last"), CHANNELS_FIRST, run_code(f"{SIZE}, data_format='channels_last'")),
    Gap("global*", Feature("data_format", "channels_last"), CHANNELS_FIRST, run_code("data_format='channels_last'")),
    Gap("max_unpool*", Feature("data_format", "channels_last"), CHANNELS_FIRST,
        run_code(f"{SIZE}, data_format='channels_last'", inputs="'p', 'i'", before=POOLED)),
    Gap("upsample_nearest*", Feature("data_format", "channels_last"), CHANNELS_FIRST,
        run_code("mode='nearest', data_format='channels_last'", inputs="'x', '', 's'", before=SCALES)),
    Gap("conv*", Feature("data_format", "channels_last"), CHANNELS_FIRST, run_code("data_format='channels_last'", inputs="'x', 'x'")),
    Gap("avg_pool*", "divisor_override", "ONNX's AveragePool has no divisor_override", run_code(f"{SIZE}, divisor_override=3")),
    Gap("global_max_pool*", "indices", "ONNX's GlobalMaxPool does not say where it was found", run_code("return_indices=1")),
    Gap("global_lp_pool*", "keepdims", "ONNX's GlobalLpPool keeps its axes always", run_code("keepdims=0")),
    Gap("adaptive_max_pool*", "op", "ONNX has no adaptive pooling", run_code("output_size=[2] * {rank}", "AdaptiveMaxPool")),
    Gap("adaptive_avg_pool*", "op", "ONNX has no adaptive pooling", run_code("output_size=[2] * {rank}", "AdaptiveAveragePool")),
    Gap("fractional*", "op", "ONNX has no fractional pooling", run_code(SIZE, "FractionalMaxPool")),
    Gap("input*", "op", "ONNX has no layers", run_code("shape=[2] * {rank}", "Input")),
)  # fmt: skip
