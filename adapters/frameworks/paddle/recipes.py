"""Paddle's functions for what recipes do around a pooling."""

from __future__ import annotations

from ...contract import Ref, Step, Steps, Verb, Vocabulary
from ...contract.verbs import index_steps, numpy_like, numpy_repeat, zeros


def pad(verb: Verb, name: str) -> Steps:
    """A call of `pad` with both sides of every axis, in the order of the axes."""
    x, pads, value = verb.args
    return (
        Step(
            verb.result,
            name,
            (x, [side for sides in pads for side in sides]),
            {"mode": "constant", "value": value, "pad_from_left_axis": True},
        ),
    )


def take(verb: Verb, name: str) -> Steps:
    """A call of `index_select`, whose indices are a tensor."""
    x, axis, gather = verb.args
    return *index_steps(gather), Step("places", "paddle.to_tensor", (Ref("places"),)), Step(verb.result, name, (x, Ref("places"), axis))


def clamp(verb: Verb, name: str) -> Steps:
    """A call of `clip` with a lower bound."""
    x, least = verb.args
    return (Step(verb.result, name, (x,), {"min": least}),)


VOCABULARY = Vocabulary(
    {
        **numpy_like(
            "paddle", pad="paddle.nn.functional.pad", take="paddle.index_select", at_least="paddle.clip", power="paddle.pow", absolute="paddle.abs",
            cast="paddle.cast", expand="paddle.unsqueeze", max="paddle.amax", concatenate="paddle.concat", above="paddle.Tensor.__gt__",
            divide="paddle.Tensor.__truediv__", multiply="paddle.Tensor.__mul__", scatter="paddle.put_along_axis", repeat="paddle.repeat_interleave",
        ).names,
    },
    {"pad": pad, "take": take, "at_least": clamp, "zeros": zeros, "repeat": numpy_repeat},
    keepdims="keepdim",
)  # fmt: skip
