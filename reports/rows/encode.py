"""What a row holds of one finding, and what the line of a case holds, as JSON."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...cases.judge.answer import Answer, Finding
from ...cases.judge.readings import readings as find_readings
from ...cases.judge.tolerance import Tolerance
from ...cases.model.arithmetic import is_floating
from ...cases.model.case import Case
from ...cases.model.inputs import stored_cells
from ...cases.model.pool import Pool
from .records import ArrayRecord, CaseLine, InputRecord, Readings, Row

CELLS = 1024
"""Arrays of more cells than this stand in a row as a digest and their first differing cells."""
LARGEST = 1 << 53
"""The largest integer that every reader of JSON keeps as it is."""


def encode_row(case: Case, target: str, versions: Mapping[str, str], way: str, answer: Answer, finding: Finding, code: str | None) -> Row:
    """One finding as a row."""
    row: Row = {
        "record": "row",
        "case": case.id,
        "case_hash": case.hash,
        "target": target,
        "versions": dict(versions),
        "way": way,
        "attribute": finding.attribute,
        "verdict": finding.verdict,
        "answer": finding.probe_value,
        "cause": finding.cause,
        "consistent_with": finding.consistent,
        "due": to_json(finding.due, finding.got),
        "got": to_json(finding.got, finding.due),
        "tolerance": to_json(finding.tolerance),
        "detail": finding.detail,
        "code": code,
        "seconds": round(answer.seconds, 6),
    }
    if finding.unsteady:
        row["unsteady"] = True
    return row


def encode_case(case: Case, readings: Readings | None = None) -> CaseLine:
    """What a report says of a case, apart from its answers; `readings` are what its answers may mean, where that is known already."""
    spelling = case.spelling
    return {
        "record": "case",
        "case": case.id,
        "case_hash": case.hash,
        "kind": case.kind,
        "op": case.pool.op,
        "rank": case.rank,
        "pool": to_json(case.pool.stated_parameters()),
        "layer": spelling.text if spelling else None,
        "as_written": case.as_written,
        "input": encode_input(case),
        "layout": case.layout,
        "batched": case.batched,
        "rules": dict(case.rules),
        "equals": to_json(case.due.equals),
        "asks": case.asks,
        "readings": encode_readings(case) if readings is None else readings,
        "about": case.about,
        "source": {"document": case.source.document, "place": case.source.place} if case.source else None,
        "stands": case.stands,
        "waiting": case.waiting,
        "tier": case.tier,
        "tags": list(case.tags),
    }


def encode_input(case: Case) -> InputRecord:
    """The expression that makes what a case pools, and its cells."""
    record: InputRecord = {"expression": case.input.expression, **array(case.input.value, None)}  # type: ignore[typeddict-unknown-key]
    return record


def encode_readings(case: Case) -> Readings:
    """For each answer that a probe names, every change of one rule that gives it alone."""
    return {answer: [{"axis": axis, "value": value} for axis, value in changes] for answer, changes in find_readings(case).items()}


def to_json(value: Any, other: Any = None) -> Any:
    """A value as JSON; an array past the limit as a digest and the cells in which it differs from another."""
    if isinstance(value, np.ndarray):
        return array(value, other)
    if isinstance(value, Tolerance):
        return {"ulp": value.ulp}
    if isinstance(value, Pool):
        return {"op": value.op, "pool": to_json(value.stated_parameters())}
    if isinstance(value, Mapping):
        return {name: to_json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return number(value)


def array(value: np.ndarray[Any, Any], other: Any) -> ArrayRecord:
    """An array with its dtype and shape."""
    record: ArrayRecord = {"dtype": value.dtype.name, "shape": list(value.shape)}
    if value.size <= CELLS:
        cells = value.tolist()
        return {**record, "data": cells if is_plain(value) else to_json(cells)}
    digest = hashlib.sha256(np.ascontiguousarray(stored_cells(value)).tobytes()).hexdigest()
    record["digest"] = digest[:16]
    if isinstance(other, np.ndarray) and other.shape == value.shape:
        cells = np.argwhere((value != other) & ~((value != value) & (other != other)))[:8]
        record["differing"] = [{"at": at.tolist(), "value": number(value[tuple(at)].item())} for at in cells]
    return record


def is_plain(value: np.ndarray[Any, Any]) -> bool:
    """Whether JSON can hold every cell as it is."""
    if is_floating(value.dtype):
        return bool(np.isfinite(value).all())
    return value.size == 0 or -LARGEST <= int(value.min()) <= int(value.max()) <= LARGEST


def number(value: Any) -> Any:
    """A number that JSON can hold; NaN, infinities and integers beyond 2^53 as strings."""
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST else value
