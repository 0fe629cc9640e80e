"""Poolings that people write as several calls: one mean after another, a mean over flattened axes, a sum over windows and a division."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

from ...cases.model.call_text import dotted_name
from ...cases.model.constants import NotConstant, evaluate_constant
from .passage import Passage

AXIS_WORDS = ("dim", "axis")
KEEP_WORDS = ("keepdim", "keepdims")
ASSUMED_AXES = 4
"""The axes of an array of which nothing is known: an image has these."""


def chained_reduction(node: ast.expr, methods: Collection[str], ndim: int | None) -> tuple[ast.expr, ast.Call] | None:
    """The array and the reduction of several axes that is written as one method after another, as in `x.mean(3).mean(2)`."""
    outer, inner = method_call(node, methods), None
    if outer is not None and isinstance(outer.func, ast.Attribute):
        inner = method_call(outer.func.value, (outer.func.attr,))
    if outer is None or inner is None or not isinstance(inner.func, ast.Attribute):
        return None
    further = chained_reduction(inner, methods, ndim)
    array, first = further or (inner.func.value, inner)
    taken_axes, axes = axes_of(first), axes_of(outer)
    if taken_axes is None or axes is None or len(axes) != 1 or keeps(first) != keeps(outer):
        return None
    axis = axes[0] if keeps(first) else original_axis(axes[0], taken_axes, ndim)
    if axis is None:
        return None
    words = [word for word in outer.keywords if word.arg not in AXIS_WORDS]
    return array, ast.Call(ast.Attribute(array, outer.func.attr, ast.Load()), [constant((*taken_axes, axis)), *outer.args[1:]], words)  # type: ignore[attr-defined]


def original_axis(axis: int, taken_axes: Sequence[int], ndim: int | None) -> int | None:
    """The axis of the first array that has become `axis` after others were taken away; None if the text does not tell."""
    if ndim is not None:
        remaining_axes = [place for place in range(ndim) if place not in {each % ndim for each in taken_axes if -ndim <= each < ndim}]
        return remaining_axes[axis] if -len(remaining_axes) <= axis < len(remaining_axes) else None
    if axis >= 0 and min(taken_axes) >= 0:
        remaining_axes = [place for place in range(axis + len(taken_axes) + 1) if place not in taken_axes]
        return remaining_axes[axis]
    if axis < 0 and max(taken_axes) < 0:
        remaining_axes = [place for place in range(-1, axis - len(taken_axes) - 1, -1) if place not in taken_axes]
        return remaining_axes[-axis - 1]
    return None


def flattened_reduction(node: ast.expr, methods: Collection[str], ndim: int | None) -> tuple[ast.expr, ast.Call] | None:
    """The array and the reduction of all spatial axes that is written over flattened ones, as in `x.flatten(2).mean(-1)`."""
    call = method_call(node, methods)
    if call is None or not isinstance(call.func, ast.Attribute) or axes_of(call) not in ((-1,), (2,)) or keeps(call):
        return None
    array = flattened_array(call.func.value)
    if array is None:
        return None
    axes = tuple(range(2, ndim or ASSUMED_AXES))
    return array, ast.Call(ast.Attribute(array, call.func.attr, ast.Load()), [constant(axes)], [])


def flattened_array(node: ast.expr) -> ast.expr | None:
    """The array whose spatial axes an expression lays flat behind batch and channels; None for other expressions."""
    match node:
        case ast.Call(func=ast.Attribute(value=array, attr="flatten"), args=[ast.Constant(value=2)], keywords=[]):
            return array
        case ast.Call(
            func=ast.Attribute(value=array, attr="flatten"), args=[], keywords=[ast.keyword(arg="start_dim", value=ast.Constant(value=2))]
        ):
            return array
        case ast.Call(func=function, args=[array, ast.Constant(value=2)], keywords=[]) if (
            dotted_name(function).rpartition(".")[2] == "flatten"
        ):
            return array
        case ast.Call(func=ast.Attribute(value=array, attr="view" | "reshape"), args=[_, _, last], keywords=[]) if is_minus_one(last):
            return array
    return None


def is_minus_one(node: ast.expr) -> bool:
    """Whether an expression is -1."""
    return (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
        and node.operand.value == 1
    )


def quotient(node: ast.expr, passage: Passage) -> tuple[ast.expr, ast.expr] | None:
    """The two parts of a division, with the expressions that the text assigns in place of names; None for other expressions."""
    match node:
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            parts = left, right
        case ast.Call(func=function, args=[left, right]) if dotted_name(function).rpartition(".")[2] in ("divide", "true_divide"):
            parts = left, right
        case _:
            return None
    first, second = (passage.values.get(part.id, part) if isinstance(part, ast.Name) else part for part in parts)
    return first, second


def method_call(node: ast.expr, methods: Collection[str]) -> ast.Call | None:
    """An expression if it is a call of one of some methods."""
    return node if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods else None


def axes_of(call: ast.Call) -> tuple[int, ...] | None:
    """The axes that a reduction names; None if it names none, or not as numbers."""
    nodes = [*call.args[:1], *(word.value for word in call.keywords if word.arg in AXIS_WORDS)]
    try:
        value = evaluate_constant(nodes[0]) if len(nodes) == 1 else None
    except NotConstant:
        return None
    axes = (value,) if type(value) is int else value
    return tuple(axes) if isinstance(axes, tuple | list) and axes and all(type(axis) is int for axis in axes) else None


def keeps(call: ast.Call) -> bool:
    """Whether a reduction keeps its axes."""
    nodes = [*call.args[1:2], *(word.value for word in call.keywords if word.arg in KEEP_WORDS)]
    return any(isinstance(node, ast.Constant) and node.value is True for node in nodes)


def constant(value: tuple[int, ...]) -> ast.expr:
    """A tuple of numbers as an expression."""
    return ast.parse(repr(value), mode="eval").body
