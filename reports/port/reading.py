"""Finds the poolings in a text: layers, functions, methods of arrays, and reductions over the spatial axes."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ...adapters.contract import Adapter
from ...adapters.targets.find import AdapterEntry, functions_of, layers_of
from ...cases.model.call_text import BadSpelling, dotted_name, without_array
from ...cases.model.constants import NotConstant, evaluate_constant
from ...cases.model.layers import Layer, Spelling, parse_layer
from ...cases.model.mistake import quote
from ...cases.model.pool import EXPLAINED, UNPOOLING
from ...cases.model.reduction import find_pooled_axes
from ...cases.model.suggestion import ALTERNATIVE, suggest
from .axis_steps import find_axis_steps, spell_steps
from .chains import chained_reduction, flattened_reduction, quotient
from .passage import Constants, Passage, read_passage
from .scattered import find_scattered_cells
from .unpooling import PLACED

MAX_POOLINGS = 50
"""Poolings of one text that are answered."""
NUMBER, FLAG, VALUE = "a number", "True or False", "its value"
EXPECTED = {
    "ceil_mode": FLAG, "count_include_pad": FLAG, "keepdims": FLAG, "padding": "a number or a name", "data_format": VALUE, "op": VALUE,
    "axes": "numbers",
}  # fmt: skip
"""What to write in place of a variable, by the meaning of the argument."""
IDLE = ("flatten", "squeeze", "reshape", "view", "contiguous", "reduce_flatten", "ravel")
"""Methods and functions that people call on a pooled array, and that are no part of the pooling."""
ELEMENTWISE = ("pow", "power", "sqrt", "square", "abs", "exp", "log", "clamp", "clip", "relu")
"""Methods and functions that people call on the cells before and after a pooling, as generalised means do; they are no part of it."""
PARTIALS = ("partial", "functools.partial", "jax.tree_util.Partial")
"""Functions that bind arguments of another."""
LIBRARIES = ("np", "math", "statistics")
"""Names that are modules and not arrays, besides those that the tables name."""


class VariableArgument(BadSpelling):
    """An argument whose value is not in the text."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"argument {name}: {value}", expected)
        self.args = (f"argument {name}: {value}; give {expected}",)


@dataclass(frozen=True)
class Input:
    """What is known of the input of a layer: its sizes, None where they are open and empty where nothing is known, and its type.

    `framework` is the one to choose where several write the same.
    """

    shape: Sequence[int | None] = ()
    dtype: str = "float32"
    framework: str = ""

    @property
    def ndim(self) -> int | None:
        """The number of axes, if it is known."""
        return len(self.shape) or None


@dataclass(frozen=True)
class Reading:
    """A pooling in a text: its `text`, what it is read as or why it cannot be read, and calls around it that are no part of it.

    `way` is the plan whose steps it is, if it is written axis by axis.
    """

    text: str
    spelling: Spelling | None
    problem: BadSpelling | None = None
    around: tuple[str, ...] = ()
    way: str = ""


@dataclass(frozen=True)
class Tables:
    """The layers, functions and methods that all adapters know."""

    adapters: Mapping[str, Adapter]
    layers: Mapping[str, Layer]
    callables: Mapping[str, Layer]

    @cached_property
    def methods(self) -> set[str]:
        """The names of methods that pool."""
        return {method for adapter in self.adapters.values() for method in adapter.methods}

    @cached_property
    def roots(self) -> set[str]:
        """The names that modules begin with."""
        return {name.partition(".")[0] for name in self.callables if "." in name} | {*LIBRARIES}


def collect_tables(entries: Mapping[str, AdapterEntry]) -> Tables:
    """The tables of all adapters."""
    adapters, layers = {target.adapter.framework: target.adapter for target in entries.values()}, layers_of(entries)
    return Tables(adapters, layers, {**functions_of(entries), **layers})


