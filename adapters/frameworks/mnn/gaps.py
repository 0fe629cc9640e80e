"""What MNN does not have beyond what ONNX lacks, each with a model that it does not convert or run."""

from __future__ import annotations

from ...contract import Gap
from ..onnx.gaps import GAPS, SIZE, model_code

INDICES = (
    "onnx.helper.make_model(onnx.helper.make_graph("
    f"[onnx.helper.make_node('MaxPool', ['x'], ['y', 'i'], {SIZE}, strides=[2] * {{rank}}, pads=[0] * {{rank}} * 2)], 'pooling', "
    "[onnx.helper.make_tensor_value_info('x', onnx.TensorProto.FLOAT, x.shape)], "
    "[onnx.helper.make_tensor_value_info('i', onnx.TensorProto.INT64, None)]))"
)
"""A model whose result is where the maxima were found."""
WEIGHTS = "onnx.helper.make_node('Constant', [], ['w'], value=onnx.numpy_helper.from_array(numpy.ones((1, 2, *[2] * {rank}), 'float32'))), "


def run_code(model: str, result: str) -> str:
    """Native code that converts a model, and asserts that a result of its session has as many axes as the input."""
    return f"""import numpy, tempfile
with tempfile.NamedTemporaryFile(suffix='.onnx') as file, tempfile.NamedTemporaryFile(suffix='.mnn') as converted:
    onnx.save({model}, file.name)
    _tools.mnnconvert(['MNNConvert', '-f', 'ONNX', '--modelFile', file.name, '--MNNModel', converted.name, '--bizCode', 'MNN'])
    interpreter = MNN.Interpreter(converted.name)
    session = interpreter.createSession()
    assert len(interpreter.getSessionOutput(session, '{result}').getShape()) == x.ndim
"""


MNN_GAPS = (
    Gap("*", "gradient", "MNN's sessions do not differentiate", "MNN.Interpreter.gradient"),
    Gap("lp_pool3", "op", "MNN's LpPool takes lines and planes only", run_code(model_code(f"{SIZE}, pads=[0] * 6", "LpPool"), "y")),
    Gap("conv1", "op", "MNN's convolutions of lines have answers with a further axis",
        run_code(model_code(SIZE, "Conv", inputs="'x', 'w'", before=WEIGHTS), "y")),
    Gap("max_pool3", "indices", "MNN's MaxPool gives indices of lines and planes only", run_code(INDICES, "i")),
    *GAPS,
)  # fmt: skip
