"""Rows as one flat table, for spreadsheets and data frames: a line for each row, with what its case states beside it."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from ..rows.differences import cause
from ..rows.records import BadRows, CaseLine, Json, Row, Rows, Unwritable
from ..words.text import make_printable

STATED = ("op", "rank", "kind", "tier", "layer")
GIVEN = ("case", "case_hash", "target", "way", "attribute", "verdict", "answer")
SAID = ("detail", "known", "code")
"""Sentences that others wrote."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def table(rows: Rows) -> pd.DataFrame:
    """The table; raises `BadRows` where there is no row."""
    if not rows.rows:
        raise BadRows("nothing was measured: not a single row; expected at least one case on one target (see `poolparity list`)")
    return pd.DataFrame([flat(row, rows.cases[row["case"]]) for row in rows.rows])


def flat(row: Row, line: CaseLine) -> Json:
    """A row in plain values: what has parts as JSON, the cause in words and as JSON."""
    given: Json = {**row}
    stated: Json = {**line}
    told = {name: given[name] for name in GIVEN} | {name: stated[name] for name in STATED}
    told |= {"pool": text(line["pool"]), "versions": text(row["versions"]), "due": text(row["due"]), "got": text(row["got"])}
    told |= {
        "ulp": row["tolerance"]["ulp"] if row["tolerance"] else None,
        "cause": text(row["cause"]),
        "in_words": cause(row) if row["cause"] else "",
    }
    return told | {name: given.get(name) for name in SAID} | {"seconds": row["seconds"]}


def text(value: Any) -> str:
    """A value as JSON, an empty text for none."""
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def write_csv(rows: Rows, path: Path, lang: str) -> None:
    """Write the table as CSV; sentences that a spreadsheet would take for a formula get an apostrophe in front."""
    found = table(rows)
    for name in SAID:
        found[name] = found[name].map(harmless)
    found.to_csv(path, index=False, encoding="utf-8", errors="backslashreplace", lineterminator="\n")


def harmless(sentence: Any) -> Any:
    """A sentence that no spreadsheet reckons with."""
    if not isinstance(sentence, str):
        return sentence
    told = make_printable(sentence)
    return f"'{told}" if told.startswith(FORMULA) else told


def write_parquet(rows: Rows, path: Path, lang: str) -> None:
    """Write the table as Parquet; raises `Unwritable` where PyArrow, which pandas needs for it, is not installed."""
    if not find_spec("pyarrow"):
        raise Unwritable(f"{path}: writing Parquet needs PyArrow, which is not installed; pip install 'poolparity[parquet]', or write .csv")
    found = table(rows)
    for name in SAID:
        found[name] = found[name].map(lambda sentence: make_printable(sentence) if isinstance(sentence, str) else sentence)
    found.to_parquet(path, engine="pyarrow", index=False)
