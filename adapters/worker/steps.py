"""Doing the steps of a call, where the framework is.

Most steps are done many times, with other arrays. They are made ready first, as functions of a scope,
which is the dict of what the names of arrays and results stand for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial, reduce
from types import ModuleType
from typing import Any

from ...cases.model.formula import Formula, Size, Variable
from ..contract.call import Def, Each, Name, Part, Ref, Step, With, dotted_names, flatten

PLAIN = frozenset({int, str, bool, float, type(None)})
"""Types of arguments that stand for themselves."""
Scope = dict[str, Any]
Doing = Callable[[Scope], None]
"""A step made ready: it takes what it needs from a scope, and keeps there what it gives."""
Value = Callable[[Mapping[str, Any]], Any]
"""What a step gives in a scope."""


def run(doings: Iterable[Doing], scope: Scope) -> None:
    """Do steps that were made ready one after another, keeping every result in `scope`."""
    for doing in doings:
        doing(scope)


def ready(steps: Iterable[Step | Def | With | Each]) -> tuple[Doing, ...]:
    """Steps made ready to be done many times: whatever hangs on no scope is found out once."""
    return tuple(map(prepare_step, steps))


def prepare_step(step: Step | Def | With | Each) -> Doing:
    """One step made ready; what is wrong with it by itself is raised where it is done."""
    try:
        match step:
            case With(enter, inner):
                return context(enter, ready(inner))
            case Def(result):
                return keep_result(result, lambda scope: function(step, scope))
            case Each(result, item, count, variable):
                value = value_of(item)
                return keep_result(result, lambda scope: [value({**scope, variable: number}) for number in range(count)])
        return keep_result(step.result, value_of(step))
    except SyntaxError as error:
        return partial(fail, error)


def fail(error: Exception, scope: Scope) -> None:
    """Do a step that cannot be done in any scope."""
    raise error.with_traceback(None)  # for it is raised each time, and would keep the frames of all of them


def keep_result(result: str | tuple[str, ...], value: Value) -> Doing:
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
        with value(scope) as entered_value:
            keep_result(enter.result, lambda _: entered_value)(scope)
            run(inner, scope)

    return do


def value_of(step: Step | Part) -> Value:
    """What a step gives, or the part of an array.

    It becomes one expression, whose values are bound to it: steps that differ in nothing but those share its code.
    """
    values: list[Any] = []
    if isinstance(step, Part):
        text = write_value(step, values)
        return expression(text, len(values))(*values)
    args = [write_value(value, values) for value in step.args]
    kwargs = [f"{spell_name(name)}={write_value(value, values)}" for name, value in step.kwargs.items()]
    text = f"{write_name(step.call, values)}({', '.join([*args, *kwargs])})"
    return expression(text, len(values))(*values)


@lru_cache(maxsize=4096)
def expression(text: str, count: int) -> Callable[..., Value]:
    """What binds so many values to an expression."""
    parameters = ", ".join(f"v{number}" for number in range(count))
    make_value: Callable[..., Value] = eval(f"lambda {parameters}: lambda scope: {text}", {"of_module": of_module})  # noqa: S307 made of names alone
    return make_value


def write_value(value: Any, values: list[Any]) -> str:
    """An argument, whose references and dotted names are replaced by what they stand for in `scope`."""
    match value:
        case Ref(name) | Variable(name):
            return f"scope[{bind(name, values)}]"
        case Name(dotted):
            return write_name(dotted, values)
        case list():
            return f"[{', '.join(write_value(item, values) for item in value)}]"
        case tuple() if not PLAIN.issuperset(map(type, value)):
            return f"({', '.join(write_value(item, values) for item in value)},)"
        case dict():
            return f"{{{', '.join(f'{bind(key, values)}: {write_value(item, values)}' for key, item in value.items())}}}"
    return written_formula(value, values) if isinstance(value, Size | Formula | Part) else bind(value, values)


def written_formula(value: Size | Formula | Part, values: list[Any]) -> str:
    """A formula of sizes, or a part of an array, in terms of `scope`."""
    match value:
        case Size(array, axis, function):
            owner = f"scope[{bind(array, values)}]"
            return f"{write_name(function, values)}({owner})[{bind(axis, values)}]" if function else f"{owner}.shape[{bind(axis, values)}]"
        case Formula(operator, left, right):
            terms = write_value(left, values), write_value(right, values)
            return f"{operator}({', '.join(terms)})" if operator in ("max", "min") else f"({f' {operator} '.join(terms)})"
        case Part(array, axis, start, stop, step):
            bounds = ":".join(write_value(end, values) for end in (start, stop, step))
            return f"scope[{bind(array, values)}][{':, ' * axis}{bounds}]"


def bind(value: Any, values: list[Any]) -> str:
    """The name of a value that stands for itself."""
    values.append(value)
    return f"v{len(values) - 1}"


def write_name(name: str, values: list[Any]) -> str:
    """The object of a dotted name, whose root is an earlier result or a module."""
    root, dot, rest = spell_name(name).partition(".")
    result = bind(root, values)
    return f"(scope[{result}]{dot}{rest} if {result} in scope else of_module({bind(name, values)}))"


def spell_name(name: str) -> str:
    """A dotted name as it stands in code; SyntaxError where it is none."""
    if not all(map(str.isidentifier, name.split("."))):
        raise SyntaxError(f"{name!r} is no name; expected one such as 'numpy.add'")
    return name


def function(definition: Def, scope: Mapping[str, Any]) -> Callable[[Any], Any]:
    """The function itself: the very text that is printed, for frameworks that read a function's code to compile it."""
    namespace = {**modules(definition, scope), **scope}
    exec(compile(str(definition), f"<{definition.result}>", "exec"), namespace)  # noqa: S102 made of names and of literals' own texts
    compiled_function: Callable[[Any], Any] = namespace[definition.result]
    return compiled_function


def modules(definition: Def, scope: Mapping[str, Any]) -> dict[str, Any]:
    """The modules that the function's dotted names begin with, imported as deep as they go."""
    inner = {"x", *scope, *(name for step in flatten(definition.steps) for name in step.results)}
    outer = {name for name in dotted_names(definition.steps) if name.partition(".")[0] not in inner}
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
