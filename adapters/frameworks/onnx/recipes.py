"""Verbs as the nodes of one ONNX model; numbers become constants of the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ....cases.model.formula import Amount, Formula, Size
from ...contract import Adapter, Ask, Def, Each, Gap, Ref, Step, Steps, Unsupported, With
from ...contract.verbs import Verb, index_steps
from .model import CONSTANTS, ELEMENTS, constant_step, element_type, info_step, input_names, model_steps

NODES = {
    "isnan": "IsNaN", "above": "Greater", "where": "Where", "divide": "Div", "multiply": "Mul", "at_least": "Max",
    "absolute": "Abs", "power": "Pow",
}  # fmt: skip
"""The nodes of verbs whose arguments are arrays and numbers."""
REDUCTIONS = {"max": "ReduceMax", "avg": "ReduceMean", "lp": "ReduceSum"}
"""The node that reduces windows of a kind."""
OPERATORS = {"+": "Add", "-": "Sub", "*": "Mul", "//": "Div", "%": "Mod", "max": "Max", "min": "Min"}
"""The nodes of formulas, whose numbers are not negative."""
FILLING = ("ones", "scatter", "zeros", "count_plane", "count_tensor")
"""The verbs that make an array, put cells into it, or number their places."""
TRUTHS = ("isnan", "above")
"""The verbs with a Boolean result."""


@dataclass
class Model:
    """A model being built: the steps that make its nodes, its constants by name, the types of its results, and its `rows` of integers by what is in them."""

    adapter: Adapter
    ask: Ask
    steps: list[Step | Def | With | Each] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    constants: list[str] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Ref] = field(default_factory=dict)

    def add(self, verb: Verb) -> None:
        """Add the node that does a verb."""
        self.types[verb.result] = verb.args[1] if verb.name == "cast" else "bool" if verb.name in TRUTHS else self.type_of(verb)
        match verb.name, verb.args:
            case "pool", (x, pool, _, *further):
                self.pool(verb.result, x, pool, dict(zip(self.ask.shapes, (array.name for array in further), strict=False)))
            case "pad", (x, pads, value):
                sides = [low for low, _ in pads] + [high for _, high in pads]
                self.node(verb.result, "Pad", x, self.array(sides, "int64"), self.array(value, self.type_of(verb)))
            case "take", (x, axis, gather):
                self.steps += index_steps(gather)
                self.node(verb.result, "Gather", x, self.initializer(Ref("places")), axis=axis)
            case "bins", (x, axis, count, kind):
                self.bins(verb.result, x, axis, count, kind)
            case "cast", (x, dtype):
                self.node(verb.result, "Cast", x, to=element_type(ELEMENTS.get(dtype, dtype.upper())))
            case "reshape", (x, shape):
                new_shape = [
                    0 if size == Size("x", place) else size for place, size in enumerate(shape)
                ]  # which Reshape takes from its input
                self.node(verb.result, "Reshape", x, self.amounts(new_shape))
            case "repeat" | "slices" as name, _:
                raise Unsupported(Gap("*", "vocabulary", f"a recipe in ONNX has no nodes for {name}", ""))
            case name, _ if name in FILLING:
                self.fill(verb)
            case name, args:
                self.node(verb.result, NODES[name], *(arg if isinstance(arg, Ref) else self.array(arg, self.type_of(verb)) for arg in args))

    def fill(self, verb: Verb) -> None:
        """Add the nodes of a verb that makes an array, puts cells into it, or numbers their places."""
        match verb.name, verb.args:
            case "ones", (x,):
                self.node(f"{verb.result}_shape", "Shape", x)
                self.constant_of_shape(verb.result, "numpy.ones", Ref(f"{verb.result}_shape"))
            case "scatter", (x, places, cells, axis):
                self.node(verb.result, "ScatterElements", x, places, cells, axis=axis)
            case "zeros", (_, shape):
                self.constant_of_shape(verb.result, "numpy.zeros", self.amounts(shape))
            case "count_plane", (indices, cells):
                self.node(verb.result, "Mod", indices, self.amounts((cells,)))
            case "count_tensor", (indices, x, sizes):
                self.count_tensor(verb.result, indices, x, sizes)

    def constant_of_shape(self, result: str, function: str, shape: Ref) -> None:
        """Add an array of a shape whose cells are what a function of NumPy makes."""
        value = f"{result}_value"
        self.steps.append(Step(value, function, (1, self.ask.dtype)))
        self.steps.append(Step(value, "onnx.numpy_helper.from_array", (Ref(value),)))
        self.node(result, "ConstantOfShape", shape, value=Ref(value))

    def type_of(self, verb: Verb) -> str:
        """The type of a verb's array arguments, in which its constants are written as well."""
        argument_types = (self.types.get(arg.name, self.ask.dtype) for arg in verb.args if isinstance(arg, Ref))
        return next((dtype for dtype in argument_types if dtype != "bool"), self.ask.dtype)

    def pool(self, result: str, x: Ref, pool: Any, array_names: Mapping[str, str]) -> None:
        """Add the node of a pooling, with the attributes that the adapter gives it, and other names for some arrays that it takes."""
        ask = replace(self.ask, pool=pool)
        form = self.adapter.form(ask)
        arguments, _ = self.adapter.arguments(ask, form)
        constants = {name: value for name, value in arguments.items() if name in CONSTANTS}
        for name, value in constants.items():
            self.steps.append(constant_step(name, value))
            self.constants.append(name)
        others = {"x": x.name, **array_names}
        names = [others.get(name, name) for name in input_names(form, constants)]
        attributes = {name: value for name, value in arguments.items() if name not in CONSTANTS}
        self.steps.append(Step(f"{result}_node", "onnx.helper.make_node", (form.call, names, [result]), attributes))
        self.nodes.append(f"{result}_node")

    def bins(self, result: str, x: Ref, axis: int, count: int, kind: str) -> None:
        """Add the nodes that pool an axis in adaptive bins: the cells of each are gathered, its last one as often as others have more."""

        def name(part: str) -> Ref:
            return Ref(f"{result}_{part}")

        dtype = self.types.get(x.name, self.ask.dtype)
        if count == 1:
            self.node(result, REDUCTIONS[kind], x, self.array([axis], "int64"), keepdims=1)
            return
        second = self.array([1], "int64")
        self.node(name("size").name, "Shape", x, start=axis, end=axis + 1)
        self.node(name("products").name, "Mul", name("size"), self.array(list(range(count)), "int64"))
        self.node(name("starts").name, "Div", name("products"), self.array([count], "int64"))
        self.node(name("ends").name, "Mul", name("size"), self.array(list(range(1, count + 1)), "int64"))
        self.node(name("raised").name, "Add", name("ends"), self.array([count - 1], "int64"))
        self.node(name("stops").name, "Div", name("raised"), self.array([count], "int64"))
        self.node(name("lengths").name, "Sub", name("stops"), name("starts"))
        self.node(name("longest").name, "ReduceMax", name("lengths"), keepdims=0)
        self.node(name("offsets").name, "Range", self.array(0, "int64"), name("longest"), self.array(1, "int64"))
        self.node(name("column").name, "Unsqueeze", name("starts"), second)
        self.node(name("places").name, "Add", name("column"), name("offsets"))
        self.node(name("last").name, "Sub", name("stops"), second)
        self.node(name("bounds").name, "Unsqueeze", name("last"), second)
        self.node(name("within").name, "Min", name("places"), name("bounds"))
        self.node(name("cells").name, "Gather", x, name("within"), axis=axis)
        along = self.array([axis + 1], "int64")
        if kind == "max":
            self.node(result, "ReduceMax", name("cells"), along, keepdims=0)
            return
        behind = len(self.ask.shape) - axis - 1
        self.node(name("inside").name, "LessOrEqual", name("places"), name("bounds"))
        inside, lengths = name("inside"), name("lengths")
        if behind:
            self.node(name("mask").name, "Unsqueeze", inside, self.array(list(range(2, 2 + behind)), "int64"))
            self.node(name("counts").name, "Unsqueeze", lengths, self.array(list(range(1, 1 + behind)), "int64"))
            inside, lengths = name("mask"), name("counts")
        self.node(name("kept").name, "Where", inside, name("cells"), self.array(0.0, dtype))
        self.node(name("sums").name, "ReduceSum", name("kept"), along, keepdims=0)
        self.node(name("divisors").name, "Cast", lengths, to=element_type(ELEMENTS.get(dtype, dtype.upper())))
        self.node(result, "Div", name("sums"), name("divisors"))

    def count_tensor(self, result: str, indices: Ref, x: Ref, sizes: Sequence[Amount]) -> None:
        """Add the nodes that turn indices of planes, which have so many places along each axis, into those of the whole tensor."""

        def name(part: str) -> Ref:
            return Ref(f"{result}_{part}")

        self.node(name("leading").name, "Shape", x, start=0, end=2)
        self.node(name("planes").name, "ReduceProd", name("leading"), keepdims=0)
        self.node(name("numbers").name, "Range", self.array(0, "int64"), name("planes"), self.array(1, "int64"))
        self.node(name("column").name, "Concat", name("leading"), self.array([1] * len(sizes), "int64"), axis=0)
        self.node(name("plane").name, "Reshape", name("numbers"), name("column"))
        self.node(name("cells").name, "ReduceProd", self.amounts(sizes), keepdims=1)
        self.node(name("starts").name, "Mul", name("plane"), name("cells"))
        self.node(result, "Add", indices, name("starts"))

    def amounts(self, values: Sequence[Amount]) -> Ref:
        """Integers, which may be formulas of sizes, as one row; equal rows are written once."""
        if len(values) == 1:
            return self.amount(values[0])
        key = repr(tuple(values))
        if key not in self.rows:
            numbers = [value for value in values if isinstance(value, int)]
            row = self.array(numbers, "int64") if len(numbers) == len(values) else Ref(f"sizes_{len(self.rows)}")
            if row.name.startswith("sizes"):
                self.node(row.name, "Concat", *map(self.amount, values), axis=0)
            self.rows[key] = row
        return self.rows[key]

    def amount(self, value: Amount) -> Ref:
        """An integer, or the value of a formula, as a row of one."""
        key = repr(value)
        if key not in self.rows:
            self.rows[key] = self.array([value], "int64") if isinstance(value, int) else self.formula(value)
        return self.rows[key]

    def formula(self, value: Amount) -> Ref:
        """Add the nodes of a formula."""
        match value:
            case Size(array, axis):
                result = f"size_{axis}_of_{array}"
                self.node(result, "Shape", Ref(array), start=axis, end=axis + 1)
            case Formula(operator, left, right):
                parts = self.amount(left), self.amount(right)
                result = f"size_{len(self.rows)}"
                self.node(result, OPERATORS[operator], *parts)
            case _:
                raise TypeError(f"{value!r} is no formula of sizes")
        return Ref(result)

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


