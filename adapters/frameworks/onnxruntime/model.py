"""ONNX models of one node, and their run in a session, as steps.

A session gets one thread and no graph optimisation, for then a new one costs far less. About one node
there is nothing to optimise, and the tests hold that the answers are those of the defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...contract import Ask, Form, Name, Ref, Step

OPSET, IR = 21, 10
"""The newest versions that ONNX Runtime 1.19 reads; AveragePool has dilations since opset 19."""

ELEMENTS = {"float16": "FLOAT16", "float32": "FLOAT", "float64": "DOUBLE"}
CONSTANTS = {"axes": "INT64", "scales": "FLOAT", "sizes": "INT64", "output_shape": "INT64"}
"""Parameters that are constant inputs of a node, and their types."""
INPUTS = {
    "ReduceMax": ("x", "axes"), "ReduceMean": ("x", "axes"), "ReduceSum": ("x", "axes"), "ReduceL1": ("x", "axes"), "ReduceL2": ("x", "axes"),
    "Resize": ("x", "roi", "scales", "sizes"), "MaxUnpool": ("x", "indices", "output_shape"), "Conv": ("x", "weights"),
}  # fmt: skip
"""The inputs of each node that has more than one, in their order."""

SESSION = (
    Step("options", "onnxruntime.SessionOptions"),
    Step("", "options.__setattr__", ("intra_op_num_threads", 1)),
    Step("", "options.__setattr__", ("graph_optimization_level", Name("onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL"))),
    Step("data", "model.SerializeToString"),
    Step("session", "onnxruntime.InferenceSession", (Ref("data"), Ref("options"))),
)
INFERRED = Step(("output",), "session.get_outputs"), Step("inferred_shape", "output.__getattribute__", ("shape",))
"""The steps that read the shape which the runtime inferred while it loaded the model."""


def session_steps(form: Form, arguments: Mapping[str, Any], ask: Ask) -> tuple[Step, ...]:
    """The steps that make a node with its arguments, the model around it, and a session."""
    constants = {name: value for name, value in arguments.items() if name in CONSTANTS}
    attributes = {name: value for name, value in arguments.items() if name not in CONSTANTS}
    arrays, results = ("x", *form.arrays), ask.results
    shapes = {name: ask.shapes[name] if name == "weights" else ask.shape for name in arrays}  # those of results are to be inferred
    return (
        *(constant_step(name, value) for name, value in constants.items()),
        Step("node", "onnx.helper.make_node", (form.call, input_names(form, constants), list(results)), attributes),
        *(info_step(name, shapes.get(name), ask) for name in (*arrays, *results)),
        *model_steps(("node",), arrays, results, tuple(constants)),
    )


def model_steps(nodes: tuple[str, ...], arrays: tuple[str, ...], results: tuple[str, ...], constants: tuple[str, ...]) -> tuple[Step, ...]:
    """The steps that make a model around nodes whose inputs and outputs are described already, and a session."""
    return (
        Step("graph", "onnx.helper.make_graph", (list(map(Ref, nodes)), "pooling", info_references(arrays), info_references(results)),
             {"initializer": list(map(Ref, constants))} if constants else {}),
        Step("opset", "onnx.helper.make_opsetid", ("", OPSET)),
        Step("model", "onnx.helper.make_model", (Ref("graph"),), {"opset_imports": [Ref("opset")], "ir_version": IR}),
        *SESSION,
    )  # fmt: skip


def run_step(form: Form, ask: Ask) -> Step:
    """The step that runs a session."""
    return Step(ask.results, "session.run", (None, {name: Ref(name) for name in ("x", *form.arrays)}))


def input_names(form: Form, constants: Mapping[str, Any]) -> list[str]:
    """The names of a node's inputs; an omitted input before others is an empty name."""
    names = INPUTS.get(form.call, ("x",))
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
