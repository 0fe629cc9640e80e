"""What pytest collects of specs: a file, its cases, and each case on each target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ...cases.model.case import TIERS, Case, tiers_up_to
from ..ledger.item_outcome import FAILED, SKIPPED, XFAILED
from ..run.shard import BadShard, shard_of
from ..terminal.failure import describe_failure
from .stash import session_of


class BrokenSpec(Exception):
    """A spec file with mistakes; the text has a line for each."""


class Unexpected(Exception):
    """An answer that is not as the ledger expects it; the text describes the failure."""


class SpecFile(pytest.File):
    """A file of cases."""

    def collect(self) -> Iterator[pytest.Collector]:
        """The file's cases, those of a higher tier only where they are named."""
        session = session_of(self.config)
        tiers = tiers_up_to(self.config.option.tier)
        names = {part for arg in self.config.args for part in str(arg).split("::")[1:]}
        spec = session.read_spec(self.path, TIERS if names else tiers)
        if spec.mistakes:
            raise BrokenSpec("\n".join(map(str, spec.mistakes)))
        for case in spec.cases:
            if case.tier in tiers or case.name in names:
                yield CaseNode.from_parent(self, name=case.name, case=case)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The mistakes alone, without a traceback through this code."""
        return str(excinfo.value) if isinstance(excinfo.value, BrokenSpec) else super().repr_failure(excinfo)


class CaseNode(pytest.Collector):
    """A case; naming it runs it on every target."""

    def __init__(self, *, case: Case, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case = case
        for mark in (case.tier, *case.tags):
            self.config.addinivalue_line("markers", f"{mark}: cases of poolparity that are tagged so")
            self.add_marker(mark)

    def collect(self) -> Iterator[pytest.Item]:
        """The case on each target."""
        for name, target in session_of(self.config).run.targets.items():
            if target.takes(self.case, self.config.option.target):
                yield OnTarget.from_parent(self, name=name, case=self.case)


class OnTarget(pytest.Item):
    """A case on a target."""

    def __init__(self, *, case: Case, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case = case

    def runtest(self) -> None:
        """Wait for the target's answer and settle it; the rows travel with the report."""
        outcome, rows, line = session_of(self.config).answer(self.case, self.name)
        self.line_and_rows = (line, rows)
        match outcome.kind:
            case kind if kind == SKIPPED:
                pytest.skip(str(outcome))
            case kind if kind == XFAILED:
                pytest.xfail(str(outcome))
            case kind if kind == FAILED:
                raise Unexpected(describe_failure(self.case, self.name, outcome, rows))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What was got and what was expected, or the known difference, without a traceback through this code.

        pytest writes it for expected failures too, and a traceback costs more than the rest of the item.
        """
        expected = isinstance(excinfo.value, Unexpected | pytest.xfail.Exception)
        return str(excinfo.value) if expected else super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands in its file, and a headline; of one that ended the node id, xdist would turn the dots into colons."""
        return self.path, max(self.case.line - 1, 0), f"{self.case.id} on {self.name}"


def select_shard(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the cases of other shards; tests that are no cases stay."""
    try:
        shard = shard_of(config.option.shard)
    except BadShard as error:
        raise pytest.UsageError(str(error)) from None
    share = set(shard.of(item.case.id for item in items if isinstance(item, OnTarget)))
    others = [item for item in items if isinstance(item, OnTarget) and item.case.id not in share]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if not isinstance(item, OnTarget) or item.case.id in share]


def move_killers_last(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put cases that are known to kill their target's worker behind all other cases; other tests stay in their places."""
    run = session_of(config).run
    positions = [position for position, item in enumerate(items) if isinstance(item, OnTarget)]
    cases = [item for item in items if isinstance(item, OnTarget)]
    for position, item in zip(positions, sorted(cases, key=lambda item: run.kills(item.case, item.name)), strict=True):
        items[position] = item


def find_pairs(items: Sequence[pytest.Item]) -> list[tuple[Case, str]]:
    """The cases among the items, each with its target."""
    return [(item.case, item.name) for item in items if isinstance(item, OnTarget)]
