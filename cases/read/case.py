"""Building a case from its mapping in a spec file, whose form has been checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ..model.case import Case, Citation, Due
from ..model.inputs import PRECISION, Array, Tensor
from ..model.layers import BadSpelling, Layer, Spelling, parse_layer
from ..model.mistake import Fault
from ..model.pool import FIRST, Pool
from .arrays import build_array, build_tensor, has_output_shape
from .cost import Budget
from .located import List, Map

T = TypeVar("T")

TYPES = {"indices": "int64"}
"""The types of those arrays that do not have the input's."""

ORACLE = "oracle"
"""In place of an array: the oracle computes it."""


@dataclass(frozen=True)
class Draft:
    """A case while it is read: its mapping, the file's mapping, and the faults found so far.

    A key whose value was wrong is missing in `mapping`, but still has its line there.
    """

    name: str
    mapping: Map
    file: Map
    layers: Mapping[str, Layer]
    budget: Budget = field(default_factory=Budget)
    faults: list[Fault] = field(default_factory=list)

    @property
    def line(self) -> int:
        """The line of the case's name."""
        return int(self.file["cases"].lines[self.name])

    def attempt(self, make: Callable[..., T], *args: Any) -> T | None:
        """Call `make`; where it raises a Fault, keep that and return None."""
        try:
            return make(*args)
        except Fault as fault:
            self.faults.append(fault)
            return None

    def stated_value(self, key: str) -> str | None:
        """The value of a key of the case or of its pool; a fault where both have it."""
        pool = self.mapping.get("pool", {})
        if key in self.mapping and key in pool:
            self.faults.append(Fault(pool.lines[key], f"{key} in pool and in the case", "it in only one of them"))
        value: str | None = self.mapping.get(key, pool.get(key))
        return value

    def inherited_value(self, key: str, default: T) -> T:
        """The value of a key of the case, else of its file, else the default."""
        value: T = self.mapping.get(key, self.file.get(key, default))
        return value


def build_case(draft: Draft, prefix: str, path: str) -> Case | None:
    """The case, or None where its operation or its input is faulty."""
    mapping, data_format = draft.mapping, draft.stated_value("data_format")
    dtype = draft.stated_value("dtype") or "float32"
    if not {"layer", "op"} & mapping.lines.keys() and "op" not in draft.file.lines:
        draft.faults.append(Fault(draft.line, f"the case {draft.name} has no operation", "a layer, or an op here or for the whole file"))
    spelling, pool = build_operation(draft, mapping, mapping.get("op", draft.file.get("op")), data_format)
    x = draft.attempt(build_tensor, "input", mapping.lines["input"], mapping["input"], dtype) if "input" in mapping else None
    due, answers = build_due(draft, mapping, dtype, pool), build_answers(draft, dtype)
    extra = build_extra_inputs(draft, dtype)
    if pool is None or x is None:
        return None
    return Case(
        id=f"{prefix}::{draft.name}", pool=pool, input=x, due=due, about=mapping.get("about", ""),
        layout=data_format or (spelling.data_format if spelling else FIRST), batched=mapping.get("batched", True),
        tier=draft.inherited_value("tier", "core"), tags=tuple(dict.fromkeys([*draft.file.get("tags", ()), *mapping.get("tags", ())])),
        rules=dict(mapping.get("rules", {})), extra=extra, asks=mapping.get("asks"), answers=answers, stands=mapping.get("stands"),
        source=build_source(draft), spelling=spelling, as_written=mapping.get("as_written", False),
        memory=mapping.get("memory", ""), entry=mapping.get("entry", ""), digits=mapping.get("digits"), waiting=mapping.get("waiting"),
        file=path, line=draft.line,
    )  # fmt: skip


