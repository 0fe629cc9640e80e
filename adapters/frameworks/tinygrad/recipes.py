"""tinygrad's functions for what recipes do around a pooling."""

from __future__ import annotations

from dataclasses import dataclass

from ....cases.model.formula import Size, Variable
from ...contract import Each, Name, Part, Ref, Step, Steps, Verb, Vocabulary
from ...contract.verbs import REDUCTIONS, bin_bounds, index_steps, zeros

PREFIX = "tinygrad.Tensor."
COMBINED = {"max": "maximum", "avg": "add", "lp": "add"}
"""The method that combines two cells of windows of a kind."""


@dataclass(frozen=True)
class TensorMethods(Vocabulary):
    """A vocabulary of methods, of which those that join tensors take each as an argument of its own."""

    def pool_slices(self, verb: Verb) -> Steps:
        """The steps that combine the slices of an axis, each of which has one cell of every window."""
        x, axis, kernel, dilation, stride, kind = verb.args
        if kernel == 1:
            return super().pool_slices(verb)
        first, rest = Variable("i") * dilation, (kernel - 1) * dilation
        cells = Each("cells", Part(x.name, axis, first, Size(x.name, axis) - rest + first, stride), kernel)
        combined = Step(verb.result, "functools.reduce", (Name(PREFIX + COMBINED[kind]), Ref("cells")))
        mean = (Step(verb.result, self.names["divide"], (Ref(verb.result), kernel)),) if kind == "avg" else ()
        return cells, combined, *mean

    def pool_bins(self, verb: Verb) -> Steps:
        """The steps that reduce the bins of an axis one by one, and join them."""
        x, axis, count, kind = verb.args
        if count == 1:
            return super().pool_bins(verb)
        options = {self.axis: axis, self.keepdims: True}
        part = Part(x.name, axis, *bin_bounds(Size(x.name, axis), count))
        return (
            Each("bins", Step("", self.names[REDUCTIONS[kind]], (part,), options), count),
            Step("join", "functools.partial", (Name(PREFIX + "cat"),), {"dim": axis}),
            Step(verb.result, "functools.reduce", (Ref("join"), Ref("bins"))),
        )


def pad(verb: Verb, name: str) -> Steps:
    """A call of `pad` with a pair for every axis."""
    x, pads, value = verb.args
    return (Step(verb.result, name, (x, tuple(tuple(sides) for sides in pads)), {"value": value}),)


def take(verb: Verb, name: str) -> Steps:
    """The cells at places of an axis, which are a tensor."""
    x, axis, gather = verb.args
    places = Step("places", "tinygrad.Tensor", (Ref("places"),))
    return *index_steps(gather), places, Step(verb.result, name, (x, (*(slice(None),) * axis, Ref("places"))))


def cast(verb: Verb, name: str) -> Steps:
    """A call of the method that converts a tensor to another type."""
    x, dtype = verb.args
    return (Step(verb.result, name, (x, Name(f"tinygrad.dtypes.{dtype}"))),)


def repeat(verb: Verb, name: str) -> Steps:
    """A call of `repeat_interleave`, whose axis is called `dim`."""
    x, count, axis = verb.args
    return (Step(verb.result, name, (x, count), {"dim": axis}),)


def scatter(verb: Verb, name: str) -> Steps:
    """A call of `scatter`, which takes the axis before the places."""
    x, places, cells, axis = verb.args
    return (Step(verb.result, name, (x, axis, places, cells)),)


NAMES = {
    "pad": "pad", "take": "__getitem__", "isnan": "isnan", "above": "__gt__", "where": "where", "ones": "ones_like", "divide": "div",
    "multiply": "mul", "at_least": "maximum", "absolute": "abs", "power": "pow", "cast": "cast", "reshape": "reshape", "expand": "unsqueeze",
    "squeeze": "squeeze", "max": "max", "mean": "mean", "sum": "sum", "concatenate": "cat", "stack": "stack", "repeat": "repeat_interleave",
    "zeros": "zeros", "scatter": "scatter", "count_plane": "mod",
}  # fmt: skip
VOCABULARY = TensorMethods(
    {verb: PREFIX + name for verb, name in NAMES.items()},
    {"pad": pad, "take": take, "cast": cast, "repeat": repeat, "zeros": zeros, "scatter": scatter},
    keepdims="keepdim",
)
