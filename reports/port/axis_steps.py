"""Poolings that are written as steps along one axis after another, as recipes of `port` are: bins, sums of powers, repeated cells.

Steps are recognised by what a framework's vocabulary writes for them, so that only the very steps of a recipe are read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...adapters.contract import Adapter, Ref, Unsupported, Verb, Vocabulary
from ...cases.model.constants import NotConstant, evaluate_constant
from ...cases.model.layers import Layer, Spelling
from ...cases.model.pool import Pool
from ...cases.model.reduction import find_pooled_axes
from .passage import Passage
from .plans import BINNED, REPEATED, SUMMED

KINDS = ("max", "avg", "lp")
ROOT_PRECISION = 1e-9
"""By how much the power that undoes another one may differ from its inverse, which is written as a decimal."""


@dataclass(frozen=True)
class AxisSteps:
    """What was done to an array: what the steps do, and the number of bins or of repetitions along each axis.

    `power` is that of the cells before they were added up, `has_root` whether a root undoes it, `drops_axes` whether axes of one bin are dropped.
    `pending` are bins along an axis that are not joined yet. `nodes` are the expressions that did it.
    """

    kind: str = ""
    counts: Mapping[int, int] = field(default_factory=dict)
    absolute: bool = False
    power: float = 0.0
    has_root: bool = False
    drops_axes: bool = False
    pending: tuple[int, int] | None = None
    nodes: tuple[ast.expr, ...] = ()

    @property
    def way(self) -> str:
        """The plan that writes such steps; empty if they are no pooling."""
        if self.pending or not self.counts:
            return ""
        if self.kind == "lp":
            return SUMMED if self.has_root and self.absolute and set(self.counts.values()) == {1} else ""
        return REPEATED if self.kind == "repeat" else BINNED if len(self.nodes) > 1 and not self.drops_axes else ""

    def pool(self) -> Pool:
        """The pooling that the steps are."""
        counts = tuple(count for _, count in sorted(self.counts.items()))
        if self.kind == "lp":
            return Pool(op="global_lp_pool", p=self.power, keepdims=not self.drops_axes)
        return (
            Pool(op="upsample_nearest", kernel=counts)
            if self.kind == "repeat"
            else Pool(op=f"adaptive_{self.kind}_pool", output_size=counts)
        )


def find_axis_steps(passage: Passage, adapters: Mapping[str, Adapter], framework: str) -> Iterator[tuple[str, AxisSteps]]:
    """The poolings in a text that are written axis by axis, each with its framework: the chosen one if several write the same."""
    for steps in list_bodies(passage.statements):
        vocabularies = find_vocabularies(steps, passage, adapters, framework)
        pairs = ((name, read_body(steps, passage, vocabulary)) for name, vocabulary in vocabularies)
        yield from next((((name, poolings) for poolings in each) for name, each in pairs if each), ())


def find_vocabularies(
    steps: Sequence[tuple[str, ast.expr]], passage: Passage, adapters: Mapping[str, Adapter], framework: str
) -> list[tuple[str, Vocabulary]]:
    """The vocabularies with a function that steps call, or all if steps have lists: the chosen framework's, then those of own functions."""
    vocabularies = [(adapter.framework, adapter.vocabulary) for adapter in adapters.values() if adapter.vocabulary]
    names = {passage.full_name(node.func) for _, node in steps if isinstance(node, ast.Call)}
    if not any(isinstance(node, ast.ListComp) for _, node in steps):
        vocabularies = [each for each in vocabularies if not names.isdisjoint(each[1].names.values())]
    return sorted(vocabularies, key=lambda each: (each[0] != framework, not each[1].names["mean"].startswith(f"{each[0]}.")))


def list_bodies(statements: Sequence[ast.stmt]) -> Iterator[list[tuple[str, ast.expr]]]:
    """The steps of a list of statements, and those of the classes and functions in it."""
    yield list(list_steps(statements))
    for statement in statements:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef):
            yield from list_bodies(statement.body)


def read_body(body: Sequence[tuple[str, ast.expr]], passage: Passage, vocabulary: Vocabulary) -> list[AxisSteps]:
    """The poolings that the steps of a body do in a vocabulary, one after another; steps that others go on from are no poolings themselves."""
    arrays: dict[str, AxisSteps] = {}
    results: list[AxisSteps] = []
    for name, value in body:
        steps = read_step(value, arrays, passage, vocabulary)
        if steps is not None:
            results = [other for other in results if not set(map(id, other.nodes)) <= set(map(id, steps.nodes))]
            results.append(steps)
            arrays[name] = steps
    return [steps for steps in results if steps.way]