def build_operation(draft: Draft, mapping: Map, op: str | None, data_format: str | None) -> tuple[Spelling | None, Pool | None]:
    """The operation of a case or of its `equals`, and the layer that it was written as."""
    if "layer" in mapping:
        spelling = draft.attempt(read_layer, mapping, draft.layers, data_format)
        return spelling, replace(spelling.full_pool, data_format=data_format or spelling.full_pool.data_format) if spelling else None
    if op is None or mapping.lacks_invalid("layer", "op", "pool"):
        return None, None
    return None, build_pool(op, mapping.get("pool", {}), data_format)


def read_layer(mapping: Map, layers: Mapping[str, Layer], data_format: str | None) -> Spelling:
    """Parse the text of a layer; raises Fault."""
    line = mapping.lines["layer"]
    try:
        spelling = parse_layer(mapping["layer"], layers)
    except BadSpelling as bad:
        raise Fault(line, f"layer: {bad.what}", bad.expected) from None
    if data_format and spelling.written_pool.data_format:
        raise Fault(line, "data_format beside a layer that states its own", "it in only one of them")
    return spelling


def build_pool(op: str, parameters: Mapping[str, Any], data_format: str | None) -> Pool:
    """An operation with its stated parameters."""
    values = {name: freeze_parameter(name, value) for name, value in parameters.items() if name not in ("dtype", "data_format")}
    return Pool(op=op, data_format=data_format, **values)


def freeze_parameter(name: str, value: Any) -> Any:
    """A parameter's value as `Pool` stores it: tuples for lists."""
    if isinstance(value, list):
        return tuple(freeze_parameter(name, item) for item in value)
    return float(value) if name == "p" and value is not None else value


def build_due(draft: Draft, mapping: Map, dtype: str, pool: Pool | None) -> Due:
    """What is due in a case, or under one value of the axis that it asks."""
    types = {"output": mapping.get("output_dtype", dtype), "gradient": dtype, **TYPES}
    arrays: dict[str, Array | None] = {
        key: draft.attempt(build_array, key, mapping[key], types[key]) for key in types if mapping.get(key, ORACLE) != ORACLE
    }
    from_oracle = tuple(key for key in types if mapping.get(key) == ORACLE or (key == "output" and "matrix" in mapping))
    shape, equals = mapping.get("output_shape"), mapping.get("equals")
    return Due(
        **arrays, output_shape=None if shape is None else tuple(shape), output_dtype=mapping.get("output_dtype"),
        parameters=mapping.get("parameters"), invalid="raises" in mapping, from_oracle=from_oracle,
        equals=build_operation(draft, equals, equals.get("op", pool.op), pool.data_format)[1] if equals and pool else None,
    )  # fmt: skip


def build_answers(draft: Draft, dtype: str) -> dict[str, Due]:
    """What is due under each value of the axis that a case asks."""
    answers = {}
    for value, mapping in draft.mapping.get("answers", {}).items():
        if isinstance(mapping, List):
            answers[value] = Due(output=draft.attempt(build_array, f"the answer {value}", mapping, dtype))
        else:
            answers[value] = build_due(draft, mapping, dtype, None)
    return answers


def build_extra_inputs(draft: Draft, dtype: str) -> dict[str, Tensor]:
    """The further inputs of a case, without a cotangent in the shape of the output, which is not known yet."""
    mapping = draft.mapping.get("with", Map(0))
    types = {**TYPES, "mask": "bool", "samples": dtype if dtype in PRECISION else "float32"}
    specs = {key: spec for key, spec in mapping.items() if not (key == "cotangent" and has_output_shape(spec))}
    tensors = {key: draft.attempt(build_tensor, key, mapping.lines[key], spec, types.get(key, dtype)) for key, spec in specs.items()}
    return {key: x for key, x in tensors.items() if x is not None}


def build_source(draft: Draft) -> Citation | None:
    """The document and the place in it that a case was taken from; a fault where no document is named."""
    mapping = draft.mapping.get("source")
    if mapping is None:
        return None
    document = mapping.get("document", draft.file.get("document"))
    if document is None:
        draft.faults.append(Fault(draft.mapping.lines["source"], "source has no document", "a document, here or for the whole file"))
        return None
    return Citation(document, mapping["place"])
