"""The lines of a file of rows, as types: the one stream that everything people see is made from.

A file holds a header, a line for each case, a row for each case, target, way and attribute, and a
footer; without its footer it is partial. The `record` key of a line says which it is. The types below are
what `reader` holds every line to; `specs/rows.schema.json` publishes the same for everybody else, with a
sentence about each key, and a test holds the two against each other.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypeAlias, TypedDict

from ...cases.judge.answer import ACCEPTS, REJECTS, VERDICTS
from ...cases.model.case import ATTRIBUTES, TIERS
from ...cases.model.mistake import UserError
from ...cases.model.pool import FORMATS, OPS
from ...cases.model.rules import AXIS_VALUES
from .ways import WAYS

FORMAT = 1
SCHEMA = Path(__file__).parents[2] / "specs" / "rows.schema.json"


@dataclass(frozen=True)
class OneOf:
    """The texts that a value may be."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class Matches:
    """The regular expression that a text has to match."""

    pattern: str


@dataclass(frozen=True)
class AtLeast:
    """The smallest value of a number, or the smallest length of a list or a text."""

    least: int


@dataclass(frozen=True)
class RecordShape:
    """The typed dictionary that a plain one has to be like."""

    record: type


Json: TypeAlias = dict[str, Any]
"""A document of JSON that is not a line of a file of rows."""

Op: TypeAlias = Annotated[str, OneOf(OPS)]
Axis: TypeAlias = Annotated[str, OneOf(tuple(AXIS_VALUES))]
Id: TypeAlias = Annotated[str, Matches(r"^[^:][\s\S]*::[\s\S]+$")]
Digest: TypeAlias = Annotated[str, Matches("^[0-9a-f]{16}$")]
Dtype: TypeAlias = Annotated[str, Matches("^[a-z][a-z0-9_]*$")]
Count: TypeAlias = Annotated[int, AtLeast(0)]
Size: TypeAlias = Annotated[int, AtLeast(-1)]
Reaction: TypeAlias = Annotated[str, OneOf((ACCEPTS, REJECTS))]
Tier: TypeAlias = Annotated[str, OneOf(TIERS)]

Cells: TypeAlias = Any
"""A number, a truth value, a text for NaN, an infinity or a large integer, or nested lists of these."""


class Change(TypedDict):
    """A rule that is changed: an axis and its value."""

    axis: Axis
    value: str


Changes: TypeAlias = Annotated[list[Annotated[dict[str, str], RecordShape(Change)]], AtLeast(1)]
Readings: TypeAlias = dict[str, Changes]
Causes: TypeAlias = list[Changes]


class DifferingCell(TypedDict):
    """A cell of an array that is not the one on the other side."""

    at: list[Size]
    value: Cells


class ArrayRecord(TypedDict):
    """An array with its cells, or with a digest of them where there are too many."""

    dtype: Dtype
    shape: list[Size]
    data: NotRequired[Cells]
    digest: NotRequired[Digest]
    differing: NotRequired[list[DifferingCell]]


class InputRecord(TypedDict):
    """What a case pools: the expression that makes it, and its cells or a digest of them."""

    expression: str
    dtype: Dtype
    shape: list[Size]
    data: NotRequired[Cells]
    digest: NotRequired[Digest]


class ToleranceRecord(TypedDict):
    """How near is near enough, in units in the last place."""

    ulp: Count


class TargetRecord(TypedDict):
    """The versions of a target, and what was set in the environment of its worker."""

    versions: dict[str, str]
    flags: dict[str, str]


class SkippedTarget(TypedDict):
    """A target that could not be run, and why."""

    target: str
    why: str


class SelectionRecord(TypedDict):
    """What `poolparity run` was asked to run."""

    paths: list[str]
    tier: Tier
    targets: list[str]
    adapters: list[str]
    ledgers: list[str]
    shard: Annotated[str, Matches("^[0-9]+/[0-9]+$")] | None


