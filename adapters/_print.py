"""A call as the few native lines that reproduce its answer in a fresh interpreter."""

from __future__ import annotations

import io
import tokenize
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from textwrap import indent
from typing import Any

from ..cases.inputs import Tensor
from . import Adapter, Target
from ._call import Call, Def, Name, Ref, Step, flat

WIDTH = 116
OURS = __package__.partition(".")[0]


def code(adapter: Adapter, target: Target, call: Call, tensors: Mapping[str, Tensor]) -> str:
    """Everything that a worker does for one case, beginning with its environment."""
    arriving = [Step(name, adapter.arrive, (Ref(name),)) for name in tensors] if adapter.arrive else []
    leaving = [leave(adapter.leave, name) for name in call.results] if adapter.leave else []
    every = (*target.prepare, *arriving, *call.steps, *leaving)
    blocks = (
        environment(target),
        imports(every, target.modules, tensors),
        list(map(str, target.prepare)),
        [
            *(f"{name} = {tensor.expression}" for name, tensor in tensors.items()),
            *moves(tensors, call),
            *map(str, (*arriving, *call.steps, *leaving)),
            *moves(call.results, call),
            *(f"print({name})" for name in call.results),
        ],
    )
    return "\n\n".join("\n".join(line for text in block for line in lines(text)) for block in blocks if block)


def lines(text: str) -> Iterator[str]:
    """The lines of a step, each broken where it is too long, at its own indentation."""
    for line in text.split("\n"):
        bare = line.lstrip(" ")
        yield indent(wrapped(bare), line[: len(line) - len(bare)])


def environment(target: Target) -> list[str]:
    """The lines that set what the framework reads when it is imported."""
    settings = [f"os.environ[{name!r}] = {value!r}" for name, value in target.environment.items()]
    return ["import os", "", *settings] if settings else []


def imports(every: Sequence[Step | Def], known: Sequence[str], tensors: Mapping[str, Tensor]) -> list[str]:
    """The lines that import what makes the arrays, and what the steps' dotted names begin with."""
    steps = list(flat(every))
    dotted = [name for step in steps for name in (step.call, *names((step.args, step.kwargs)))]
    results = {name for step in steps for name in ([step.result] if isinstance(step.result, str) else step.result)}
    types = {"ml_dtypes" for tensor in tensors.values() if "ml_dtypes." in tensor.expression}
    modules = {"numpy", *types, *(module(name, known) for name in dotted)} - results - set(tensors)
    return [f"import {name}" for name in sorted(modules)]


def module(dotted: str, known: Sequence[str]) -> str:
    """The module of a dotted name: the longest that is known, or else the root; of ours the very one it stands in."""
    root = dotted.partition(".")[0]
    inner = [name for name in known if f"{dotted}.".startswith(f"{name}.")]
    return dotted.rpartition(".")[0] if root == OURS else max(inner, key=len, default=root)


def names(value: Any) -> Iterator[str]:
    """Every dotted name inside an argument."""
    match value:
        case Name(dotted):
            yield dotted
        case list() | tuple():
            for item in value:
                yield from names(item)
        case Mapping():
            yield from names(list(value.values()))


def leave(how: str, name: str) -> Step:
    """The step that makes a native result a NumPy array, by a function or by a '.method' of its own."""
    return Step(name, name + how) if how.startswith(".") else Step(name, how, (Ref(name),))


def moves(names: Iterable[str], call: Call) -> Iterator[str]:
    """The lines that move the channel axes of arrays."""
    for name in names:
        if name in call.moves:
            start, end = call.moves[name]
            yield f"{name} = numpy.ascontiguousarray(numpy.moveaxis({name}, {start}, {end}))"


@lru_cache(maxsize=1024)
def wrapped(line: str) -> str:
    """A long line broken after its outermost commas, all of which stand inside brackets."""
    if len(line) <= WIDTH:
        return line
    commas, rows, start = depths(line), [], 0
    while len(line) - start > WIDTH:
        fitting = commas[bisect(commas, (start, WIDTH)) : bisect(commas, (start + WIDTH, 0))]
        if not fitting:
            break
        end, _ = min(fitting, key=lambda comma: (comma[1], -comma[0]))
        rows.append(line[start:end].strip())
        start = end
    return "\n    ".join([*rows, line[start:].strip()])


def depths(line: str) -> list[tuple[int, int]]:
    """Where each comma of a line of Python ends, and how many brackets it stands in."""
    depth, found = 0, []
    for token in tokenize.generate_tokens(io.StringIO(line).readline):
        depth += (token.string in ("(", "[", "{")) - (token.string in (")", "]", "}"))
        if token.string == ",":
            found.append((token.end[1], depth))
    return found
