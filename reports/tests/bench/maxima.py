"""The fast oracle beside other ways to take maxima: 2x64x56x56 float32, kernel 3, stride 2, padding 1."""

import numpy as np
import onnx
import torch
from figures import record
from numpy.lib.stride_tricks import sliding_window_view
from onnx.reference import ReferenceEvaluator
from timing import shortest, show

from poolparity.cases.fast.vectorised import oracle, outcome
from poolparity.cases.model.pool import Pool

POOL = Pool(op="max_pool", kernel=(3, 3), stride=(2, 2), padding=((1, 1), (1, 1)))
OUT = 28


def maxima(tier):
    x = np.random.default_rng(0).normal(size=(2, 64, 56, 56)).astype("float32")
    native, layer, node = torch.from_numpy(x), torch.nn.MaxPool2d(3, 2, 1), reference()
    torch.set_num_threads(1)
    ways = {
        "fast oracle": lambda: oracle(x, POOL),
        "fast oracle, with indices": lambda: outcome(x, POOL).output,
        "shifted slices alone": lambda: maximum_of_slices(x),
        "torch, one thread": lambda: layer(native).numpy(),
        "sliding_window_view": lambda: sliding_window_view(pad(x), (3, 3), (2, 3))[:, :, ::2, ::2].max((4, 5)),
        "loop over output cells": lambda: maximum_by_loop(x),
        "ONNX reference evaluator": lambda: node.run(None, {"x": x})[0],
    }
    due = maximum_by_loop(x)
    for name, way in ways.items():
        assert np.array_equal(way(), due), f"{name} gives other maxima than the loop"
    times = dict(zip(ways, shortest(*ways.values()), strict=True))
    show(
        "Maxima of 2x64x56x56 float32, kernel 3, stride 2, padding 1",
        ["", "ms", "to torch", "to shifted slices"],
        [
            [name, f"{item * 1e3:.2f}", f"{item / times['torch, one thread']:.2f}", f"{item / times['shifted slices alone']:.2f}"]
            for name, item in times.items()
        ],
    )
    record({"fast oracle beside torch": times["fast oracle"] / times["torch, one thread"]})


def pad(x):
    return np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)


def maximum_of_slices(x):
    """The larger of nine slices, without a thought for NaN, ties and zeros."""
    cells = pad(x)
    y = np.full((*x.shape[:2], OUT, OUT), -np.inf, x.dtype)
    for down in range(3):
        for right in range(3):
            np.maximum(y, cells[:, :, down : down + 2 * OUT : 2, right : right + 2 * OUT : 2], out=y)
    return y


def maximum_by_loop(x):
    cells = pad(x)
    y = np.empty((*x.shape[:2], OUT, OUT), x.dtype)
    for down in range(OUT):
        for right in range(OUT):
            y[:, :, down, right] = cells[:, :, 2 * down : 2 * down + 3, 2 * right : 2 * right + 3].max((2, 3))
    return y


def reference():
    node = onnx.helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    infos = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in "xy"]
    return ReferenceEvaluator(onnx.helper.make_model(onnx.helper.make_graph([node], "pooling", infos[:1], infos[1:])))
