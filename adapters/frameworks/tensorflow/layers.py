"""The pooling functions of `tf.nn`: their signatures, and what the arguments mean."""

from __future__ import annotations

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
