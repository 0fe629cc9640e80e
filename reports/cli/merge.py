"""The command `merge`: files of rows become one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..fingerprint.files import read_files
from ..rows.writer import write_rows
from ..terminal.summary import PARTIAL
from ..words.text import format_count

out = Console(highlight=False, soft_wrap=True, emoji=False)

Files = Annotated[list[Path], typer.Argument(metavar="ROWS...", help="Files of rows, or folders of them.")]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")]


def merge(rows: Files, output: Output) -> None:
    """Join the rows of shards, of environments or of versions; what contradicts itself is refused."""
    done = read_files(rows)
    write_rows(done, output)
    cases, targets = ({row[key] for row in done.rows} for key in ("case", "target"))
    told = format_count(len(cases), "case"), format_count(len(targets), "target"), format_count(len(done.rows), "row")
    out.print(f"rows: {output}: {told[0]} on {told[1]}, {told[2]}", markup=False)
    if not done.whole:
        out.print(PARTIAL)
