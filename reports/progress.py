"""How far a run is: a bar for each target on a terminal, a line for each finished one elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from .outcome import FAILED


class Progress:
    """Counts settled cases for each target."""

    def __init__(self, console: Console, totals: Mapping[str, int]) -> None:
        self.console = console
        self.totals = totals
        self.failed: Counter[str] = Counter()
        columns = (
            TextColumn("{task.description:16}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failed]} unexpected"),
            TimeElapsedColumn(),
        )
        self.bars = Bars(*columns, console=console, disable=not console.is_terminal)
        self.tasks = {name: self.bars.add_task(name, total=total, failed=0) for name, total in totals.items()}

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.bars.stop()

    def advance(self, target: str, outcome: str) -> None:
        """Count one settled case."""
        self.failed[target] += outcome == FAILED
        task = self.tasks[target]
        self.bars.update(task, advance=1, failed=self.failed[target])
        if not self.console.is_terminal and self.bars.tasks[task].completed == self.totals[target]:
            self.console.print(f"{target}: {self.totals[target]} cases, {self.failed[target]} unexpected", markup=False)
