"""A case: an input, an operation with its parameters, and what is known of the answer."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from .arithmetic import is_floating
from .inputs import CELL_LIMIT, Tensor, stored_cells
from .layers import Spelling
from .pool import FIRST, Pool
from .rules import Rules

Array = np.ndarray[Any, np.dtype[Any]]

TIERS = ("smoke", "core", "full")
MEMORY = ("transposed", "channels_last", "strided", "offset")
"""How the cells of an input may lie in memory other than in the order of its axes."""
FUNCTION = "function"
"""The entry of a framework's functions, in place of its usual one."""
GRADIENT_OPERATION = "gradient_operation"
"""The entry of a framework's own operations for gradients, in place of its automatic differentiation."""
BATCH_IN_INDEX = "batch_in_index"
"""The entry of an operation that is told to count the batch in its indices, in place of its usual ones."""
ENTRIES = (FUNCTION, GRADIENT_OPERATION, BATCH_IN_INDEX)
ATTRIBUTES = ("acceptance", "shape", "dtype", "values", "indices", "gradient", "inferred_shape", "parameters")


@dataclass(frozen=True)
class Citation:
    """Where a case was taken from: the file of a document, and the place in it."""

    document: str
    place: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Due:
    """What is known of the answer; None where nothing is.

    `invalid` marks an operation that must be refused; `equals` is another operation that must give
    the same on the same target; `from_oracle` names the parts (output, indices, gradient) whose
    values the oracle gives under the case's rules.
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
        """Whether a part of the answer is expected, written out or from the oracle."""
        return name in self.from_oracle or getattr(self, name) is not None


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """One case of a spec file, fully resolved.

    `layout` is the data format in which the input and the expected arrays are written;
    `pool.data_format` repeats it only if the case states it. `memory` says how the input lies in memory, empty for the order of
    its axes; `entry` is `FUNCTION` for a case that is about the framework's functions, `GRADIENT_OPERATION` for one about
    its operations for gradients, and `BATCH_IN_INDEX` for one about indices that count the batch. `digits` is the number of decimals to which the expected numbers were printed. `spelling` is the text of the layer if
    the case has one. A probe has `asks`, an axis, and `answers`, what is expected under each of its
    values; a claim has `stands`; an observation expects nothing. `file` and `line` say where the case is.
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
    memory: str = ""
    entry: str = ""
    digits: int | None = None
    waiting: str | None = None
    file: str = ""
    line: int = 0

    @property
    def name(self) -> str:
        """The part of the id after the file."""
        return self.id.rpartition("::")[2]

    @property
    def kind(self) -> str:
        """The kind of the case: conformance, probe, claim or observe."""
        if self.asks:
            return "probe"
        if self.stands:
            return "claim"
        return "conformance" if self.attributes != ("acceptance",) or self.due.invalid else "observe"

    @property
    def rank(self) -> int:
        """The number of spatial axes of the input."""
        return len(self.input.shape) - 1 - self.batched

    @property
    def is_large(self) -> bool:
        """Whether the input has more cells than the oracle takes one after another."""
        return math.prod(self.input.shape) > CELL_LIMIT

    @cached_property
    def reference(self) -> Rules:
        """The rules under which the answer is expected: those that the case pins, and the reference for the rest."""
        return Rules(**self.rules)

    @cached_property
    def stated_pool(self) -> Pool:
        """The pooling with the layout of the case stated, as the oracles take it."""
        return replace(self.pool, data_format=self.layout)

    @cached_property
    def reference_due(self) -> Due:
        """What is expected under the reference rules; for a probe, the answer of the reference value."""
        return self.answers[getattr(self.reference, self.asks)] if self.asks else self.due

    @cached_property
    def cases_by_answer(self) -> Mapping[str, Case]:
        """A probe as a plain case for each value of its axis: what is worked out for one of them serves the answers of all targets."""
        return {value: replace(self, asks=None, due=due) for value, due in self.answers.items()}

    def wants(self, name: str) -> bool:
        """Whether an output, indices or a gradient have to be requested: they are expected, or an answer of the probe has them."""
        return any(due.has(name) for due in (self.due, *self.answers.values()))

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """The attributes that are compared, acceptance first."""
        due, names = self.reference_due, ["acceptance"]
        if due.equals or due.has("output"):
            names += ["shape", "values"]
        elif due.output_shape is not None:
            names.append("shape")
        if due.output_dtype is not None or "output" in due.from_oracle or (due.has("output") and is_floating(self.input.value.dtype)):
            names.append("dtype")
        names += [name for name in ("indices", "gradient", "parameters") if due.has(name)]
        return tuple(names)

    @cached_property
    def hash(self) -> str:
        """A digest of everything that decides the answer and the verdict; descriptions and places are left out."""
        content = {
            "op": self.pool.op, "pool": as_json(self.pool.stated_parameters()), "input": as_json(self.input.value),
            "extra": {name: as_json(tensor.value) for name, tensor in sorted(self.extra.items())},
            "layout": self.layout, "batched": self.batched, "rules": dict(sorted(self.rules.items())),
            "due": as_json(self.due), "asks": self.asks, "answers": as_json(self.answers),
            "stands": self.stands, "as_written": self.spelling.text if self.as_written and self.spelling else None,
            "written": as_json(self.spelling.written_pool.stated_parameters()) if self.spelling else None,
        }  # fmt: skip
        later = {"memory": self.memory, "entry": self.entry, "digits": self.digits}
        content |= {key: value for key, value in later.items() if value not in ("", None)}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def tiers_up_to(tier: str) -> tuple[str, ...]:
    """A tier and those below it."""
    return TIERS[: TIERS.index(tier) + 1]


def as_json(value: Any) -> Any:
    """A value as JSON, different for any two different values."""
    if isinstance(value, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(stored_cells(value)).tobytes()).hexdigest()
        return [value.dtype.name, list(value.shape), digest]
    if isinstance(value, Pool):
        return [value.op, as_json(value.stated_parameters())]
    if isinstance(value, Due):
        return as_json(vars(value))
    if isinstance(value, Mapping):
        return {name: as_json(item) for name, item in value.items()}
    if isinstance(value, float):
        return repr(value)
    return [as_json(item) for item in value] if isinstance(value, tuple) else value
