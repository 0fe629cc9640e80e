"""A case: an input, an operation with its parameters, and what is known of the answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from .arithmetic import is_floating
from .inputs import Tensor
from .layers import Spelling
from .pool import FIRST, Pool
from .rules import Rules

Array = np.ndarray[Any, np.dtype[Any]]

TIERS = ("smoke", "core", "full")
ATTRIBUTES = ("acceptance", "shape", "dtype", "values", "indices", "gradient", "inferred_shape", "parameters")


@dataclass(frozen=True)
class Citation:
    """Where a case was taken from: a document's file, and the place in it."""

    document: str
    place: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Due:
    """What is known of the answer; None where nothing is.

    `invalid` marks an operation that must be refused; `equals` is another operation that must give
    the same on the same target; `from_oracle` names what of output, indices and gradient is left to
    the oracle, under the case's rules.
    """

    output: Array | None = None
    output_shape: tuple[int, ...] | None = None
    output_dtype: str | None = None
    indices: Array | None = None
    gradient: Array | None = None
    parameters: int | None = None
    invalid: bool = False
    equals: Pool | None = None
    from_oracle: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Whether something is due there, written out or from the oracle."""
        return name in self.from_oracle or getattr(self, name) is not None


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """One case of a spec file, fully resolved.

    `layout` is how the input and what is due are written; `pool.data_format` repeats it only where
    the case states it. `spelling` is the layer's text where the case has one. `asks` and `answers`,
    what is due under each value of that axis, make a probe, `stands` a claim, and nothing due an
    observation. `file` and `line` say where it is.
    """

    id: str
    pool: Pool
    input: Tensor
    due: Due = Due()
    about: str = ""
    layout: str = FIRST
    batched: bool = True
    tier: str = "core"
    tags: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Tensor] = field(default_factory=dict)
    asks: str | None = None
    answers: Mapping[str, Due] = field(default_factory=dict)
    stands: str | None = None
    source: Citation | None = None
    spelling: Spelling | None = None
    as_written: bool = False
    waiting: str | None = None
    file: str = ""
    line: int = 0

    @property
    def name(self) -> str:
        """The last part of the id."""
        return self.id.rpartition("::")[2]

    @property
    def kind(self) -> str:
        """Conformance, probe, claim or observe."""
        if self.asks:
            return "probe"
        if self.stands:
            return "claim"
        return "conformance" if self.attributes != ("acceptance",) or self.due.invalid else "observe"

    @property
    def rank(self) -> int:
        """The number of spatial axes of the input."""
        return self.input.value.ndim - 1 - self.batched

    @property
    def reference(self) -> Rules:
        """The reference rules with those that the case pins."""
        return Rules(**self.rules)

    @cached_property
    def expected(self) -> Due:
        """What is due under the reference rules: to a probe, the answer of the reference."""
        return self.answers[getattr(self.reference, self.asks)] if self.asks else self.due

    def wants(self, name: str) -> bool:
        """Whether something has to be asked for: it is due, or one of the answers that tell values apart has it."""
        return any(due.has(name) for due in (self.due, *self.answers.values()))

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """What of the answer is compared, acceptance first."""
        due, found = self.expected, ["acceptance"]
        if due.equals or due.has("output"):
            found += ["shape", "values"]
        elif due.output_shape is not None:
            found.append("shape")
        if due.output_dtype is not None or "output" in due.from_oracle or (due.has("output") and is_floating(self.input.value.dtype)):
            found.append("dtype")
        found += [name for name in ("indices", "gradient", "parameters") if due.has(name)]
        return tuple(found)

    @cached_property
    def hash(self) -> str:
        """A digest of everything that decides the answer and the verdict: not prose, not places."""
        told = {
            "op": self.pool.op, "pool": as_json(self.pool.stated()), "input": as_json(self.input.value),
            "extra": {name: as_json(tensor.value) for name, tensor in sorted(self.extra.items())},
            "layout": self.layout, "batched": self.batched, "rules": dict(sorted(self.rules.items())),
            "due": as_json(self.due), "asks": self.asks, "answers": as_json(self.answers),
            "stands": self.stands, "as_written": self.spelling.text if self.as_written and self.spelling else None,
            "written": as_json(self.spelling.written.stated()) if self.spelling else None,
        }  # fmt: skip
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def as_json(value: Any) -> Any:
    """A value as JSON that tells any two different ones apart."""
    if isinstance(value, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return [value.dtype.name, list(value.shape), digest]
    if isinstance(value, Pool):
        return [value.op, as_json(value.stated())]
    if isinstance(value, Due):
        return as_json(vars(value))
    if isinstance(value, Mapping):
        return {name: as_json(each) for name, each in value.items()}
    if isinstance(value, float):
        return repr(value)
    return [as_json(each) for each in value] if isinstance(value, tuple) else value
