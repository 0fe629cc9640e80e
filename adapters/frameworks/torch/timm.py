"""Poolings of timm: layers that pad as TensorFlow does before they pool, and the function that chooses among these and torch's.

As timm 1.0 defines them in `timm/layers/pool2d_same.py` and `padding.py`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from ....cases.model.call_text import BadSpelling
from ....cases.model.constants import NotConstant, evaluate_constant
from ....cases.model.layers import make_layers
from ....cases.model.pool import FIRST

MEANS = {"kernel_size": "kernel", "stride": "stride", "dilation": "dilation"}
LAYER, FUNCTION, CHOICE = "{kind}Pool2dSame", "{kind}_pool2d_same", "create_pool2d"
PADDED = "as timm defines it: torch pools the input after it is padded as TensorFlow's SAME does, "
WAY = "padded"
"""The plan whose steps these layers are: padding, then a pooling without padding."""

LAYERS = {
    **make_layers("torch", FIRST, MEANS, {
        "timm.layers.pool2d_same.MaxPool2dSame(kernel_size, stride, padding=0, dilation=1, ceil_mode=False)": ("max_pool", 2),
    }, fixed={"padding": "same"}, way=WAY, note=f"{PADDED}by -inf"),
    **make_layers("torch", FIRST, MEANS, {
        "timm.layers.pool2d_same.AvgPool2dSame(kernel_size, stride, padding=0, ceil_mode=False, count_include_pad=True)": ("avg_pool", 2),
    }, fixed={"padding": "same", "count_include_pad": True}, way=WAY, note=f"{PADDED}by zeros, which averages count"),
}  # fmt: skip
"""The layers, whose stride is required whatever their signature says; once the input is padded, the other arguments have no effect."""

NAME = re.compile(r"(?:timm\.(?:\w+\.)*)?((?:Max|Avg)Pool2dSame|(?:max|avg)_pool2d_same|create_pool2d)")
SIGNATURES = {
    "create_pool2d": ("pool_type", "kernel_size", "stride"),
    "max_pool2d_same": ("x", "kernel_size", "stride", "padding", "dilation", "ceil_mode"),
    "avg_pool2d_same": ("x", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad"),
    "MaxPool2dSame": ("kernel_size", "stride", "padding", "dilation", "ceil_mode"),
    "AvgPool2dSame": ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad"),
}
"""The arguments by their places."""
HINTS = {
    "AdaptiveAvgMaxPool2d": "0.5 * (F.adaptive_avg_pool2d(x, 1) + F.adaptive_max_pool2d(x, 1))",
    "AdaptiveCatAvgMaxPool2d": "torch.cat((F.adaptive_avg_pool2d(x, 1), F.adaptive_max_pool2d(x, 1)), 1)",
    "FastAdaptiveAvgPool2d": "x.mean((2, 3))",
    "GeM": "x.clamp(min=1e-6).pow(3).mean((2, 3)).pow(1 / 3)",
    "GeMPool": "x.clamp(min=1e-6).pow(3).mean((2, 3)).pow(1 / 3)",
}
"""Layers of several poolings or steps, which are no layers of torch, and what they are written out."""


def hint_of_parts(text: str) -> str:
    """That a layer consists of several parts that can be read, in a sentence; empty for other texts."""
    name = next((name for name in HINTS if re.search(rf"\b{name}\(", text)), "")
    return f"{name} is made of parts; write them out, as in {HINTS[name]}" if name else ""


def layer_of_timm(name: str, call: ast.Call) -> tuple[str, ast.Call]:
    """The layer that a layer or function of timm is, and its arguments; other calls are returned unchanged."""
    match = NAME.fullmatch(name)
    if match is None:
        return name, call
    arguments = {**dict(zip(SIGNATURES[match[1]], call.args, strict=False)), **{word.arg or "**": word.value for word in call.keywords}}
    arguments.pop("x", None)
    if match[1] == CHOICE:
        return choose_layer(call, arguments)
    return same_layer(match[1].partition("_")[0].partition("Pool")[0].title(), call, arguments)


def same_layer(kind: str, call: ast.Call, arguments: dict[str, ast.expr]) -> tuple[str, ast.Call]:
    """The layer that pads as TensorFlow does."""
    return f"timm.layers.pool2d_same.{LAYER.format(kind=kind)}", with_arguments(call, arguments)


def choose_layer(call: ast.Call, arguments: dict[str, ast.expr]) -> tuple[str, ast.Call]:
    """The layer that `create_pool2d` makes: torch's with padding in cells, or one that pads as TensorFlow does."""
    pool_type = arguments.pop("pool_type", ast.Constant(None))
    kind, padding = value_of(pool_type, None), value_of(arguments.pop("padding", None), "")
    if kind not in ("max", "avg"):
        raise BadSpelling(f"pool_type={ast.unparse(pool_type)} of create_pool2d", "'max' or 'avg'")
    title = kind.title()
    if not isinstance(padding, str):
        return f"torch.nn.{title}Pool2d", with_arguments(call, {**arguments, "padding": ast.Constant(padding)})
    if padding.lower() == "valid":
        return f"torch.nn.{title}Pool2d", with_arguments(call, arguments)
    kernel, dilation = value_of(arguments.get("kernel_size"), None), value_of(arguments.get("dilation"), 1)
    stride = value_of(arguments.get("stride"), kernel) or kernel
    axes = [pair(each) for each in (kernel, stride, dilation)]
    if None in axes:
        raise BadSpelling("the padding of create_pool2d follows from its kernel_size and stride, which are not in the text", "numbers")
    windows = list(zip(*[axis for axis in axes if axis], strict=True))
    if padding.lower() == "same" and not all(step == 1 and wide * (taps - 1) % 2 == 0 for taps, step, wide in windows):
        return same_layer(title, call, {**arguments, "stride": arguments.get("stride", arguments["kernel_size"])})
    sides = tuple((step - 1 + wide * (taps - 1)) // 2 for taps, step, wide in windows)
    return f"torch.nn.{title}Pool2d", with_arguments(
        call, {**arguments, "padding": ast.Tuple([ast.Constant(side) for side in sides], ast.Load())}
    )


def pair(value: Any) -> Sequence[int] | None:
    """The numbers of both axes; None if they are not known."""
    both = (value, value) if isinstance(value, int) else value
    return both if isinstance(both, tuple | list) and len(both) == 2 and all(type(each) is int for each in both) else None


def value_of(node: ast.expr | None, default: Any) -> Any:
    """The value of an argument, `default` if it is not written, and None if it is not in the text."""
    try:
        return default if node is None else evaluate_constant(node)
    except NotConstant:
        return None


def with_arguments(call: ast.Call, arguments: dict[str, ast.expr]) -> ast.Call:
    """A call with arguments by their names."""
    return ast.Call(call.func, [], [ast.keyword(name, value) for name, value in arguments.items()])
