"""Listing the pooling layers of a user's torch module, which runs its code: only in a worker, and only with --run-code."""

from __future__ import annotations

import importlib
import json
from typing import Any

KEYS = (
    "norm_type", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "count_include_pad", "divisor_override", "output_size",
)  # fmt: skip


def list_layers(place: str, x: Any) -> Any:
    """JSON, as bytes in a tensor: name, layer, arguments and input's shape of each pooling layer, in the order in which `x` meets them.

    `place` is 'package.module:name' of a module, or of what makes one; its code runs.
    """
    import torch

    module, _, name = place.partition(":")
    layer_class = getattr(importlib.import_module(module), name)
    model = layer_class if isinstance(layer_class, torch.nn.Module) else layer_class()
    descriptions: list[dict[str, Any]] = []
    names = {layer: name for name, layer in model.named_modules() if is_pooling(layer)}
    for pooling in names:
        pooling.register_forward_pre_hook(
            lambda layer, args, kwargs: descriptions.append(describe_layer(names[layer], layer, [*args, *kwargs.values()][0])),
            with_kwargs=True,
        )
    with torch.no_grad():
        model.eval()(x)
    return torch.tensor(list(json.dumps(descriptions).encode()), dtype=torch.uint8)


def is_pooling(layer: Any) -> bool:
    """Whether a layer is one of torch's poolings, or a subclass of one."""
    return any(map(is_own_pooling, type(layer).__mro__))


def is_own_pooling(kind: type) -> bool:
    """Whether a class is one of torch's own poolings."""
    return kind.__module__ == "torch.nn.modules.pooling"


def describe_layer(name: str, layer: Any, x: Any) -> dict[str, Any]:
    """Describe a layer: by the name of torch's class, unless a subclass overrides what it does."""
    arguments = {key: single_number(getattr(layer, key)) for key in KEYS if getattr(layer, key, None) is not None}
    if getattr(layer, "return_indices", False):
        arguments["return_indices"] = True
    kind = next(filter(is_own_pooling, type(layer).__mro__))
    same = type(layer).forward is kind.forward  # type: ignore[attr-defined]
    text = f"torch.nn.{(kind if same else type(layer)).__name__}"
    return {"name": name, "layer": text, "arguments": arguments, "shape": list(x.shape)}


def single_number(value: Any) -> Any:
    """An argument; a sequence of one number, which stands for all axes, becomes that number."""
    return value[0] if isinstance(value, (tuple, list)) and len(value) == 1 else value