class Header(TypedDict):
    """What ran where: the first line of a file."""

    record: Literal["header"]
    format: int
    suite: NotRequired[str]
    source: NotRequired[Digest]
    started: NotRequired[str]
    platform: NotRequired[str]
    machine: NotRequired[str]
    python: NotRequired[str]
    cpu_features: NotRequired[list[str]]
    targets: NotRequired[dict[str, TargetRecord]]
    left_out: NotRequired[list[SkippedTarget]]
    selection: NotRequired[SelectionRecord]
    runs: NotRequired[list[Header]]


class Operation(TypedDict):
    """An operation with its parameters."""

    op: Op
    pool: dict[str, Any]


class SourceRecord(TypedDict):
    """The document that a case was taken from."""

    document: str
    place: str


class CaseLine(TypedDict):
    """What is known of a case apart from its answers; it stands before the case's first row."""

    record: Literal["case"]
    case: Id
    case_hash: Digest
    kind: Annotated[str, OneOf(("conformance", "probe", "claim", "observe"))]
    op: Op
    rank: int
    pool: dict[str, Any]
    layer: str | None
    as_written: bool
    input: InputRecord
    layout: Annotated[str, OneOf(FORMATS)]
    batched: bool
    rules: dict[Axis, str]
    equals: Operation | None
    asks: Axis | None
    readings: Readings
    about: str
    source: SourceRecord | None
    stands: Annotated[str, OneOf(("upheld", "contradicted"))] | None
    waiting: str | None
    tier: Tier
    tags: list[str]


class Row(TypedDict):
    """What a target made of one attribute of a case, asked in one way.

    `due` and `got` are outcomes, shapes, names of types, numbers or arrays, as the attribute has it. `unsteady` marks numbers that no
    rule explains and that changed when the same question was asked again.
    """

    record: Literal["row"]
    case: Id
    case_hash: Digest
    target: Annotated[str, AtLeast(1)]
    versions: dict[str, str]
    way: Annotated[str, OneOf(WAYS)]
    attribute: Annotated[str, OneOf(ATTRIBUTES)]
    verdict: Annotated[str, OneOf(VERDICTS)]
    answer: str | None
    cause: Causes | None
    consistent_with: Causes
    due: Any
    got: Any
    tolerance: ToleranceRecord | None
    detail: str
    code: str | None
    seconds: Annotated[float, AtLeast(0)]
    known: NotRequired[str | None]
    link: NotRequired[str | None]
    pinned_by: NotRequired[list[str]]
    varies: NotRequired[bool]
    unsteady: NotRequired[bool]
    last: NotRequired[bool]


class Footer(TypedDict):
    """How many cases and rows there are: the last line of a run that came to its end."""

    record: Literal["footer"]
    cases: Count
    rows: Count
    not_asked: NotRequired[dict[str, Count]]


Line: TypeAlias = Header | CaseLine | Row | Footer

VALUES: dict[str, Any] = {
    "acceptance": Reaction | None,
    "shape": list[Size] | None,
    "inferred_shape": list[Size] | None,
    "dtype": Dtype | None,
    "parameters": int | None,
    "values": ArrayRecord | None,
    "indices": ArrayRecord | None,
    "gradient": ArrayRecord | None,
}
"""What `due` and `got` are, by attribute."""


class Unwritable(UserError):
    """Rows cannot be written as they were asked for."""


class BadRows(UserError):
    """A file of rows that cannot be read, or files that cannot be put together."""


def empty_header() -> Header:
    """The header of rows that no file holds."""
    return {"record": "header", "format": FORMAT}


@dataclass
class Rows:
    """What a file of rows holds; `whole` if it came to its end."""

    header: Header = field(default_factory=empty_header)
    cases: dict[str, CaseLine] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    whole: bool = False


@contextmanager
def pause_garbage_collection() -> Iterator[None]:
    """Look for no garbage meanwhile: rows are many and hold no cycles, and to walk over all of them time and again takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
