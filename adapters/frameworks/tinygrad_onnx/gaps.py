"""What tinygrad's runner of ONNX models does not have beyond what ONNX lacks, each with a model that it does not run."""

from __future__ import annotations

from ...contract import Gap
from ..onnx.base import without_operations
from ..onnx.gaps import SIZE, model_code

FORMS, ONNX_GAPS = without_operations("lp_pool", "global_lp_pool")


def run_code(attributes: str, node: str) -> str:
    """Native code that runs a model of a node with these attributes."""
    return (
        f"(file := tempfile.NamedTemporaryFile(suffix='.onnx'), onnx.save({model_code(attributes, node)}, file.name), "
        "tinygrad.nn.onnx.OnnxRunner(file.name)(dict(x=x)))[-1]"
    )


RUNNER_GAPS = (
    Gap("*", "gradient", "tinygrad's runner of ONNX models takes arrays of NumPy, and does not differentiate",
        f"{run_code('', 'GlobalMaxPool')}.gradient"),
    Gap("lp_pool*", "op", "tinygrad's runner has no LpPool", run_code(SIZE, "LpPool")),
    Gap("global_lp_pool*", "op", "tinygrad's runner has no GlobalLpPool", run_code("p=2", "GlobalLpPool")),
    *ONNX_GAPS,
)  # fmt: skip
