"""Which operators of `torch.ops.aten` are poolings, and the layer or function that does the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ....cases.model.reduction import find_pooled_axes
from ...contract.model_files import not_supported, text_of
from .unpooling import UNPOOLING, describe_unpooling

OPERATOR = re.compile(r"torch\.ops\.aten\.(_?adaptive_)?(max|avg)_pool([123])d(_with_indices)?\.default")
NAMES = {"max": "MaxPool", "avg": "AvgPool"}
ARGUMENTS = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "count_include_pad", "divisor_override", "output_size")
REDUCTIONS = {
    "torch.ops.aten.mean.dim": "torch.mean",
    "torch.ops.aten.amax.default": "torch.amax",
    "torch.ops.aten.sum.dim_IntList": "torch.sum",
}
"""The functions of operators that are a pooling if they reduce exactly the spatial axes."""


def describe_operator(target: str, arguments: Mapping[str, Any], sizes: Sequence[Any] | None) -> tuple[str, str] | None:
    """The text of a pooling, and why nothing can be said about it; None for an operator that is no pooling.

    `arguments` are literals by their names, None for others, and `sizes` is the shape of the array that the operator takes; the
    `output_size` of an un-pooling may hold multiples of these.
    """
    if target in REDUCTIONS:
        axes = arguments.get("dim")
        if not sizes or not isinstance(axes, Sequence) or not find_pooled_axes(axes, len(sizes)):
            return None
        return text_of(REDUCTIONS[target], {"dim": list(axes), "keepdim": bool(arguments.get("keepdim"))}, "x"), ""
    if match := OPERATOR.fullmatch(target):
        adaptive, kind, rank, _ = match.groups()
        values = {name: arguments[name] for name in ARGUMENTS if arguments.get(name) not in (None, [], ())}
        return text_of(f"torch.nn.{'Adaptive' if adaptive else ''}{NAMES[kind]}{rank}d", repeat_singles(values, int(rank))), ""
    if match := UNPOOLING.fullmatch(target):
        return describe_unpooling(int(match[1]), arguments, sizes)
    return (text_of(target, {}), not_supported(target)) if "pool" in target else None


def repeat_singles(arguments: Mapping[str, Any], rank: int) -> dict[str, Any]:
    """Arguments with a number for each axis where the program has one for all."""
    return {name: value * rank if isinstance(value, list) and len(value) == 1 else value for name, value in arguments.items()}
