"""Listing the pooling layers of a user's torch module, which runs its code: only in a worker, and only with --run-code."""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

from ...contract.model_files import not_supported, text_of
from .operators import describe_operator

KEYS = (
    "norm_type", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "count_include_pad", "divisor_override", "output_size",
)  # fmt: skip
UNPOOLING_LAYER = re.compile(r"MaxUnpool([123])d")


def list_layers(place: str, x: Any) -> Any:
    """JSON, as bytes in a tensor, of each pooling in the order in which `x` meets them: layers, and functions outside of these.

    Each has its name in the model, its text, the shape and type of its input, and why nothing can be said about it.
    `place` is 'package.module:name' of a module, or of what makes one; its code runs.
    """
    import torch

    module, _, name = place.partition(":")
    named_object = getattr(importlib.import_module(module), name)
    model = named_object if isinstance(named_object, torch.nn.Module) else named_object()
    descriptions: list[dict[str, Any]] = []
    names = {part: name for name, part in model.named_modules()}
    stack: list[Any] = []

    def enter(part: Any, args: Any, kwargs: Any) -> None:
        if is_pooling(part) and not any(map(is_pooling, stack)):
            sizes = kwargs.get("output_size", args[2] if len(args) > 2 else None)
            descriptions.append(describe_layer(names[part], part, [*args, *kwargs.values()][0], sizes))
        stack.append(part)

    def leave(part: Any, args: Any, output: Any) -> None:
        stack.pop()

    for part in names:
        part.register_forward_pre_hook(enter, with_kwargs=True)
        part.register_forward_hook(leave)
    with torch.no_grad(), record_operators(descriptions, stack, names):
        model.eval()(x)
    return torch.tensor(list(json.dumps(descriptions).encode()), dtype=torch.uint8)


def record_operators(descriptions: list[dict[str, Any]], stack: list[Any], names: dict[Any, str]) -> Any:
    """A mode that adds the poolings among the operators that run outside of the pooling layers in `stack`."""
    mode: Any = importlib.import_module("torch.utils._python_dispatch").TorchDispatchMode

    class Recorder(mode):  # type: ignore[misc]
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if not any(map(is_pooling, stack)):
                names_of_arguments = (argument.name for argument in func._schema.arguments)  # noqa: SLF001 torch has no public way
                arguments = dict(zip(names_of_arguments, args, strict=False)) | (kwargs or {})
                x = next(iter(arguments.values()), None)
                text_and_problem = describe_operator(f"torch.ops.{func}", arguments, getattr(x, "shape", None))
                if text_and_problem:
                    descriptions.append(entry(names[stack[-1]] if stack else "", *text_and_problem, x))
            return func(*args, **(kwargs or {}))

    return Recorder()


def is_pooling(layer: Any) -> bool:
    """Whether a layer is one of torch's poolings, or a subclass of one."""
    return any(map(is_own_pooling, type(layer).__mro__))


def is_own_pooling(kind: type) -> bool:
    """Whether a class is one of torch's own poolings."""
    return kind.__module__ == "torch.nn.modules.pooling"


def describe_layer(name: str, layer: Any, x: Any, sizes: Any = None) -> dict[str, Any]:
    """Describe a layer: by the name of torch's class, unless a subclass overrides what it does.

    `sizes` are those of its output, if it is called with them, as an un-pooling may be.
    """
    arguments = {key: single_number(getattr(layer, key)) for key in KEYS if getattr(layer, key, None) is not None}
    if getattr(layer, "return_indices", False):
        arguments["return_indices"] = True
    kind = next(filter(is_own_pooling, type(layer).__mro__))
    same = type(layer).forward is kind.forward  # type: ignore[attr-defined]
    text = text_of(f"torch.nn.{kind.__name__}" if same else type(layer).__qualname__, arguments)
    if same and sizes is not None and (match := UNPOOLING_LAYER.fullmatch(kind.__name__)):
        output_size = list(sizes)[-int(match[1]) :]
        text = text_of(f"torch.nn.functional.max_unpool{match[1]}d", {**arguments, "output_size": output_size}, "x", "indices")
    return entry(name, text, "" if same else not_supported(text.partition("(")[0]), x) | {"indices": "return_indices" in arguments}


def entry(name: str, text: str, problem: str, x: Any) -> dict[str, Any]:
    """What is said of a pooling of the array `x`."""
    return {"name": name, "text": text, "problem": problem, "shape": list(x.shape), "dtype": str(x.dtype).removeprefix("torch.")}


def single_number(value: Any) -> Any:
    """An argument; a sequence of one number, which stands for all axes, becomes that number."""
    return value[0] if isinstance(value, (tuple, list)) and len(value) == 1 else value
