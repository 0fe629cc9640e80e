"""Doing the steps of a call, where the framework is."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from types import ModuleType
from typing import Any

from ._call import Def, Name, Ref, Step, Steps, dotted, flat

PLAIN = frozenset({int, str, bool, float, type(None)})
"""Types of arguments that stand for themselves."""


def run(steps: Steps, scope: dict[str, Any]) -> None:
    """Do the steps one after another, keeping every result in `scope`."""
    for step in steps:
        if isinstance(step, Step):
            keep(step, done(step, scope), scope)
        elif isinstance(step, Def):
            scope[step.result] = function(step, scope)
        else:
            with done(step.enter, scope) as value:
                keep(step.enter, value, scope)
                run(step.steps, scope)


def done(step: Step, scope: Mapping[str, Any]) -> Any:
    """What a step gives."""
    call, args = lookup(step.call, scope), [fill(value, scope) for value in step.args]
    if not step.kwargs:
        return call(*args)
    return call(*args, **{name: fill(value, scope) for name, value in step.kwargs.items()})


def keep(step: Step, value: Any, scope: dict[str, Any]) -> None:
    """Keep what a step gave under the names it has for that."""
    if type(step.result) is str:
        scope[step.result] = value
    else:
        scope.update(zip(step.result, value, strict=True))


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
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind is Ref:
        return scope[value.name]
    if kind is Name:
        return lookup(value.dotted, scope)
    if kind is list or kind is tuple:
        return kind([fill(item, scope) for item in value])
    if kind is dict:
        return {key: fill(item, scope) for key, item in value.items()}
    return value


def lookup(name: str, scope: Mapping[str, Any]) -> Any:
    """The object of a dotted name, whose root is an earlier result or a module."""
    root, *rest = path(name)
    return reduce(member, rest, scope[root]) if root in scope else of_module(name)


@lru_cache(maxsize=4096)
def of_module(name: str) -> Any:
    """The object of a dotted name that begins with a module; modules keep what they once had."""
    root, *rest = path(name)
    return reduce(member, rest, importlib.import_module(root))


@lru_cache(maxsize=4096)
def path(name: str) -> list[str]:
    """The parts of a dotted name."""
    return name.split(".")


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
