"""Models of one operator in the `.tflite` format as steps: the objects of the schema that a runtime ships, from its options to the bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...contract import Ask, Form, Name, Ref, Step

OPTIONS = {
    "MAX_POOL_2D": "Pool2DOptions", "AVERAGE_POOL_2D": "Pool2DOptions",
    "REDUCE_MAX": "ReducerOptions", "MEAN": "ReducerOptions", "SUM": "ReducerOptions", "RESHAPE": "ReshapeOptions",
    "RESIZE_NEAREST_NEIGHBOR": "ResizeNearestNeighborOptions", "CONV_2D": "Conv2DOptions", "CONV_3D": "Conv3DOptions",
}  # fmt: skip
"""The table of each operator's options."""
OPTION_NAMES = {"filter": ("filterWidth", "filterHeight", "filterDepth"), "stride": ("strideW", "strideH", "strideD"),
                "dilation": ("dilationWFactor", "dilationHFactor", "dilationDFactor")}  # fmt: skip
"""The options that have one number for each spatial axis, from the last axis on."""
QUANTISED = ("int8", "uint8", "int16")
"""Types whose cells stand for numbers by a scale and a zero point, which here are 1 and 0."""
BIASES = {"int8": "int32", "uint8": "int32", "int16": "int64", "bfloat16": "float32"}
"""The types of a bias, where it has not that of the input."""
IDENTIFIER = "TFL3"
"""What the bytes of a model have at their beginning."""


def model_steps(schema: str, form: Form, arguments: Mapping[str, Any], ask: Ask) -> tuple[Step, ...]:
    """The steps that make a model of an operator with its arguments, as `data`, with the objects of the module `schema`.

    Its tensors are numbered: the input, the form's further arrays or the constant, and the result.
    """
    operator, constant = form.call, arguments.get("constant")
    dtype = BIASES.get(ask.dtype, ask.dtype) if "CONV" in operator else "int32"
    arrays = ("x", *form.arrays)
    inputs = (*arrays, *(["constant"] if constant is not None else []))
    shapes = {"x": ask.shape, "constant": (len(constant or ()),), "y": result_shape(operator, arguments, ask)}
    if "weights" in arrays:
        filters, channels, kernel = ask.weights
        shapes["weights"] = (filters, *kernel, channels) if operator == "CONV_2D" else (*kernel, channels, filters)
    return (
        Step("options", f"{schema}.{OPTIONS[operator]}T", (), option_values(schema, arguments)),
        Step("code", f"{schema}.OperatorCodeT", (), {"builtinCode": Name(f"{schema}.BuiltinOperator.{operator}")}),
        Step("node", f"{schema}.OperatorT", (), {
            "inputs": list(range(len(inputs))), "outputs": [len(inputs)],
            "builtinOptionsType": Name(f"{schema}.BuiltinOptions.{OPTIONS[operator]}"), "builtinOptions": Ref("options"),
        }),
        *constant_steps(schema, constant, dtype),
        *(step for name in (*inputs, "y") for step in tensor_steps(schema, name, shapes[name], dtype if name == "constant" else ask.dtype)),
        Step("graph", f"{schema}.SubGraphT", (), {
            "tensors": [Ref(f"{name}_tensor") for name in (*inputs, "y")], "inputs": list(range(len(arrays))),
            "outputs": [len(inputs)], "operators": [Ref("node")],
        }),
        Step("no_data", f"{schema}.BufferT"),
        Step("model", f"{schema}.ModelT", (), {
            "version": 3, "operatorCodes": [Ref("code")], "subgraphs": [Ref("graph")],
            "buffers": [Ref("no_data"), *([Ref("buffer")] if constant is not None else [])],
        }),
        Step("builder", "flatbuffers.Builder", (0,)),
        Step("root", "model.Pack", (Ref("builder"),)),
        Step("identifier", "codecs.encode", (IDENTIFIER,)),
        Step("", "builder.Finish", (Ref("root"), Ref("identifier"))),
        Step("data", "builder.Output"),
        Step("data", "builtins.bytes", (Ref("data"),)),
    )  # fmt: skip


