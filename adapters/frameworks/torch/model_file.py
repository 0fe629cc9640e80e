"""The poolings of an exported torch program, from the JSON of its archive; the program is never loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ....cases.model.mistake import quote_path
from ...contract.model_files import BadModel, ModelContents, Pooling, Sizes, cut, limit_poolings, read_member, shape_of
from .operators import REDUCTIONS, describe_operator
from .unpooling import UNPOOLING, Size, multiple_of

FILES = ("model.json", "serialized_exported_program.json")
"""Names of the program in archives of different versions."""
TYPES = {1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32", 8: "float64", 12: "bool", 13: "bfloat16"}
"""The types of elements by their numbers in the program, which `torch._export.serde.schema.ScalarType` defines."""
MAX_DEPTH = 50
"""Graphs within graphs are followed up to this depth."""

Graph = Mapping[str, Any]


def read_poolings(path: Path) -> ModelContents:
    """The poolings in the order of the graph; raises `BadModel`."""
    program = read_member(path, FILES)
    try:
        return ModelContents(limit_poolings(path, read_graph(program["graph_module"]["graph"], MAX_DEPTH)))
    except BadModel:
        raise
    except (LookupError, TypeError, ValueError, AttributeError):
        raise BadModel(f"{quote_path(path)}: no graph of an exported program; expected what torch.export.save writes") from None


def read_graph(graph: Graph, depth: int) -> Iterator[Pooling]:
    """The poolings of a graph, and those of the graphs that its nodes hold: branches of a condition, bodies of a loop."""
    used_tensors: set[str] | None = None
    for node in graph["nodes"]:
        target = str(node["target"])
        if "pool" in target or target in REDUCTIONS:
            if used_tensors is None and "with_indices" in target:
                used_tensors = set(find_tensors([*(other["inputs"] for other in graph["nodes"]), graph.get("outputs", [])]))
            yield from parse_node(node, graph["tensor_values"], used_tensors or set())
        elif depth:
            for argument in node.get("inputs", ()):
                match argument["arg"]:
                    case {"as_graph": {"graph": inner}}:
                        yield from read_graph(inner, depth - 1)


def find_tensors(value: Any) -> Iterator[str]:
    """The names of all tensors in the arguments of nodes."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Mapping):
            name = current.get("as_tensor")
            if isinstance(name, Mapping) and isinstance(name.get("name"), str):
                yield name["name"]
            waiting.extend(current.values())
        elif isinstance(current, list):
            waiting.extend(current)


def parse_node(node: Graph, values: Graph, used_tensors: set[str]) -> Iterator[Pooling]:
    """The pooling that an operator is, or nothing; `used_tensors` are the tensors that other operators take."""
    inputs = {argument["name"]: argument["arg"] for argument in node["inputs"]}
    shape, hint, dtype = read_type(inputs, values)
    literals = {name: read_literal(value) for name, value in inputs.items()}
    if UNPOOLING.fullmatch(str(node["target"])) and literals.get("output_size") is None:
        literals["output_size"] = read_output_sizes(node, values)
    if text_and_problem := describe_operator(str(node["target"]), literals, shape):
        text, problem = text_and_problem
        indices = not used_tensors.isdisjoint(find_tensors(node["outputs"][1:]))
        yield Pooling(name_of(node), text, shape, dtype, indices, hint, problem, next(find_tensors(node["inputs"][:1]), ""))


def read_type(inputs: Graph, values: Graph) -> tuple[Sizes | None, tuple[int, ...] | None, str]:
    """The shape of the array that an operator takes, an example of its sizes if some are open, and the type of its elements."""
    array = inputs.get("self", inputs.get("input", {})).get("as_tensor", {}).get("name")
    if array not in values:
        return None, None, ""
    value = values[array]
    sizes = shape_of(size.get("as_int") for size in value["sizes"])
    examples = shape_of(size["as_int"] if "as_int" in size else example_of(size) for size in value["sizes"])
    hint = tuple(size for size in examples or () if size is not None)
    number = value.get("dtype")
    return (
        sizes,
        hint if sizes and None in sizes and len(hint) == len(sizes) else None,
        TYPES.get(number, f"type {number}") if number else "",
    )


def read_output_sizes(node: Graph, values: Graph) -> list[Size]:
    """The sizes of the output of an operator: numbers, or multiples of those of its first array; none if the program states none."""
    arrays = [next(find_tensors(list(arguments)), "") for arguments in (node["inputs"][:1], node["outputs"])]
    if not all(array in values for array in arrays):
        return []
    inputs, outputs = (values[array]["sizes"] for array in arrays)
    return [size["as_int"] if "as_int" in size else find_multiple(size, there) for size, there in zip(outputs, inputs, strict=True)]


def find_multiple(size: Graph, of: Graph) -> Size:
    """An open size of an output as a multiple of one of the input; None if it is none."""
    match size, of:
        case {"as_expr": {"expr_str": str(output)}}, {"as_expr": {"expr_str": str(there)}}:
            return multiple_of(output, there)
    return None


def example_of(size: Graph) -> Any:
    """The example of an open size with which a program was exported."""
    match size:
        case {"as_expr": {"hint": {"as_int": example}}}:
            return example
    return None


def name_of(node: Graph) -> str:
    """The path of the module that an operator comes from, or else the program's own name of the operator or its output."""
    metadata = node.get("metadata") or {}
    *_, last = str(metadata.get("nn_module_stack", "")).split(";")
    parts = last.split(",")
    return cut(parts[1]) if len(parts) > 2 and parts[1] else cut(str(node.get("name") or output_name(node["outputs"])))


def output_name(outputs: Iterable[Graph]) -> str:
    """The name that the program gives the first output of an operator."""
    return next(find_tensors(list(outputs)), "")


def read_literal(argument: Mapping[str, Any]) -> Any:
    """An argument's value; None for what is no literal."""
    [(kind, value)] = argument.items()
    return value if kind in ("as_int", "as_ints", "as_bool", "as_float") else None
