"""Verbs: the operations of a recipe, before they are translated to functions of a framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ...cases.model.formula import Amount, Formula, Size, Variable, combine
from ...cases.oracle.lowering import Gather
from .ask import Gap, Unsupported
from .call import Each, Name, Part, Ref, Step, Steps


@dataclass(frozen=True)
class Verb:
    """One operation on arrays: its name, its arguments, and the name of its result.

    `pad(x, pads, value)` with a (low, high) pair for every axis; `take(x, axis, picked)`; `pool(x,
    pool, dtype)`; `isnan(x)`, `above(x, number)`; `where(condition, a, b)`; `ones(x)`;
    `divide(a, b)`, `multiply(a, number)`, `at_least(a, number)`, `absolute(x)`, `power(x, number)`;
    `cast(x, dtype)`; `reshape(x, shape)`; `repeat(x, count, axis)` of each cell. At least one of a and b is an array. Along one axis, `slices(x, axis, kernel,
    dilation, stride, kind)` pools windows with holes, and `bins(x, axis, count, kind)` adaptive bins; `kind` is 'max', 'avg', or 'lp' for sums.
    Numbers may be formulas of the sizes of arrays. Of an un-pooling, `zeros(x, shape)` has the type of `x`,
    `scatter(x, places, cells, axis)` puts cells at places along an axis, `count_plane(indices, cells)` and
    `count_tensor(indices, x, sizes)` renumber indices so that they count the places of each plane or of the whole tensor.
    """

    result: str
    name: str
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Vocabulary:
    """A framework's functions for verbs: `names` has their dotted names, `makers` the steps of those with other arguments.

    It also has `expand(x, axis)` and `squeeze(x, axis)`, which insert and remove an axis of length one, and the functions that
    pooling axis by axis needs: `max`, `mean` and `sum`, whose arguments for the axis and for keeping it are `axis` and `keepdims`,
    `stack` and `concatenate`. `shape` is the dotted name of the function that gives a shape, empty if that is an attribute.
    """

    names: Mapping[str, str]
    makers: Mapping[str, Callable[[Verb, str], Steps]] = field(default_factory=dict)
    axis: str = "axis"
    keepdims: str = "keepdims"
    shape: str = ""

    def steps(self, verb: Verb) -> Steps:
        """The steps that do a verb in this framework."""
        match verb.name:
            case "slices":
                steps = self.pool_slices(verb)
            case "bins":
                steps = self.pool_bins(verb)
            case name if name not in self.names:
                raise Unsupported(Gap("*", "vocabulary", f"there is no function for the step {name} of a recipe", ""))
            case name:
                steps = self.makers.get(name, same_arguments)(verb, self.names[name])
        return tuple(self.with_shapes(step) for step in steps) if self.shape else steps

    def pool_slices(self, verb: Verb) -> Steps:
        """The steps that reduce the slices of an axis, each of which has one cell of every window."""
        x, axis, kernel, dilation, stride, kind = verb.args
        if kernel == 1:
            return (Each("cells", Part(x.name, axis, 0, Size(x.name, axis), stride), 1), Step(verb.result, "cells.pop"))
        first, rest = Variable("i") * dilation, (kernel - 1) * dilation
        cells = Each("cells", Part(x.name, axis, first, Size(x.name, axis) - rest + first, stride), kernel)
        stack_step = Step(verb.result, self.names["stack"], (Ref("cells"),))
        return cells, stack_step, Step(verb.result, self.names[REDUCTIONS[kind]], (Ref(verb.result),), {self.axis: 0})

    def pool_bins(self, verb: Verb) -> Steps:
        """The steps that reduce the bins of an axis one by one; overlapping bins, as floor and ceiling place them."""
        x, axis, count, kind = verb.args
        name, options = self.names[REDUCTIONS[kind]], {self.axis: axis, self.keepdims: True}
        if count == 1:
            return (Step(verb.result, name, (x,), options),)
        bins = Each("bins", Step("", name, (Part(x.name, axis, *bin_bounds(Size(x.name, axis), count)),), options), count)
        return bins, Step(verb.result, self.names["concatenate"], (Ref("bins"),), {self.axis: axis})

    def with_shapes(self, value: Any) -> Any:
        """A step or an argument in which sizes are taken from what the function `shape` gives."""
        return replace_sizes(value, lambda size: replace(size, function=self.shape))


REDUCTIONS = {"max": "max", "avg": "mean", "lp": "sum"}
"""The function that reduces windows of a kind."""


def bin_bounds(size: Amount, count: int) -> tuple[Amount, Amount]:
    """Where the bin with the number `i` begins and ends among `count` that divide `size` cells."""
    number = Variable("i")
    return number * size // count, ((number + 1) * size + (count - 1)) // count


def same_arguments(verb: Verb, name: str) -> Steps:
    """A call of a function that takes the arguments of the verb."""
    return (Step(verb.result, name, verb.args),)


def numpy_pad(verb: Verb, name: str) -> Steps:
    """A call of a function that pads as `numpy.pad` does."""
    x, pads, value = verb.args
    return (Step(verb.result, name, (x, [list(sides) for sides in pads]), {"constant_values": value}),)


def numpy_take(verb: Verb, name: str) -> Steps:
    """A call of a function that gathers as `numpy.take` does, after the steps that make the indices."""
    x, axis, gather = verb.args
    return *index_steps(gather), Step(verb.result, name, (x, Ref("places")), {"axis": axis})


def zeros(verb: Verb, name: str) -> Steps:
    """A call of a function that makes zeros of a shape, in the type of another array."""
    x, shape = verb.args
    return (Step(verb.result, name, (shape,), {"dtype": Name(f"{x}.dtype")}),)


def scatter_in_tensor(functions: Mapping[str, str], verb: Verb, name: str) -> Steps:
    """A call of a function that takes a row of coordinates for each cell; `functions` are the names of others that make them."""
    x, places, cells, axis = verb.args
    axes = range(len(FLAT_AXES))
    ranges = [Step(FLAT_AXES[place], functions["range"], (Size(cells.name, place),), {"dtype": Name(f"{places}.dtype")}) for place in axes]
    grid = Step(FLAT_AXES, functions["grid"], tuple(map(Ref, FLAT_AXES)), {"indexing": "ij"})
    coordinates = [places if place == axis else Ref(FLAT_AXES[place]) for place in axes]
    return (
        *ranges, grid, Step("coordinates", functions["stack"], (coordinates,), {"axis": -1}),
        Step("coordinates", functions["reshape"], (Ref("coordinates"), (-1, len(FLAT_AXES)))),
        Step("cells", functions["reshape"], (cells, (-1,))),
        Step(verb.result, name, (x, Ref("coordinates"), Ref("cells"))),
    )  # fmt: skip


FLAT_AXES = ("rows", "columns", "channels")
"""What the axes of an array with flattened planes are called."""


def numpy_repeat(verb: Verb, name: str) -> Steps:
    """A call of a function that repeats cells as `numpy.repeat` does."""
    x, count, axis = verb.args
    return (Step(verb.result, name, (x, count), {"axis": axis}),)


def index_steps(gather: Gather) -> Steps:
    """The steps that make the indices of gathered cells, as `places`; ranges are printed as ranges, not number by number."""
    if gather.explicit_positions:
        return (Step("places", "numpy.array", (list(gather.explicit_positions),)),)
    starts, taps = ((part.start, part.stop, part.step) for part in (gather.starts, gather.taps))
    return (
        Step("starts", "numpy.arange", starts),
        Step("taps", "numpy.arange", taps),
        Step("places", "numpy.add.outer", (Ref("starts"), Ref("taps"))),
        Step("places", "places.ravel"),
    )


def numpy_like(module: str, shape: str = "", **others: str) -> Vocabulary:
    """The vocabulary of a module whose functions are called as NumPy's are, except for `others`."""
    names = {
        "pad": "pad", "take": "take", "isnan": "isnan", "above": "greater", "where": "where", "ones": "ones_like",
        "divide": "divide", "multiply": "multiply", "at_least": "maximum", "absolute": "absolute", "power": "power", "reshape": "reshape",
        "expand": "expand_dims", "squeeze": "squeeze", "max": "max", "mean": "mean", "sum": "sum", "stack": "stack", "concatenate": "concatenate",
        "repeat": "repeat", "zeros": "zeros", "count_plane": "remainder",
    }  # fmt: skip
    return Vocabulary(
        {**{verb: f"{module}.{name}" for verb, name in names.items()}, **others},
        {"pad": numpy_pad, "take": numpy_take, "repeat": numpy_repeat, "zeros": zeros},
        shape=shape,
    )


