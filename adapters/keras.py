"""Keras: the layers of `keras.layers`, channels last, on each of its backends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cases.layers import aliased, layers
from ..cases.pool import LAST
from . import Adapter, Ask, Form, Gap, Step, Target

MEANS = {
    "pool_size": "kernel", "kernel_size": "kernel", "strides": "stride", "padding": "padding", "border_mode": "padding",
    "dilation_rate": "dilation", "output_size": "output_size", "keepdims": "keepdims", "data_format": "data_format",
}  # fmt: skip

WINDOW = {"kernel": "pool_size", "stride": "strides", "padding": "padding", "data_format": "data_format"}
GLOBAL = {"keepdims": "keepdims", "data_format": "data_format"}
ADAPTIVE = {"output_size": "output_size", "data_format": "data_format"}

SIZES = {1: 2, 2: (2, 2), 3: (2, 2, 2)}
WINDOWED_LAYERS = {"MaxPooling": "max_pool", "MaxPool": "max_pool", "AveragePooling": "avg_pool", "AvgPool": "avg_pool"}
GLOBAL_LAYERS = {f"Global{name}": f"global_{op}" for name, op in WINDOWED_LAYERS.items()}
ADAPTIVE_LAYERS = {"AdaptiveMaxPooling": "adaptive_max_pool", "AdaptiveAveragePooling": "adaptive_avg_pool"}

WINDOWED_ARGUMENTS = "strides=None, padding='valid', data_format=None, name=None, border_mode=None"
"""The last one is what Keras 1 called the padding."""
CONV_ARGUMENTS = (
    "activation=None, use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, "
    "bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, bias_constraint=None, input_shape=None"
)

SIGNATURES = {
    **{
        f"keras.layers.{module}{name}{rank}D(pool_size={size}, {WINDOWED_ARGUMENTS})": (op, rank)
        for module in ("", "pooling.") for name, op in WINDOWED_LAYERS.items() for rank, size in SIZES.items()
    },
    **{
        f"keras.layers.{module}{name}{rank}D(data_format=None, keepdims=False)": (op, rank)
        for module in ("", "pooling.") for name, op in GLOBAL_LAYERS.items() for rank in SIZES
    },
    **{f"keras.layers.{name}{rank}D(output_size, data_format=None)": (op, rank) for name, op in ADAPTIVE_LAYERS.items() for rank in SIZES},
    f"keras.layers.Conv1D(filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, groups=1, {CONV_ARGUMENTS})":
    ("conv", 1),
    "keras.layers.Conv2D(filters, kernel_size, strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1), groups=1, "
    f"{CONV_ARGUMENTS})": ("conv", 2),
    f"keras.layers.convolutional.Conv1D(filters, kernel_size, strides=1, padding='valid', dilation_rate=1, {CONV_ARGUMENTS})": ("conv", 1),
    "keras.layers.convolutional.Conv2D(filters, kernel_size, strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1), "
    f"{CONV_ARGUMENTS})": ("conv", 2),
    "keras.layers.Flatten(data_format=None)": ("flatten", 2),
    "keras.layers.Input(shape=None, batch_size=None, dtype=None, sparse=None, ragged=None, batch_shape=None, name=None, tensor=None)":
    ("input", 1),
    "keras.engine.input_layer.Input(shape=None, batch_shape=None, name=None, dtype=None, sparse=False, tensor=None)": ("input", 1),
}  # fmt: skip


def target(backend: str, distributions: str, prepare: tuple[Step, ...] = ()) -> Target:
    """Keras on one of its backends."""
    environment = {"KERAS_BACKEND": backend}
    return Target(f"keras-{backend}", ("keras", backend), ("keras", distributions), f"keras,{backend}", environment, prepare)


class Keras(Adapter):
    """Keras, a layer built and called."""

    targets = (
        target("tensorflow", "tensorflow|tensorflow-cpu"),
        target("jax", "jax", (Step("", "jax.config.update", ("jax_enable_x64", True)),)),
        target("torch", "torch"),
    )
    layout = LAST
    leave = "keras.ops.convert_to_numpy"
    forms = {
        "max_pool": Form("keras.layers.MaxPooling{rank}D", WINDOW, layer=True),
        "avg_pool": Form("keras.layers.AveragePooling{rank}D", WINDOW, layer=True, required=("kernel",)),
        "global_max_pool": Form("keras.layers.GlobalMaxPooling{rank}D", GLOBAL, layer=True),
        "global_avg_pool": Form("keras.layers.GlobalAveragePooling{rank}D", GLOBAL, layer=True),
        "adaptive_max_pool": Form("keras.layers.AdaptiveMaxPooling{rank}D", ADAPTIVE, layer=True, required=("output_size",)),
        "adaptive_avg_pool": Form("keras.layers.AdaptiveAveragePooling{rank}D", ADAPTIVE, layer=True, required=("output_size",)),
    }
    gaps = (
        Gap("lp_pool*", "op", "Keras has no LP pooling", "keras.layers.LPPooling{rank}D(2)(x)"),
        Gap("global_lp_pool*", "op", "Keras has no LP pooling", "keras.layers.GlobalLPPooling{rank}D()(x)"),
        Gap("max_pool*|avg_pool*|adaptive*", "batched=false", "Keras' layers need a batch axis",
            "assert {call}(2)(x[0]).shape in {(3,) * {rank} + (2,), (2,) * {rank} + (2,)}"),
        Gap("global*", "batched=false", "Keras' layers need a batch axis", "{call}()(x[0])"),
        Gap("avg_pool*", "kernel open", "Keras' averages have no default window", "{call}()(x)"),
        Gap("adaptive*", "output_size open", "Keras' adaptive pooling has no default size", "{call}()(x)"),
        Gap("max_pool*|avg_pool*", "padding=explicit", "Keras' pooling pads by 'valid' and 'same' only", "{call}(2, padding=((1, 1),) * {rank})(x)"),
        Gap("max_pool*|avg_pool*", "padding=same_lower", "Keras' pooling pads by 'valid' and 'same' only",
            "assert {call}(3, strides=1, padding='same_lower')(x).shape == x.shape"),
        Gap("max_pool*|avg_pool*", "dilation", "Keras' pooling has no dilation", "{call}(2, dilation_rate=2)(x)"),
        Gap("max_pool*|avg_pool*", "ceil_mode", "Keras' pooling has no ceil_mode", "{call}(2, ceil_mode=True)(x)"),
        Gap("avg_pool*", "count_include_pad", "Keras' averages have no count_include_pad", "{call}(2, count_include_pad=True)(x)"),
        Gap("avg_pool*", "divisor_override", "Keras' averages have no divisor_override", "{call}(2, divisor_override=3)(x)"),
    )  # fmt: skip
    layers = aliased(layers("keras", LAST, MEANS, SIGNATURES), "keras.", "tensorflow.keras.", "tf.keras.")

    def fixed(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """A layer casts numbers with a point to a type of its own, so it is given the case's; others it leaves alone."""
        return {"dtype": ask.dtype} if "float" in ask.dtype else {}

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """Padding by name."""
        if name != "padding":
            return value
        if not ask.pool.pads():
            return "valid"
        return "same" if value == "same" else self.refuse(ask, f"padding={value if isinstance(value, str) else 'explicit'}")

    def parameters(self, scope: Mapping[str, Any]) -> int | None:
        """The layer's own count."""
        return int(scope["layer"].count_params()) if "layer" in scope else None


ADAPTER = Keras()
