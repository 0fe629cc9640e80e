"""The pooling functions of Flax: their signatures, and what the arguments mean."""

from __future__ import annotations

from ....cases.model.layers import Layer, make_layers, with_aliases
from ....cases.model.pool import LAST

MEANS = {"window_shape": "kernel", "strides": "stride", "padding": "padding", "count_include_pad": "count_include_pad"}
SIGNATURE = "window_shape, strides=None, padding='VALID'"


def layers_of_module(module: str, framework: str) -> dict[str, Layer]:
    """The pooling functions of a module of Flax, by their dotted names."""
    return make_layers(framework, LAST, MEANS, {
        f"{module}.max_pool({SIGNATURE})": ("max_pool", 0),
        f"{module}.avg_pool({SIGNATURE}, count_include_pad=True)": ("avg_pool", 0),
    }, stride_default="one")  # fmt: skip


LAYERS = with_aliases(layers_of_module("flax.linen", "flax"), "flax.linen.", "linen.", "nn.")
