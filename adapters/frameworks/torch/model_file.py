"""Reading the pooling layers of an exported torch program from the JSON in its archive; the program is never loaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...contract.model_files import BadModel, Pooling, member, shape_of, text_of

OPERATOR = re.compile(r"torch\.ops\.aten\.(_?adaptive_)?(max|avg)_pool([123])d(_with_indices)?\.default")
NAMES = {"max": "MaxPool", "avg": "AvgPool"}
ARGUMENTS = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "count_include_pad", "divisor_override", "output_size")
FILES = ("model.json", "serialized_exported_program.json")
"""The names of the program in archives of different versions."""


def poolings(path: Path) -> list[Pooling]:
    """Read the pooling layers in the order of the graph; raises `BadModel`."""
    for name in FILES:
        try:
            told = member(path, name)
        except BadModel:
            if name == FILES[-1]:
                raise
        else:
            break
    try:
        graph = told["graph_module"]["graph"]
        nodes, values = graph["nodes"], graph["tensor_values"]
        return [pooling(node, values) for node in nodes if "pool" in str(node["target"])]
    except (LookupError, TypeError, ValueError, AttributeError):
        raise BadModel(f"{path}: no graph of an exported program; expected what torch.export.save writes") from None


def pooling(node: Mapping[str, Any], values: Mapping[str, Any]) -> Pooling:
    """An operator as the layer that does the same; an operator without one keeps its own name."""
    match = OPERATOR.fullmatch(str(node["target"]))
    if not match:
        return Pooling(place(node), text_of(str(node["target"]), {}), None)
    adaptive, kind, rank, indexed = match.groups()
    inputs = {each["name"]: each["arg"] for each in node["inputs"]}
    stated = {name: literal(inputs[name]) for name in ARGUMENTS if name in inputs}
    stated = {name: value for name, value in stated.items() if value not in (None, [])}
    array = inputs["self" if "self" in inputs else "input"]["as_tensor"]["name"]
    sizes = [size.get("as_int") for size in values[array]["sizes"]] if array in values else []
    name = f"torch.nn.{'Adaptive' if adaptive else ''}{NAMES[kind]}{rank}d"
    return Pooling(
        place(node),
        text_of(name, spread(stated, int(rank))),
        shape_of(sizes),
        indices=bool(indexed and len(node["outputs"]) > 1),
    )


def place(node: Mapping[str, Any]) -> str:
    """The name of an operator's result in the program."""
    return str(node["outputs"][0].get("as_tensor", {}).get("name", "")) if node["outputs"] else ""


def spread(stated: Mapping[str, Any], rank: int) -> dict[str, Any]:
    """Arguments with a number for each axis where the program has one for all."""
    return {name: value * rank if isinstance(value, list) and len(value) == 1 else value for name, value in stated.items()}


def literal(argument: Mapping[str, Any]) -> Any:
    """The value of an argument that is a literal, else None."""
    [(kind, value)] = argument.items()
    return value if kind in ("as_int", "as_ints", "as_bool", "as_float") else None