def find_readings(text: str, tables: Tables, layer_input: Input) -> list[Reading]:
    """The poolings in a text, in the order in which they run, the calls of other layers only if there is no pooling.

    Raises BadSpelling if there is neither.
    """
    finder = Finder(tables, layer_input, read_passage(text, [adapter.as_python for adapter in tables.adapters.values()]))
    finder.collect_axis_steps()
    finder.collect_scattered_cells()
    for statement in finder.passage.statements:
        finder.visit(statement)
    readings = [replace(reading, around=(*finder.paddings, *reading.around)) for reading in finder.readings.values()]
    poolings = [reading for reading in readings if is_pooling(reading)]
    if len(poolings) > MAX_POOLINGS:
        raise BadSpelling(f"{len(poolings)} poolings in one text", f"at most {MAX_POOLINGS}")
    if selected_readings := poolings or readings[:1]:
        return selected_readings
    if finder.reductions:
        raise finder.reductions[0]
    if finder.unknown:
        raise unknown_name(next((name for name in finder.unknown if "pool" in name.lower()), finder.unknown[-1]), tables)
    raise BadSpelling(f"{quote(text)} is not a call", "a layer with literal arguments, as in keras.layers.MaxPooling1D(2)")


def is_pooling(reading: Reading) -> bool:
    """Whether a reading is of a pooling, even if it cannot be read completely."""
    return reading.spelling is None or reading.spelling.layer.op in EXPLAINED


