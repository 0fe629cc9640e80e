"""Verbs: the operations of a recipe, before they are translated to functions of a framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...cases.oracle.lowering import Gather
from .call import Ref, Step, Steps


@dataclass(frozen=True)
class Verb:
    """One operation on arrays: its name, its arguments, and the name of its result.

    `pad(x, pads, value)` with a (low, high) pair for every axis; `take(x, axis, picked)`; `pool(x,
    pool, dtype)`; `isnan(x)`, `above(x, number)`; `where(condition, a, b)`; `ones(x)`;
    `divide(a, b)`, `multiply(a, number)`, `at_least(a, number)`, `absolute(x)`, `power(x, number)`;
    `cast(x, dtype)`; `reshape(x, shape)`. At least one of a and b is an array.
    """

    result: str
    name: str
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Vocabulary:
    """A framework's functions for verbs: `names` has their dotted names, `makers` the steps of those with other arguments.

    It also has `expand(x, axis)` and `squeeze(x, axis)`, which insert and remove an axis of length one.
    """

    names: Mapping[str, str]
    makers: Mapping[str, Callable[[Verb, str], Steps]] = field(default_factory=dict)

    def steps(self, verb: Verb) -> Steps:
        """The steps that do a verb in this framework."""
        name = self.names[verb.name]
        return self.makers.get(verb.name, same_arguments)(verb, name)


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


def index_steps(gather: Gather) -> Steps:
    """The steps that make the indices of gathered cells, as `places`; ranges are printed as ranges, not number by number."""
    if gather.listed:
        return (Step("places", "numpy.array", (list(gather.listed),)),)
    starts, taps = ((part.start, part.stop, part.step) for part in (gather.starts, gather.taps))
    return (
        Step("starts", "numpy.arange", starts),
        Step("taps", "numpy.arange", taps),
        Step("places", "numpy.add.outer", (Ref("starts"), Ref("taps"))),
        Step("places", "places.ravel"),
    )


def numpy_like(module: str, **others: str) -> Vocabulary:
    """The vocabulary of a module whose functions are called as NumPy's are, except for `others`."""
    names = {
        "pad": "pad", "take": "take", "isnan": "isnan", "above": "greater", "where": "where", "ones": "ones_like",
        "divide": "divide", "multiply": "multiply", "at_least": "maximum", "absolute": "absolute", "power": "power", "reshape": "reshape",
        "expand": "expand_dims", "squeeze": "squeeze",
    }  # fmt: skip
    return Vocabulary({**{verb: f"{module}.{name}" for verb, name in names.items()}, **others}, {"pad": numpy_pad, "take": numpy_take})


def rename(value: Any, names: Mapping[str, str]) -> Any:
    """Rename arrays and results in steps or their arguments."""
    match value:
        case Step(result, call, args, kwargs):
            root, dot, rest = call.partition(".")
            renamed = tuple(names.get(old, old) for old in result) if isinstance(result, tuple) else names.get(result, result)
            return Step(renamed, f"{names.get(root, root)}{dot}{rest}", rename(args, names), rename(dict(kwargs), names))
        case Ref(name):
            return Ref(names.get(name, name))
        case tuple() | list():
            return type(value)(rename(item, names) for item in value)
        case dict():
            return {key: rename(item, names) for key, item in value.items()}
    return value
