"""Rows: the one stream of JSON lines that everything people see is made from.

A file holds a header, a line for each case, a row for each case, target, way and attribute, and a
footer; without its footer it is partial. The `record` key of a line tells which it is, and
`specs/rows.schema.json` describes them all.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...cases.model.mistake import UserError

Row = dict[str, Any]

FORMAT = 1
SCHEMA = Path(__file__).parents[2] / "specs" / "rows.schema.json"


class Unwritable(UserError):
    """Rows cannot be written as they were asked for."""


class BadRows(UserError):
    """A file of rows that cannot be read, or files that cannot be put together."""


@dataclass
class Rows:
    """What a file of rows holds; `whole` if it came to its end."""

    header: Row = field(default_factory=dict)
    cases: dict[str, Row] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    whole: bool = False


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: rows are many and hold no cycles, and to walk over all of them time and again takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
