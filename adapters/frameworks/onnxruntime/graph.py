"""The nodes of an ONNX model that may be poolings, from bytes that nobody has checked: nodes, attributes, constants and types.

A graph is read as a stream, first its nodes and then what they refer to, so that memory does not grow with the weights.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ...contract.model_files import cut
from .protobuf import (
    MAX_NUMBERS,
    BadMessage,
    Budget,
    decode_string,
    read_fields,
    read_messages,
    to_signed,
    unpack_integers,
    unpack_little_endian,
)  # fmt: skip

GRAPH, FUNCTION = 7, 25
"""Fields of a model."""
NODE, INITIALIZER, VALUES = 1, 5, (11, 12, 13)
"""Fields of a graph."""
FUNCTION_NAME, FUNCTION_NODE = 1, 7
"""Fields of a function."""
INPUT, OUTPUT, NAME, OPERATOR, ATTRIBUTE, DOMAIN, METADATA = 1, 2, 3, 4, 5, 7, 9
"""Fields of a node."""
TENSOR, INNER_GRAPHS = 5, (6, 11)
"""Fields of an attribute that hold a tensor or graphs."""
MAX_DEPTH = 50
"""Graphs within graphs are followed up to this depth."""
REDUCTIONS = ("ReduceMean", "ReduceMax", "ReduceSum")
"""Operators that are a pooling if they reduce exactly the spatial axes."""
SCOPES = "pkg.torch.onnx.name_scopes"
"""The metadata in which torch's exporter writes the names of the modules that a node comes from."""
STANDARD_DOMAINS = ("", "ai.onnx")
UNPOOLING = "MaxUnpool"
"""The operator that may take the shape of its output as an input."""
CONSTANT_INPUTS = dict.fromkeys(REDUCTIONS, 1) | {UNPOOLING: 2}
"""The places of the inputs that parameters come from: the axes of a reduction, the shape of an un-pooling's output."""
MAX_AXES = 8
"""Axes of a reduction that is read."""


@dataclass(frozen=True)
class TensorType:
    """The number of an element type, and the sizes of a tensor, None for open ones."""

    number: int
    sizes: tuple[Any, ...]


@dataclass(frozen=True)
class Node:
    """A node that may be a pooling: its name, operator and attributes, its first input and output, the type of the input, and reduced axes.

    `constant_input` is the name of the input that parameters come from, and `constant` its integers, if they are in the file.
    """

    name: str
    operator: str
    domain: str
    input: str
    output: str
    attributes: dict[str, Any]
    indices: bool = False
    type: TensorType | None = None
    axes: tuple[int, ...] | None = None
    constant_input: str = ""
    constant: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Values:
    """What a model says of the values that some nodes refer to, by their names in a scope: types, and the integers of constants."""

    types: dict[str, TensorType] = field(default_factory=dict)
    constants: dict[str, tuple[int, ...]] = field(default_factory=dict)


def read_graphs(model: memoryview, budget: Budget, most: int) -> Iterator[Node]:
    """At most so many nodes of a model that may be poolings, in the order of its graph, those of its functions at the end."""
    parts = [(number, part) for number, part in read_fields(model, budget) if number in (GRAPH, FUNCTION) and not isinstance(part, int)]
    functions = {read_string(part, FUNCTION_NAME, budget) for number, part in parts if number == FUNCTION}
    for number, part in parts:
        nodes: list[Node] = []
        graphs = [part] if number == GRAPH else []
        values = Values()
        for node, inner in walk_nodes(part, NODE if number == GRAPH else FUNCTION_NODE, MAX_DEPTH, budget, values):
            if inner is not None:
                graphs.append(inner)
            elif node is not None and node.operator not in functions and len(nodes) < most:
                nodes.append(node)
        if nodes:
            read_values(graphs, nodes, values, budget)
        yield from (complete_node(node, values) for node in nodes)


def walk_nodes(
    graph: memoryview, number: int, depth: int, budget: Budget, values: Values
) -> Iterator[tuple[Node | None, memoryview | None]]:
    """The nodes of a graph that may be poolings, and the graphs within its nodes, each followed by its own nodes."""
    for data in read_messages(graph, (number,), budget):
        node, attributes = read_node(data, budget)
        if may_pool(node):
            yield replace(node, attributes=dict(read_attribute(value, budget) for value in attributes)), None
        elif node.operator == "Constant":
            read_constant(node, attributes, values, budget)
        else:
            for inner in [inner for value in attributes for inner in read_messages(value, INNER_GRAPHS, budget)] if depth else ():
                yield None, inner
                yield from walk_nodes(inner, NODE, depth - 1, budget, values)


def may_pool(node: Node) -> bool:
    """Whether a node is a pooling by its operator's name, even one that no layer spells, or may be one by its axes."""
    return "pool" in node.operator.lower() or (node.operator in REDUCTIONS and not node.domain)