@dataclass
class Finder:
    """Walks through a text from the inside out, and collects its poolings by their nodes."""

    tables: Tables
    layer_input: Input
    passage: Passage
    readings: dict[int, Reading] = field(default_factory=dict)
    reductions: list[BadSpelling] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    paddings: list[str] = field(default_factory=list)
    steps_around: list[tuple[ast.Call, str]] = field(default_factory=list)
    steps: dict[int, Reading | None] = field(default_factory=dict)

    def collect_axis_steps(self) -> None:
        """Collect the poolings that are written axis by axis, whose steps are no poolings themselves."""
        for framework, steps in find_axis_steps(self.passage, self.tables.adapters, self.layer_input.framework):
            if spelling := spell_steps(steps, framework, self.layer_input.ndim):
                last = steps.nodes[-1]
                self.steps |= {id(node): None for node in steps.nodes}
                self.steps[id(last)] = Reading(ast.unparse(last), spelling, way=steps.way)

    def collect_scattered_cells(self) -> None:
        """Collect the un-poolings that are written as scattered cells."""
        for cells in find_scattered_cells(self.passage, self.tables.adapters, self.layer_input.framework):
            last = cells.nodes[-1]
            self.steps |= {id(node): None for node in cells.nodes}
            self.steps[id(last)] = Reading(ast.unparse(last), cells.spelling, way=PLACED)

    def visit(self, node: ast.AST) -> None:
        """Collect the poolings in a node."""
        if id(node) in self.steps:
            if reading := self.steps[id(node)]:
                self.readings[id(node)] = reading
            return
        if isinstance(node, ast.expr) and (combination := self.combine(node)):
            array, call = combination
            self.visit(array)
            self.read(node, call)
            return
        if items := unroll(node):
            for item in items:
                self.visit(item)
            return
        if isinstance(node, ast.Call) and (applied_call := self.apply_partial(node)):
            self.read(node, applied_call)
            return
        for child in ast.iter_child_nodes(node):
            self.visit(child)
        if isinstance(node, ast.Call):
            self.read(node, node)
        if isinstance(node, ast.Call | ast.BinOp):
            self.divide(node)

    def apply_partial(self, node: ast.Call) -> ast.Call | None:
        """The call of a function whose arguments `functools.partial` binds, on an array; None for other calls."""
        if self.passage.full_name(node.func) not in PARTIALS or not node.args or not dotted_name(node.args[0]):
            return None
        array = [ast.Name("x", ast.Load())] if is_function(dotted_name(node.args[0])) else []
        return ast.Call(node.args[0], [*array, *node.args[1:]], node.keywords)

    def combine(self, node: ast.expr) -> tuple[ast.expr, ast.Call] | None:
        """The array and the single reduction that several calls together are; None for other expressions."""
        methods = self.tables.methods
        return chained_reduction(node, methods, self.layer_input.ndim) or flattened_reduction(node, methods, self.layer_input.ndim)

    def read(self, node: ast.expr, call: ast.Call) -> None:
        """Collect a call if it is one of a known layer."""
        try:
            spelling = self.spell(call)
        except BadSpelling as bad:
            self.collect_problem(node, call, bad)
            return
        if spelling:
            inside = set(map(id, ast.walk(node)))
            before = tuple(name for step, name in self.steps_around if id(step) in inside)
            self.readings[id(node)] = Reading(ast.unparse(node), spelling, around=before, way=spelling.layer.way)
        else:
            self.note_surrounding(call)

    def collect_problem(self, node: ast.expr, call: ast.Call, bad: BadSpelling) -> None:
        """Keep why a call cannot be read; reductions over other axes are common, and matter only if there is nothing else."""
        name = dotted_name(call.func) or (call.func.attr if isinstance(call.func, ast.Attribute) else "")
        if "pool" in name.lower() or "reduce_window" in name or name.endswith("make_node"):
            self.readings[id(node)] = Reading(ast.unparse(node), None, bad)
        else:
            self.reductions.append(bad)

    def note_surrounding(self, call: ast.Call) -> None:
        """Note a call that arranges the result of a pooling, and is no part of it."""
        last = call.func.attr if isinstance(call.func, ast.Attribute) else dotted_name(call.func)
        if "pad" in last.lower():
            self.paddings.append(last)
        if last in ELEMENTWISE:
            self.steps_around.append((call, last))
        if last not in (*IDLE, *ELEMENTWISE):
            return
        for array in (call.func.value if isinstance(call.func, ast.Attribute) else None, *call.args[:1]):
            if array is not None and (reading := self.readings.get(id(array))):
                self.readings[id(array)] = replace(reading, around=(*reading.around, last))

    def divide(self, node: ast.Call | ast.BinOp) -> None:
        """Replace a sum over windows that is divided by a number, or by the windows' cell counts, by the average that it is."""
        parts = quotient(node, self.passage)
        if parts is None or not (sums := self.readings.get(id(parts[0]))) or not sums.spelling:
            return
        layer = sums.spelling.layer
        name, call = layer.argument("divisor_override"), sums.spelling.arguments
        if not name or call.get(name) != 1:
            return
        arguments = {**call, name: self.divisor(parts[1], sums)}
        if arguments[name] is None:
            del arguments[name]
            arguments["counted"] = False
            self.readings.pop(id(parts[1]), None)
        text = f"{layer.name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"
        del self.readings[id(parts[0])]
        spelling = parse_layer(text, self.tables.callables, self.layer_input.ndim)
        self.readings[id(node)] = Reading(ast.unparse(node), replace(spelling, text=ast.unparse(node)))

    def divisor(self, node: ast.expr, sums: Reading) -> int | None:
        """A divisor: a whole number, None for the number of cells in each window; 1 if it is neither."""
        counts = self.readings.get(id(node))
        if counts and counts.spelling and sums.spelling and counts.spelling.arguments == sums.spelling.arguments:
            return None
        try:
            value = evaluate_constant(node)
        except NotConstant:
            return 1
        return int(value) if isinstance(value, int | float) and value == int(value) and value > 0 else 1

    def spell(self, call: ast.Call) -> Spelling | None:
        """The layer that a call is one of; None if it is none. Raises BadSpelling if its arguments cannot be read."""
        name_and_call = self.resolve(call)
        if name_and_call is None:
            return None
        name, call = name_and_call
        layer = self.tables.callables[name]
        call = self.adapter_of(layer).plain_arguments(name, call, self.layer_input.shape, self.layer_input.dtype)
        check_variables(name, layer, call)
        return parse_layer(
            ast.Call(ast.parse(name, mode="eval").body, call.args, call.keywords), self.tables.callables, self.layer_input.ndim
        )

    def adapter_of(self, layer: Layer) -> Adapter:
        """The adapter whose table has a layer."""
        return self.tables.adapters[layer.framework]

    def resolve(self, call: ast.Call) -> tuple[str, ast.Call] | None:
        """The full name of the known layer or function that a call names, and the call with the arguments of a layer; None if it names none."""
        name = self.passage.full_name(call.func)
        if name and (name_and_call := self.resolve_name(name, self.passage.with_values(call))):
            return name_and_call
        on_array = isinstance(call.func, ast.Attribute) and (not name or name.partition(".")[0] not in self.tables.roots)
        method = self.resolve_method(call) if on_array else None
        if name and method is None:
            self.unknown.append(name)
        return method

    def resolve_name(self, name: str, call: ast.Call) -> tuple[str, ast.Call] | None:
        """The known layer or function of a name, and its call with the arguments of a layer; None if it is not known."""
        for adapter in self.tables.adapters.values():
            former_name = name
            name, call = adapter.layer_of(name, adapter.resolve(call, self.passage.values))
            if name != former_name:
                break
        full = self.complete(name)
        if full is None:
            return None
        return full, self.without_arrays(full, call) if is_function(full) else call

    def without_arrays(self, name: str, call: ast.Call) -> ast.Call:
        """The call of a function without the array that it is called on, and without the indices that an un-pooling takes after it."""
        if self.tables.callables[name].op in UNPOOLING:
            call = ast.Call(call.func, [*call.args[:1], *call.args[2:]], [word for word in call.keywords if word.arg != "indices"])
        return without_array(call)

    def resolve_method(self, call: ast.Call) -> tuple[str, ast.Call] | None:
        """The function that does the same as a method of an array, and its call without the array."""
        assert isinstance(call.func, ast.Attribute)
        method = call.func.attr
        candidates = [adapter for adapter in self.tables.adapters.values() if method in adapter.methods and takes(adapter, method, call)]
        if not candidates:
            return None
        call = self.passage.with_values(call)
        adapter = min(candidates, key=lambda adapter: self.rank_method(adapter, call))
        name, call = adapter.layer_of(adapter.methods[method], call)
        return name, call

    def rank_method(self, adapter: Adapter, call: ast.Call) -> tuple[bool, int]:
        """How well a framework suits a method: the chosen one first, then those whose own layout the axes mean."""
        axes = [*call.args[:1], *(word.value for word in call.keywords if word.arg in ("axis", "dim", "axes"))]
        try:
            value = evaluate_constant(axes[0]) if axes else None
            pooled_axes = find_pooled_axes(value, self.layer_input.ndim, is_declared=True)
        except (NotConstant, TypeError):
            pooled_axes = None
        fits = 1 if adapter.layout is None or pooled_axes is None else 0 if pooled_axes.layout == adapter.layout else 2
        return adapter.framework != self.layer_input.framework, fits

    def complete(self, name: str) -> str | None:
        """The known name that a name is, with its rank added or its module if only one framework has it; None if there is none."""
        known_layers = self.tables.callables
        ranked_name = f"{name}{self.layer_input.ndim - 2}d" if self.layer_input.ndim else ""
        if full := next((candidate for candidate in (ranked_name, name) if candidate in known_layers), None):
            return full
        last = name.rpartition(".")[2]
        if "." in name and name.partition(".")[0] not in ("layers", "linen", "lax", "nn", "nnx"):
            return None
        if last.islower() and "pool" not in last and not last.startswith("reduce_"):
            return None
        matches = [full for full in known_layers if full.endswith(f".{name}")]
        plain = [full for full in matches if self.tables.adapters[known_layers[full].framework].plain_names] or matches
        return min(plain, key=len) if len({known_layers[full].framework for full in plain}) == 1 else None


