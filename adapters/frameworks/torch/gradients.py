"""torch's own operations for the gradients of poolings, which autograd calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...contract.call import Ref, Step, Steps

GRADIENT_OPERATIONS = {
    f"{op}{rank}": f"torch.ops.aten.{name.format(rank=rank)}_backward"
    for op, name in {"max_pool": "max_pool{rank}d_with_indices", "avg_pool": "avg_pool{rank}d"}.items()
    for rank in (2, 3)
}
"""The operations by operation and rank; a line is pooled as a plane."""


def backward_steps(operation: str, arguments: Mapping[str, Any]) -> Steps:
    """The steps that call an operation with the arguments of a layer; a maximum is located first."""
    kernel = arguments["kernel_size"]
    window = kernel, arguments.get("stride", kernel), arguments.get("padding", 0)
    ceil_mode = arguments.get("ceil_mode", False)
    if "avg" in operation:
        count_arguments = ceil_mode, arguments.get("count_include_pad", True), arguments.get("divisor_override")
        return (Step("gradient", operation, (Ref("cotangent"), Ref("x"), *window, *count_arguments)),)
    whole = (*window, arguments.get("dilation", 1), ceil_mode)
    locate_step = Step(("y", "indices"), operation.removesuffix("_backward"), (Ref("x"), *whole))
    return locate_step, Step("gradient", operation, (Ref("cotangent"), Ref("x"), *whole, Ref("indices")))
