"""Causes told apart by fingerprints: of explanations of one length those that fit what the target does elsewhere.

A file of rows keeps every alternative, for it is written before all answers are there; rows are resolved
as they are read, and again when files are put together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ...cases.judge.answer import Cause
from ..rows import tables
from ..rows.reader import read_rows
from ..rows.records import CaseLine, Row, Rows, uncollected
from .evidence import context_of
from .fingerprint import TargetFingerprint, derive_fingerprints


@uncollected()
def read_with_causes(path: Path) -> Rows:
    """Read a file of rows, and tell the alternatives of its causes apart; raises what `read_rows` raises."""
    rows = read_rows(path)
    return resolve_causes(rows, derive_fingerprints(rows))


@uncollected()
def resolve_causes(rows: Rows, prints: Mapping[str, TargetFingerprint]) -> Rows:
    """The same rows, with those alternatives of each cause that its target's fingerprint leaves in the same context."""
    asked = tables.group_rows(rows)
    kept = [clear(row, rows.cases[row["case"]], asked[row["case"], row["target"], row["way"]], prints) for row in rows.rows]
    return replace(rows, rows=kept)


def clear(row: Row, line: CaseLine, rows: Sequence[Row], prints: Mapping[str, TargetFingerprint]) -> Row:
    """A row with the likely ones of its causes; the rows of its case tell the context."""
    causes = alternatives(row, line)
    if len(causes) < 2 or row["target"] not in prints:
        return row
    return {**row, "cause": prints[row["target"]].found.likely(causes, context_of(line, row, rows))}


def alternatives(row: Row, line: CaseLine) -> list[Cause]:
    """The causes of a row; those of a probe's answer are all that it may mean."""
    if row["cause"] and row["answer"] and line.get("readings"):
        return [[change] for change in line["readings"].get(row["answer"], ())] or row["cause"]
    return row["cause"] or []
