"""The pooling nodes of an ONNX file, read as bytes; weights are passed over, and no runtime sees the file.

Messages are read as a stream, in several passes where one needs what comes later, so that memory does not grow with the file.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from ....cases.model.files import open_file
from ....cases.model.mistake import UserError, quote_path
from ...contract.model_files import MAX_POOLINGS, BadModel, Pooling, collect_poolings, cut, shape_of, text_of
from .protobuf import MAX_NUMBERS, BadMessage, Budget, decode_string, read_fields, read_messages, to_signed, unpack_integers

GRAPH, NODE, VALUES, INPUT, OUTPUT, OPERATOR, ATTRIBUTE = 7, 1, (11, 12, 13), 1, 2, 4, 5
"""Numbers of the fields of a model, a graph and a node that matter here."""
FUNCTION, FUNCTION_NODE, GRAPHS = 25, 7, (6, 11)
"""Numbers of the fields that hold further nodes: a model's functions, and the graphs in a node's attributes."""
MAX_DEPTH = 50
"""Graphs within graphs are followed up to this depth."""

Shapes = dict[str, tuple[int, ...] | None]


def read_poolings(path: Path) -> list[Pooling]:
    """The pooling nodes in the order of the graph; raises `BadModel`."""
    reason = ""
    try:
        with open_file(path) as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            data = memoryview(bytes(mapped)) if len(mapped) < 1 << 20 else memoryview(mapped)
            try:
                return collect_poolings(path, read_model(data, Budget()))
            except BadModel as error:
                reason = str(error)  # the errors themselves refer to parts of the file, which could then not be closed
            except BadMessage as error:
                reason = f"{quote_path(path)}: {error}; expected an ONNX model"
            finally:
                del data
    except UserError:
        raise
    except ValueError as error:
        reason = f"{quote_path(path)}: {error}; expected an ONNX model"
    raise BadModel(reason)


def read_model(data: memoryview, budget: Budget) -> Iterator[Pooling]:
    """The pooling nodes of a model, those of its functions at the end."""
    for number, part in read_fields(data, budget):
        if number == GRAPH and not isinstance(part, int):
            yield from read_nodes(part, NODE, MAX_DEPTH, budget)
        elif number == FUNCTION and not isinstance(part, int):
            yield from read_nodes(part, FUNCTION_NODE, MAX_DEPTH, budget)


def read_nodes(graph: memoryview, number: int, depth: int, budget: Budget) -> Iterator[Pooling]:
    """The pooling nodes of a graph or a function, and of the graphs within their nodes."""
    shapes: Shapes = {}
    if number == NODE:
        pooling_nodes = (node for node in read_messages(graph, (number,), budget) if is_pooling(node, budget))
        inputs = {first_input(node, budget) for node in islice(pooling_nodes, MAX_POOLINGS + 1)}
        shapes = read_shapes(graph, inputs, budget) if inputs else {}
    for node in read_messages(graph, (number,), budget):
        if is_pooling(node, budget):
            yield parse_node(node, shapes, budget)
        for inner in read_graphs(node, budget) if depth else ():
            yield from read_nodes(inner, NODE, depth - 1, budget)


def is_pooling(node: memoryview, budget: Budget) -> bool:
    """Whether the name of a node's operator is that of a pooling, even of one that cannot be ported."""
    return "pool" in operator_of(node, budget).lower()


def operator_of(node: memoryview, budget: Budget) -> str:
    """The name of a node's operator."""
    return cut(next((decode_string(value) for number, value in read_fields(node, budget) if number == OPERATOR), ""))


def first_input(node: memoryview, budget: Budget) -> str:
    """The name of a node's first input."""
    return next((decode_string(value) for number, value in read_fields(node, budget) if number == INPUT), "")


def read_shapes(graph: memoryview, names: set[str], budget: Budget) -> Shapes:
    """The shapes of those values of a graph that have one of some names."""
    shapes: Shapes = {}
    for value in read_messages(graph, VALUES, budget):
        name, shape = read_shape(value, budget)
        if name in names:
            shapes[name] = shape
    return shapes


def read_graphs(node: memoryview, budget: Budget) -> Iterator[memoryview]:
    """The graphs that a node holds: the branches of a condition, the body of a loop."""
    for attribute in read_messages(node, (ATTRIBUTE,), budget):
        yield from read_messages(attribute, GRAPHS, budget)


def parse_node(node: memoryview, shapes: Shapes, budget: Budget) -> Pooling:
    """A pooling node."""
    places = (decode_string(value) for number, value in read_fields(node, budget) if number == OUTPUT)
    place, more = next(places, ""), any(places)
    attributes = dict(read_attribute(value, budget) for value in read_messages(node, (ATTRIBUTE,), budget))
    text = text_of(f"onnx.{operator_of(node, budget)}", attributes)
    return Pooling(cut(place), text, shapes.get(first_input(node, budget)), indices=more)


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


def read_shape(data: memoryview, budget: Budget) -> tuple[str, tuple[int, ...] | None]:
    """A value's name and its shape, None if that is not complete."""
    name, sizes = "", list[int | None]()
    for number, value in read_fields(data, budget):
        if number == 1:
            name = decode_string(value)
        elif number == 2 and not isinstance(value, int):
            for kind in read_messages(value, tuple(range(1, 10)), budget):
                for size in read_sizes(kind, budget):
                    sizes.append(size)
                    if len(sizes) > MAX_NUMBERS:
                        raise BadMessage(f"a shape with more than {MAX_NUMBERS:,} sizes")
    return name, shape_of(sizes)


def read_sizes(kind: memoryview, budget: Budget) -> Iterator[int | None]:
    """The sizes of a tensor's type, None for those that are names."""
    for shape in read_messages(kind, (2,), budget):
        for _, dimension in read_fields(shape, budget):
            if not isinstance(dimension, int):
                yield next((to_signed(size) for key, size in read_fields(dimension, budget) if key == 1 and isinstance(size, int)), None)
