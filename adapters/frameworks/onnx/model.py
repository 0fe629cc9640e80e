"""ONNX models of one node as steps, from the node to `model`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ...contract import Ask, Form, Name, Ref, Step

OPSET, IR = 21, 10
"""The newest versions that the oldest supported runtime reads, ONNX Runtime 1.19; AveragePool has dilations since opset 19."""

ELEMENTS = {"float16": "FLOAT16", "float32": "FLOAT", "float64": "DOUBLE"}
CONSTANTS = {"axes": "INT64", "roi": "FLOAT", "scales": "FLOAT", "sizes": "INT64", "output_shape": "INT64"}
"""Parameters that are constant inputs of a node, and their types."""
INPUTS = {
    "ReduceMax": ("x", "axes"), "ReduceMean": ("x", "axes"), "ReduceSum": ("x", "axes"), "ReduceL1": ("x", "axes"), "ReduceL2": ("x", "axes"),
    "Resize": ("x", "roi", "scales", "sizes"), "MaxUnpool": ("x", "indices", "output_shape"), "Conv": ("x", "weights"),
}  # fmt: skip
"""The inputs of each node that has more than one, in their order."""
AXES_AS_INPUT = {"ReduceMax": 18, "ReduceMean": 18, "ReduceL1": 18, "ReduceL2": 18, "ReduceSum": 13}
"""The opset since which a reduction takes its axes as an input; before, they are an attribute."""
RESIZE_BY_SIZE, RESIZE_BY_ONE = 11, 13
"""The opsets since which Resize takes a region and sizes, and since which it takes nothing in place of those that it does not need."""


def node_steps(
    form: Form, arguments: Mapping[str, Any], ask: Ask, rank: int | None = None, opset: int = OPSET, stored_names: Collection[str] = ()
) -> tuple[Step, ...]:
    """The steps that make a node with its arguments, and the model around it.

    Its results have `rank` axes, None if the model leaves that open; `stored_names` are arrays that the model holds as constants.
    """
    constants = {**empty_inputs(form.call, opset), **{name: value for name, value in arguments.items() if is_input(name, form.call, opset)}}
    attributes = {name: value for name, value in arguments.items() if name not in constants}
    constant_names = tuple(name for name in form.arrays if name in stored_names)
    arrays, results = ("x", *(name for name in form.arrays if name not in stored_names)), ask.results
    shapes = {name: ask.shapes[name] if name == "weights" else ask.shape for name in arrays}
    open_shape = None if rank is None else (None,) * rank  # the sizes of results are to be inferred
    return (
        *(constant_step(name, value) for name, value in constants.items()),
        *(Step(f"{name}_constant", "onnx.numpy_helper.from_array", (Ref(name), name)) for name in constant_names),
        Step("node", "onnx.helper.make_node", (form.call, input_names(form, constants, opset), list(results)), attributes),
        *(info_step(name, shapes.get(name, open_shape), ask) for name in (*arrays, *results)),
        *model_steps(("node",), arrays, results, (*constants, *(f"{name}_constant" for name in constant_names)), opset),
    )


def model_steps(
    nodes: tuple[str, ...], arrays: tuple[str, ...], results: tuple[str, ...], constants: tuple[str, ...], opset: int = OPSET
) -> tuple[Step, ...]:
    """The steps that make a model around nodes whose inputs and outputs are described already."""
    return (
        Step("graph", "onnx.helper.make_graph", (list(map(Ref, nodes)), "pooling", info_references(arrays), info_references(results)),
             {"initializer": list(map(Ref, constants))} if constants else {}),
        Step("opset", "onnx.helper.make_opsetid", ("", opset)),
        Step("model", "onnx.helper.make_model", (Ref("graph"),), {"opset_imports": [Ref("opset")], "ir_version": IR}),
    )  # fmt: skip


def is_input(parameter: str, node: str, opset: int = OPSET) -> bool:
    """Whether a parameter is a constant input of a node in an opset, and not an attribute."""
    return parameter in CONSTANTS and node != "Upsample" and not (parameter == "axes" and opset < AXES_AS_INPUT[node])


def empty_inputs(node: str, opset: int) -> dict[str, tuple[float, ...]]:
    """The constants that a node requires in an opset even if they are empty."""
    return {"roi": (), "scales": ()} if node == "Resize" and RESIZE_BY_SIZE <= opset < RESIZE_BY_ONE else {}


def input_names(form: Form, constants: Mapping[str, Any], opset: int = OPSET) -> list[str]:
    """The names of a node's inputs; an omitted input before others is an empty name."""
    names = ("x", "scales") if form.call == "Resize" and opset < RESIZE_BY_SIZE else INPUTS.get(form.call, ("x",))
    names_or_blanks = [name if name in ("x", *form.arrays, *constants) else "" for name in names]
    return names_or_blanks[: max(place for place, name in enumerate(names_or_blanks, 1) if name)]


def constant_step(name: str, value: tuple[float, ...]) -> Step:
    """The step that makes a constant of the model."""
    return Step(name, "onnx.helper.make_tensor", (name, element_type(CONSTANTS[name]), (len(value),), value))


def info_step(name: str, shape: tuple[int | None, ...] | None, ask: Ask) -> Step:
    """The step that describes an array, with None for sizes that are open: indices are integers, and everything else has the type of the input."""
    kind = "INT64" if name == "indices" else ELEMENTS.get(ask.dtype, ask.dtype.upper())
    return Step(f"{name}_info", "onnx.helper.make_tensor_value_info", (name, element_type(kind), shape))


def info_references(names: tuple[str, ...]) -> list[Ref]:
    """References to the descriptions of arrays."""
    return [Ref(f"{name}_info") for name in names]


def element_type(kind: str) -> Name:
    """An element type of ONNX."""
    return Name(f"onnx.TensorProto.{kind}")