def list_steps(statements: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """The expressions that are assigned to a name, or returned, each with the name."""
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.Return(value=ast.expr() as value):
                yield "", value


def read_step(node: ast.expr, arrays: Mapping[str, AxisSteps], passage: Passage, vocabulary: Vocabulary) -> AxisSteps | None:
    """The steps that an expression adds to those of its array; None if it is no step of a recipe."""
    if isinstance(node, ast.ListComp):
        return read_bins(node, arrays, vocabulary)
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Name):
        return None
    name, before = passage.full_name(node.func), arrays.get(node.args[0].id, AxisSteps())
    verb = next((verb for verb, native in vocabulary.names.items() if native == name), "")
    numbers = [read_number(argument) for argument in node.args[1:]]
    words = {word.arg: read_number(word.value) for word in node.keywords}
    axis, keepdims = words.get(vocabulary.axis), words.get(vocabulary.keepdims) is True
    return add_verb(before, replace(before, nodes=(*before.nodes, node)), verb, numbers, axis, keepdims=keepdims)


def add_verb(
    before: AxisSteps, after: AxisSteps, verb: str, numbers: Sequence[object], axis: object, *, keepdims: bool
) -> AxisSteps | None:
    """Steps after a verb with its further numbers and its axis; `after` has its node already. None if it goes on from no recipe."""
    steps: AxisSteps | None = None
    match verb, numbers, axis:
        case "absolute", [], None if not before.nodes:
            steps = replace(after, absolute=True)
        case "power", [int() | float() as power], None:
            steps = raise_steps(before, after, power)
        case "max" | "mean" | "sum", [], int(place) if keepdims:
            steps = add_axis(after, {"max": "max", "mean": "avg", "sum": "lp"}[verb], place, 1)
        case "concatenate", [], int(place) if before.pending and place == before.pending[0]:
            steps = add_axis(replace(after, pending=None), before.kind, *before.pending)
        case "repeat", [int(count)], int(place):
            steps = add_axis(after, "repeat", place, count)
        case "reshape", _, None if before.way == SUMMED:
            steps = replace(after, drops_axes=True)
    return steps


def read_number(node: ast.expr) -> object:
    """A constant of an expression; None for others."""
    try:
        return evaluate_constant(node)
    except NotConstant:
        return None


def raise_steps(before: AxisSteps, after: AxisSteps, power: float) -> AxisSteps | None:
    """Steps after a power: that of the cells, or the root of their sum; None for others."""
    if not before.power and not before.counts:
        return replace(after, power=float(power))
    undone = before.kind == "lp" and before.power and abs(before.power * power - 1) < ROOT_PRECISION
    return replace(after, has_root=True) if undone else None


def add_axis(steps: AxisSteps, kind: str, axis: int, count: int) -> AxisSteps | None:
    """Steps after those of one more axis; None if they do something else there."""
    if axis in steps.counts or (steps.counts and steps.kind != kind) or bool(steps.power) != (kind == "lp"):
        return None
    return replace(steps, kind=kind, counts={**steps.counts, axis: count})


def read_bins(node: ast.ListComp, arrays: Mapping[str, AxisSteps], vocabulary: Vocabulary) -> AxisSteps | None:
    """The steps after an axis was reduced bin by bin; None for another list."""
    match node:
        case ast.ListComp(
            elt=ast.Call(args=[ast.Subscript(value=ast.Name(id=array))], keywords=words),
            generators=[ast.comprehension(iter=ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(count))]))],
        ):
            axis = next((read_number(word.value) for word in words if word.arg == vocabulary.axis), None)
        case _:
            return None
    before = arrays.get(array, AxisSteps())
    if not isinstance(axis, int) or axis in before.counts or before.power:
        return None
    for kind in KINDS:
        try:
            [each, *_] = vocabulary.steps(Verb("bins", "bins", (Ref(array), axis, count, kind)))
        except Unsupported:  # this framework joins no bins
            return None
        [statement] = ast.parse(str(each)).body
        same = isinstance(statement, ast.Assign) and ast.dump(statement.value) == ast.dump(node)
        if count > 1 and same and kind in (before.kind, kind if not before.counts else ""):
            return replace(before, kind=kind, pending=(axis, count), nodes=(*before.nodes, node))
    return None


def spell_steps(steps: AxisSteps, framework: str, ndim: int | None) -> Spelling | None:
    """The pooling that steps are, as the layer of a framework that it does not have; None if they are not along exactly the spatial axes."""
    pooled_axes = find_pooled_axes(tuple(steps.counts), ndim, is_declared=True)
    if pooled_axes is None:
        return None
    pool = steps.pool()
    layer = Layer(f"{framework}: {pool}", pool.op, pooled_axes.rank, {}, {}, pooled_axes.layout, framework)
    return Spelling(str(pool), layer, {}, pool, pool, pooled_axes.layout)
