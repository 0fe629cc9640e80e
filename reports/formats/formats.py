"""The files that rows are written as: a page, Markdown, tables for other programs, a badge, or the matrix of the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from rich.console import Console

from ..page.page import write_page
from ..page.pairs import Pairs
from ..rows.files import make_folder_of, naming_the_file
from ..rows.records import BadRows, Rows, Unwritable
from ..terminal.summary import make_summary
from ..words.language import use_language
from .badge import make_badge
from .markdown import format_markdown
from .table_files import write_csv, write_parquet

Write = Callable[[Rows, Path, str], None]
MATRIX_WIDTH = 100
"""The width of the matrix in a file, in columns."""


def write_markdown(rows: Rows, path: Path, lang: str) -> None:
    """Write the summary in Markdown."""
    with use_language(lang):
        path.write_text(format_markdown(rows), encoding="utf-8")


def write_badge(rows: Rows, path: Path, lang: str) -> None:
    """Write the badge as JSON."""
    path.write_text(json.dumps(make_badge(rows)) + "\n", encoding="utf-8")


def write_matrix(rows: Rows, path: Path, lang: str) -> None:
    """Write the summary that the terminal shows, without colours."""
    with path.open("w", encoding="utf-8") as stream:
        Console(file=stream, width=MATRIX_WIDTH, force_terminal=False, highlight=False).print(make_summary(rows))


FORMATS: Mapping[str, Write] = {
    "html": write_page, "markdown": write_markdown, "csv": write_csv, "parquet": write_parquet, "badge": write_badge, "terminal": write_matrix,
}  # fmt: skip
SUFFIXES = {".html": "html", ".md": "markdown", ".csv": "csv", ".parquet": "parquet", ".json": "badge", ".txt": "terminal"}


def write_report(rows: Rows, path: Path, form: str | None, lang: str, pairs: Pairs | None = None) -> None:
    """Write rows in a format, unless given that of the file's suffix; raises what the writers raise, and `Unwritable`."""
    format_name = form or find_format(path)
    make_folder_of(path)
    if format_name == "html":
        write_page(rows, path, lang, pairs)
    else:
        with naming_the_file(path):
            FORMATS[format_name](rows, path, lang)


def find_format(path: Path) -> str:
    """The format of a file's suffix; raises `Unwritable` for an unknown suffix."""
    if path.suffix not in SUFFIXES:
        raise Unwritable(f"{path}: unknown suffix {path.suffix!r}; expected one of {', '.join(SUFFIXES)}, or --format")
    return SUFFIXES[path.suffix]


def select_cases(rows: Rows, patterns: list[str]) -> Rows:
    """The rows of the cases that match one of some patterns; raises `BadRows` for a pattern that matches none."""
    for pattern in patterns:
        if not any(fnmatchcase(case, pattern) for case in rows.cases):
            raise BadRows(f"--case {pattern}: no such case in these rows; expected an id such as {next(iter(rows.cases), 'FILE::CASE')}")
    cases = {case: line for case, line in rows.cases.items() if any(fnmatchcase(case, pattern) for pattern in patterns)}
    return replace(rows, cases=cases, rows=[row for row in rows.rows if row["case"] in cases])
