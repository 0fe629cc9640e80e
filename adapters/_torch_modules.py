"""The pooling layers of a torch module that somebody else wrote: done in a worker alone, and only where its user has consented."""

from __future__ import annotations

import importlib
import json
from typing import Any

KEYS = (
    "norm_type", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "count_include_pad", "divisor_override", "output_size",
)  # fmt: skip


def listed(place: str, x: Any) -> Any:
    """JSON, as bytes in a tensor: name, class, arguments and input's shape of each pooling layer, in the order in which `x` meets them.

    `place` is 'package.module:name' of a module, or of what makes one; its code runs.
    """
    import torch

    module, _, name = place.partition(":")
    made = getattr(importlib.import_module(module), name)
    model = made if isinstance(made, torch.nn.Module) else made()
    found: list[dict[str, Any]] = []
    names = {each: name for name, each in model.named_modules() if pools(each)}
    for each in names:
        each.register_forward_pre_hook(lambda layer, args: found.append(told(names[layer], layer, args[0])))
    with torch.no_grad():
        model.eval()(x)
    return torch.tensor(list(json.dumps(found).encode()), dtype=torch.uint8)


def pools(layer: Any) -> bool:
    """Whether a layer is one of torch's own poolings."""
    return type(layer).__module__ == "torch.nn.modules.pooling"


def told(name: str, layer: Any, x: Any) -> dict[str, Any]:
    """A layer as it is built."""
    arguments = {key: getattr(layer, key) for key in KEYS if getattr(layer, key, None) is not None}
    if getattr(layer, "return_indices", False):
        arguments["return_indices"] = True
    return {"name": name, "class": type(layer).__name__, "arguments": arguments, "shape": list(x.shape)}