def option_values(schema: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an operator's options; sequences have one for each spatial axis."""
    values: dict[str, Any] = {}
    for name, value in arguments.items():
        if name in OPTION_NAMES:
            values |= dict(zip(OPTION_NAMES[name], reversed(value), strict=False))
        elif name == "padding":
            values[name] = Name(f"{schema}.Padding.{value}")
        elif name == "newShape":
            values[name] = list(value)
        elif name != "constant":
            values[name] = value
    return values


def constant_steps(schema: str, constant: tuple[int, ...] | None, dtype: str) -> tuple[Step, ...]:
    """The steps that make the buffer of a constant input: positions of axes, a size, or a bias."""
    if constant is None:
        return ()
    return (
        Step("constant", "numpy.array", (constant, dtype)),
        Step("constant", "constant.view", ("uint8",)),
        Step("buffer", f"{schema}.BufferT", (), {"data": Ref("constant")}),
    )


def tensor_steps(schema: str, name: str, shape: tuple[int, ...], dtype: str) -> tuple[Step, ...]:
    """The steps that describe a tensor, with a scale of one if its type is quantised."""
    if name == "constant":
        return (Step("constant_tensor", f"{schema}.TensorT", (), {
            "name": name, "shape": list(shape), "type": Name(f"{schema}.TensorType.{dtype.upper()}"), "buffer": 1,
        }),)  # fmt: skip
    description = {"name": name, "shape": list(shape), "type": Name(f"{schema}.TensorType.{dtype.upper()}")}
    if dtype not in QUANTISED:
        return (Step(f"{name}_tensor", f"{schema}.TensorT", (), description),)
    return (
        Step("scale", f"{schema}.QuantizationParametersT", (), {"scale": [1.0], "zeroPoint": [0]}),
        Step(f"{name}_tensor", f"{schema}.TensorT", (), {**description, "quantization": Ref("scale")}),
    )


def result_shape(operator: str, arguments: Mapping[str, Any], ask: Ask) -> tuple[int, ...]:
    """The shape that the model states for its result, as converters write it; a size that would be negative is zero.

    LiteRT computes the shape again when it loads a model. tflite-micro takes it as it is.
    """
    if operator in ("REDUCE_MAX", "MEAN", "SUM"):
        return reduced_shape(arguments, ask)
    if operator == "RESHAPE":
        return tuple(arguments["newShape"])
    batch, *sizes, channels = ask.shape
    if operator == "RESIZE_NEAREST_NEIGHBOR":
        return (batch, *arguments["constant"], channels)
    kernel = ask.weights[2] if "CONV" in operator else arguments.get("filter", (0,) * len(sizes))
    dilation = arguments.get("dilation", (1,) * len(sizes))
    strides = arguments.get("stride", (0,) * len(sizes))
    spans = [(taps - 1) * step + 1 if arguments["padding"] == "VALID" else 1 for taps, step in zip(kernel, dilation, strict=True)]
    results = [max(0, (size - span) // stride + 1) if stride else 0 for size, span, stride in zip(sizes, spans, strides, strict=True)]
    return (batch, *results, ask.weights[0] if "CONV" in operator else channels)


def reduced_shape(arguments: Mapping[str, Any], ask: Ask) -> tuple[int, ...]:
    """The shape of a reduction over the spatial axes."""
    if arguments.get("keepDims"):
        return tuple(1 if axis in ask.spatial else size for axis, size in enumerate(ask.shape))
    return tuple(size for axis, size in enumerate(ask.shape) if axis not in ask.spatial)


def flat_shape(ask: Ask) -> tuple[int, ...]:
    """The shape of a flattened array."""
    first = int(ask.batched)
    return (*ask.shape[:first], math.prod(ask.shape[first:]))
