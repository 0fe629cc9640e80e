"""The command `merge`: files of rows become one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..fingerprint.several import together
from ..rows.writer import write_rows
from ..terminal.summary import PARTIAL
from ..words.text import plural

out = Console(highlight=False, soft_wrap=True, emoji=False)

Files = Annotated[list[Path], typer.Argument(metavar="ROWS...", help="Files of rows, or folders of them.")]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")]


def merge(rows: Files, output: Output) -> None:
    """Join the rows of shards, of environments or of versions; what contradicts itself is refused."""
    done = together(rows)
    write_rows(done, output)
    cases, targets = ({row[key] for row in done.rows} for key in ("case", "target"))
    told = plural(len(cases), "case"), plural(len(targets), "target"), plural(len(done.rows), "row")
    out.print(f"rows: {output}: {told[0]} on {told[1]}, {told[2]}", markup=False)
    if not done.whole:
        out.print(PARTIAL)
