"""The pooling functions of `tf.nn`: their signatures, and what the arguments mean."""

from __future__ import annotations

import ast

from ....cases.model.layers import Layer, make_layers, with_aliases
from ....cases.model.pool import FIRST, LAST

FORMATS = {FIRST: {1: "NCW", 2: "NCHW", 3: "NCDHW"}, LAST: {1: "NWC", 2: "NHWC", 3: "NDHWC"}}
"""The letters of each data format, by the number of spatial axes."""
MEANS = {"ksize": "kernel", "strides": "stride", "padding": "padding", "data_format": "data_format"}


def layers_of_rank(rank: int) -> dict[str, Layer]:
    """The functions for a number of spatial axes; their arguments may also be given for every axis."""
    default = FORMATS[LAST][rank]
    table = {
        f"tensorflow.nn.{op}{rank}d(ksize, strides, padding, data_format={default!r}, name=None)": (op, rank)
        for op in ("max_pool", "avg_pool")
    }
    words = {"data_format": {letters[rank]: place for place, letters in FORMATS.items()}}
    return make_layers("tensorflow", LAST, MEANS, table, everywhere=True, words=words)


LAYERS = with_aliases({name: layer for rank in (1, 2, 3) for name, layer in layers_of_rank(rank).items()}, "tensorflow.nn.", "tf.nn.")

LETTERS = {letters: place for place, ranks in FORMATS.items() for letters in ranks.values()}
PLACES = {FIRST: FIRST, LAST: LAST}
WORDS = {"data_format": {**LETTERS, **PLACES}}
POOLED = {
    **MEANS, "window_shape": "kernel", "pooling_type": "op", "dilations": "dilation", "dilation_rate": "dilation", "kernel_size": "kernel",
    "pool_size": "kernel", "stride": "stride",
}  # fmt: skip
REDUCED = {"axis": "axes", "reduction_indices": "axes", "keepdims": "keepdims", "keep_dims": "keepdims"}
REDUCING = "axis=None, keepdims=False, name=None"
KINDS = {"max": "max_pool", "avg": "avg_pool"}
ARGMAX = "ksize, strides, padding, data_format='NHWC', output_dtype=None, include_batch_in_index=False, name=None"
SLIM = {"op": KINDS}

FUNCTIONS = {
    **make_layers("tensorflow", LAST, POOLED, {
        "tensorflow.nn.pool(window_shape, pooling_type, strides=None, padding='VALID', data_format=None, dilations=None, name=None)":
            ("max_pool", 0),
    }, stride_default="one", words={**WORDS, "op": KINDS}),
    **make_layers("tensorflow", LAST, POOLED, {
        f"tensorflow.nn.max_pool_with_argmax({ARGMAX})": ("max_pool", 2),
        **{f"tensorflow.nn.{kind}_pool(ksize, strides, padding, data_format=None, name=None)": (op, 0) for kind, op in KINDS.items()},
        **{f"tensorflow.compat.v1.nn.{kind}_pool(ksize, strides, padding, data_format='NHWC', name=None)": (op, 2) for kind, op in KINDS.items()},
    }, everywhere=True, words=WORDS),
    **make_layers("tensorflow", LAST, POOLED, {
        f"tensorflow.compat.v1.layers.{name}_pooling{rank}d(pool_size, strides, padding='valid', data_format='channels_last', name=None)":
            (op, rank)
        for name, op in (("max", "max_pool"), ("average", "avg_pool")) for rank in (1, 2, 3)
    }, words=WORDS),
    **make_layers("tensorflow", LAST, POOLED, {
        f"tensorflow.contrib.layers.{kind}_pool2d(kernel_size, stride=2, padding='VALID', data_format='NHWC', outputs_collections=None, scope=None)":
            (op, 2)
        for kind, op in KINDS.items()
    }, words=WORDS),
    **make_layers("tensorflow", LAST, REDUCED, {
        f"tensorflow.reduce_mean({REDUCING})": ("global_avg_pool", 0),
        f"tensorflow.reduce_max({REDUCING})": ("global_max_pool", 0),
        f"tensorflow.compat.v1.reduce_mean({REDUCING}, reduction_indices=None, keep_dims=None)": ("global_avg_pool", 0),
        f"tensorflow.compat.v1.reduce_max({REDUCING}, reduction_indices=None, keep_dims=None)": ("global_max_pool", 0),
    }),
    **make_layers("tensorflow", LAST, REDUCED, {
        f"tensorflow.reduce_sum({REDUCING})": ("global_avg_pool", 0),
    }, fixed={"divisor_override": 1}),
}  # fmt: skip
FUNCTIONS = with_aliases(FUNCTIONS, "tensorflow.reduce_", "tensorflow.math.reduce_", "tf.reduce_", "tf.math.reduce_")
FUNCTIONS = with_aliases(FUNCTIONS, "tensorflow.compat.v1.", "tf.compat.v1.")
FUNCTIONS = with_aliases(FUNCTIONS, "tensorflow.compat.v1.layers.", "tf.layers.", "tensorflow.layers.")
FUNCTIONS = with_aliases(FUNCTIONS, "tensorflow.contrib.layers.", "tf.contrib.layers.", "tf.contrib.slim.", "slim.", "tf_slim.")
FUNCTIONS = with_aliases(FUNCTIONS, "tensorflow.nn.", "tf.nn.")
"""Other functions that pool, those of earlier versions included."""

OLD_NAMES = {"keep_dims": "keepdims", "reduction_indices": "axis"}
"""Arguments of reductions in TensorFlow 1, and what they are called since."""


def with_present_names(call: ast.Call) -> ast.Call:
    """A call with the present names of its arguments."""
    return ast.Call(call.func, call.args, [ast.keyword(OLD_NAMES.get(word.arg or "", word.arg), word.value) for word in call.keywords])
