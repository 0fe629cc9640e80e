"""What a session of ONNX Runtime costs, as we make it and by default."""

import onnx
import onnxruntime
from timing import shortest, show

COUNT = 200


def sessions(tier):
    node = onnx.helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[3, 3])
    infos = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in (("x", [1, 1, 9, 9]), ("y", None))]
    graph = onnx.helper.make_graph([node], "pooling", infos[:1], infos[1:])
    data = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 21)], ir_version=10).SerializeToString()

    def run_sessions():
        for _ in range(COUNT):
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            onnxruntime.InferenceSession(data, options)

    def default():
        for _ in range(COUNT):
            onnxruntime.InferenceSession(data)

    times = shortest(run_sessions, default)
    names = "one thread, no graph optimisation", "by default"
    show(
        "A session of ONNX Runtime for one node; the tests of its adapter hold that both answer the same",
        ["", "a session", "ratio"],
        [[name, f"{item / COUNT * 1e3:.3f} ms", f"{item / times[1]:.2f}"] for name, item in zip(names, times, strict=True)],
    )
