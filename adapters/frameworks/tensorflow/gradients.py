"""TensorFlow's own operations for the gradients of poolings, which a tape calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...contract.call import Name, Ref, Step, Steps

GRADIENT_OPERATIONS = {
    "max_pool2": "tensorflow.raw_ops.MaxPoolGrad",
    "max_pool3": "tensorflow.raw_ops.MaxPool3DGrad",
    "avg_pool2": "tensorflow.raw_ops.AvgPoolGrad",
    "avg_pool3": "tensorflow.raw_ops.AvgPool3DGrad",
}
"""The operations by operation and rank; a line is pooled as a plane."""


def backward_steps(operation: str, forward: Step) -> Steps:
    """The steps that call an operation with the arguments of a pooling; that of a maximum is given the output too."""
    arguments = forward.kwargs
    data_format = arguments.get("data_format", "NDHWC" if "3D" in operation else "NHWC")
    window = {
        "ksize": of_every_axis(arguments["ksize"], data_format),
        "strides": of_every_axis(arguments["strides"], data_format),
        **padding_attributes(arguments["padding"]),
        "data_format": data_format,
    }
    if "Avg" in operation:
        return (Step("gradient", operation, (), {"orig_input_shape": Name("x.shape"), "grad": Ref("cotangent"), **window}),)
    inputs = {"orig_input": Ref("x"), "orig_output": Ref("y"), "grad": Ref("cotangent")}
    return forward, Step("gradient", operation, (), {**inputs, **window})


def of_every_axis(sizes: Sequence[int], data_format: str) -> list[int]:
    """Sizes for every axis of an array: those of the spatial axes, and one for batch and channels."""
    return [1, 1, *sizes] if data_format.startswith("NC") else [1, *sizes, 1]


def padding_attributes(padding: Any) -> dict[str, Any]:
    """The attributes for a padding, which is a name or pairs of cells for every axis."""
    if isinstance(padding, str):
        return {"padding": padding}
    return {"padding": "EXPLICIT", "explicit_paddings": [side for pair in padding for side in pair]}
