"""A call as the native lines that reproduce its answer in Node, for targets whose worker runs there."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ...cases.model.inputs import Tensor
from ..contract import Call, Def, Name, Ref, Step, Steps, Target

TYPED_ARRAYS = {
    "bool": "Uint8Array", "int8": "Int8Array", "uint8": "Uint8Array", "int16": "Int16Array", "int32": "Int32Array",
    "int64": "BigInt64Array", "float16": "Uint16Array", "bfloat16": "Uint16Array", "float32": "Float32Array", "float64": "Float64Array",
}  # fmt: skip
"""The typed array of JavaScript for each type of cells; those of 16 bits are written as their bits."""

PROMISES = frozenset({"create", "data", "ready", "run", "setBackend"})
"""The functions and methods that give promises, by their last names; the worker waits for every result."""


def javascript_code(target: Target, call: Call, tensors: Mapping[str, Tensor]) -> str:
    """Everything that a worker in Node does for one case, as a script."""
    declared_names: set[str] = set()
    prepare_lines = list(write_steps(target.prepare, declared_names))
    body = [
        *(line for name, tensor in tensors.items() for line in write_array(name, tensor, call.moves.get(name), declared_names)),
        *write_steps(call.steps, declared_names),
        *(f"console.log({name});" for name in call.results),
    ]
    return "\n".join(["(async () => {", *(f"  {line}" for line in (*prepare_lines, *body)), "})();"])


def write_array(name: str, tensor: Tensor, move: tuple[int, int] | None, declared_names: set[str]) -> Iterator[str]:
    """An array as an object of its data, its shape and its type, in the layout that the target takes."""
    value = np.moveaxis(tensor.value, *move) if move else tensor.value
    cells = value.view("uint16") if tensor.dtype in ("float16", "bfloat16") else value
    suffix = "n" if tensor.dtype == "int64" else ""
    numbers = [f"{write_value(cell)}{suffix}" for cell in cells.ravel().tolist()]
    data = f"{TYPED_ARRAYS[tensor.dtype]}.from([{', '.join(numbers)}])"
    declared_names.add(name)
    yield f"let {name} = {{ data: {data}, shape: {list(value.shape)}, dtype: {json.dumps(tensor.dtype)} }};"


def write_steps(steps: Steps, declared_names: set[str]) -> Iterator[str]:
    """Steps as statements; a name is declared where it is assigned first."""
    for step in steps:
        if isinstance(step, Def):
            inner = " ".join(write_steps(step.steps, {"x"}))
            return_value = step.returns[0] if len(step.returns) == 1 else f"[{', '.join(step.returns)}]"
            yield f"{declare(step.result, declared_names)} = (x) => {{ {inner} return {return_value}; }};"
        elif isinstance(step, Step):
            yield f"{write_step(step, declared_names)};"
        else:
            raise TypeError(f"{step}: a step without a counterpart in JavaScript; expected calls and functions")


def write_step(step: Step, declared_names: set[str]) -> str:
    """A call as an assignment."""
    values = [write_value(value) for value in step.args]
    if step.kwargs:
        values.append(write_value(dict(step.kwargs)))
    waits = "await " if step.call.rpartition(".")[2] in PROMISES else ""
    call = f"{waits}{step.call}({', '.join(values)})"
    if not step.result:
        return call
    if isinstance(step.result, str):
        return f"{declare(step.result, declared_names)} = {call}"
    names = f"[{', '.join(step.result)}]"
    new = not declared_names.issuperset(step.result)
    declared_names.update(step.result)
    return f"{'let ' if new else ''}{names} = {call}"


def declare(name: str, declared_names: set[str]) -> str:
    """A name as it is assigned: declared if it is new."""
    if name in declared_names:
        return name
    declared_names.add(name)
    return f"let {name}"


def write_value(value: Any) -> str:
    """An argument as a literal of JavaScript."""
    match value:
        case Ref(name) | Name(name):
            return name
        case None:
            return "undefined"
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else f"{'-' * (value < 0)}Infinity"
        case list() | tuple():
            return f"[{', '.join(map(write_value, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {write_value(item)}' for key, item in value.items())}}}"
    return json.dumps(value)
