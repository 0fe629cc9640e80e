"""The functions of tinygrad that pool: their signatures, and what the arguments mean."""

from __future__ import annotations

import ast

from ....cases.model.layers import make_layers, with_aliases
from ....cases.model.pool import FIRST

MEANS = {
    "kernel_size": "kernel", "stride": "stride", "padding": "padding", "dilation": "dilation", "ceil_mode": "ceil_mode",
    "count_include_pad": "count_include_pad", "output_size": "output_size",
}  # fmt: skip
WINDOW = "kernel_size=(2, 2), stride=None, dilation=1, padding=0"
REDUCED = {"axis": "axes", "keepdim": "keepdims"}

FUNCTIONS = with_aliases({
    **make_layers("tinygrad", FIRST, MEANS, {
        f"tinygrad.Tensor.max_pool2d({WINDOW}, ceil_mode=False, return_indices=False)": ("max_pool", 0),
        f"tinygrad.Tensor.avg_pool2d({WINDOW}, ceil_mode=False, count_include_pad=True)": ("avg_pool", 0),
        f"tinygrad.Tensor.max_unpool2d({WINDOW}, output_size=None)": ("max_unpool", 0),
    }),
    **make_layers("tinygrad", FIRST, REDUCED, {
        "tinygrad.Tensor.mean(axis=None, keepdim=False)": ("global_avg_pool", 0),
        "tinygrad.Tensor.max(axis=None, keepdim=False)": ("global_max_pool", 0),
    }),
    **make_layers("tinygrad", FIRST, REDUCED, {
        "tinygrad.Tensor.sum(axis=None, keepdim=False, dtype=None)": ("global_avg_pool", 0),
    }, fixed={"divisor_override": 1}),
}, "tinygrad.", "")  # fmt: skip

METHODS = {name: f"tinygrad.Tensor.{name}" for name in ("max_pool2d", "avg_pool2d")}
"""Methods of tensors that no other framework has, and the functions that do the same."""

KERNEL, PADDING = "kernel_size", "padding"


def with_window_of_planes(name: str, call: ast.Call) -> ast.Call:
    """The call of a pooling in which one number for the window is one of a plane, and padding of each side is a pair for each axis."""
    layer = FUNCTIONS.get(name)
    if layer is None or KERNEL not in layer.signature:
        return call
    arguments = dict(zip(layer.signature, call.args, strict=False))
    arguments |= {word.arg: word.value for word in call.keywords if word.arg}
    if len(arguments) < len(call.args) + len(call.keywords):
        return call  # an argument that is stated twice, or too many: for the reader to refuse
    kernel = arguments.get(KERNEL)
    if isinstance(kernel, ast.Constant):
        arguments[KERNEL] = kernel = ast.Tuple([kernel, kernel], ast.Load())
    axes = len(kernel.elts) if isinstance(kernel, ast.Tuple | ast.List) else 2
    if PADDING in arguments:
        arguments[PADDING] = pair_sides(arguments[PADDING], axes)
    return ast.Call(call.func, [], [ast.keyword(argument, value) for argument, value in arguments.items()])


def pair_sides(node: ast.expr, axes: int) -> ast.expr:
    """A list with two numbers for each of so many axes, the last axis first, as a pair for each; other expressions unchanged."""
    if not isinstance(node, ast.List | ast.Tuple) or len(node.elts) != 2 * axes:
        return node
    pairs = list(zip(node.elts[::2], node.elts[1::2], strict=True))
    return ast.Tuple([ast.Tuple([low, high], ast.Load()) for low, high in reversed(pairs)], ast.Load())
