"""How far a run is: a live line for each target on a terminal; elsewhere a line now and then, and one for each that is done."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

from ..ledger.item_outcome import FAILED

EVERY = 30.0
"""Seconds between two reports about the targets that still run, where nothing can be drawn anew."""
LINES = 4
"""The most lines of such a report: one for each target, or a single one for all if they are more."""


class RemainingColumn(ProgressColumn):
    """How many cases are still to come."""

    def render(self, task: Task) -> Text:
        """What stands in a target's line."""
        return Text("done" if task.finished else f"{task.remaining or 0:,.0f} left", justify="right")


class Rate(ProgressColumn):
    """How many cases are settled in a second, of late; at the end, over all."""

    def render(self, task: Task) -> Text:
        """What stands in a target's line."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", justify="right")


class Failures(ProgressColumn):
    """How many cases turned out otherwise than expected."""

    def render(self, task: Task) -> Text:
        """What stands in a target's line."""
        failure_count = task.fields["failed"]
        return Text(f"{failure_count:,} unexpected", style="red" if failure_count else "", justify="right")


COLUMNS = TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.completed:,.0f}", justify="right")


class Bars(RichProgress):
    """The live lines, and below them the machines that answer, if they are told of."""

    def __init__(self, machines: Callable[[], str], *columns: str | ProgressColumn, console: Console, disable: bool) -> None:
        self.machines = machines
        super().__init__(*columns, console=console, disable=disable)

    def get_renderables(self) -> Iterable[RenderableType]:
        """What is drawn."""
        yield from super().get_renderables()
        if text := self.machines():
            yield Text(text, style="dim")


class Progress:
    """Counts settled cases for each target; `machines` tells which machines have answered how many, if that is of interest."""

    def __init__(self, console: Console, totals: Mapping[str, int], every: float = EVERY, machines: Callable[[], str] = lambda: "") -> None:
        self.machines = machines
        self.console = console
        self.totals = {name: total for name, total in totals.items() if total}
        self.settled_counts: Counter[str] = Counter()
        self.failure_counts: Counter[str] = Counter()
        self.every, self.start = every, time.monotonic()
        self.last_report = self.start
        self.bars = Bars(
            machines, *COLUMNS, RemainingColumn(), Failures(), Rate(), TimeElapsedColumn(), console=console, disable=not console.is_terminal
        )
        self.tasks = {name: self.bars.add_task(name, total=total, failed=0) for name, total in self.totals.items()}

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.bars.stop()

    def advance(self, target: str, outcome: str) -> None:
        """Count one settled case."""
        self.settled_counts[target] += 1
        self.failure_counts[target] += outcome == FAILED
        self.bars.update(self.tasks[target], advance=1, failed=self.failure_counts[target])
        if not self.console.is_terminal:
            self.say(target)

    def say(self, target: str) -> None:
        """Print a line about a target that is done, and now and then a report about all others."""
        if self.settled_counts[target] == self.totals[target]:
            self.console.print(f"{target}: {self.totals[target]:,} cases, {self.describe_standing([target])}", markup=False)
        now = time.monotonic()
        if now - self.last_report >= self.every:
            self.last_report = now
            for line in filter(None, (*self.describe_unfinished(), self.machines())):
                self.console.print(line, markup=False)

    def describe_unfinished(self) -> Iterator[str]:
        """How far the targets are that still run: a line for each, or one for all if they are many."""
        names = [name for name, total in self.totals.items() if self.settled_counts[name] < total]
        for group in [[name] for name in names] if len(names) <= LINES else [names]:
            title = group[0] if len(group) == 1 else f"{len(group)} targets"
            settled, total = (sum(counts[name] for name in group) for counts in (self.settled_counts, self.totals))
            yield f"{title}: {settled:,} of {total:,} cases, {self.describe_standing(group)}"

    def describe_standing(self, targets: Collection[str]) -> str:
        """How many cases of targets were unexpected, and how many they settle in a second."""
        settled, failed = (sum(counts[name] for name in targets) for counts in (self.settled_counts, self.failure_counts))
        return f"{failed:,} unexpected, {settled / max(time.monotonic() - self.start, 0.001):,.0f}/s"
