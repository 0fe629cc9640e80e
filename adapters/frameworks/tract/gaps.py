"""What tract does not have beyond what ONNX lacks, each with a model that it does not load."""

from __future__ import annotations

from ...contract import Gap
from ..onnx.base import without_operations
from ..onnx.gaps import POOLED, SIZE, model_code

FORMS, ONNX_GAPS = without_operations("lp_pool", "max_unpool")


def load_code(attributes: str, node: str, *, inputs: str = "'x'", before: str = "") -> str:
    """Native code that loads a model of a node with these attributes."""
    model = model_code(attributes, node, inputs=inputs, before=before)
    return (
        f"(file := tempfile.NamedTemporaryFile(suffix='.onnx'), onnx.save({model}, file.name), "
        "tract.onnx().load(file.name).into_model().into_runnable())[-1]"
    )


GAPS = (
    Gap("*", "gradient", "tract does not differentiate", f"{load_code('', 'GlobalMaxPool')}.gradient"),
    Gap("lp_pool*", "op", "tract has no LpPool", load_code(SIZE, "LpPool")),
    Gap("max_unpool*", "op", "tract has no MaxUnpool", load_code(SIZE, "MaxUnpool", inputs="'p', 'i'", before=POOLED)),
    *ONNX_GAPS,
)  # fmt: skip