def unroll(node: ast.AST) -> list[ast.AST]:
    """The items of a comprehension or the statements of a loop over a few constants, written out for each; none for other nodes."""
    match node:
        case (
            ast.ListComp(elt=item, generators=[ast.comprehension(ifs=[]) as loop])
            | ast.GeneratorExp(elt=item, generators=[ast.comprehension(ifs=[]) as loop])
        ):
            parts: list[ast.AST] = [item]
            target, of = loop.target, loop.iter
        case ast.For():
            parts, target, of = [*node.body], node.target, node.iter
        case _:
            return []
    return [constants.visit(copy.deepcopy(each)) for constants in list_constants(target, of) for each in parts]


def list_constants(target: ast.expr, of: ast.expr) -> list[Constants]:
    """What puts each of a few constants in place of the name that a loop gives it; none if these are not known."""
    try:
        values = evaluate_constant(of)
    except NotConstant:
        return []
    if not isinstance(target, ast.Name) or not isinstance(values, tuple | list) or len(values) > MAX_POOLINGS:
        return []
    return [Constants({target.id: ast.Constant(value)}) for value in values]


def is_function(name: str) -> bool:
    """Whether a dotted name is that of a function, which is called on an array."""
    return name.rpartition(".")[2][:1].islower()


def takes(adapter: Adapter, method: str, call: ast.Call) -> bool:
    """Whether a framework's method has the arguments of a call; its function has the same ones."""
    layer = adapter.functions.get(adapter.methods[method])
    return layer is not None and all(word.arg in layer.signature for word in call.keywords)


