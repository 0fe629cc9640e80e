"""Alternative causes resolved by fingerprints: of explanations of equal length those that fit the target's other answers.

A file of rows keeps every alternative, because it is written before all answers are known; causes are
resolved when rows are read, and again when files are combined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ...cases.judge.answer import Cause
from ..rows import tables
from ..rows.reader import read_rows
from ..rows.records import CaseLine, Row, Rows, pause_garbage_collection
from .evidence import find_context
from .fingerprint import TargetFingerprint, derive_fingerprints


@pause_garbage_collection()
def read_with_causes(path: Path) -> Rows:
    """Read a file of rows and resolve its causes; raises what `read_rows` raises."""
    rows = read_rows(path)
    return resolve_causes(rows, derive_fingerprints(rows))


@pause_garbage_collection()
def resolve_causes(rows: Rows, prints: Mapping[str, TargetFingerprint]) -> Rows:
    """The same rows, each with those of its causes that agree with the target's fingerprint in the same context."""
    groups = tables.group_rows(rows)
    resolved_rows = [resolve_row(row, rows.cases[row["case"]], groups[row["case"], row["target"], row["way"]], prints) for row in rows.rows]
    return replace(rows, rows=resolved_rows)


def resolve_row(row: Row, line: CaseLine, rows: Sequence[Row], prints: Mapping[str, TargetFingerprint]) -> Row:
    """A row with the likely ones of its causes; the rows of its case show the context."""
    causes = list_alternatives(row, line)
    if len(causes) < 2 or row["target"] not in prints:
        return row
    return {**row, "cause": prints[row["target"]].fit.likely(causes, find_context(line, row, rows))}


def list_alternatives(row: Row, line: CaseLine) -> list[Cause]:
    """The causes of a row; for the answer to a probe all changes that give it."""
    if row["cause"] and row["answer"] and line.get("readings"):
        return [[change] for change in line["readings"].get(row["answer"], ())] or row["cause"]
    return row["cause"] or []
