"""One case of a spec, made of its mapping in the file, whose form is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ..model.case import Case, Citation, Due
from ..model.inputs import PRECISION, Array, Tensor
from ..model.layers import BadSpelling, Layer, Spelling, parse_layer
from ..model.mistake import Fault
from ..model.pool import FIRST, Pool
from .arrays import array, like_output, tensor
from .located import List, Map

T = TypeVar("T")

TYPES = {"indices": "int64"}
"""The types of those arrays that do not have the input's."""

ORACLE = "oracle"
"""What stands for an array that the oracle gives."""


@dataclass(frozen=True)
class Draft:
    """A case while it is read: its mapping, its file's, and what is found wrong with it.

    A key whose value was wrong is missing in `told`, and has its line there all the same.
    """

    name: str
    told: Map
    file: Map
    layers: Mapping[str, Layer]
    faults: list[Fault] = field(default_factory=list)

    @property
    def line(self) -> int:
        """Where the case's name stands."""
        return int(self.file["cases"].lines[self.name])

    def attempt(self, make: Callable[..., T], *args: Any) -> T | None:
        """What is made, or None and one more fault."""
        try:
            return make(*args)
        except Fault as fault:
            self.faults.append(fault)
            return None

    def stated(self, key: str) -> str | None:
        """What the case or its pool says, but not both."""
        pool = self.told.get("pool", {})
        if key in self.told and key in pool:
            self.faults.append(Fault(pool.lines[key], f"{key} in pool and in the case", "it in one of them"))
        value: str | None = self.told.get(key, pool.get(key))
        return value

    def inherited(self, key: str, default: T) -> T:
        """What the case says, or else its file."""
        value: T = self.told.get(key, self.file.get(key, default))
        return value


def case_of(draft: Draft, place: str, path: str) -> Case | None:
    """The case, or None where no operation or no input came of it."""
    told, data_format = draft.told, draft.stated("data_format")
    dtype = draft.stated("dtype") or "float32"
    if not {"layer", "op"} & told.lines.keys() and "op" not in draft.file.lines:
        draft.faults.append(Fault(draft.line, f"the case {draft.name} names nothing to do", "a layer, or an op here or for the whole file"))
    spelling, pool = operation(draft, told, told.get("op", draft.file.get("op")), data_format)
    x = draft.attempt(tensor, "input", told.lines["input"], told["input"], dtype) if "input" in told else None
    due, answers = due_of(draft, told, dtype, pool), answers_of(draft, dtype)
    extra = extra_of(draft, dtype)
    if pool is None or x is None:
        return None
    return Case(
        id=f"{place}::{draft.name}", pool=pool, input=x, due=due, about=told.get("about", ""),
        layout=data_format or (spelling.data_format if spelling else FIRST), batched=told.get("batched", True),
        tier=draft.inherited("tier", "core"), tags=tuple(dict.fromkeys([*draft.file.get("tags", ()), *told.get("tags", ())])),
        rules=dict(told.get("rules", {})), extra=extra, asks=told.get("asks"), answers=answers, stands=told.get("stands"),
        source=source_of(draft), spelling=spelling, as_written=told.get("as_written", False), waiting=told.get("waiting"),
        file=path, line=draft.line,
    )  # fmt: skip


def operation(draft: Draft, told: Map, op: str | None, data_format: str | None) -> tuple[Spelling | None, Pool | None]:
    """What a case, or the other operation that it equals, is asked to do."""
    if "layer" in told:
        spelling = draft.attempt(spelled, told, draft.layers, data_format)
        return spelling, replace(spelling.stated, data_format=data_format or spelling.stated.data_format) if spelling else None
    if op is None or told.lost("layer", "op", "pool"):
        return None, None
    return None, pool_of(op, told.get("pool", {}), data_format)


def spelled(told: Map, layers: Mapping[str, Layer], data_format: str | None) -> Spelling:
    """The layer of a case, read."""
    line = told.lines["layer"]
    try:
        spelling = parse_layer(told["layer"], layers)
    except BadSpelling as bad:
        raise Fault(line, f"layer: {bad.what}", bad.expected) from None
    if data_format and spelling.written.data_format:
        raise Fault(line, "data_format beside a layer that states its own", "it in one of them")
    return spelling


def pool_of(op: str, parameters: Mapping[str, Any], data_format: str | None) -> Pool:
    """An operation with the parameters that are stated."""
    values = {name: parameter(name, value) for name, value in parameters.items() if name not in ("dtype", "data_format")}
    return Pool(op=op, data_format=data_format, **values)


def parameter(name: str, value: Any) -> Any:
    """A parameter's value as `Pool` holds it."""
    if isinstance(value, list):
        return tuple(parameter(name, item) for item in value)
    return float(value) if name == "p" and value is not None else value


def due_of(draft: Draft, told: Map, dtype: str, pool: Pool | None) -> Due:
    """What is due of a case, or of one value of the axis that it asks."""
    types = {"output": told.get("output_dtype", dtype), "gradient": dtype, **TYPES}
    arrays: dict[str, Array | None] = {
        key: draft.attempt(array, key, told[key], types[key]) for key in types if told.get(key, ORACLE) != ORACLE
    }
    given = tuple(key for key in types if told.get(key) == ORACLE or (key == "output" and "matrix" in told))
    shape, equals = told.get("output_shape"), told.get("equals")
    return Due(
        **arrays, output_shape=None if shape is None else tuple(shape), output_dtype=told.get("output_dtype"),
        parameters=told.get("parameters"), invalid="raises" in told, from_oracle=given,
        equals=operation(draft, equals, equals.get("op", pool.op), pool.data_format)[1] if equals and pool else None,
    )  # fmt: skip


def answers_of(draft: Draft, dtype: str) -> dict[str, Due]:
    """What is due under each value of the axis that a case asks."""
    answers = {}
    for value, told in draft.told.get("answers", {}).items():
        if isinstance(told, List):
            answers[value] = Due(output=draft.attempt(array, f"the answer {value}", told, dtype))
        else:
            answers[value] = due_of(draft, told, dtype, None)
    return answers


def extra_of(draft: Draft, dtype: str) -> dict[str, Tensor]:
    """The further inputs of a case, but for a cotangent whose shape is that of the output."""
    told = draft.told.get("with", Map(0))
    types = {**TYPES, "samples": dtype if dtype in PRECISION else "float32"}
    sized = {key: spec for key, spec in told.items() if not (key == "cotangent" and like_output(spec))}
    made = {key: draft.attempt(tensor, key, told.lines[key], spec, types.get(key, dtype)) for key, spec in sized.items()}
    return {key: x for key, x in made.items() if x is not None}


def source_of(draft: Draft) -> Citation | None:
    """Where a case was taken from."""
    told = draft.told.get("source")
    if told is None:
        return None
    document = told.get("document", draft.file.get("document"))
    if document is None:
        draft.faults.append(Fault(draft.told.lines["source"], "source names no document", "a document, here or for the whole file"))
        return None
    return Citation(document, told["place"])
