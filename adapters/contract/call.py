"""Calls: straight-line steps as data, which print as the native code that they run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from textwrap import indent
from typing import Any

from ...cases.model.formula import Amount, Formula, Size


@dataclass(frozen=True)
class Ref:
    """A reference to an array of the case, or to the result of an earlier step."""

    name: str

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Name:
    """An object of a framework, or an attribute of an earlier result, by its dotted name."""

    dotted: str

    def __repr__(self) -> str:
        return self.dotted


@dataclass(frozen=True)
class Part:
    """The cells of an array from `start` to before `stop` along one axis, every `step`-th of them."""

    array: str
    axis: int
    start: Amount
    stop: Amount
    step: int = 1

    def __repr__(self) -> str:
        ends = [repr(self.start) if self.start != 0 else "", repr(self.stop)]
        colon = " : " if any(" " in end for end in ends) else ":"
        bounds = colon.join(ends).strip() + (f"{colon}{self.step}" if self.step != 1 else "")
        return f"{self.array}[{':, ' * self.axis}{bounds}]"


@dataclass(frozen=True)
class Step:
    """One assignment: a dotted name is called, and the result assigned to `result`.

    The dotted name begins with a module or with an earlier result. Several names in `result`
    unpack a sequence. Arguments are literals, `Ref`, `Name`, and lists, tuples and dicts of them.
    Attributes are set by `__setattr__` and read by `__getattribute__`, which print as `a.b = value` and `a.b`.
    """

    result: str | tuple[str, ...]
    call: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.call.endswith(".__setattr__"):
            return f"{self.call.removesuffix('__setattr__')}{self.args[0]} = {source(self.args[1])}"
        if not self.result:
            return self.expression
        names = self.result if isinstance(self.result, str) else f"[{', '.join(self.result)}]"
        return f"{names} = {self.expression}"

    @property
    def expression(self) -> str:
        """The right-hand side of the assignment, as source code."""
        if self.call.endswith(".__getattribute__"):
            return f"{self.call.removesuffix('__getattribute__')}{self.args[0]}"
        parts = [source(value) for value in self.args]
        parts += [f"{name}={source(value)}" for name, value in self.kwargs.items()]
        return f"{self.call}({', '.join(parts)})"

    @property
    def results(self) -> tuple[str, ...]:
        """The names that the step assigns."""
        return (self.result,) if isinstance(self.result, str) else self.result


@dataclass(frozen=True)
class Def:
    """A function definition, assigned to `result`: it takes `x`, does the steps, and returns the results named in `returns`."""

    result: str
    steps: Steps
    returns: tuple[str, ...] = ("y",)

    def __str__(self) -> str:
        return block(f"def {self.result}(x)", [*map(str, self.steps), f"return {', '.join(self.returns)}"])


@dataclass(frozen=True)
class With:
    """Steps in a `with` statement; the step `enter` gives the context manager."""

    enter: Step
    steps: Steps

    def __str__(self) -> str:
        target = f" as {self.enter.result}" if self.enter.result else ""
        return block(f"with {self.enter.expression}{target}", map(str, self.steps))


@dataclass(frozen=True)
class Each:
    """A list, assigned to `result`: what `item` gives for each number from 0 to before `count`, which formulas call `variable`."""

    result: str
    item: Step | Part
    count: int
    variable: str = "i"

    def __str__(self) -> str:
        item = self.item.expression if isinstance(self.item, Step) else repr(self.item)
        return f"{self.result} = [{item} for {self.variable} in range({self.count})]"


Steps = tuple["Step | Def | With | Each", ...]


@dataclass(frozen=True)
class Call:
    """A case as a target runs it: the steps from native arrays, such as `x`, to native results.

    `moves` has, for each array or result whose channel axis is moved, its position before and after. `notes` are sentences
    about arguments that were filled in. `before` are steps on NumPy arrays, before these become native.
    """

    steps: Steps
    moves: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    results: tuple[str, ...] = ("y",)
    notes: tuple[str, ...] = ()
    before: tuple[Step, ...] = ()


def block(head: str, lines: Iterator[str] | Sequence[str]) -> str:
    """A compound statement as source code: a head, and an indented body."""
    return "\n".join([f"{head}:", *(indent(line, "    ") for line in lines)])


def source(value: Any) -> str:
    """An argument as Python source code; infinities and NaN, which have no literal, are written as NumPy's."""
    match value:
        case float() if not math.isfinite(value):
            return repr(value).replace("inf", "numpy.inf").replace("nan", "numpy.nan")
        case list():
            return f"[{', '.join(map(source, value))}]"
        case tuple():
            return f"({', '.join(map(source, value))}{',' * (len(value) == 1)})"
        case slice(start=None, step=None):
            return f"slice({source(value.stop)})"
        case dict():
            return f"{{{', '.join(f'{key!r}: {source(item)}' for key, item in value.items())}}}"
    return repr(value)


