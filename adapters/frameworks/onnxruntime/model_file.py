"""The poolings of an ONNX file, read as bytes; weights are passed over, and no runtime sees the file.

The graph comes first, from `graph.py`; types that the file does not state come from shape inference in a limited process.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from ....cases.model.files import open_file
from ....cases.model.mistake import UserError, quote_path
from ....cases.model.reduction import find_pooled_axes
from ...common.inspection import is_importable
from ...common.limited_process import ProcessFailed, run_limited
from ...contract.model_files import (
    MAX_POOLINGS,
    BadModel,
    ModelContents,
    Pooling,
    cut,
    limit_poolings,
    not_supported,
    parse_configuration,
    shape_of,
    text_of,
)  # fmt: skip
from .graph import REDUCTIONS, UNPOOLING, Node, TensorType, read_graphs
from .layers import FUNCTIONS, LAYERS
from .protobuf import BadMessage, Budget

INFERENCE = Path(__file__).with_name("infer_shapes.py")
MAX_INFERRED = 1 << 31
"""Bytes of a model that shape inference takes, which is what a message of protocol buffers may have."""
TYPES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 9: "bool", 10: "float16", 11: "float64",
    12: "uint32", 13: "uint64", 16: "bfloat16",
}  # fmt: skip
"""The types of elements by their numbers."""


def read_poolings(path: Path) -> ModelContents:
    """The poolings in the order of the graph; raises `BadModel`."""
    with open_file(path) as stream:
        nodes = limit_poolings(path, read_nodes(path, stream))
        hidden_parts = []
        if any(node.type is None for node in nodes):
            nodes, failure = infer_missing_types(path, stream, nodes)
            hidden_parts = [f"shapes that the file does not state: {failure}"] if failure else []
    poolings = [make_pooling(node) for node in nodes if is_pooling(node)]
    return ModelContents(poolings, [*hidden_parts, *filter(None, map(describe_undecided, nodes))])


def is_pooling(node: Node) -> bool:
    """Whether a node is a pooling: one by its operator, or a reduction over exactly the spatial axes of its input."""
    if node.operator not in REDUCTIONS:
        return True
    return node.type is not None and find_pooled_axes(node.axes, len(node.type.sizes)) is not None


def describe_undecided(node: Node) -> str:
    """Why it is not known whether a reduction is a pooling, in a sentence; empty if it is known."""
    computed = node.axes is None and node.constant_input
    if node.operator not in REDUCTIONS or not (computed or (node.type is None and find_pooled_axes(node.axes))):
        return ""
    why = "computes its axes" if computed else f"reduces the axes {list(node.axes or ())} of an array whose rank the file does not state"
    return f"whether {cut(node.name)} is a pooling: the {node.operator} {why}"


def read_nodes(path: Path, stream: BinaryIO) -> list[Node]:
    """The nodes of a file that may be poolings; raises `BadModel`."""
    why = ""
    try:
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped_file:
            data = memoryview(bytes(mapped_file)) if len(mapped_file) < 1 << 20 else memoryview(mapped_file)
            try:
                return list(read_graphs(data, Budget(), MAX_POOLINGS + 1))
            except BadMessage as error:
                why = str(error)  # the error itself refers to parts of the file, which could then not be closed
            finally:
                del data
    except UserError:
        raise
    except ValueError as error:
        why = str(error)
    raise BadModel(f"{quote_path(path)}: {why}; expected an ONNX model")


def infer_missing_types(path: Path, stream: BinaryIO, nodes: list[Node]) -> tuple[list[Node], str]:
    """Nodes with the types that shape inference finds for their inputs, and why it found none; empty if it did."""
    if not is_importable("onnx"):
        return nodes, "the package onnx, which infers them, is not installed"
    if stream.seek(0, 2) > MAX_INFERRED:
        return nodes, f"the file has more than {MAX_INFERRED:,} bytes, which shape inference does not take"
    try:
        types = parse_configuration(path, run_limited(INFERENCE, stream))
    except ProcessFailed as error:
        return nodes, f"shape inference failed: {cut(str(error))}"
    return [node if node.type else replace(node, type=find_type(types, node.input)) for node in nodes], ""


def find_type(types: Mapping[str, Any], name: str) -> TensorType | None:
    """The type of a value among those that were inferred; None if it is not known."""
    match types.get(name):
        case [int(number), [*sizes]] if sizes:
            return TensorType(number, tuple(sizes))
    return None


def make_pooling(node: Node) -> Pooling:
    """A pooling from its node."""
    name = f"onnx.{node.operator}"
    attributes = {**node.attributes, **parameters_of_inputs(node)}
    shape = shape_of(node.type.sizes) if node.type else None
    dtype = TYPES.get(node.type.number, f"type {node.type.number}") if node.type else ""
    text = text_of(name if not node.domain else f"{cut(node.domain)}.{node.operator}", attributes)
    problem = describe_problem(node, text.partition("(")[0])
    return Pooling(cut(node.name), text, shape, dtype, indices=node.indices, problem=problem, array=cut(node.input))


QUANTISED = "QLinear"
"""What the names of operators on quantised numbers begin with."""


def parameters_of_inputs(node: Node) -> dict[str, list[int]]:
    """The parameters that a node takes from constant inputs: reduced axes, or the spatial sizes of an un-pooling's output."""
    if node.operator in REDUCTIONS:
        return {"axes": list(node.axes or ())}
    return {"output_shape": list(node.constant[2:])} if node.operator == UNPOOLING and node.constant else {}


def describe_problem(node: Node, name: str) -> str:
    """Why nothing can be said about a pooling, of which `name` is the full name; empty for most."""
    if node.operator.startswith(QUANTISED):
        return f"not supported by scan: {name} pools quantised numbers, and scan compares numbers that are not"
    if node.domain or f"onnx.{node.operator}" not in {**LAYERS, **FUNCTIONS}:
        return not_supported(name)
    computed = node.operator == UNPOOLING and node.constant_input and not node.constant
    return f"not supported by scan: the shape of the output of {name} is computed" if computed else ""
