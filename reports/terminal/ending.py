"""What a run prints at its end, under pytest and under the command."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from ..run.conclusion import Conclusion
from ..run.store import RowStore
from .matrix import make_matrix
from .summary import PARTIAL


def print_ending(conclusion: Conclusion, store: RowStore, report: Path | None, recalled: str, out: Console, err: Console) -> None:
    """Print the matrix, write the report, and say where both files are and what is missing; `recalled` tells of cached answers."""
    tally = conclusion.tally
    if tally.lines:
        out.print(make_matrix(tally))
    if not store.folder:
        out.print(f"rows: {store.path}")
        if not tally.whole and "selection" in tally.header:
            out.print(f"to finish the run: poolparity run --resume {store.path}")
    if report and tally.lines:
        from ..page.page import write_page  # its templates and pandas take longer to load than a short run

        write_page(store.read(), report)
        out.print(f"report: {report}")
    if recalled:
        err.print(recalled)
    if not tally.whole:
        out.print(PARTIAL)
