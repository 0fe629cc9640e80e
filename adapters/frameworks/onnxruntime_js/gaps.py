"""What ONNX does not have, each with a model that a session of ONNX Runtime for JavaScript refuses to load, or answers otherwise."""

from __future__ import annotations

from ...contract import OPEN, Feature, Gap
from ..onnx.model import IR, OPSET

SIZE = "{name: 'kernel_shape', type: 'INTS', ints: k}"
STRIDES = "{name: 'strides', type: 'INTS', ints: k}"
SOME = "{name: 'some_parameter', type: 'INT', i: 2}"
POOLED = "{opType: 'MaxPool', input: ['x'], output: ['p', 'i'], attribute: [" + SIZE + "]}, "
LAST = "{name: 'data_format', type: 'STRING', s: Buffer.from('channels_last')}"
FRACTION = "{name: 'p', type: 'FLOAT', f: 2.5}"


def load_code(
    attributes: str, node: str = "{call}", *, inputs: str = "'x'", before: str = "", shape: str = "x.shape", domain: str = ""
) -> str:
    """Native code that loads a model of a node with these attributes, after nodes that make its inputs."""
    message = (
        f"{{irVersion: {IR}, opsetImport: [{{domain: '', version: {OPSET}}}], graph: {{name: 'pooling', "
        f"node: [{before}{{opType: '{node}', input: [{inputs}], output: ['y'], domain: '{domain}', attribute: [{attributes}]}}], "
        f"input: [{{name: 'x', type: {{tensorType: {{elemType: 1, shape: {{dim: {shape}.map((size) => ({{dimValue: size}}))}}}}}}}}], "
        "output: [{name: 'y', type: {tensorType: {elemType: 1}}}]}}"
    )
    return (
        "const k = Array({rank}).fill(2), {ModelProto} = protos.onnx; "
        f"const session = await ort.InferenceSession.create(ModelProto.encode(ModelProto.fromObject({message})).finish()); "
    )


CHANNELS_FIRST = "ONNX has no data_format: its arrays are channels first"
WINDOWED = "max_pool*|avg_pool*|lp_pool*"

GAPS = (
    Gap("flatten*", Feature("batched", "false"), "ONNX's Flatten gives two axes always",
        load_code("{name: 'axis', type: 'INT', i: 0}")
        + "const {y} = await session.run({x: new ort.Tensor(x.dtype, x.data, x.shape)}); if (y.dims.length !== 1) throw new Error('two axes');"),
    Gap("*", Feature("batched", "false"), "ONNX's pooling has a batch axis always", load_code(SIZE, "MaxPool", shape="x.shape.slice(1)")),
    Gap(WINDOWED, Feature("kernel", OPEN), "ONNX's windows have no default size", load_code(STRIDES)),
    Gap("max_unpool*", Feature("kernel", OPEN), "ONNX's windows have no default size", load_code(STRIDES, inputs="'p', 'i'", before=POOLED)),
    Gap("lp_pool*|global_lp_pool*", Feature("p", "fraction"), "the p of ONNX's LpPool is a whole number", load_code(f"{SIZE}, {FRACTION}", "LpPool")),
    Gap("upsample_nearest*", Feature("output_size", OPEN), "ONNX's Resize has no default size", load_code("{name: 'mode', type: 'STRING', s: Buffer.from('nearest')}")),
    Gap("conv*", Feature("weights", OPEN), "a convolution needs weights", load_code(STRIDES)),
    Gap("max_unpool*", Feature("indices", OPEN), "an un-pooling needs indices", load_code(SIZE)),
    Gap("max_unpool*", "padding", "ONNX's MaxUnpool has no padding by name",
        load_code(SIZE + ", {name: 'auto_pad', type: 'STRING', s: Buffer.from('SAME_UPPER')}", inputs="'p', 'i'", before=POOLED)),
    Gap(WINDOWED, Feature("data_format", "channels_last"), CHANNELS_FIRST, load_code(f"{SIZE}, {LAST}")),
    Gap("global*|upsample_nearest*|conv*", Feature("data_format", "channels_last"), CHANNELS_FIRST, load_code(LAST)),
    Gap("max_unpool*", Feature("data_format", "channels_last"), CHANNELS_FIRST, load_code(f"{SIZE}, {LAST}", inputs="'p', 'i'", before=POOLED)),
    Gap("avg_pool*", "divisor_override", "ONNX's AveragePool has no divisor_override",
        load_code(SIZE + ", {name: 'divisor_override', type: 'INT', i: 3}")),
    Gap("global_max_pool*", "indices", "ONNX's GlobalMaxPool does not say where it was found", load_code(SOME)),
    Gap("global_lp_pool*", "keepdims", "ONNX's GlobalLpPool keeps its axes always", load_code("{name: 'keepdims', type: 'INT', i: 0}")),
    Gap("adaptive_max_pool*", "op", "ONNX has no adaptive pooling", load_code(SOME, "AdaptiveMaxPool")),
    Gap("adaptive_avg_pool*", "op", "ONNX has no adaptive pooling", load_code(SOME, "AdaptiveAveragePool")),
    Gap("fractional*", "op", "ONNX has no fractional pooling", load_code(SIZE, "FractionalMaxPool")),
    Gap("input*", "op", "ONNX has no layers", load_code(SOME, "Input")),
    Gap("*", "gradient", "ONNX Runtime does not differentiate", load_code(SOME, "Gradient", domain="ai.onnx.preview.training")),
)  # fmt: skip
