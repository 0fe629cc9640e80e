"""The lines to paste: a call from a native `x` to a native `y`, alone, or as a function or a layer of its framework."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from textwrap import indent

from ..contract import Adapter, Call, Def, Each, LayerClass, Step, Steps, Target, With
from ..contract.call import block, dotted_names, flatten, required_names, split_by_array
from ..contract.verbs import rename
from .source_code import lines, module

LINES, FUNCTION, LAYER = FORMS = "lines", "function", "layer"
"""The lines by themselves; a function of `x`; a layer, where the framework has classes of them, or else a function."""
NAME = "pool"
FURTHER = ("indices",)
"""Arrays that a call takes besides the input."""


def snippet(adapter: Adapter, target: Target, call: Call, form: str = LINES) -> str:
    """The lines of a call without what makes its input, in one of the `FORMS`, after the imports that they need."""
    steps, further = adapter.snippet_parts(tuple(without_idle_arguments(adapter, eager_steps(call.steps))))
    results = tuple(further.values()) or call.results
    layer_class = adapter.layer_class if form == LAYER else None
    if layer_class:
        body = write_layer(steps, layer_class, results)
    elif form == LINES:
        body = [*map(str, steps), *(f"{name} = {value}" for name, value in further.items() if value != "[]")]
    else:
        body = [write_function(NAME, steps, results)]
    names = [*dotted_names(steps), *([layer_class.base] if layer_class else [])]
    blocks = (import_lines(names, steps, target, body), body)
    return "\n\n".join("\n".join(line for text in part for line in lines(text)) for part in blocks if part)


def eager_steps(steps: Steps) -> Steps:
    """The steps of a call without the function that they are in for a mode."""
    for place, step in enumerate(steps):
        if isinstance(step, Def):
            return (*steps[:place], *step.steps)
    return steps


def without_idle_arguments(adapter: Adapter, steps: Steps) -> Iterator[Step | Def | With | Each]:
    """The steps without arguments that state a default of the framework."""
    for step in steps:
        if isinstance(step, Step):
            kwargs = {name: value for name, value in step.kwargs.items() if adapter.idle_arguments.get(name) != value}
            yield replace(step, kwargs=kwargs)
        else:
            yield step


def import_lines(names: Sequence[str], steps: Steps, target: Target, body: Sequence[str]) -> list[str]:
    """The lines that import what a body names."""
    results = {name for step in flatten(steps) for name in step.results}
    numpy = {"numpy"} if any("numpy." in text.replace("jax.numpy.", "") for text in body) else set()
    modules = {module(name, target.modules) for name in names} - results - {"x", "numpy", *FURTHER} | numpy
    return [f"import {name}" for name in sorted(modules)]


def write_function(name: str, steps: Steps, results: Sequence[str], before: str = "") -> str:
    """The steps as a function of the input, and of indices, if they need them; the nodes of a graph do not."""
    needed_names = set[str]().union(*map(required_names, steps))
    assigned_names = {name for step in flatten(steps) for name in step.results}
    arrays = [name for name in ("x", *FURTHER) if name in needed_names and (name == "x" or name not in assigned_names)]
    arguments = ", ".join(filter(None, (before, *arrays)))
    return block(f"def {name}({arguments})", [*lines_with_return(steps, results)])


def write_layer(steps: Steps, layer_class: LayerClass, results: Sequence[str]) -> list[str]:
    """The steps as a class: layers that do not depend on the input are made once."""
    constructor_steps, call_steps = split_off_layers(steps)
    names = {name: f"self.{name}" for step in constructor_steps for name in step.results}
    further = ", ".join(filter(None, ("self", layer_class.arguments)))
    init = block(
        f"def __init__({further})",
        [f"super().__init__({layer_class.arguments})", *(str(rename(step, names)) for step in constructor_steps)],
    )
    inside = write_function(layer_class.method, tuple(rename(step, names) for step in call_steps), results, "self")
    return [
        f"class {NAME.title()}({layer_class.base}):",
        *(indent(text, "    ") for text in ([init, "", inside] if constructor_steps else [inside])),
    ]


def split_off_layers(steps: Steps) -> tuple[list[Step], Steps]:
    """The steps that make a layer, by a class, and all others; a name that several steps assign is left where it is."""
    counts = Counter(name for step in flatten(steps) for name in step.results)
    before, _ = split_by_array(steps)
    constructor_steps = [
        step for step in before if isinstance(step, Step) and is_class(step.call) and max(map(counts.__getitem__, step.results)) == 1
    ]
    return constructor_steps, tuple(step for step in steps if step not in constructor_steps)


def is_class(name: str) -> bool:
    """Whether a dotted name is that of a class."""
    return name.rpartition(".")[2][:1].isupper()


def lines_with_return(steps: Steps, results: Sequence[str]) -> Iterator[str]:
    """The lines of steps, the last of which returns the results."""
    *first, last = steps
    yield from map(str, first)
    if isinstance(last, Step) and last.results == tuple(results):
        yield f"return {last.expression}"
    else:
        yield str(last)
        yield f"return ({', '.join(results)})" if len(results) > 1 else f"return {results[0]}"  # lines are broken inside of brackets alone
