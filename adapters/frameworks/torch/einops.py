"""Reductions of einops, whose pattern names the axes that they pool: `reduce(x, 'b c (h 2) (w 2) -> b c h w', 'max')`."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from ....cases.model.call_text import BadSpelling
from ....cases.model.constants import NotConstant, evaluate_constant

NAME = re.compile(r"(?:einops\.(?:\w+\.)*)?([rR]educe)")
WINDOWED = {"max": ("MaxPool", {}), "mean": ("AvgPool", {}), "sum": ("AvgPool", {"divisor_override": 1})}
REDUCTIONS = {"max": "torch.amax", "mean": "torch.mean", "sum": "torch.sum"}
AXIS = re.compile(r"\([^()]*\)|\S+")
ONE = ("1",)
ARGUMENTS = ("pattern", "reduction")
"""The arguments that are no sizes, in their order."""

Axes = list[tuple[str, ...]]
"""The names in each axis of a pattern, several where it has parts."""


def layer_of_einops(name: str, call: ast.Call) -> tuple[str, ast.Call]:
    """The reduction or the layer of torch that a reduction of einops is; other calls are returned unchanged."""
    match = NAME.fullmatch(name)
    if match is None:
        return name, call
    words = {word.arg: word.value for word in call.keywords}
    args = call.args[1:] if match[1] == "reduce" else call.args
    match [*args, *filter(None, map(words.get, ARGUMENTS[len(args) :]))]:
        case [ast.Constant(value=str(pattern)), ast.Constant(value=str(reduction))] if pattern.count("->") == 1:
            return read_reduction(pattern, reduction, call)
    return name, call


def read_reduction(pattern: str, reduction: str, call: ast.Call) -> tuple[str, ast.Call]:
    """The same for a pattern; raises BadSpelling if it is no pooling."""
    if reduction not in REDUCTIONS:
        raise BadSpelling(f"a reduction by {reduction!r} is no pooling", " or ".join(map(repr, REDUCTIONS)))
    left, right = (split_axes(side) for side in pattern.split("->"))
    kept_names = {name for axis in right for name in axis}
    names = [axis for axis in right if axis not in (ONE, ())]
    if all(len(axis) == 1 for axis in left) and names == [axis for axis in left if axis[0] in kept_names]:
        reduced_places = [place for place, axis in enumerate(left) if axis[0] not in kept_names]
        keepdims = len(right) == len(left) and all(right[place] in (ONE, ()) for place in reduced_places)
        if reduced_places and (keepdims or len(names) == len(right)):
            words = {"dim": ast.Tuple([ast.Constant(place) for place in reduced_places], ast.Load()), "keepdim": ast.Constant(keepdims)}
            return REDUCTIONS[reduction], ast.Call(call.func, [ast.Name("x", ast.Load())], as_keywords(words))
    window_places = [place for place, axis in enumerate(left) if len(axis) == 2 and axis[0] in kept_names and axis[1] not in kept_names]
    outer = [axis[:1] if place in window_places else axis for place, axis in enumerate(left)]
    rank = len(left) - 2
    if not window_places or outer != right or any(len(axis) != 1 for axis in outer) or rank not in (1, 2, 3):
        raise BadSpelling(f"the pattern {pattern!r} is no pooling", "one that reduces spatial axes, or the second part of each")
    if window_places[0] < 2:
        raise BadSpelling(
            f"the pattern {pattern!r} pools the axes {window_places}, and torch those behind the first two", "'b c (h 2) (w 2) -> b c h w'"
        )
    return windows_of_torch(left, window_places, reduction, call)


def windows_of_torch(left: Axes, window_places: Sequence[int], reduction: str, call: ast.Call) -> tuple[str, ast.Call]:
    """The layer of torch whose windows are the second parts of axes."""
    sizes = {word.arg: word.value for word in call.keywords}
    kernel = [number_of(left[place][1], sizes) if place in window_places else ast.Constant(1) for place in range(2, len(left))]
    kind, more = WINDOWED[reduction]
    words: dict[str, ast.expr] = {"kernel_size": ast.Tuple(kernel, ast.Load()), **{key: ast.Constant(value) for key, value in more.items()}}
    return f"torch.nn.{kind}{len(left) - 2}d", ast.Call(call.func, [], as_keywords(words))


def number_of(name: str, sizes: dict[str | None, ast.expr]) -> ast.expr:
    """The size of a part of an axis, which the pattern or an argument states; raises BadSpelling if neither does."""
    if name.isdigit():
        return ast.Constant(int(name))
    try:
        return ast.Constant(evaluate_constant(sizes[name]))
    except (KeyError, NotConstant):
        raise BadSpelling(f"the size of {name} in the pattern is not in the text", f"a number, as in {name}=2") from None


def split_axes(side: str) -> Axes:
    """The axes of one side of a pattern."""
    return [tuple(axis.strip("()").split()) for axis in AXIS.findall(side)]


def as_keywords(words: dict[str, ast.expr]) -> list[ast.keyword]:
    """Arguments by their names."""
    return [ast.keyword(name, value) for name, value in words.items()]
