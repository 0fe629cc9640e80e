"""A call: straight-line steps as data, run here and printed as the native code they are."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class Ref:
    """An array of the case, or what an earlier step gave."""

    name: str

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Name:
    """A framework's own object, by its dotted name."""

    dotted: str

    def __repr__(self) -> str:
        return self.dotted


@dataclass(frozen=True)
class Step:
    """One assignment: a dotted name is called, its result kept as `result`.

    The dotted name begins with a module or with an earlier result. Several names in `result`
    unpack a sequence. Arguments are literals, `Ref`, `Name`, and lists, tuples and dicts of them.
    """

    result: str | tuple[str, ...]
    call: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.call.endswith(".__setattr__"):
            return f"{self.call.removesuffix('__setattr__')}{self.args[0]} = {source(self.args[1])}"
        parts = [source(value) for value in self.args]
        parts += [f"{name}={source(value)}" for name, value in self.kwargs.items()]
        call = f"{self.call}({', '.join(parts)})"
        if not self.result:
            return call
        names = self.result if isinstance(self.result, str) else f"[{', '.join(self.result)}]"
        return f"{names} = {call}"


@dataclass(frozen=True)
class Def:
    """A function of steps, kept as `result`: it takes `x`, does the steps, and returns `returns`."""

    result: str
    steps: tuple[Step, ...]
    returns: str = "y"

    def __str__(self) -> str:
        body = "\n    ".join([*map(str, self.steps), f"return {self.returns}"])
        return f"def {self.result}(x):\n    {body}"

    def bound(self, scope: Mapping[str, Any]) -> Callable[[Any], Any]:
        """The function itself, which sees what was there when it was defined."""

        def function(x: Any) -> Any:
            inner = {**scope, "x": x}
            run(self.steps, inner)
            return inner[self.returns]

        function.__name__ = self.result
        return function


def source(value: Any) -> str:
    """An argument as Python source; infinities and NaN have no literal, so they are NumPy's."""
    match value:
        case float() if not math.isfinite(value):
            return repr(value).replace("inf", "numpy.inf").replace("nan", "numpy.nan")
        case list():
            return f"[{', '.join(map(source, value))}]"
        case tuple():
            return f"({', '.join(map(source, value))}{',' * (len(value) == 1)})"
        case dict():
            return f"{{{', '.join(f'{key!r}: {source(item)}' for key, item in value.items())}}}"
    return repr(value)


@dataclass(frozen=True)
class Call:
    """How a target is asked one case: the steps from a native `x` to a native `y`.

    `moves` tells of an array that goes in, or a result, from where to where its channel axis is
    moved. `notes` are sentences about what was filled in.
    """

    steps: tuple[Step | Def, ...]
    moves: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    results: tuple[str, ...] = ("y",)
    notes: tuple[str, ...] = ()


def run(steps: Sequence[Step | Def], scope: dict[str, Any]) -> None:
    """Do the steps one after another, keeping every result in `scope`."""
    for step in steps:
        if isinstance(step, Def):
            scope[step.result] = step.bound(scope)
            continue
        function = lookup(step.call, scope)
        args = [fill(value, scope) for value in step.args]
        result = function(*args, **{name: fill(value, scope) for name, value in step.kwargs.items()})
        if isinstance(step.result, str):
            scope[step.result] = result
        else:
            scope.update(zip(step.result, result, strict=True))


def flat(steps: Sequence[Step | Def]) -> Iterator[Step]:
    """All steps, those inside functions too; a function counts as a result that its steps leave."""
    for step in steps:
        if isinstance(step, Def):
            yield from flat(step.steps)
            yield Step(step.result, step.result)
        else:
            yield step


def fill(value: Any, scope: Mapping[str, Any]) -> Any:
    """An argument with its references and dotted names replaced by what they stand for."""
    match value:
        case Ref(name):
            return scope[name]
        case Name(dotted):
            return lookup(dotted, scope)
        case list() | tuple():
            return type(value)(fill(item, scope) for item in value)
        case dict():
            return {key: fill(item, scope) for key, item in value.items()}
    return value


def lookup(dotted: str, scope: Mapping[str, Any]) -> Any:
    """The object of a dotted name, whose root is an earlier result or a module."""
    root, *rest = dotted.split(".")
    found = scope[root] if root in scope else importlib.import_module(root)
    for part in rest:
        found = member(found, part)
    return found


def member(owner: Any, name: str) -> Any:
    """An attribute, or a submodule that nobody has imported yet."""
    if isinstance(owner, ModuleType) and not hasattr(owner, name):
        dotted = f"{owner.__name__}.{name}"
        try:
            return importlib.import_module(dotted)
        except ModuleNotFoundError as error:
            if error.name != dotted:
                raise
    return getattr(owner, name)


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
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if not isinstance(value, dict):
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


def pack_steps(steps: Sequence[Step | Def]) -> list[Any]:
    """Steps as JSON."""
    return [
        [step.result, pack_steps(step.steps), step.returns]
        if isinstance(step, Def)
        else [step.result, step.call, pack(tuple(step.args)), pack(dict(step.kwargs))]
        for step in steps
    ]


def unpack_steps(packed: Sequence[Any]) -> tuple[Any, ...]:
    """The steps that `pack_steps` made JSON of."""
    return tuple(unpack_def(*each) if len(each) == 3 else unpack_step(*each) for each in packed)


def unpack_def(result: str, steps: Sequence[Any], returns: str) -> Def:
    """The function that `pack_steps` made JSON of."""
    return Def(result, unpack_steps(steps), returns)


def unpack_step(result: str | Sequence[str], call: str, args: Any, kwargs: Any) -> Step:
    """The step that `pack_steps` made JSON of."""
    return Step(result if isinstance(result, str) else tuple(result), call, unpack(args), unpack(kwargs))
