"""Un-poolings that are written as scattered cells, as recipes of `port` are for frameworks without one."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...adapters.contract import Adapter, Vocabulary
from ...cases.model.call_text import dotted_name
from ...cases.model.constants import NotConstant, evaluate_constant
from ...cases.model.layers import Layer, Spelling
from ...cases.model.pool import FIRST, LAST, Pool
from .axis_steps import find_vocabularies, list_bodies
from .passage import Passage

PROBES = 10, 11
"""Sizes of an axis at which a formula is evaluated; two determine a linear one."""


@dataclass(frozen=True)
class ScatteredCells:
    """An un-pooling of a framework without one, and the expressions that do it, the scattering last."""

    framework: str
    pool: Pool
    layout: str
    nodes: tuple[ast.expr, ...]

    @property
    def spelling(self) -> Spelling:
        """The un-pooling as a layer that its framework does not have."""
        layer = Layer(f"{self.framework}: {self.pool}", self.pool.op, len(self.pool.kernel or ()), {}, {}, self.layout, self.framework)
        return Spelling(str(self.pool), layer, {}, self.pool, self.pool, self.layout)


def find_scattered_cells(passage: Passage, adapters: Mapping[str, Adapter], framework: str) -> Iterator[ScatteredCells]:
    """The un-poolings in a text that are written as scattered cells; the chosen framework's if several write the same."""
    for steps in list_bodies(passage.statements):
        vocabularies = find_vocabularies(steps, passage, adapters, framework)
        candidates = (read_scattering(steps, passage, name, vocabulary) for name, vocabulary in vocabularies)
        yield from filter(None, [next(filter(None, candidates), None)])


def read_scattering(
    steps: Sequence[tuple[str, ast.expr]], passage: Passage, framework: str, vocabulary: Vocabulary
) -> ScatteredCells | None:
    """The un-pooling that steps write in a vocabulary; None if they write none."""
    names = {vocabulary.names.get(verb, ""): verb for verb in ("zeros", "scatter", "reshape")}
    calls = [(names.get(passage.full_name(node.func), ""), node) for _, node in steps if isinstance(node, ast.Call)]
    if [verb for verb, _ in calls].count("scatter") != 1:
        return None
    place = next(number for number, (verb, _) in enumerate(calls) if verb == "scatter")
    shapes = [shape_of(node) for verb, node in calls[place + 1 :] if verb == "reshape"] or [
        shape_of(node) for verb, node in calls[:place] if verb == "zeros"
    ]
    flat = next((shape for verb, node in calls[:place] if verb == "reshape" and (shape := shape_of(node))), [])
    parts = read_shape(shapes[-1], flat) if shapes else None
    if parts is None:
        return None
    layout, linear = parts
    return ScatteredCells(framework, pool_of_sizes(linear), layout, tuple(node for _, node in steps if isinstance(node, ast.Call)))


def shape_of(call: ast.Call) -> list[ast.expr]:
    """The sizes in the first tuple or list among the arguments of a call; none if it has none."""
    return next((argument.elts for argument in call.args if isinstance(argument, ast.Tuple | ast.List)), [])


def read_shape(shape: Sequence[ast.expr], flat: Sequence[ast.expr]) -> tuple[str, list[tuple[int, int]]] | None:
    """The layout of an answer, and the factor and the summand with which each spatial size is made of the input's; None if there are none."""
    linear = [read_linear(size) for size in shape]
    other = [axis for axis, parts in enumerate(linear) if parts != (1, 0)]
    rank = len(shape) - 2
    if rank < 1 or not other or None in linear:
        return None
    folded_axis = next((axis for axis, size in enumerate(flat) if ast.unparse(size) == "-1"), other[0])
    layout = FIRST if folded_axis == len(shape) - rank else LAST
    spatial = range(2, rank + 2) if layout == FIRST else range(1, rank + 1)
    parts = [linear[axis] for axis in spatial]
    if not set(other) <= {*spatial} or any(part is None or part[0] < 1 for part in parts):
        return None
    return layout, [part for part in parts if part]


def read_linear(node: ast.expr) -> tuple[int, int] | None:
    """The factor and the summand of a formula of one size; None for other expressions."""
    try:
        first, second = (evaluate_constant(WithSize(n).visit(copy.deepcopy(node))) for n in PROBES)
    except NotConstant:
        return None
    if type(first) is not int or type(second) is not int:
        return None
    return second - first, first - PROBES[0] * (second - first)


class WithSize(ast.NodeTransformer):
    """Puts a number in place of every size of an array."""

    def __init__(self, size: int) -> None:
        self.size = size

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """`x.shape[2]`, or what a function called `shape` gives for an axis."""
        of = node.value.func if isinstance(node.value, ast.Call) else node.value
        return ast.Constant(self.size) if dotted_name(of).rpartition(".")[2] == "shape" else node


def pool_of_sizes(linear: Sequence[tuple[int, int]]) -> Pool:
    """An un-pooling that gives each axis its size, with the least padding."""
    sides = tuple(max(0, -(-(1 - factor - summand) // 2)) for factor, summand in linear)
    kernel = tuple(factor + summand + 2 * side for (factor, summand), side in zip(linear, sides, strict=True))
    return Pool(op="max_unpool", kernel=kernel, stride=tuple(factor for factor, _ in linear), padding=tuple((side, side) for side in sides))
