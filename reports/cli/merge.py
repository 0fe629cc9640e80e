"""The command `merge`: files of rows become one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..fingerprint.files import read_files
from ..rows.writer import write_rows
from ..terminal.summary import PARTIAL
from ..words.text import format_count
from .shared import RowFiles, out

Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", dir_okay=False, help="The file to write.")]


def merge(rows: RowFiles, output: Output) -> None:
    """Join files of rows into one.

    The files may be the parts of a run in shards, or runs in different environments or of different versions.
    Rows that two files share are kept once; files that contradict each other are rejected with the reason.
    """
    rows_read = read_files(rows)
    write_rows(rows_read, output)
    cases, targets = ({row[key] for row in rows_read.rows} for key in ("case", "target"))
    out.print(
        f"rows: {output}: {format_count(len(cases), 'case')} on {format_count(len(targets), 'target')}, {format_count(len(rows_read.rows), 'row')}"
    )
    if not rows_read.whole:
        out.print(PARTIAL)
