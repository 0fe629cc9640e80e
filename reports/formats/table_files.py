"""Rows as one flat table, for spreadsheets and data frames: a line for each row, with the columns of its case."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from ..rows.differences import cause
from ..rows.records import BadRows, CaseLine, Json, Row, Rows, Unwritable
from ..words.text import make_printable

CASE_KEYS = ("op", "rank", "kind", "tier", "layer")
ROW_KEYS = ("case", "case_hash", "target", "way", "attribute", "verdict", "answer")
SENTENCES = ("detail", "known", "code")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 (spreadsheets take the wide signs, too)
"""The characters with which a formula of a spreadsheet begins."""


def flatten_rows(rows: Rows) -> list[Json]:
    """Each row in plain values; raises `BadRows` where there is no row."""
    if not rows.rows:
        raise BadRows("nothing was measured: not a single row; expected at least one case on one target (see `poolparity list`)")
    return [flatten(row, rows.cases[row["case"]]) for row in rows.rows]


def flatten(row: Row, line: CaseLine) -> Json:
    """A row in plain values, every text printable: lists and mappings as JSON, the cause as JSON and in words."""
    of_row: Json = {**row}
    of_case: Json = {**line}
    flat = {name: of_row[name] for name in ROW_KEYS} | {name: of_case[name] for name in CASE_KEYS}
    flat |= {"pool": as_json(line["pool"]), "versions": as_json(row["versions"]), "due": as_json(row["due"]), "got": as_json(row["got"])}
    flat |= {"ulp": row["tolerance"]["ulp"] if row["tolerance"] else None, "cause": as_json(row["cause"])}
    flat |= {"in_words": cause(row) if row["cause"] else ""} | {name: of_row.get(name) for name in SENTENCES} | {"seconds": row["seconds"]}
    return {name: make_printable(value) if isinstance(value, str) else value for name, value in flat.items()}


def as_json(value: Any) -> str:
    """A value as JSON, an empty text for None."""
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def write_csv(rows: Rows, path: Path, lang: str) -> None:
    """Write the table as CSV; a text that a spreadsheet would take for a formula gets an apostrophe in front."""
    table = pd.DataFrame([{name: disarm_formula(value) for name, value in flat.items()} for flat in flatten_rows(rows)])
    table.to_csv(path, index=False, encoding="utf-8", errors="backslashreplace", lineterminator="\n")


def disarm_formula(value: Any) -> Any:
    """A value that no spreadsheet evaluates."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def write_parquet(rows: Rows, path: Path, lang: str) -> None:
    """Write the table as Parquet; raises `Unwritable` where PyArrow, which pandas needs for it, is not installed."""
    if not find_spec("pyarrow"):
        raise Unwritable(f"{path}: writing Parquet needs PyArrow, which is not installed; pip install 'poolparity[parquet]', or write .csv")
    pd.DataFrame(flatten_rows(rows)).to_parquet(path, engine="pyarrow", index=False)
