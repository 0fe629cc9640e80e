"""The layers of Keras: their signatures in current and earlier versions, and what the arguments mean."""

from __future__ import annotations

import ast
from dataclasses import replace

from ....cases.model.layers import make_layers, with_aliases
from ....cases.model.pool import FIRST, LAST

MEANS = {
    "pool_size": "kernel", "kernel_size": "kernel", "size": "kernel", "strides": "stride", "padding": "padding", "border_mode": "padding",
    "dilation_rate": "dilation", "output_size": "output_size", "keepdims": "keepdims", "data_format": "data_format",
}  # fmt: skip

SIZES = {1: 2, 2: (2, 2), 3: (2, 2, 2)}
ONES = {1: 1, 2: (1, 1), 3: (1, 1, 1)}
WINDOWED = {"MaxPooling": "max_pool", "MaxPool": "max_pool", "AveragePooling": "avg_pool", "AvgPool": "avg_pool"}
GLOBAL = {f"Global{name}": f"global_{op}" for name, op in WINDOWED.items()}
ADAPTIVE = {"AdaptiveMaxPooling": "adaptive_max_pool", "AdaptiveAveragePooling": "adaptive_avg_pool"}

WINDOWED_ARGUMENTS = "strides=None, padding='valid', data_format=None, name=None, border_mode=None"
"""`border_mode` is the name of the padding in Keras 1."""
CONVOLUTION = (
    "activation=None, use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, "
    "bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, bias_constraint=None, input_shape=None"
)


def convolution(rank: int, data_format: str = ", data_format=None", groups: str = ", groups=1") -> str:
    """The signature of a convolution; earlier versions had no groups, and no data_format in one dimension."""
    ones = ONES[rank]
    return f"filters, kernel_size, strides={ones}, padding='valid'{data_format}, dilation_rate={ones}{groups}, {CONVOLUTION}"


TABLE = {
    **{
        f"keras.layers.{module}{name}{rank}D(pool_size={size}, {WINDOWED_ARGUMENTS})": (op, rank)
        for module in ("", "pooling.") for name, op in WINDOWED.items() for rank, size in SIZES.items()
    },
    **{
        f"keras.layers.{module}{name}{rank}D(data_format=None, keepdims=False)": (op, rank)
        for module in ("", "pooling.") for name, op in GLOBAL.items() for rank in SIZES
    },
    **{f"keras.layers.{name}{rank}D(output_size, data_format=None)": (op, rank) for name, op in ADAPTIVE.items() for rank in SIZES},
    "keras.layers.UpSampling1D(size=2)": ("upsample_nearest", 1),
    "keras.layers.UpSampling3D(size=(2, 2, 2), data_format=None)": ("upsample_nearest", 3),
    **{f"keras.layers.Conv{rank}D({convolution(rank)})": ("conv", rank) for rank in SIZES},
    f"keras.layers.convolutional.Conv1D({convolution(1, data_format='', groups='')})": ("conv", 1),
    f"keras.layers.convolutional.Conv2D({convolution(2, groups='')})": ("conv", 2),
    "keras.layers.Flatten(data_format=None)": ("flatten", 2),
    "keras.layers.Input(shape=None, batch_size=None, dtype=None, sparse=None, ragged=None, batch_shape=None, name=None, tensor=None)":
    ("input", 1),
    "keras.engine.input_layer.Input(shape=None, batch_shape=None, name=None, dtype=None, sparse=False, tensor=None)": ("input", 1),
}  # fmt: skip

REQUIRED_SINCE = {"avg_pool": {"pool_size": "3"}}
"""Arguments that had a default in earlier versions, by operation."""
ENLARGED = make_layers("keras", LAST, {**MEANS, "interpolation": "op"}, {
    "keras.layers.UpSampling2D(size=(2, 2), data_format=None, interpolation='nearest')": ("upsample_nearest", 2),
}, words={"op": {"nearest": "upsample_nearest"}})  # fmt: skip
OWN = {
    name: replace(layer, required_since=REQUIRED_SINCE.get(layer.op, {}))
    for name, layer in {**make_layers("keras", LAST, MEANS, TABLE), **ENLARGED}.items()
}  # fmt: skip
LAYERS = with_aliases(OWN, "keras.", "tensorflow.keras.", "tf.keras.")

