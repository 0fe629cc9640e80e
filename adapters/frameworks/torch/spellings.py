"""How people write PyTorch's layers: as functions of `torch.nn.functional`, with None for a size to keep, and as modules are printed."""

from __future__ import annotations

import ast
from collections.abc import Sequence

FUNCTIONAL = ("torch.nn.functional.", "nn.functional.", "F.")
"""What the module of functions is called; they take the arguments of layers after an array."""
MAXIMUM = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
"""The order in which functions of maxima take their arguments, which is not that of the layers."""
PRINTED = r"^\s*\(\w+\): "
"""What a printed module has before each of its layers."""


def layer_of_function(name: str, call: ast.Call) -> tuple[str, ast.Call]:
    """The layer that does what a function does, and its arguments; any other call as it is."""
    function = next((name.removeprefix(prefix) for prefix in FUNCTIONAL if name.startswith(prefix)), "")
    if not function:
        return name, call
    layer = "".join(part[:1].upper() + part[1:] for part in function.split("_")).replace("Lp", "LP")
    order = MAXIMUM if function.startswith("max_pool") else ()
    placed = [ast.keyword(key, value) for key, value in zip(order, call.args, strict=False)]
    return f"torch.nn.{layer}", ast.Call(call.func, call.args[len(placed) :], [*placed, *call.keywords])


def with_kept_sizes(call: ast.Call, shape: Sequence[int]) -> ast.Call:
    """A call whose output sizes have the input's own sizes where they say None."""
    keywords = [ast.keyword(word.arg, with_sizes(word.value, shape)) for word in call.keywords]
    return ast.Call(call.func, [with_sizes(argument, shape) for argument in call.args], keywords)


def with_sizes(value: ast.expr, shape: Sequence[int]) -> ast.expr:
    """An output size with the input's own sizes, channels first, where it says None."""
    if not isinstance(value, (ast.Tuple, ast.List)) or len(value.elts) >= len(shape):
        return value
    sizes = shape[len(shape) - len(value.elts) :]
    keeps = [isinstance(element, ast.Constant) and element.value is None for element in value.elts]
    return ast.Tuple(
        [ast.Constant(size) if keep else element for keep, element, size in zip(keeps, value.elts, sizes, strict=True)], ast.Load()
    )
