"""Un-poolings among the operators of `torch.ops.aten`, which state the size of their output and no window."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ....cases.model.constants import NotConstant, evaluate_constant
from ...contract.model_files import cut, text_of

UNPOOLING = re.compile(r"torch\.ops\.aten\.max_unpool([23])d\.default")
"""The operators; torch writes an un-pooling of one axis as one of two."""
PROBES = 10, 11, 13
"""Sizes at which a formula is evaluated: two determine a linear one, and the third shows whether it is one."""
MAX_FORMULA = 2000
"""Characters of a formula that is read."""


@dataclass(frozen=True)
class Multiple:
    """A size of an output: the size of the input along the same axis, times `factor`, plus `summand`."""

    factor: int
    summand: int


Size = int | Multiple | None
"""A size of an output, None for one that is computed in another way."""


def describe_unpooling(rank: int, arguments: Mapping[str, Any], sizes: Sequence[Any] | None) -> tuple[str, str]:
    """The text of an un-pooling, and why nothing can be said about it; `sizes` is the shape of its input.

    Its window follows from the sizes of its input and output: the smallest that the stride leaves room for.
    """
    name = f"torch.ops.aten.max_unpool{rank}d"
    outputs, inputs = list(arguments.get("output_size") or ())[-rank:], list(sizes or ())[-rank:]
    strides, pads = (list(arguments.get(key) or ()) or [None] * rank for key in ("stride", "padding"))
    if not len(outputs) == len(inputs) == len(strides) == len(pads) == rank or None in outputs:
        return text_of(name, {}), f"not supported by scan: the size of the output of {name} is computed"
    windows = [window_of(*axis) for axis in zip(inputs, outputs, strides, pads, strict=True)]
    fitting = [window for window in windows if window]
    if len(fitting) < rank:
        return text_of(
            name, {}
        ), f"not supported by scan: no window of {name} gives a size of {cut(str(outputs))} for one of {cut(str(inputs))}"
    kernel, stride = [window[0] for window in fitting], [window[1] for window in fitting]
    window = {"kernel_size": kernel, "stride": stride, **({"padding": pads} if any(pads) else {})}
    if all(isinstance(size, int) for size in outputs):
        return text_of(f"torch.nn.functional.max_unpool{rank}d", {**window, "output_size": outputs}, "x", "indices"), ""
    return text_of(f"torch.nn.MaxUnpool{rank}d", window), ""


def window_of(n: int | None, size: int | Multiple, stride: int | None, pad: int | None) -> tuple[int, int] | None:
    """The window and the stride with which an axis of `n` cells gets a size; None if there are none."""
    if isinstance(size, Multiple):
        stride = stride or size.factor
        kernel = size.summand + stride + 2 * (pad or 0)
        return (kernel, stride) if stride == size.factor and kernel > 0 else None
    if n is None:
        return None
    stride = stride or max(1, size // n)
    kernel = size - (n - 1) * stride + 2 * (pad or 0)
    return (kernel, stride) if kernel > 0 else None


def multiple_of(output: str, size: str) -> Multiple | None:
    """The size in one formula of an exported program as a multiple of that in another; None if it is none."""
    if max(len(output), len(size)) > MAX_FORMULA:
        return None
    values = [evaluate_formula(output.replace(size, str(n))) for n in PROBES]
    if any(value is None for value in values):
        return None
    first, second, third = (value or 0 for value in values)
    factor, summand = second - first, first - (second - first) * PROBES[0]
    return Multiple(factor, summand) if factor > 0 and factor * PROBES[2] + summand == third else None


def evaluate_formula(text: str) -> int | None:
    """The value of a formula of numbers, as programs write it: `Add(Mul(Integer(2), 10), Integer(1))`; None for others."""
    try:
        value = evaluate_constant(Arithmetic().visit(ast.parse(text, mode="eval").body))
    except (SyntaxError, ValueError, NotConstant, RecursionError, MemoryError):
        return None
    return value if type(value) is int else None


class Arithmetic(ast.NodeTransformer):
    """Puts sums and products in place of calls that mean them."""

    OPERATORS: Mapping[str, type[ast.operator]] = {"Add": ast.Add, "Mul": ast.Mult}

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """The call as an expression; unchanged if it is another one."""
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "Integer" and len(node.args) == 1:
            return node.args[0]
        if name not in self.OPERATORS or not node.args:
            return node
        first, *others = node.args
        for other in others:
            first = ast.BinOp(first, self.OPERATORS[name](), other)
        return first
