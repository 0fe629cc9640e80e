"""Steps as JSON, for their way to the worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._call import Def, Name, Ref, Step, Steps, With


def pack_steps(steps: Steps) -> list[Any]:
    """Steps as JSON: lists of two parts for a context, three for a function, and four for a plain step."""
    return [pack_step(step) for step in steps]


def pack_step(step: Step | Def | With) -> list[Any]:
    """One step as JSON."""
    match step:
        case With(enter, inner):
            return [pack_step(enter), pack_steps(inner)]
        case Def(result, inner, returns):
            return [result, pack_steps(inner), returns]
    return [step.result, step.call, pack(tuple(step.args)), pack(dict(step.kwargs))]


def unpack_steps(packed: Sequence[Any]) -> Steps:
    """The steps that `pack_steps` made JSON of."""
    return tuple(unpack_step(each) for each in packed)


def unpack_step(packed: Sequence[Any]) -> Any:
    """The step that `pack_step` made JSON of."""
    match packed:
        case [enter, inner]:
            return With(unpack_step(enter), unpack_steps(inner))
        case [result, inner, returns]:
            return Def(result, unpack_steps(inner), tuple(returns))
    result, call, args, kwargs = packed
    return Step(result if isinstance(result, str) else tuple(result), call, unpack(args), unpack(kwargs))


def pack(value: Any) -> Any:
    """An argument as JSON; what JSON has no word for is an object with one key."""
    match value:
        case Ref(name):
            return {"ref": name}
        case Name(dotted):
            return {"name": dotted}
        case tuple():
            return {"tuple": [pack(item) for item in value]}
        case list():
            return [pack(item) for item in value]
        case dict():
            return {"dict": [[key, pack(item)] for key, item in value.items()]}
    return value


def unpack(value: Any) -> Any:
    """The argument that `pack` made JSON of."""
    if type(value) is list:
        return [unpack(item) for item in value]
    if type(value) is not dict:
        return value
    [(kind, inner)] = value.items()
    match kind:
        case "ref":
            return Ref(inner)
        case "name":
            return Name(inner)
        case "tuple":
            return tuple(unpack(item) for item in inner)
    return {key: unpack(item) for key, item in inner}
