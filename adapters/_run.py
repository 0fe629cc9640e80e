"""Doing the steps of a call, where the framework is.

Most steps are done many times, with other arrays. They are made ready first, as functions of a scope,
which is the dict of what the names of arrays and results stand for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, reduce
from operator import itemgetter
from types import ModuleType
from typing import Any

from ._call import Def, Name, Ref, Step, With, dotted, flat

PLAIN = frozenset({int, str, bool, float, type(None)})
"""Types of arguments that stand for themselves."""
Scope = dict[str, Any]
Doing = Callable[[Scope], None]
"""A step made ready: it takes what it needs from a scope, and keeps there what it gives."""
Part = Callable[[Mapping[str, Any]], Any]
"""An argument made ready: what it is in a scope."""


def run(doings: Iterable[Doing], scope: Scope) -> None:
    """Do steps that were made ready one after another, keeping every result in `scope`."""
    for doing in doings:
        doing(scope)


def ready(steps: Iterable[Step | Def | With]) -> tuple[Doing, ...]:
    """Steps made ready to be done many times: whatever hangs on no scope is found out once."""
    return tuple(map(made_ready, steps))


def made_ready(step: Step | Def | With) -> Doing:
    """One step made ready."""
    match step:
        case With(enter, inner):
            return context(enter, ready(inner))
        case Def(result):
            return kept(result, lambda scope: function(step, scope))
    return kept(step.result, value_of(step))


def kept(result: str | tuple[str, ...], value: Part) -> Doing:
    """Keep a value under its name, or a sequence under its names."""
    if isinstance(result, str):

        def keep(scope: Scope) -> None:
            scope[result] = value(scope)
    else:

        def keep(scope: Scope) -> None:
            scope.update(zip(result, value(scope), strict=True))

    return keep


def context(enter: Step, inner: tuple[Doing, ...]) -> Doing:
    """Steps in the context that another one gives."""
    value = value_of(enter)

    def do(scope: Scope) -> None:
        with value(scope) as entered:
            kept(enter.result, lambda _: entered)(scope)
            run(inner, scope)

    return do


def value_of(step: Step) -> Part:
    """What a step gives."""
    call, args = named(step.call), [part(value) for value in step.args]
    if not step.kwargs:
        return lambda scope: call(scope)(*[arg(scope) for arg in args])
    kwargs = [(name, part(value)) for name, value in step.kwargs.items()]
    return lambda scope: call(scope)(*[arg(scope) for arg in args], **{name: arg(scope) for name, arg in kwargs})


def part(value: Any) -> Part:
    """An argument, whose references and dotted names are replaced by what they stand for."""
    match value:
        case Ref(name):
            return itemgetter(name)
        case Name(dotted):
            return named(dotted)
        case tuple() if PLAIN.issuperset(map(type, value)):
            return lambda scope: value
        case list() | tuple():
            kind, items = type(value), [part(item) for item in value]
            return lambda scope: kind([item(scope) for item in items])
        case dict():
            pairs = [(key, part(item)) for key, item in value.items()]
            return lambda scope: {key: item(scope) for key, item in pairs}
    return lambda scope: value


def named(name: str) -> Part:
    """The object of a dotted name, whose root is an earlier result or a module."""
    root, *rest = name.split(".")
    return lambda scope: reduce(member, rest, scope[root]) if root in scope else of_module(name)


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
        of_module(name)
    return {root: importlib.import_module(root) for root in ("numpy", *(name.partition(".")[0] for name in outer))}


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