def change_leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    """Change what the arguments of steps consist of: references, sizes and literals."""
    new_value: Any
    match value:
        case Step() | Each() | Part() | Formula():
            parts = {field.name: change_leaves(getattr(value, field.name), change) for field in fields(value)}
            new_value = combine(*parts.values()) if isinstance(value, Formula) else replace(value, **parts)
        case tuple() | list():
            new_value = type(value)(change_leaves(item, change) for item in value)
        case Mapping():
            new_value = {key: change_leaves(item, change) for key, item in value.items()}
        case _:
            new_value = change(value)
    return new_value


def replace_sizes(value: Any, change: Callable[[Size], Amount]) -> Any:
    """Replace the sizes in formulas of steps or their arguments."""
    return change_leaves(value, lambda leaf: change(leaf) if isinstance(leaf, Size) else leaf)


def rename(value: Any, names: Mapping[str, str]) -> Any:
    """Rename arrays and results in steps or their arguments."""
    match value:
        case Step(result, call, args, kwargs):
            root, dot, rest = call.partition(".")
            new_result = tuple(names.get(old, old) for old in result) if isinstance(result, tuple) else names.get(result, result)
            return Step(new_result, f"{names.get(root, root)}{dot}{rest}", rename(args, names), rename(dict(kwargs), names))
        case Each(result, item):
            return replace(value, result=names.get(result, result), item=rename(item, names))
        case Part(array):
            return replace(change_leaves(value, lambda leaf: rename_leaf(leaf, names)), array=names.get(array, array))
    return change_leaves(value, lambda leaf: rename_leaf(leaf, names))


def rename_leaf(leaf: Any, names: Mapping[str, str]) -> Any:
    """A reference or the size of an array under its new name; anything else as it is."""
    if isinstance(leaf, Ref):
        return Ref(names.get(leaf.name, leaf.name))
    return replace(leaf, array=names.get(leaf.array, leaf.array)) if isinstance(leaf, Size) else leaf
