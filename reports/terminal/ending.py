"""What a run prints at its end, under pytest and under the command."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from ...adapters.targets.groups import plain_target
from ...adapters.targets.version_names import without_version
from ..diff.modes import compare_modes
from ..run.conclusion import Conclusion
from ..run.store import RowStore
from .matrix import make_matrix
from .modes import mode_lines
from .summary import PARTIAL


def print_ending(conclusion: Conclusion, store: RowStore, report: Path | None, cache_use: str, out: Console, err: Console) -> None:
    """Print the matrix, write the report, and say where both files are and what is missing; `cache_use` tells of cached answers."""
    tally = conclusion.tally
    if tally.lines:
        out.print(make_matrix(tally))
    has_modes = any(plain_target(without_version(name)) for name in tally.targets)
    rows = store.read() if tally.lines and (report or has_modes) else None
    if rows and has_modes:
        for line in mode_lines(compare_modes(rows)):
            out.print(line, markup=False, highlight=False)
    if not store.folder:
        out.print(f"rows: {store.path}")
        if not tally.whole and "selection" in tally.header:
            out.print(f"to finish the run: poolparity run --resume {store.path}")
    if report and rows:
        from ..page.page import write_page  # its templates take longer to load than a short run

        write_page(rows, report)
        out.print(f"report: {report}")
    if cache_use:
        err.print(cache_use)
    if not tally.whole:
        out.print(PARTIAL)