OPERATION = "pool_size, strides=None, padding='valid', data_format=None"
BACKEND = "pool_size, strides={ones}, padding='valid', data_format=None, pool_mode='max'"
REDUCED = {"axis": "axes", "keepdims": "keepdims"}
MODES = {"op": {"max": "max_pool", "avg": "avg_pool"}}
SUM = {"divisor_override": 1}

FUNCTIONS = with_aliases({
    **make_layers("keras", LAST, MEANS, {
        f"keras.ops.max_pool({OPERATION})": ("max_pool", 0),
        f"keras.ops.average_pool({OPERATION})": ("avg_pool", 0),
        "keras.ops.adaptive_max_pool(output_size, data_format=None)": ("adaptive_max_pool", 0),
        "keras.ops.adaptive_average_pool(output_size, data_format=None)": ("adaptive_avg_pool", 0),
    }),
    **make_layers("keras", LAST, {**MEANS, "pool_mode": "op"}, {
        f"keras.backend.pool{rank}d({BACKEND.format(ones=ONES[rank])})": ("max_pool", rank) for rank in (2, 3)
    }, words=MODES),
    **make_layers("keras", LAST, REDUCED, {
        "keras.ops.mean(axis=None, keepdims=False)": ("global_avg_pool", 0),
        "keras.ops.max(axis=None, keepdims=False, initial=None)": ("global_max_pool", 0),
        "keras.ops.amax(axis=None, keepdims=False)": ("global_max_pool", 0),
        "keras.backend.mean(axis=None, keepdims=False)": ("global_avg_pool", 0),
        "keras.backend.max(axis=None, keepdims=False)": ("global_max_pool", 0),
    }),
    **make_layers("keras", LAST, REDUCED, {
        "keras.ops.sum(axis=None, keepdims=False)": ("global_avg_pool", 0),
        "keras.backend.sum(axis=None, keepdims=False)": ("global_avg_pool", 0),
    }, fixed=SUM),
}, "keras.", "tensorflow.keras.", "tf.keras.")  # fmt: skip
"""Functions that pool: those of `keras.ops`, and those of `keras.backend` in Keras 2."""
FUNCTIONS = with_aliases(with_aliases(FUNCTIONS, "keras.backend.", "K.", "backend."), "keras.ops.", "ops.")

OLD_NAMES = {"dim_ordering": "data_format"}
OLD_FORMATS = {"th": FIRST, "tf": LAST}
"""Arguments of Keras 1, and what they are called since."""

IDLE = ("name", "trainable", "input_shape", "batch_input_shape")
"""Arguments of every layer that do not affect its answer."""


def without_idle_arguments(call: ast.Call, dtype: str) -> ast.Call:
    """A call without idle arguments, and without a `dtype` that is the input's type anyway."""
    words = [with_present_name(word) for word in call.keywords if word.arg not in IDLE and not is_dtype(word, dtype)]
    return ast.Call(call.func, call.args, words)


def with_present_name(word: ast.keyword) -> ast.keyword:
    """An argument as it is called since Keras 2."""
    name = OLD_NAMES.get(word.arg or "")
    if not name or not isinstance(word.value, ast.Constant):
        return word
    return ast.keyword(name, ast.Constant(OLD_FORMATS.get(str(word.value.value), word.value.value)))


def is_dtype(word: ast.keyword, dtype: str) -> bool:
    """Whether a keyword argument is `dtype` with some value."""
    return word.arg == "dtype" and isinstance(word.value, ast.Constant) and word.value.value == dtype
