"""Verbs as the nodes of one ONNX model; numbers become constants of the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...contract import Adapter, Ask, Def, Ref, Step, Steps, With
from ...contract.verbs import Verb, index_steps
from .model import CONSTANTS, ELEMENTS, constant_step, element_type, info_step, input_names, model_steps

NODES = {
    "isnan": "IsNaN", "above": "Greater", "where": "Where", "divide": "Div", "multiply": "Mul", "at_least": "Max",
    "absolute": "Abs", "power": "Pow",
}  # fmt: skip
"""The nodes of verbs whose arguments are arrays and numbers."""
TRUTHS = ("isnan", "above")
"""The verbs with a Boolean result."""


@dataclass
class Model:
    """A model being built: the steps that make its nodes, its constants by name, and the types of its results."""

    adapter: Adapter
    ask: Ask
    steps: list[Step | Def | With] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    constants: list[str] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)

    def add(self, verb: Verb) -> None:
        """Add the node that does a verb."""
        self.types[verb.result] = verb.args[1] if verb.name == "cast" else "bool" if verb.name in TRUTHS else self.type_of(verb)
        match verb.name, verb.args:
            case "pool", (x, pool, _):
                self.pool(verb.result, x, pool)
            case "pad", (x, pads, value):
                sides = [low for low, _ in pads] + [high for _, high in pads]
                self.node(verb.result, "Pad", x, self.array(sides, "int64"), self.array(value, self.type_of(verb)))
            case "take", (x, axis, gather):
                self.steps += index_steps(gather)
                self.node(verb.result, "Gather", x, self.initializer(Ref("places")), axis=axis)
            case "ones", _:
                array_name = f"{verb.result}_array"
                self.steps.append(Step(array_name, "numpy.ones", (self.ask.shape, self.ask.dtype)))
                self.steps.append(Step(verb.result, "onnx.numpy_helper.from_array", (Ref(array_name), verb.result)))
                self.constants.append(verb.result)
            case "cast", (x, dtype):
                self.node(verb.result, "Cast", x, to=element_type(ELEMENTS.get(dtype, dtype.upper())))
            case "reshape", (x, shape):
                self.node(verb.result, "Reshape", x, self.array(list(shape), "int64"))
            case name, args:
                self.node(verb.result, NODES[name], *(arg if isinstance(arg, Ref) else self.array(arg, self.type_of(verb)) for arg in args))

    def type_of(self, verb: Verb) -> str:
        """The type of a verb's array arguments, in which its constants are written as well."""
        argument_types = (self.types.get(arg.name, self.ask.dtype) for arg in verb.args if isinstance(arg, Ref))
        return next((dtype for dtype in argument_types if dtype != "bool"), self.ask.dtype)

    def pool(self, result: str, x: Ref, pool: Any) -> None:
        """Add the node of a pooling, with the attributes that the adapter gives it."""
        ask = replace(self.ask, pool=pool)
        form = self.adapter.form(ask)
        arguments, _ = self.adapter.arguments(ask, form)
        constants = {name: value for name, value in arguments.items() if name in CONSTANTS}
        for name, value in constants.items():
            self.steps.append(constant_step(name, value))
            self.constants.append(name)
        names = [x.name if name == "x" else name for name in input_names(form, constants)]
        attributes = {name: value for name, value in arguments.items() if name not in CONSTANTS}
        self.steps.append(Step(f"{result}_node", "onnx.helper.make_node", (form.call, names, [result]), attributes))
        self.nodes.append(f"{result}_node")

    def node(self, result: str, kind: str, *arrays: Ref, **attributes: Any) -> None:
        """Add a node with array inputs and attributes."""
        self.steps.append(Step(f"{result}_node", "onnx.helper.make_node", (kind, [array.name for array in arrays], [result]), attributes))
        self.nodes.append(f"{result}_node")

    def array(self, value: Any, dtype: str) -> Ref:
        """Add a constant with some numbers."""
        name = f"constant_{len(self.constants)}"
        self.steps.append(Step(name, "numpy.array", (value, dtype)))
        return self.initializer(Ref(name))

    def initializer(self, array: Ref) -> Ref:
        """Add a constant with the value of an array."""
        name = array.name if array.name.startswith("constant") else f"constant_{len(self.constants)}"
        self.steps.append(Step(name, "onnx.numpy_helper.from_array", (array, name)))
        self.constants.append(name)
        return Ref(name)


def recipe_model_steps(adapter: Adapter, ask: Ask, verbs: Sequence[Verb]) -> Steps:
    """All steps of a recipe, from the nodes of the model to the run of its session."""
    model = Model(adapter, ask)
    for verb in with_unique_names(verbs):
        model.add(verb)
    return (
        *model.steps,
        info_step("x", ask.shape, ask),
        info_step("y", None, replace(ask, dtype=verbs[-1].args[1]) if verbs[-1].name == "cast" else ask),
        *model_steps(tuple(model.nodes), ("x",), ("y",), tuple(model.constants)),
        Step(("y",), "session.run", (None, {"x": Ref("x")})),
    )


def with_unique_names(verbs: Sequence[Verb]) -> Iterator[Verb]:
    """The verbs with unique names for results, as a graph requires; the last one keeps its name."""
    names: dict[str, str] = {}
    used = {verbs[-1].result}
    for count, verb in enumerate(verbs):
        args = tuple(Ref(names.get(arg.name, arg.name)) if isinstance(arg, Ref) else arg for arg in verb.args)
        last = count == len(verbs) - 1
        name = verb.result if last or verb.result not in used else f"{verb.result}_{count}"
        names[verb.result] = name
        used.add(name)
        yield Verb(name, verb.name, args)
