"""The pooling functions of Flax: their signatures, and what the arguments mean."""

from __future__ import annotations

import ast

from ....cases.model.layers import Layer, make_layers, with_aliases
from ....cases.model.pool import LAST
from ..jax.layers import check_start, read_computation

MEANS = {"window_shape": "kernel", "strides": "stride", "padding": "padding", "count_include_pad": "count_include_pad"}
SIGNATURE = "window_shape, strides=None, padding='VALID'"


def layers_of_module(module: str, framework: str) -> dict[str, Layer]:
    """The pooling functions of a module of Flax, by their dotted names."""
    return make_layers(framework, LAST, MEANS, {
        f"{module}.max_pool({SIGNATURE})": ("max_pool", 0),
        f"{module}.avg_pool({SIGNATURE}, count_include_pad=True)": ("avg_pool", 0),
    }, stride_default="one")  # fmt: skip


LAYERS = with_aliases(layers_of_module("flax.linen", "flax"), "flax.linen.", "linen.", "nn.")

WINDOWS = "flax.linen.pool"
ARGUMENTS = ("inputs", "init", "reduce_fn", "window_shape", "strides", "padding")
"""The arguments of `flax.linen.pool`, in their order."""
FUNCTIONS = with_aliases(make_layers("flax", LAST, {**MEANS, "reduce_fn": "op", "divisor": "divisor_override"}, {
    f"{WINDOWS}(reduce_fn, {SIGNATURE}, divisor=None)": ("max_pool", 0),
}, stride_default="one", words={"op": {"max": "max_pool", "add": "avg_pool"}}), "flax.linen.", "linen.", "nn.")  # fmt: skip


def with_named_reduction(call: ast.Call) -> ast.Call:
    """A call of `flax.linen.pool` whose function is named by a text, and whose start is checked to have no effect."""
    arguments = dict(zip(ARGUMENTS, call.args, strict=False)) | {word.arg: word.value for word in call.keywords if word.arg}
    kind = read_computation(WINDOWS, arguments.pop("reduce_fn", None))
    check_start(WINDOWS, kind, arguments.pop("init", None))
    divisor = [ast.keyword("divisor", ast.Constant(1))] if kind == "add" else []
    rest = [ast.keyword(name, value) for name, value in arguments.items() if name != "inputs"]
    return ast.Call(call.func, [], [ast.keyword("reduce_fn", ast.Constant(kind)), *rest, *divisor])
