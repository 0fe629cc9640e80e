"""PyTorch's functions for what recipes do around a pooling."""

from __future__ import annotations

from ...contract import Name, Ref, Step, Steps, Verb, Vocabulary
from ...contract.verbs import index_steps, numpy_like, zeros


def pad(verb: Verb, name: str) -> Steps:
    """A call of `pad`, which lists the last axis first, up to the first axis that is padded."""
    x, pads, value = verb.args
    first = next(axis for axis, sides in enumerate(pads) if any(sides))
    values = tuple(side for sides in reversed(pads[first:]) for side in sides)
    return (Step(verb.result, name, (x, values), {"value": value}),)


def take(verb: Verb, name: str) -> Steps:
    """A call of `index_select`, whose indices are a tensor."""
    x, axis, gather = verb.args
    return *index_steps(gather), Step("places", "torch.from_numpy", (Ref("places"),)), Step(verb.result, name, (x, axis, Ref("places")))


def clamp(verb: Verb, name: str) -> Steps:
    """A call of `clamp` with a lower bound."""
    x, least = verb.args
    return (Step(verb.result, name, (x,), {"min": least}),)


def cast(verb: Verb, name: str) -> Steps:
    """A call of the method that converts an array to another type."""
    x, dtype = verb.args
    return (Step(verb.result, f"{x}.to", (Name(f"torch.{dtype}"),)),)


def repeat(verb: Verb, name: str) -> Steps:
    """A call of `repeat_interleave`, whose axis is called `dim`."""
    x, count, axis = verb.args
    return (Step(verb.result, name, (x, count), {"dim": axis}),)


def scatter(verb: Verb, name: str) -> Steps:
    """A call of `scatter`, which takes the axis before the places."""
    x, places, cells, axis = verb.args
    return (Step(verb.result, name, (x, axis, places, cells)),)


VOCABULARY = Vocabulary(
    {
        **numpy_like(
            "torch", pad="torch.nn.functional.pad", take="torch.index_select", at_least="torch.clamp", power="torch.pow",
            cast="torch.Tensor.to", expand="torch.unsqueeze", max="torch.amax", repeat="torch.repeat_interleave",
            scatter="torch.scatter",
        ).names,
        "above": "torch.gt",
    },
    {"pad": pad, "take": take, "at_least": clamp, "cast": cast, "repeat": repeat, "zeros": zeros, "scatter": scatter},
    axis="dim",
    keepdims="keepdim",
)  # fmt: skip
