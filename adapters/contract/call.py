"""A call: straight-line steps as data, printed as the native code they are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import indent
from typing import Any


@dataclass(frozen=True)
class Ref:
    """An array of the case, or what an earlier step gave."""

    name: str

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Name:
    """A framework's own object, or an attribute of what an earlier step gave, by its dotted name."""

    dotted: str

    def __repr__(self) -> str:
        return self.dotted


@dataclass(frozen=True)
class Step:
    """One assignment: a dotted name is called, its result kept as `result`.

    The dotted name begins with a module or with an earlier result. Several names in `result`
    unpack a sequence. Arguments are literals, `Ref`, `Name`, and lists, tuples and dicts of them.
    Attributes are set by `__setattr__` and read by `__getattribute__`, which are printed as such.
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
        """What is on the right of the assignment."""
        if self.call.endswith(".__getattribute__"):
            return f"{self.call.removesuffix('__getattribute__')}{self.args[0]}"
        parts = [source(value) for value in self.args]
        parts += [f"{name}={source(value)}" for name, value in self.kwargs.items()]
        return f"{self.call}({', '.join(parts)})"

    @property
    def results(self) -> tuple[str, ...]:
        """The names that it leaves something under."""
        return (self.result,) if isinstance(self.result, str) else self.result


@dataclass(frozen=True)
class Def:
    """A function of steps, kept as `result`: it takes `x`, does the steps, and returns what they leave under `returns`."""

    result: str
    steps: Steps
    returns: tuple[str, ...] = ("y",)

    def __str__(self) -> str:
        return block(f"def {self.result}(x)", [*map(str, self.steps), f"return {', '.join(self.returns)}"])


@dataclass(frozen=True)
class With:
    """Steps done in a context, which is what the step `enter` gives."""

    enter: Step
    steps: Steps

    def __str__(self) -> str:
        kept = f" as {self.enter.result}" if self.enter.result else ""
        return block(f"with {self.enter.expression}{kept}", map(str, self.steps))


Steps = tuple["Step | Def | With", ...]


@dataclass(frozen=True)
class Call:
    """How a target is asked one case: the steps from native arrays, `x` among them, to native results.

    `moves` tells of an array that goes in, or a result, from where to where its channel axis is
    moved. `notes` are sentences about what was filled in.
    """

    steps: Steps
    moves: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    results: tuple[str, ...] = ("y",)
    notes: tuple[str, ...] = ()


def block(head: str, lines: Iterator[str] | Sequence[str]) -> str:
    """A compound statement."""
    return "\n".join([f"{head}:", *(indent(line, "    ") for line in lines)])


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


def flatten(steps: Steps) -> Iterator[Step]:
    """All steps, those inside functions and contexts too; a function counts as a result that its steps leave."""
    for step in steps:
        match step:
            case Def(result, inner):
                yield from flatten(inner)
                yield Step(result, result)
            case With(enter, inner):
                yield from flatten((enter, *inner))
            case _:
                yield step


def dotted_names(steps: Steps) -> Iterator[str]:
    """Every dotted name that steps call or are given."""
    return (name for step in flatten(steps) for name in (step.call, *(each.dotted for each in leaves(step) if isinstance(each, Name))))


def leaves(value: Any) -> Iterator[Any]:
    """Every single thing inside an argument, or among those of a step."""
    match value:
        case Step():
            yield from leaves((value.args, value.kwargs))
        case list() | tuple():
            for item in value:
                yield from leaves(item)
        case Mapping():
            yield from leaves(list(value.values()))
        case _:
            yield value


def split_by_array(steps: Steps, array: str = "x") -> tuple[Steps, Steps]:
    """The steps that need nothing of an array, and those that do."""
    needing, before, after = {array}, [], []
    for step in steps:
        if needing.isdisjoint(required_names(step)):
            before.append(step)
        else:
            needing.update(name for each in flatten((step,)) for name in each.results)
            after.append(step)
    return tuple(before), tuple(after)


def required_names(step: Step | Def | With) -> set[str]:
    """The modules and earlier results that a step needs."""
    given = {each.name for inner in flatten((step,)) for each in leaves(inner) if isinstance(each, Ref)}
    return given | {name.partition(".")[0] for name in dotted_names((step,))}
