"""What ONNX Runtime does not have beyond what ONNX lacks, each with a model that it does not run."""

from __future__ import annotations

from ...contract import Gap
from ..onnx.gaps import POOLED, SIZE, model_code

SIZED = POOLED + "onnx.helper.make_node('Constant', [], ['o'], value_ints=[1, 2] + [9] * {rank}), "
"""Nodes that make a maximum, its indices, and the size of an un-pooling."""


def load_code(attributes: str, node: str = "{call}", *, inputs: str = "'x'", before: str = "", domain: str = "") -> str:
    """Native code that loads a model of a node with these attributes, after nodes that make its inputs."""
    model = model_code(attributes, node, inputs=inputs, before=before, domain=domain)
    return f"onnxruntime.InferenceSession({model}.SerializeToString())"


def run_code(attributes: str, node: str = "{call}", *, inputs: str = "'x'", before: str = "", domain: str = "") -> str:
    """Native code that runs a model of a node with these attributes."""
    return f"{load_code(attributes, node, inputs=inputs, before=before, domain=domain)}.run(None, dict(x=x))"


SIZED_MODEL = load_code(SIZE, inputs="'p', 'i', 'o'", before=SIZED)

RUNTIME_GAPS = (
    Gap("*", "gradient", "ONNX Runtime does not differentiate",
        run_code("xs=['x'], y='y'", "Gradient", domain="ai.onnx.preview.training")),
    Gap("max_unpool*", "inferred_shape", "ONNX infers no shape of a MaxUnpool that is told its output_shape",
        f"assert all(isinstance(size, int) for size in {SIZED_MODEL}.get_outputs()[0].shape)"),
)  # fmt: skip
