"""A call as the few native lines that reproduce its answer in a fresh interpreter."""

from __future__ import annotations

import io
import tokenize
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from textwrap import indent

from ...cases.model.inputs import Tensor
from ..contract import PYTHON, Adapter, Target
from ..contract.call import Call, Steps, dotted_names, flatten
from .javascript import javascript_code

WIDTH = 116
OURS = __package__.partition(".")[0]


def code(adapter: Adapter, target: Target, call: Call, tensors: Mapping[str, Tensor]) -> str:
    """Everything that a worker does for one case, beginning with its environment."""
    if target.program != PYTHON:
        return javascript_code(target, call, tensors)
    arriving = [step for name, tensor in tensors.items() for step in adapter.to_native(name, tensor.dtype)]
    leaving = [step for name in call.results for step in adapter.to_numpy(name, tensors["x"].dtype)]
    every = (*target.prepare, *call.before, *arriving, *call.steps, *leaving)
    blocks = (
        environment(target),
        imports(every, target.modules, tensors),
        list(map(str, target.prepare)),
        [
            *(f"{name} = {tensor.expression}" for name, tensor in tensors.items()),
            *moves(tensors, call),
            *map(str, (*call.before, *arriving, *call.steps, *leaving)),
            *moves(call.results, call),
            *(f"print({name})" for name in call.results),
        ],
    )
    return "\n\n".join("\n".join(line for text in block for line in lines(text)) for block in blocks if block)


def lines(text: str) -> Iterator[str]:
    """The lines of a step, each broken where it is too long, at its own indentation."""
    for line in text.split("\n"):
        bare = line.lstrip(" ")
        yield indent(wrap_line(bare), line[: len(line) - len(bare)])


def environment(target: Target) -> list[str]:
    """The lines that set what the framework reads when it is imported."""
    settings = [f"os.environ[{name!r}] = {value!r}" for name, value in target.environment.items()]
    return ["import os", "", *settings] if settings else []


def imports(steps: Steps, known_modules: Sequence[str], tensors: Mapping[str, Tensor]) -> list[str]:
    """The lines that import what makes the arrays, and what the steps' dotted names begin with."""
    results = {name for step in flatten(steps) for name in step.results}
    types = {"ml_dtypes" for tensor in tensors.values() if "ml_dtypes." in tensor.expression}
    modules = {"numpy", *types, *(module(name, known_modules) for name in dotted_names(steps))} - results - set(tensors)
    return [f"import {name}" for name in sorted(modules)]


def module(dotted_name: str, known_modules: Sequence[str]) -> str:
    """The module of a dotted name: the longest that is known, or else the root; of ours the very one it stands in."""
    root = dotted_name.partition(".")[0]
    inner = [name for name in known_modules if f"{dotted_name}.".startswith(f"{name}.")]
    return dotted_name.rpartition(".")[0] if root == OURS else max(inner, key=len, default=root)


def moves(names: Iterable[str], call: Call) -> Iterator[str]:
    """The lines that move the channel axes of arrays."""
    for name in names:
        if name in call.moves:
            start, end = call.moves[name]
            yield f"{name} = numpy.ascontiguousarray(numpy.moveaxis({name}, {start}, {end}))"


@lru_cache(maxsize=1024)
def wrap_line(line: str) -> str:
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
    depth, nesting = 0, []
    for token in tokenize.generate_tokens(io.StringIO(line).readline):
        depth += (token.string in ("(", "[", "{")) - (token.string in (")", "]", "}"))
        if token.string == ",":
            nesting.append((token.end[1], depth))
    return nesting
