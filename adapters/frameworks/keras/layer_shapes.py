"""The shapes between the layers of a Sequential model, whose file states only that of the input: by the arithmetic of common layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SAME_SHAPE = frozenset(
    [
        "Activation",
        "AlphaDropout",
        "BatchNormalization",
        "Dropout",
        "ELU",
        "GaussianDropout",
        "GaussianNoise",
        "GroupNormalization",
        "Identity",
        "LayerNormalization",
        "LeakyReLU",
        "Normalization",
        "PReLU",
        "ReLU",
        "Rescaling",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
        "SyncBatchNormalization",
        "ThresholdedReLU",
        "UnitNormalization",
    ]
)
"""Layers whose output has the shape of their input."""
CHANNELS = {"Conv": "filters", "SeparableConv": "filters", "DepthwiseConv": None, "MaxPooling": None, "AveragePooling": None}
"""Layers with windows, by their names without the rank, and the argument that holds the number of output channels."""

Sizes = Sequence[Any]


def output_sizes(kind: str, config: Mapping[str, Any], sizes: Sizes | None) -> list[Any] | None:
    """The shape of a layer's output for an input of some shape, None for open sizes; None if it is not known."""
    if kind == "InputLayer":
        batch_shape = config.get("batch_shape", config.get("batch_input_shape"))
        return list(sizes) if sizes else batch_shape if isinstance(batch_shape, list) else None
    if sizes is None or kind in SAME_SHAPE:
        return None if sizes is None else list(sizes)
    name, rank = kind[:-2], kind[-2:-1]
    if kind[-1:] != "D" or name not in CHANNELS or not rank.isdecimal() or len(sizes) != int(rank) + 2:
        return None
    first = 2 if config.get("data_format") == "channels_first" else 1
    windows = [find_window(config, axis) for axis in range(int(rank))]
    outputs = list(sizes)
    for axis, window in enumerate(windows, first):
        outputs[axis] = output_size(sizes[axis], *window, same=config.get("padding") == "same")
    channels = -1 if first == 1 else 1
    if argument := CHANNELS[name]:
        outputs[channels] = config.get(argument)
    elif name == "DepthwiseConv":
        counts = outputs[channels], config.get("depth_multiplier", 1)
        outputs[channels] = counts[0] * counts[1] if all(isinstance(count, int) for count in counts) else None
    return outputs


def find_window(config: Mapping[str, Any], axis: int) -> tuple[Any, Any]:
    """The cells that a layer's window spans along an axis, and its stride."""
    taps = number_of_axis(config.get("kernel_size", config.get("pool_size")), axis)
    stride = number_of_axis(config.get("strides"), axis) or taps
    dilation = number_of_axis(config.get("dilation_rate"), axis) or 1
    return (taps - 1) * dilation + 1 if taps else None, stride


def number_of_axis(value: Any, axis: int) -> int | None:
    """The number of an argument for an axis, which may be one for all; None if it is no positive integer."""
    number = value[axis] if isinstance(value, list) and axis < len(value) else value
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else None


def output_size(size: Any, span: int | None, stride: int | None, *, same: bool) -> int | None:
    """The number of windows along an axis; None if it is not known."""
    if not isinstance(size, int) or span is None or stride is None:
        return None
    return -(-size // stride) if same else (size - span) // stride + 1