def recipe_nodes(adapter: Adapter, ask: Ask, verbs: Sequence[Verb], rank: int | None = None, *, states_sizes: bool = False) -> Steps:
    """The steps of a recipe up to `model`, whose result has `rank` axes, None if the model leaves that open.

    `states_sizes` is whether the model states the sizes of its input, of which its nodes are free.
    """
    model = Model(adapter, ask)
    for verb in with_unique_names(verbs):
        model.add(verb)
    result = replace(ask, dtype=verbs[-1].args[1]) if verbs[-1].name == "cast" else ask
    arrays = ("x", *ask.shapes)
    return (
        *model.steps,
        *(info_step(name, ask.shape if states_sizes else (None,) * len(ask.shape), ask) for name in arrays),
        info_step("y", None if rank is None else (None,) * rank, result),
        *model_steps(tuple(model.nodes), arrays, ("y",), tuple(model.constants)),
    )


def with_unique_names(verbs: Sequence[Verb]) -> Iterator[Verb]:
    """The verbs with unique names for results, as a graph requires; the last one keeps its name."""
    names: dict[str, str] = {}
    used_names = {verbs[-1].result}
    for count, verb in enumerate(verbs):
        args = tuple(Ref(names.get(arg.name, arg.name)) if isinstance(arg, Ref) else arg for arg in verb.args)
        last = count == len(verbs) - 1
        name = verb.result if last or verb.result not in used_names else f"{verb.result}_{count}"
        names[verb.result] = name
        used_names.add(name)
        yield Verb(name, verb.name, args)
