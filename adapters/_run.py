"""Doing the steps of a call, where the framework is."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from types import ModuleType
from typing import Any

from ._call import Def, Name, Ref, Step, Steps, With, dotted, flat

PLAIN = frozenset({int, str, bool, float, type(None)})
"""Types of arguments that stand for themselves."""


def run(steps: Steps, scope: dict[str, Any]) -> None:
    """Do the steps one after another, keeping every result in `scope`."""
    for step in steps:
        match step:
            case Def():
                scope[step.result] = function(step, scope)
            case With(enter, inner):
                with done(enter, scope) as value:
                    keep(enter, value, scope)
                    run(inner, scope)
            case _:
                keep(step, done(step, scope), scope)


def done(step: Step, scope: Mapping[str, Any]) -> Any:
    """What a step gives."""
    args = [fill(value, scope) for value in step.args]
    return lookup(step.call, scope)(*args, **{name: fill(value, scope) for name, value in step.kwargs.items()})


def keep(step: Step, value: Any, scope: dict[str, Any]) -> None:
    """Keep what a step gave under the names it has for that."""
    scope.update({step.result: value} if isinstance(step.result, str) else zip(step.result, value, strict=True))


def function(definition: Def, scope: Mapping[str, Any]) -> Callable[[Any], Any]:
    """The function itself: the very text that is printed, for frameworks that read a function's code to compile it."""
    there = {**modules(definition, scope), **scope}
    exec(compile(str(definition), f"<{definition.result}>", "exec"), there)  # noqa: S102 made of names and of literals' own texts
    made: Callable[[Any], Any] = there[definition.result]
    return made


def modules(definition: Def, scope: Mapping[str, Any]) -> dict[str, Any]:
    """The modules that the function's dotted names begin with, imported as deep as they go."""
    inner = {"x", *scope, *(name for step in flat(definition.steps) for name in step.results)}
    outer = {name for name in dotted(definition.steps) if name.partition(".")[0] not in inner}
    for name in outer:
        lookup(name, {})
    return {root: importlib.import_module(root) for root in ("numpy", *(name.partition(".")[0] for name in outer))}


def fill(value: Any, scope: Mapping[str, Any]) -> Any:
    """An argument with its references and dotted names replaced by what they stand for."""
    if type(value) in PLAIN:
        return value
    match value:
        case Ref(name):
            return scope[name]
        case Name(name):
            return lookup(name, scope)
        case list() | tuple():
            return type(value)(fill(item, scope) for item in value)
        case dict():
            return {key: fill(item, scope) for key, item in value.items()}
    return value


def lookup(name: str, scope: Mapping[str, Any]) -> Any:
    """The object of a dotted name, whose root is an earlier result or a module."""
    root, _, rest = name.partition(".")
    if root not in scope:
        return of_module(name)
    return reduce(member, rest.split("."), scope[root]) if rest else scope[root]


@lru_cache(maxsize=4096)
def of_module(name: str) -> Any:
    """The object of a dotted name that begins with a module; modules keep what they once had."""
    root, *rest = name.split(".")
    return reduce(member, rest, importlib.import_module(root))


def member(owner: Any, name: str) -> Any:
    """An attribute, or a submodule that nobody has imported yet."""
    if isinstance(owner, ModuleType) and not hasattr(owner, name):
        whole = f"{owner.__name__}.{name}"
        try:
            return importlib.import_module(whole)
        except ModuleNotFoundError as error:
            if error.name != whole:
                raise
    return getattr(owner, name)
