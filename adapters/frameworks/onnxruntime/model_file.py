"""Reading the pooling nodes of an ONNX file as bytes; weights are skipped, and no runtime loads the file."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...contract.model_files import BadModel, Pooling, shape_of, text_of
from .protobuf import Cut, fields, packed, signed, text

GRAPH, NODE, VALUES, INPUT, OUTPUT, OPERATOR, ATTRIBUTE = 7, 1, (11, 12, 13), 1, 2, 4, 5
"""The numbers of the fields of models, graphs and nodes that are read."""
FUNCTION, FUNCTION_NODE, GRAPHS = 25, 7, (6, 11)
"""The numbers of fields with further nodes: a model's functions, and the graphs in a node's attributes."""
DEEPEST = 50
"""The deepest nesting of graphs that is read."""


def poolings(path: Path) -> list[Pooling]:
    """Read the pooling layers in the order of the graph; raises `BadModel`."""
    try:
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            try:
                return list(read(memoryview(bytes(mapped)) if len(mapped) < 1 << 20 else memoryview(mapped)))
            except (Cut, ValueError) as error:
                why = str(error)  # the error itself holds on to parts of the file, which could not be closed
    except ValueError as error:
        why = str(error)
    raise BadModel(f"{path}: {why}; expected an ONNX model")


def read(data: memoryview) -> Iterator[Pooling]:
    """The pooling nodes of a model, with those of its functions last."""
    for number, part in fields(data):
        if number == GRAPH and not isinstance(part, int):
            yield from nodes(part, NODE, DEEPEST)
        elif number == FUNCTION and not isinstance(part, int):
            yield from nodes(part, FUNCTION_NODE, DEEPEST)


def nodes(graph: memoryview, number: int, depth: int) -> Iterator[Pooling]:
    """The pooling nodes of a graph or a function, and of graphs in their nodes."""
    parts = [(key, part) for key, part in fields(graph) if not isinstance(part, int)]
    shapes = dict(shape(part) for key, part in parts if key in VALUES) if number == NODE else {}
    for node in (part for key, part in parts if key == number):
        if found := pooling(node, shapes):
            yield found
        for inner in within(node) if depth else ():
            yield from nodes(inner, NODE, depth - 1)


def within(node: memoryview) -> Iterator[memoryview]:
    """The graphs that a node holds: the branches of a condition, the body of a loop."""
    for number, part in fields(node):
        if number == ATTRIBUTE and not isinstance(part, int):
            yield from (value for key, value in fields(part) if key in GRAPHS and not isinstance(value, int))


def pooling(node: memoryview, shapes: dict[str, tuple[int, ...] | None]) -> Pooling | None:
    """A node whose operator is a pooling, whether it can be moved or not; None for other nodes."""
    told = list(fields(node))
    operator = next((text(value) for number, value in told if number == OPERATOR), "")
    if "pool" not in operator.lower():
        return None
    arrays = [text(value) for number, value in told if number == INPUT]
    places = [text(value) for number, value in told if number == OUTPUT]
    named = dict(attribute(value) for number, value in told if number == ATTRIBUTE and not isinstance(value, int))
    shape = shapes.get(arrays[0]) if arrays else None
    return Pooling(places[0] if places else "", text_of(f"onnx.{operator}", named), shape, indices=any(places[1:]))


def attribute(data: memoryview) -> tuple[str, Any]:
    """The name of a node's attribute, and its value: a number, a text, or several numbers."""
    name = ""
    found: int | str | None = None
    several: list[int] = []
    for number, value in fields(data):
        match number, value:
            case 1, _:
                name = text(value)
            case 3, int():
                found = signed(value)
            case 4, _:
                found = text(value)
            case 8, _:
                several += packed(value)
    return name, several or found


def shape(data: memoryview) -> tuple[str, tuple[int, ...] | None]:
    """The name and the shape of a value; the shape is None if it is not completely known."""
    name, sizes = "", list[int | None]()
    for number, value in fields(data):
        if number == 1:
            name = text(value)
        elif number == 2 and not isinstance(value, int):
            sizes = [size for _, kind in fields(value) if not isinstance(kind, int) for size in dimensions(kind)]
    return name, shape_of(sizes)


def dimensions(kind: memoryview) -> Iterator[int | None]:
    """The sizes in a tensor's type; None for a symbolic one."""
    for number, value in fields(kind):
        if number == 2 and not isinstance(value, int):
            for _, dimension in fields(value):
                if not isinstance(dimension, int):
                    yield next((signed(size) for key, size in fields(dimension) if key == 1 and isinstance(size, int)), None)