def read_node(data: memoryview, budget: Budget) -> tuple[Node, list[memoryview]]:
    """A node without its attributes, and these as bytes."""
    texts: dict[int, list[str]] = {INPUT: [], OUTPUT: [], NAME: [], OPERATOR: [], DOMAIN: []}
    attributes: list[memoryview] = []
    scopes = ""
    for number, value in read_fields(data, budget):
        if isinstance(value, int):
            continue
        if number in texts and len(texts[number]) < MAX_NUMBERS:
            texts[number].append(decode_string(value))
        elif number == ATTRIBUTE:
            attributes.append(value)
        elif number == METADATA and read_string(value, 1, budget) == SCOPES:
            scopes = read_string(value, 2, budget)
    outputs = texts[OUTPUT]
    name = name_of_scopes(scopes) or "".join(texts[NAME][-1:]) or "".join(outputs[:1])
    domain, operator = "".join(texts[DOMAIN][-1:]), cut("".join(texts[OPERATOR][-1:]))
    place = CONSTANT_INPUTS.get(operator, 1)
    node = Node(
        name, operator, "" if domain in STANDARD_DOMAINS else domain, "".join(texts[INPUT][:1]),
        "".join(outputs[:1]), {}, any(outputs[1:]), constant_input="".join(texts[INPUT][place : place + 1]),
    )  # fmt: skip
    return node, attributes


def name_of_scopes(text: str) -> str:
    """The path of the module in a list of scopes, of which the last is the node's own; empty if there is none."""
    try:
        scopes = ast.literal_eval(text) if text else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ""
    match scopes:
        case [*_, str(module), str(_)]:
            return module
    return ""


def read_values(graphs: list[memoryview], nodes: list[Node], values: Values, budget: Budget) -> None:
    """Read the types of the nodes' inputs, and the constants that hold parameters, from the graphs that have them."""
    inputs, constants = {node.input for node in nodes}, {node.constant_input for node in nodes if node.operator in CONSTANT_INPUTS}
    for graph in graphs:
        for number, value in read_fields(graph, budget):
            if isinstance(value, int):
                continue
            if number in VALUES:
                name, kind = read_type(value, budget)
                if name in inputs and kind:
                    values.types[name] = kind
            elif number == INITIALIZER and constants and (name := read_string(value, 8, budget)) in constants:
                values.constants[name] = read_integers(value, budget)


def complete_node(node: Node, values: Values) -> Node:
    """A node with the type of its input and its constant, and a reduction with its axes, which are an attribute or a constant input."""
    kind = values.types.get(node.input)
    if node.operator not in REDUCTIONS:
        return replace(node, type=kind, constant=values.constants.get(node.constant_input))
    attributes = {name: value for name, value in node.attributes.items() if name != "axes"}
    axes_attribute = node.attributes.get("axes")
    axes = tuple(axes_attribute) if isinstance(axes_attribute, list) else values.constants.get(node.constant_input)
    return replace(node, type=kind, attributes=attributes, axes=axes)


def read_constant(node: Node, attributes: list[memoryview], values: Values, budget: Budget) -> None:
    """Keep the integers of a Constant node, in case that another takes a parameter from it."""
    for attribute in attributes:
        for number, value in read_fields(attribute, budget):
            if number == TENSOR and not isinstance(value, int):
                values.constants[node.output] = read_integers(value, budget)


def read_string(data: memoryview, field_number: int, budget: Budget) -> str:
    """The text of the first field of this number; empty if there is none."""
    return next((decode_string(value) for number, value in read_fields(data, budget) if number == field_number), "")


def read_integers(tensor: memoryview, budget: Budget) -> tuple[int, ...]:
    """The integers of a small tensor of int64; empty for every other."""
    integers: list[int] = []
    for number, value in read_fields(tensor, budget):
        if number == 2 and value != 7:
            return ()
        if number == 7:
            integers += take_numbers(unpack_integers(value))
        elif number == 9 and not isinstance(value, int) and len(value) <= 8 * MAX_AXES:
            integers += unpack_little_endian(value)
    return tuple(integers[: MAX_AXES + 1])


def take_numbers(numbers: Iterator[int]) -> list[int]:
    """The first numbers, one more than there may be axes."""
    return [number for number, _ in zip(numbers, range(MAX_AXES + 1), strict=False)]


def read_attribute(data: memoryview, budget: Budget) -> tuple[str, Any]:
    """A node's attribute: its name, and an integer, a text, or several integers."""
    name = ""
    single: int | str | None = None
    several: list[int] = []
    for number, value in read_fields(data, budget):
        match number, value:
            case 1, _:
                name = decode_string(value)
            case 3, int():
                single = to_signed(value)
            case 4, _:
                single = decode_string(value)
            case 8, _:
                for integer in unpack_integers(value):
                    several.append(integer)
                    if len(several) > MAX_NUMBERS:
                        raise BadMessage(f"an attribute {cut(name)!r} of a pooling node with more than {MAX_NUMBERS:,} numbers")
    return name, several or single


def read_type(data: memoryview, budget: Budget) -> tuple[str, TensorType | None]:
    """A value's name and its type, None if that has no sizes."""
    name, number, sizes = "", 0, list[int | None]()
    for field_number, value in read_fields(data, budget):
        if field_number == 1:
            name = decode_string(value)
        elif field_number == 2 and not isinstance(value, int):
            for kind in read_messages(value, (1,), budget):
                for key, part in read_fields(kind, budget):
                    if key == 1 and isinstance(part, int):
                        number = part
                    elif key == 2 and not isinstance(part, int):
                        sizes += read_sizes(part, budget)
    return name, TensorType(number, tuple(sizes)) if sizes else None


def read_sizes(shape: memoryview, budget: Budget) -> list[int | None]:
    """The sizes of a tensor's shape, None for those that are names."""
    sizes: list[int | None] = []
    for dimension in read_messages(shape, (1,), budget):
        sizes.append(next((to_signed(size) for key, size in read_fields(dimension, budget) if key == 1 and isinstance(size, int)), None))
        if len(sizes) > MAX_NUMBERS:
            raise BadMessage(f"a shape with more than {MAX_NUMBERS:,} sizes")
    return sizes
