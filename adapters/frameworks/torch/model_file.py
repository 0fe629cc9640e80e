"""The pooling layers of an exported torch program, from the JSON of its archive; the program is never loaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ....cases.model.mistake import quote_path
from ...contract.model_files import BadModel, Pooling, collect_poolings, cut, read_member, shape_of, text_of

OPERATOR = re.compile(r"torch\.ops\.aten\.(_?adaptive_)?(max|avg)_pool([123])d(_with_indices)?\.default")
NAMES = {"max": "MaxPool", "avg": "AvgPool"}
ARGUMENTS = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "count_include_pad", "divisor_override", "output_size")
FILES = ("model.json", "serialized_exported_program.json")
"""Names of the program in archives of different versions."""


def read_poolings(path: Path) -> list[Pooling]:
    """The pooling operators in the order of the graph; raises `BadModel`."""
    program = read_member(path, FILES)
    try:
        graph = program["graph_module"]["graph"]
        nodes, values = graph["nodes"], graph["tensor_values"]
        return collect_poolings(path, (parse_node(node, values) for node in nodes if "pool" in str(node["target"])))
    except BadModel:
        raise
    except (LookupError, TypeError, ValueError, AttributeError):
        raise BadModel(f"{quote_path(path)}: no graph of an exported program; expected what torch.export.save writes") from None


def parse_node(node: Mapping[str, Any], values: Mapping[str, Any]) -> Pooling:
    """One operator as the layer of that name; an operator without a layer under its own name."""
    match = OPERATOR.fullmatch(str(node["target"]))
    if not match:
        return Pooling(output_name(node), text_of(str(node["target"]), {}), None)
    adaptive, kind, rank, indexed = match.groups()
    inputs = {argument["name"]: argument["arg"] for argument in node["inputs"]}
    arguments = {name: read_literal(inputs[name]) for name in ARGUMENTS if name in inputs}
    arguments = {name: value for name, value in arguments.items() if value not in (None, [])}
    array = inputs["self" if "self" in inputs else "input"]["as_tensor"]["name"]
    sizes = [size.get("as_int") for size in values[array]["sizes"]] if array in values else []
    name = f"torch.nn.{'Adaptive' if adaptive else ''}{NAMES[kind]}{rank}d"
    return Pooling(
        output_name(node),
        text_of(name, repeat_singles(arguments, int(rank))),
        shape_of(sizes),
        indices=bool(indexed and len(node["outputs"]) > 1),
    )


def output_name(node: Mapping[str, Any]) -> str:
    """The name that the program gives an operator's output."""
    return cut(str(node["outputs"][0].get("as_tensor", {}).get("name", ""))) if node["outputs"] else ""


def repeat_singles(arguments: Mapping[str, Any], rank: int) -> dict[str, Any]:
    """Arguments with a number for each axis where the program has one for all."""
    return {name: value * rank if isinstance(value, list) and len(value) == 1 else value for name, value in arguments.items()}


def read_literal(argument: Mapping[str, Any]) -> Any:
    """An argument's value; None for what is no literal."""
    [(kind, value)] = argument.items()
    return value if kind in ("as_int", "as_ints", "as_bool", "as_float") else None
