"""tinygrad's functions for what recipes do around a pooling."""

from __future__ import annotations

from dataclasses import dataclass

from ....cases.model.formula import Size, Variable
from ...contract import Each, Gap, Name, Part, Ref, Step, Steps, Unsupported, Verb, Vocabulary
from ...contract.verbs import index_steps, zeros

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
        reduce_step = Step(verb.result, "functools.reduce", (Name(PREFIX + COMBINED[kind]), Ref("cells")))
        mean = (Step(verb.result, self.names["divide"], (Ref(verb.result), kernel)),) if kind == "avg" else ()
        return cells, reduce_step, *mean

    def pool_bins(self, verb: Verb) -> Steps:
        """The steps that reduce an axis to one bin; several would have to be joined from a list."""
        if verb.args[2] > 1:
            raise Unsupported(Gap("*", "vocabulary", "tinygrad has no function that joins a list of tensors", ""))
        return super().pool_bins(verb)


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


def scatter(verb: Verb, name: str) -> Steps:
    """A call of `scatter`, which takes the axis before the places."""
    x, places, cells, axis = verb.args
    return (Step(verb.result, name, (x, axis, places, cells)),)


NAMES = {
    "pad": "pad", "take": "__getitem__", "isnan": "isnan", "above": "__gt__", "where": "where", "ones": "ones_like", "divide": "div",
    "multiply": "mul", "at_least": "maximum", "absolute": "abs", "power": "pow", "cast": "cast", "reshape": "reshape", "expand": "unsqueeze",
    "squeeze": "squeeze", "max": "max", "mean": "mean", "sum": "sum", "concatenate": "cat", "stack": "stack",
    "zeros": "zeros", "scatter": "scatter", "count_plane": "mod",
}  # fmt: skip
VOCABULARY = TensorMethods(
    {verb: PREFIX + name for verb, name in NAMES.items()},
    {"pad": pad, "take": take, "cast": cast, "zeros": zeros, "scatter": scatter},
    keepdims="keepdim",
)