def check_variables(name: str, layer: Layer, call: ast.Call) -> None:
    """Raise `VariableArgument` for the first argument whose value is not in the text."""
    pairs = [*zip(layer.signature, call.args, strict=False), *((word.arg or "**", word.value) for word in call.keywords)]
    for argument, value in pairs:
        if variable := find_variable(value):
            expected = EXPECTED.get(layer.means.get(argument, ""), NUMBER if argument in layer.means else VALUE)
            whole = ast.unparse(value)
            what = f"{variable} is a variable" if whole == variable else f"{whole[:60]} contains the variable {variable}"
            raise VariableArgument(argument, what, expected)
        if argument in layer.means and (call_text := find_call(value)):
            raise VariableArgument(argument, f"{call_text[:60]} is what a function gives", EXPECTED.get(layer.means[argument], NUMBER))


def find_call(node: ast.expr) -> str:
    """The first call in an expression that is not constant, as text; empty if there is none."""
    try:
        evaluate_constant(node)
    except NotConstant:
        return next((ast.unparse(inner) for inner in ast.walk(node) if isinstance(inner, ast.Call)), "")
    return ""


def find_variable(node: ast.expr) -> str:
    """The first variable in an expression; empty if it is constant."""
    try:
        evaluate_constant(node)
    except NotConstant:
        return next(list_variables(node), "")
    return ""


def list_variables(node: ast.AST) -> Iterator[str]:
    """The names in an expression, each as long as it is written."""
    if isinstance(node, ast.Name | ast.Attribute) and (name := dotted_name(node)):
        yield name
    elif isinstance(node, ast.Call):
        owner = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        yield from (name for child in (*owner, *node.args, *(word.value for word in node.keywords)) for name in list_variables(child))
    else:
        yield from (name for child in ast.iter_child_nodes(node) for name in list_variables(child))


def unknown_name(name: str, tables: Tables) -> BadSpelling:
    """That a name is not known, with names that are close in meaning; a method of an array has no other names."""
    if name.startswith("self."):
        return BadSpelling(f"what {quote(name)} is, is not in the text", f"the line that makes it, such as {name} = torch.nn.MaxPool2d(2)")
    if "pool" not in name.lower():
        return BadSpelling(f"{quote(name)} is not a known layer", ALTERNATIVE)
    return BadSpelling(f"{quote(name)} is not a known layer", suggest(name, {layer.name for layer in tables.layers.values()}))
