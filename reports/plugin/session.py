"""What a pytest run knows of targets and cases; the run itself is `run.Run`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ...adapters.ledger.ledger import OWN_LEDGER, read_ledger
from ...adapters.parent.limits import Limits
from ...adapters.targets.find import find_targets, layers_of
from ...cases.model.case import TIERS, Case
from ...cases.model.mistake import UserError
from ...cases.read.spec import Spec, read_spec
from ..ledger.item_outcome import ItemOutcome
from ..rows.files import describe_os_error
from ..rows.records import CaseLine, Row
from ..run.cache_file import CacheFile, cache_path
from ..run.conclusion import Conclusion, Judgement, conclude
from ..run.engine import Engine
from ..run.run import Run, choose_targets
from ..run.store import RowStore

STOPPED = 2
"""The exit status after an error that the user can correct; pytest itself has it for an interrupted run."""


def stop(error: OSError | UserError) -> NoReturn:
    """End the run with a sentence instead of a traceback."""
    pytest.exit(f"poolparity: {describe_os_error(error) if isinstance(error, OSError) else error}", STOPPED)


class Session:
    """The targets of a pytest run, its answers, and the rows that arrive."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.option = config.option
        self.cases: dict[str, list[Case]] = {}
        self.lines: dict[str, CaseLine] = {}
        self.remaining: Counter[str] = Counter()
        self.fed_targets: set[str] = set()
        self.store: RowStore | None = None
        self.conclusion: Conclusion | None = None

    @cached_property
    def known_targets(self) -> Any:
        """Every known target."""
        try:
            return find_targets(self.option.adapter)
        except UserError as error:
            raise pytest.UsageError(str(error)) from None

    @cached_property
    def run(self) -> Run:
        """The run on the targets that were chosen."""
        try:
            targets, skipped_targets = choose_targets(self.known_targets, self.option.target)
            ledger = read_ledger(OWN_LEDGER, *map(Path, self.option.ledger), targets=[target.name for target in targets])
        except UserError as error:
            raise pytest.UsageError(str(error)) from None
        limits = Limits.of(self.option.case_timeout, self.option.start_timeout, self.option.memory_limit)
        cache = None if self.option.no_cache or self.option.collectonly else CacheFile(cache_path())
        return Run(Engine(targets, limits, cache), ledger, skipped_targets)

    @cached_property
    def layers(self) -> Any:
        """Every layer that specs may spell."""
        return layers_of(self.known_targets)

    def read_spec(self, path: Path, tiers: Collection[str] = TIERS) -> Spec:
        """Read a spec file's cases of some tiers; its ids begin at pytest's root unless it is one of ours."""
        return read_spec(path, self.layers, self.config.rootpath, tiers)

    def header(self) -> list[str]:
        """The lines for the head of the terminal report."""
        lines = [
            f"{name}: {', '.join(f'{package} {version}' for package, version in target.versions.items())}"
            for name, target in self.run.targets.items()
        ]
        lines += [*(skipped_target["why"] for skipped_target in self.run.left_out), *self.run.unknown_versions]
        return ["poolparity targets:", *(f"  {line}" for line in lines)]

    def begin(self, pairs: Sequence[tuple[Case, str]]) -> None:
        """Feed every target its selected cases, unless xdist distributes the items."""
        for case, target in pairs:
            self.cases.setdefault(target, []).append(case)
        self.remaining = Counter(target for _, target in pairs)
        if not hasattr(self.config, "workerinput") and not self.option.collectonly:
            for target in self.cases:
                self.feed(target)

    def feed(self, target: str) -> None:
        """Ask a target all of its selected cases, once."""
        if target not in self.fed_targets:
            self.fed_targets.add(target)
            self.run.feed(target, self.cases[target])

    def answer(self, case: Case, target: str) -> tuple[ItemOutcome, list[Row], CaseLine]:
        """Wait for the outcome of a case on a target; return it with the rows and the line of the case."""
        self.feed(target)
        if case.id not in self.lines:  # the line is the same for every target, and takes longer to make than the rows do
            self.lines[case.id] = self.run.line(case)
        answer = *self.run.answer(case, target), self.lines[case.id]
        self.remaining[target] -= 1
        if not self.remaining[target]:
            self.run.release(target)
        return answer

    def keep(self, line: CaseLine, rows: Sequence[Row]) -> None:
        """Keep the rows that came with an item's report; end the run where they cannot be written."""
        try:
            if self.store is None:
                self.store = RowStore(Path(self.option.rows) if self.option.rows else None, self.run.header())
            self.store.add(line, rows)
        except (OSError, UserError) as error:
            stop(error)

    def conclude(self, whole: bool) -> None:
        """Close the file of rows, and report each claim and each stale ledger entry as a test of its own."""
        if self.store is None or hasattr(self.config, "workerinput"):
            return
        self.conclusion = conclude(self.store.finish(whole), self.run.ledger, self.known_targets, self.read_spec)
        for judgement in self.conclusion.judgements:
            self.report_judgement(judgement)

    def report_judgement(self, judgement: Judgement) -> None:
        """Report a judgement on the whole run as a test of its own."""
        report = pytest.TestReport(
            nodeid=f"{judgement.place}::{judgement.kind}",
            location=(judgement.place.partition("::")[0], 0, f"{judgement.place} {judgement.kind}"),
            keywords={},
            outcome=judgement.outcome,  # type: ignore[arg-type]
            longrepr=judgement.text or None,
            when="call",
        )
        self.config.hook.pytest_runtest_logreport(report=report)

    def print_ending(self, terminal: pytest.TerminalReporter) -> None:
        """Print the matrix and write the report; a run that was interrupted is closed here."""
        if self.conclusion is None:
            self.conclude(whole=False)
        if self.conclusion is None or self.store is None:
            return
        from ..terminal.console import Console  # the page and the matrix need pandas, which nothing else of a run does
        from ..terminal.ending import print_ending

        console = Console(force_terminal=terminal.hasmarkup, no_color=not terminal.hasmarkup, soft_wrap=True)
        report = Path(self.option.report) if self.option.report else None
        try:
            with console.capture() as capture:
                print_ending(self.conclusion, self.store, report, self.run.describe_cache_use(), console, console)
        except (OSError, UserError) as error:
            stop(error)
        finally:
            terminal.write(capture.get())

    def close(self) -> None:
        """End every worker."""
        if self.store:
            self.store.close()
        if "run" in self.__dict__:
            self.run.close()
