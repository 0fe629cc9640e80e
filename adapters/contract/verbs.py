"""Verbs: what a recipe does, one thing after another, before a framework's own functions are found for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...cases.oracle.lowering import Gather
from .call import Ref, Step, Steps


@dataclass(frozen=True)
class Verb:
    """One thing done to arrays: its name, its arguments, and the name of its result.

    `pad(x, pads, value)` with a (low, high) pair for every axis; `take(x, axis, picked)`; `pool(x,
    pool, dtype)`; `isnan(x)`, `above(x, number)`; `where(condition, a, b)`; `ones(x)`;
    `divide(a, b)`, `multiply(a, number)`, `at_least(a, number)`, `absolute(x)`, `power(x, number)`;
    `cast(x, dtype)`; `reshape(x, shape)`. Of a and b one at least is an array.
    """

    result: str
    name: str
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Vocabulary:
    """A framework's own functions for verbs: their dotted names, and how those are written that take arguments of their own.

    Besides verbs, `expand(x, axis)` and `squeeze(x, axis)` put in an axis of one and take it out.
    """

    names: Mapping[str, str]
    written: Mapping[str, Callable[[Verb, str], Steps]] = field(default_factory=dict)

    def steps(self, verb: Verb) -> Steps:
        """The steps of a verb."""
        name = self.names[verb.name]
        return self.written.get(verb.name, same_arguments)(verb, name)


def same_arguments(verb: Verb, name: str) -> Steps:
    """A function of the very arguments of the verb."""
    return (Step(verb.result, name, verb.args),)


def numpy_pad(verb: Verb, name: str) -> Steps:
    """Padding as NumPy writes it."""
    x, pads, value = verb.args
    return (Step(verb.result, name, (x, [list(each) for each in pads]), {"constant_values": value}),)


def numpy_take(verb: Verb, name: str) -> Steps:
    """Cells picked along an axis as NumPy does it."""
    x, axis, picked = verb.args
    return *index_steps(picked), Step(verb.result, name, (x, Ref("places")), {"axis": axis})


def index_steps(picked: Gather) -> Steps:
    """The positions of picked cells, as few numbers as that takes."""
    if picked.listed:
        return (Step("places", "numpy.array", (list(picked.listed),)),)
    starts, taps = ((each.start, each.stop, each.step) for each in (picked.starts, picked.taps))
    return (
        Step("starts", "numpy.arange", starts),
        Step("taps", "numpy.arange", taps),
        Step("places", "numpy.add.outer", (Ref("starts"), Ref("taps"))),
        Step("places", "places.ravel"),
    )


def numpy_like(module: str, **others: str) -> Vocabulary:
    """The functions of a module that spells them as NumPy does, but for others."""
    names = {
        "pad": "pad", "take": "take", "isnan": "isnan", "above": "greater", "where": "where", "ones": "ones_like",
        "divide": "divide", "multiply": "multiply", "at_least": "maximum", "absolute": "absolute", "power": "power", "reshape": "reshape",
        "expand": "expand_dims", "squeeze": "squeeze",
    }  # fmt: skip
    return Vocabulary({**{verb: f"{module}.{name}" for verb, name in names.items()}, **others}, {"pad": numpy_pad, "take": numpy_take})


def rename(value: Any, names: Mapping[str, str]) -> Any:
    """Steps, or their arguments, with arrays and results called otherwise."""
    match value:
        case Step(result, call, args, kwargs):
            root, dot, rest = call.partition(".")
            results = tuple(names.get(each, each) for each in value.results)
            found = results if isinstance(result, tuple) else names.get(result, result)
            return Step(found, f"{names.get(root, root)}{dot}{rest}", rename(args, names), rename(dict(kwargs), names))
        case Ref(name):
            return Ref(names.get(name, name))
        case tuple() | list():
            return type(value)(rename(each, names) for each in value)
        case dict():
            return {key: rename(each, names) for key, each in value.items()}
    return value
