"""Infers the types of the values of an ONNX model. Run as a script in a limited process: the model is untrusted.

Reads the model from standard input, and writes JSON: for each name the number of the element type and the sizes, null for open ones.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

MAX_CONSTANT = 1024
"""Bytes of a constant that shape inference may need, such as the sizes of a Reshape; the values of larger ones are weights."""
DATA_FIELDS = ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data", "string_data")


def infer_types(data: bytes) -> dict[str, tuple[int, list[int | None]]]:
    """The element type and the sizes of every value of a model, those of graphs within nodes included."""
    import onnx

    model = onnx.load_model_from_string(data)
    for graph in find_graphs(model.graph):
        for tensor in graph.initializer:
            if tensor.ByteSize() > MAX_CONSTANT:
                for name in DATA_FIELDS:
                    tensor.ClearField(name)
    inferred_model = onnx.shape_inference.infer_shapes(model, data_prop=True)
    return {value.name: describe_type(value) for graph in find_graphs(inferred_model.graph) for value in list_values(graph)}


def find_graphs(graph: Any) -> Iterator[Any]:
    """A graph, and the graphs within its nodes."""
    waiting = [graph]
    while waiting:
        current = waiting.pop()
        yield current
        waiting += [
            inner for node in current.node for attribute in node.attribute for inner in (attribute.g, *attribute.graphs) if inner.node
        ]


def list_values(graph: Any) -> Iterator[Any]:
    """The values of a graph that have a tensor's type with a shape."""
    for value in (*graph.value_info, *graph.output, *graph.input):
        if value.type.tensor_type.HasField("shape"):
            yield value


def describe_type(value: Any) -> tuple[int, list[int | None]]:
    """The element type and the sizes of a value."""
    kind = value.type.tensor_type
    return kind.elem_type, [size.dim_value if size.HasField("dim_value") else None for size in kind.shape.dim]


if __name__ == "__main__":
    json.dump(infer_types(sys.stdin.buffer.read()), sys.stdout)
