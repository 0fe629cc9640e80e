"""The layers of PyTorch: their signatures, what the arguments mean, and the other ways in which people write them."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ....cases.model.layers import make_layers, with_aliases
from ....cases.model.pool import FIRST

MEANS = {
    "kernel_size": "kernel", "stride": "stride", "padding": "padding", "dilation": "dilation",
    "ceil_mode": "ceil_mode", "count_include_pad": "count_include_pad",
    "divisor_override": "divisor_override", "norm_type": "p", "output_size": "output_size",
}  # fmt: skip

AVERAGE = "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True"
MAXIMUM = "kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False"
FRACTIONAL = "kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None"
CONVOLUTION = "in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode='zeros'"

SIGNATURES = {
    "torch.nn.MaxPool{rank}d": (MAXIMUM, "max_pool", (1, 2, 3)),
    "torch.nn.AvgPool1d": (AVERAGE, "avg_pool", (1,)),
    "torch.nn.AvgPool{rank}d": (f"{AVERAGE}, divisor_override=None", "avg_pool", (2, 3)),
    "torch.nn.LPPool{rank}d": ("norm_type, kernel_size, stride=None, ceil_mode=False", "lp_pool", (1, 2, 3)),
    "torch.nn.AdaptiveMaxPool{rank}d": ("output_size, return_indices=False", "adaptive_max_pool", (1, 2, 3)),
    "torch.nn.AdaptiveAvgPool{rank}d": ("output_size", "adaptive_avg_pool", (1, 2, 3)),
    "torch.nn.MaxUnpool{rank}d": ("kernel_size, stride=None, padding=0", "max_unpool", (1, 2, 3)),
    "torch.nn.FractionalMaxPool{rank}d": (FRACTIONAL, "fractional_max_pool", (2, 3)),
    "torch.nn.Conv{rank}d": (CONVOLUTION, "conv", (1, 2, 3)),
    "torch.nn.Flatten": ("start_dim=1, end_dim=-1", "flatten", (2,)),
}

TABLE = {f"{name.format(rank=rank)}({arguments})": (op, rank) for name, (arguments, op, ranks) in SIGNATURES.items() for rank in ranks}
LAYERS = with_aliases(make_layers("torch", FIRST, MEANS, TABLE), "torch.nn.", "nn.")

FUNCTIONAL = ("torch.nn.functional.", "nn.functional.", "F.")
"""Prefixes of functions, which take an array and then the arguments of layers."""
MAXIMUM_ORDER = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
"""The order of the arguments of `max_pool` functions, which differs from that of the layers."""
PRINTED = r"^\s*\(\w+\): "
"""What stands before each layer where a module is printed."""


def layer_of_function(name: str, call: ast.Call) -> tuple[str, ast.Call]:
    """The layer that does the same as a function, and its arguments; other calls are returned unchanged."""
    function = next((name.removeprefix(prefix) for prefix in FUNCTIONAL if name.startswith(prefix)), "")
    if not function:
        return name, call
    layer = "".join(part[:1].upper() + part[1:] for part in function.split("_")).replace("Lp", "LP")
    order = MAXIMUM_ORDER if function.startswith("max_pool") else ()
    placed = [ast.keyword(key, value) for key, value in zip(order, call.args, strict=False)]
    return f"torch.nn.{layer}", ast.Call(call.func, call.args[len(placed) :], [*placed, *call.keywords])


def with_kept_sizes(call: ast.Call, shape: Sequence[int]) -> ast.Call:
    """A call whose output sizes contain the input's sizes in place of None."""
    keywords = [ast.keyword(word.arg, with_sizes(word.value, shape)) for word in call.keywords]
    return ast.Call(call.func, [with_sizes(argument, shape) for argument in call.args], keywords)


def with_sizes(value: ast.expr, shape: Sequence[int]) -> ast.expr:
    """An output size with the input's sizes, channels first, in place of None."""
    if not isinstance(value, (ast.Tuple, ast.List)) or len(value.elts) >= len(shape):
        return value
    sizes = shape[len(shape) - len(value.elts) :]
    is_none = [isinstance(element, ast.Constant) and element.value is None for element in value.elts]
    return ast.Tuple(
        [ast.Constant(size) if keep else element for keep, element, size in zip(is_none, value.elts, sizes, strict=True)], ast.Load()
    )
