"""Steps as JSON, which the parent sends to the worker.

Each step is sent once and has a number from then on, because most calls consist of steps of earlier calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from ...cases.model.formula import Formula, Size, Variable
from ..contract.call import Def, Each, Name, Part, Ref, Step, Steps, With

OBJECTS: Mapping[type, str] = {
    Ref: "ref", Name: "name", Formula: "formula", Size: "size", Variable: "variable", Part: "part"
}  # fmt: skip
OF_NAME = {name: kind for kind, name in OBJECTS.items()}
"""Arguments that stand for something else, by the key of the object that they become; its value is the list of their fields."""

KNOWN = 4096
"""The most steps that are numbered; after that, numbering starts again."""


class Numbers:
    """The numbers of the steps that were sent to one worker; the parent's side."""

    def __init__(self) -> None:
        self.of: dict[str, int] = {}

    def pack(self, calls: Iterable[Steps]) -> dict[str, Any]:
        """Pack the steps of calls: for each call a list of `numbers`, and the `new` steps, numbered from `at`."""
        if len(self.of) > KNOWN:
            self.of.clear()
        at, new = len(self.of), list[Any]()
        numbers = [[self.number(packed_step, new) for packed_step in pack_steps(steps)] for steps in calls]
        return {"numbers": numbers, "at": at, "new": new}

    def number(self, packed_step: list[Any], new: list[Any]) -> int:
        """The number of a step; a step without one gets the next, and is added to the new ones."""
        text = repr(packed_step)
        if text not in self.of:
            self.of[text] = len(self.of)
            new.append(packed_step)
        return self.of[text]


class Numbered:
    """The numbered steps that one worker was sent; the worker's side."""

    def __init__(self, make: Callable[[Steps], Iterable[Any]]) -> None:
        """`make` converts new steps to what is kept in their place."""
        self.make = make
        self.steps: list[Any] = []

    def unpack(self, packed_calls: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Unpack what `Numbers.pack` packed: for each call, what `make` made of its steps."""
        self.steps[packed_calls["at"] :] = self.make(tuple(map(unpack_step, packed_calls["new"])))
        return [tuple(map(self.steps.__getitem__, numbers)) for numbers in packed_calls["numbers"]]


def pack_steps(steps: Steps) -> list[Any]:
    """Convert steps to JSON: a list of two items for a context, three for a function, four for a plain step, and five for a list."""
    return list(map(pack_step, steps))


def pack_step(step: Step | Def | With | Each) -> list[Any]:
    """Convert one step to JSON; see `pack_steps`."""
    match step:
        case With(enter, inner):
            return [pack_step(enter), pack_steps(inner)]
        case Def(result, inner, returns):
            return [result, pack_steps(inner), returns]
        case Each(result, item, count, variable):
            return [result, isinstance(item, Step), pack_step(item) if isinstance(item, Step) else pack(item), count, variable]
    return [step.result, step.call, list(map(pack, step.args)), {name: pack(value) for name, value in step.kwargs.items()}]


def pack(value: Any) -> Any:
    """Convert an argument to JSON; a type that JSON lacks becomes an object with one key."""
    kind = type(value)
    if kind in OBJECTS:
        return {OBJECTS[kind]: [pack(getattr(value, field.name)) for field in fields(value)]}
    if kind is tuple:
        return {"tuple": [pack(item) for item in value]}
    if kind is list:
        return [pack(item) for item in value]
    if kind is slice:
        return {"slice": [pack(value.start), pack(value.stop), pack(value.step)]}
    if kind is dict:
        return {"dict": [[key, pack(item)] for key, item in value.items()]}
    return value


def unpack_step(packed_step: Sequence[Any]) -> Any:
    """Convert JSON back to a step; the inverse of `pack_step`."""
    match packed_step:
        case [enter, inner]:
            return With(unpack_step(enter), tuple(map(unpack_step, inner)))
        case [result, inner, returns]:
            return Def(result, tuple(map(unpack_step, inner)), tuple(returns))
        case [result, is_step, item, count, variable]:
            return Each(result, unpack_step(item) if is_step else unpack(item), count, variable)
    result, call, args, kwargs = packed_step
    names = result if isinstance(result, str) else tuple(result)
    return Step(names, call, tuple(map(unpack, args)), {name: unpack(value) for name, value in kwargs.items()})


def unpack(value: Any) -> Any:
    """Convert JSON back to an argument; the inverse of `pack`."""
    if type(value) is list:
        return [unpack(item) for item in value]
    if type(value) is not dict:
        return value
    [(kind, inner)] = value.items()
    if kind in OF_NAME:
        return OF_NAME[kind](*map(unpack, inner))
    if kind == "tuple":
        return tuple(unpack(item) for item in inner)
    if kind == "slice":
        return slice(*map(unpack, inner))
    return {key: unpack(item) for key, item in inner}
