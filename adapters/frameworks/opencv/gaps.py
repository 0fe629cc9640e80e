"""What OpenCV's dnn module does not have beyond what ONNX lacks, each with a model that it does not read or run."""

from __future__ import annotations

from ...contract import Gap
from ..onnx.base import without_operations
from ..onnx.gaps import POOLED, SIZE, model_code

FORMS, ONNX_GAPS = without_operations("lp_pool", "global_lp_pool")
SIZES = "[None] * ({rank} + 2)"


def load_code(attributes: str, node: str, *, inputs: str = "'x'", before: str = "") -> str:
    """Native code that reads a model of a node with these attributes."""
    model = model_code(attributes, node, inputs=inputs, before=before)
    return f"cv2.dnn.readNetFromONNX(numpy.frombuffer({model}.SerializeToString(), 'uint8'))"


INDICES = (
    "(net := cv2.dnn.readNetFromONNX(numpy.frombuffer(onnx.helper.make_model(onnx.helper.make_graph("
    f"[onnx.helper.make_node('MaxPool', ['x'], ['y', 'i'], {SIZE})], 'pooling', "
    "[onnx.helper.make_tensor_value_info('x', onnx.TensorProto.FLOAT, x.shape)], "
    f"[onnx.helper.make_tensor_value_info('y', onnx.TensorProto.FLOAT, {SIZES}), "
    f"onnx.helper.make_tensor_value_info('i', onnx.TensorProto.INT64, {SIZES})])).SerializeToString(), 'uint8')), "
    "net.setInput(x, 'x'), net.forward(['y', 'i']))"
)

GAPS = (
    Gap("*", "gradient", "OpenCV's networks do not differentiate", f"{load_code(SIZE, 'MaxPool')}.backward()"),
    Gap("lp_pool*", "op", "OpenCV has no LpPool", load_code(SIZE, "LpPool")),
    Gap("global_lp_pool*", "op", "OpenCV has no GlobalLpPool", load_code("p=2", "GlobalLpPool")),
    Gap("max_unpool1|max_unpool3", "op", "OpenCV's MaxUnpool takes planes only",
        load_code(SIZE, "MaxUnpool", inputs="'p', 'i'", before=POOLED)),
    Gap("max_pool1|max_pool3", "indices", "OpenCV's MaxPool gives indices of planes only", INDICES),
    *ONNX_GAPS,
)  # fmt: skip