def flatten(steps: Steps) -> Iterator[Step]:
    """All steps, including those inside functions and contexts; a function is represented by a step that assigns it."""
    for step in steps:
        match step:
            case Def(result, inner):
                yield from flatten(inner)
                yield Step(result, result)
            case With(enter, inner):
                yield from flatten((enter, *inner))
            case Each(result, item):
                yield replace(item, result=result) if isinstance(item, Step) else Step(result, item.array, (item,))
            case _:
                yield step


def dotted_names(steps: Steps) -> Iterator[str]:
    """Every dotted name that steps call, or take as an argument."""
    return (name for step in flatten(steps) for name in (step.call, *(leaf.dotted for leaf in leaves(step) if isinstance(leaf, Name))))


SCALARS = frozenset({str, int, float, bool, type(None)})


def leaves(value: Any) -> Iterator[Any]:
    """Every scalar inside an argument, or inside the arguments of a step; of a formula or a part the arrays that it needs."""
    if type(value) in SCALARS:  # most are, and each pattern below costs as much as this
        yield value
        return
    match value:
        case Step():
            yield from leaves((value.args, value.kwargs))
        case list() | tuple():
            for item in value:
                yield from leaves(item)
        case Mapping():
            yield from leaves(list(value.values()))
        case Formula(_, left, right):
            yield from leaves((left, right))
        case Size(array, _, function):
            yield from (Ref(array), *([Name(function)] if function else []))
        case Part(array, _, start, stop):
            yield from (Ref(array), *leaves((start, stop)))
        case _:
            yield value


def split_by_array(steps: Steps, array: str = "x") -> tuple[Steps, Steps]:
    """The steps that do not depend on an array, and those that do, each in their order.

    If a step assigns a name anew that one of the latter needs, all steps that assign it stay among these.
    """
    kept_names: set[str] = set()
    while True:
        dependent, needed_names, before, after = {array}, set[str](), [], []
        for step in steps:
            input_names, result_names = required_names(step), assigned_names(step)
            if dependent.isdisjoint(input_names) and (needed_names | kept_names).isdisjoint(result_names):
                before.append(step)
            else:
                dependent |= result_names
                needed_names |= input_names
                after.append(step)
        both = {name for step in before for name in assigned_names(step)} & {name for step in after for name in assigned_names(step)}
        if not both:
            return tuple(before), tuple(after)
        kept_names |= both


def assigned_names(step: Step | Def | With | Each) -> set[str]:
    """The names that a step assigns, inner ones included."""
    return {name for inner in flatten((step,)) for name in inner.results}


def required_names(step: Step | Def | With | Each) -> set[str]:
    """The modules and earlier results that a step needs."""
    references = {leaf.name for inner in flatten((step,)) for leaf in leaves(inner) if isinstance(leaf, Ref)}
    return references | {name.partition(".")[0] for name in dotted_names((step,))}
