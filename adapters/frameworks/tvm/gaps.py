"""What TVM does not have beyond what ONNX lacks, each with a model that its importer does not take."""

from __future__ import annotations

from ...contract import Gap
from ..onnx.gaps import GAPS, SIZE, model_code

IMPORTER = "tvm.relax.frontend.onnx.from_onnx"
LOCATED = (
    model_code(SIZE, "MaxPool")
    .replace("['y']", "['y', 'i']")
    .replace("[None] * x.ndim)]", "[None] * x.ndim), onnx.helper.make_tensor_value_info('i', onnx.TensorProto.INT64, [None] * x.ndim)]")
)

TVM_GAPS = (
    Gap("*", "gradient", "TVM's importer of ONNX models gives functions that do not differentiate", f"{IMPORTER}({model_code('', 'GlobalMaxPool')}).gradient"),
    Gap("max_pool*", "indices", "TVM's MaxPool gives no indices", f"{IMPORTER}({LOCATED})"),
    *GAPS,
)  # fmt: skip
