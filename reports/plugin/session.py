"""What a pytest run knows of targets and cases; the run itself is `run.Run`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ...adapters.ledger.ledger import OWN_LEDGER, read_ledger
from ...adapters.parent.limits import Limits
from ...adapters.targets.choose import UnknownTarget
from ...adapters.targets.find import find_targets, layers_of
from ...cases.model.case import TIERS, Case
from ...cases.read.spec import Spec, read_spec
from ..ledger.item_outcome import FAILED, ItemOutcome
from ..ledger.stale import find_stale_entries
from ..ledger.suite import Suite
from ..rows.records import Row
from ..rows.tally import Tally
from ..run.cache_file import CacheFile, cache_path
from ..run.claims import stands
from ..run.run import Run, choose_targets
from ..run.store import RowStore
from ..terminal.failure import tell

if TYPE_CHECKING:
    from .items import OnTarget


class Session:
    """The targets of a pytest run, its answers, and the rows that arrive."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.option = config.option
        self.items: Sequence[OnTarget] = ()
        self.kept: RowStore | None = None
        self.done: Tally | None = None
        self.fed: set[str] = set()
        self.left: Counter[str] = Counter()

    @cached_property
    def found(self) -> Any:
        """Every known target."""
        return find_targets(self.option.adapter)

    @cached_property
    def run(self) -> Run:
        """The run on the targets that were chosen."""
        try:
            chosen, left_out = choose_targets(self.found, self.option.target)
        except UnknownTarget as error:
            raise pytest.UsageError(str(error)) from None
        limits = Limits.of(self.option.case_timeout, self.option.start_timeout, self.option.memory_limit)
        cache = None if self.option.no_cache or self.option.collectonly else CacheFile(cache_path())
        return Run(chosen, read_ledger(OWN_LEDGER, *map(Path, self.option.ledger)), left_out, limits, cache)

    @cached_property
    def layers(self) -> Any:
        """Every layer that specs may spell."""
        return layers_of(self.found)

    def read(self, path: Path, tiers: Collection[str]) -> Spec:
        """Read a spec file's cases of some tiers; its ids begin at pytest's root unless it is one of ours."""
        return read_spec(path, self.layers, self.config.rootpath, tiers)

    def header(self) -> list[str]:
        """The lines for the head of the terminal report."""
        lines = [
            f"{name}: {', '.join(f'{each} {version}' for each, version in chosen.versions.items())}"
            for name, chosen in self.run.targets.items()
        ]
        return ["poolparity targets:", *(f"  {line}" for line in lines), *(f"  {left['why']}" for left in self.run.left_out)]

    def arrange(self, items: list[pytest.Item]) -> None:
        """Put cases that are known to kill their target's worker behind all other cases."""
        from .items import OnTarget

        positions = [position for position, item in enumerate(items) if isinstance(item, OnTarget)]
        cases = [item for item in items if isinstance(item, OnTarget)]
        for position, item in zip(positions, sorted(cases, key=lambda item: self.run.kills(item.case, item.name)), strict=True):
            items[position] = item

    def begin(self, items: Sequence[pytest.Item]) -> None:
        """Feed every target, unless xdist deals the items out."""
        from .items import OnTarget

        self.items = [item for item in items if isinstance(item, OnTarget)]
        self.left = Counter(item.name for item in self.items)
        if not hasattr(self.config, "workerinput") and not self.option.collectonly:
            for target in dict.fromkeys(item.name for item in self.items):
                self.feed(target)

    def feed(self, target: str) -> None:
        """Ask a target all of its selected cases."""
        if target not in self.fed:
            self.fed.add(target)
            self.run.feed(target, [item.case for item in self.items if item.name == target])

    def answer(self, item: OnTarget) -> tuple[ItemOutcome, list[Row], Row]:
        """An item's outcome, its rows, and the line of its case."""
        self.feed(item.name)
        answered = *self.run.answer(item.case, item.name), self.run.line(item.case)
        self.left[item.name] -= 1
        if not self.left[item.name]:
            self.run.release(item.name)
        return answered

    def tell(self, case: Case, target: str, outcome: ItemOutcome, rows: Sequence[Row]) -> str:
        """The text of a failure."""
        return tell(case, target, outcome, rows)

    def keep(self, line: Row, rows: Sequence[Row]) -> None:
        """Keep the rows that came with an item's report."""
        if self.kept is None:
            self.kept = RowStore(Path(self.option.rows) if self.option.rows else None, self.run.header())
        self.kept.add(line, rows)

    def claims(self, session: pytest.Session) -> None:
        """Judge every claim over all attempted targets, each as a test of its own."""
        if self.kept is None or hasattr(self.config, "workerinput"):
            return
        stopped = bool(session.shouldstop or session.shouldfail)
        self.done = self.kept.finish(whole=not stopped)
        if stopped:
            return
        for claim in stands(self.done, self.run.ledger):
            self.log(claim.case, "stands", claim.outcome, claim.text)
        for each in find_stale_entries(self.done, self.run.ledger, self.found, Suite(lambda path: self.read(path, TIERS))):
            self.log(each.where, "stale", FAILED, each.text)

    def log(self, place: str, name: str, outcome: Any, text: str) -> None:
        """Report what was judged over the whole run as a test of its own."""
        report = pytest.TestReport(
            nodeid=f"{place}::{name}", location=(place.partition("::")[0], 0, f"{place} {name}"), keywords={},
            outcome=outcome, longrepr=text or None, when="call",
        )  # fmt: skip
        self.config.hook.pytest_runtest_logreport(report=report)

    def summary(self, terminal: pytest.TerminalReporter) -> None:
        """Print the matrix and write the report."""
        if self.kept is None:
            return
        done = self.done or self.kept.finish(whole=False)  # an interrupted run is not judged
        from ..page.page import write_page
        from ..terminal.matrix import print_matrix  # which needs pandas, and nothing else of a run does
        from ..terminal.summary import PARTIAL

        print_matrix(done, terminal)
        if not done.whole:
            terminal.write_line(PARTIAL)
        if recalled := self.run.describe_cache_use():
            terminal.write_line(recalled)
        if self.option.rows:
            terminal.write_line(f"rows: {self.option.rows}")
        if self.option.report:
            write_page(self.kept.read(), Path(self.option.report))
            terminal.write_line(f"report: {self.option.report}")

    def close(self) -> None:
        """End every worker."""
        if self.kept:
            self.kept.close()
        if "run" in self.__dict__:
            self.run.close()
