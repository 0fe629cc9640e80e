"""What OpenVINO does not have beyond what ONNX lacks, each with a model that it does not read."""

from __future__ import annotations

from ...contract import Gap
from ..onnx.base import without_operations
from ..onnx.gaps import POOLED, SIZE, model_code

FORMS, ONNX_GAPS = without_operations("max_unpool")


def read_code(attributes: str, node: str, *, inputs: str = "'x'", before: str = "") -> str:
    """Native code that reads a model of a node with these attributes."""
    return f"openvino.Core().read_model({model_code(attributes, node, inputs=inputs, before=before)}.SerializeToString())"


GAPS = (
    Gap("*", "gradient", "OpenVINO does not differentiate", f"{read_code('', 'GlobalMaxPool')}.gradient"),
    Gap("max_unpool*", "op", "OpenVINO has no MaxUnpool", read_code(SIZE, "MaxUnpool", inputs="'p', 'i'", before=POOLED)),
    *ONNX_GAPS,
)  # fmt: skip
