"""One run: chosen targets, and their answers settled by the ledger; for pytest and the command alike."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Protocol

from ...adapters.ledger.entry import subject_of
from ...adapters.ledger.ledger import Ledger
from ...adapters.ledger.unknown_versions import describe_unknown_versions
from ...adapters.targets.choose import SelectedTarget, UnknownTarget, select_targets
from ...adapters.targets.find import AdapterEntry, install_advice, is_installed
from ...cases.model.case import Case
from ..ledger.item_outcome import ItemOutcome, settle_item
from ..rows.encode import encode_case
from ..rows.records import CaseLine, Header, Readings, Row, SkippedTarget
from .feeding_order import backward_targets, order_cases

Pair = tuple[Case, str]
"""A case, and a target that is asked it."""
Present = Mapping[tuple[str, str], Sequence[Row]]
"""Rows that are there already, by case and target."""
NOTHING: Present = {}


class AnyEngine(Protocol):
    """What asks targets cases and judges their answers: `Engine` on this machine, or one that asks a cluster.

    `window` is how many cases every target is given at a time.
    """

    window: int

    @property
    def targets(self) -> Mapping[str, SelectedTarget]:
        """The targets by their names."""

    def header(self) -> Header:
        """What runs where."""

    def feed(self, target: str, cases: Sequence[Case]) -> None:
        """Ask a target all of its cases, and do not wait."""

    def arrivals(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """Pairs, those that were not fed among them, in the order in which their rows are best waited for; maybe further ones."""

    def rows(self, case: Case, target: str) -> list[Row]:
        """The rows of a case on a target, as soon as all its answers are there."""

    def readings(self, case: Case) -> Readings | None:
        """What the answers to a case may mean, if that is known already."""

    def describe_machines(self) -> str:
        """The machines that answer, where it is not this one alone."""

    def release(self, target: str) -> None:
        """End a target's worker until there are further cases."""

    def describe_cache_use(self) -> str:
        """How many answers were there from earlier runs, and what was wrong with the cache."""

    def close(self) -> None:
        """End every worker at once."""


def choose_targets(entries: Mapping[str, AdapterEntry], patterns: Sequence[str]) -> tuple[list[SelectedTarget], list[SkippedTarget]]:
    """The targets to run, all unless patterns select some, and those of them that are skipped, with how to add them.

    Raises `UnknownTarget` if a pattern selects only targets that are not installed.
    """
    selected_targets, skipped_targets = select_installed(entries, patterns)
    require_some(entries, patterns, {item.name for item in selected_targets}, skipped_targets)
    return selected_targets, skipped_targets


def require_some(
    entries: Mapping[str, AdapterEntry], patterns: Iterable[str], names: Collection[str], skipped_targets: Iterable[SkippedTarget]
) -> None:
    """Raise `UnknownTarget` if a pattern selects none of the targets that can be asked, with the reasons why they are skipped."""
    reasons = {target["target"]: target["why"] for target in skipped_targets}
    for pattern in patterns:
        name, at, _ = pattern.partition("@")
        wanted_names = [] if at else [item.name for item in select_targets([name], entries)]
        if wanted_names and not set(wanted_names) & set(names):
            raise UnknownTarget(f"--target {pattern}: {'; '.join(reasons[name] for name in wanted_names)}")


def select_installed(entries: Mapping[str, AdapterEntry], patterns: Sequence[str]) -> tuple[list[SelectedTarget], list[SkippedTarget]]:
    """The targets that patterns select, all if there are none, and what of them is skipped, with how to add it."""
    selected_targets = select_targets(patterns or list(entries), entries)
    missing = {item.name for item in selected_targets if not item.interpreter and not is_installed(item.entry.target)}
    skipped_targets: list[SkippedTarget] = [
        {"target": item.name, "why": install_advice(item.entry.target)} for item in selected_targets if item.name in missing
    ]
    selected_targets = [item for item in selected_targets if item.name not in missing]
    narrow: list[SkippedTarget] = [{"target": item.name, "why": item.limitation} for item in selected_targets if item.limitation]
    return selected_targets, skipped_targets + narrow


class Run:
    """Answers cases, and settles them."""

    def __init__(self, engine: AnyEngine, ledger: Ledger, skipped_targets: Sequence[SkippedTarget] = ()) -> None:
        self.engine = engine
        header = engine.header()
        self.ledger = ledger_on(ledger, header)
        self.ledgers = {name: ledger_on(ledger, part) for part in header.get("runs", [header]) for name in part.get("targets", ())}
        self.known_differences = lru_cache(lambda target: self.ledgers[target].about(target, self.targets[target].versions))
        self.left_out = skipped_targets
        self.backward = backward_targets({name: item.target for name, item in self.targets.items()})

    @property
    def targets(self) -> Mapping[str, SelectedTarget]:
        """The targets by their names."""
        return self.engine.targets

    @property
    def unknown_versions(self) -> list[str]:
        """A message for each version of a framework that the ledger does not know."""
        return describe_unknown_versions(self.targets.values())

    def answer(self, case: Case, target: str) -> tuple[ItemOutcome, list[Row]]:
        """What became of a case on a target that was fed it, once its answers are there."""
        return self.settle(case, target, self.engine.rows(case, target))

    def settle(self, case: Case, target: str, rows: Sequence[Row]) -> tuple[ItemOutcome, list[Row]]:
        """What the ledger makes of a case on a target."""
        return settle_item(case, target, rows, self.ledgers[target])

    def answers(
        self, cases: Iterable[Case], questions: Collection[str] = (), past: Present = NOTHING
    ) -> Iterator[tuple[Case, str, Sequence[Row]]]:
        """Every case on every target that takes it, with its rows: those of the past, or else what the target answers.

        Cases that are known to kill a target's worker come last, so that no other waits for a new one.
        Targets are fed a block of cases before it is their turn, so that they never wait, and no more than that is held.
        """
        fed_pairs: deque[list[Pair]] = deque()
        last: list[Pair] = []
        for block in blocks(cases, self.engine.window):
            pairs = [(case, name) for case in block for name in self.takers(case, questions)]
            last += [pair for pair in pairs if self.kills(*pair)]
            fed_pairs.append([pair for pair in pairs if not self.kills(*pair)])
            self.feed_missing(fed_pairs[-1], past)
            if len(fed_pairs) > 1:
                yield from self.iterate_answers(fed_pairs.popleft(), past)
        self.feed_missing(last, past)
        for pairs in (*fed_pairs, last):
            yield from self.iterate_answers(pairs, past)

    def line(self, case: Case) -> CaseLine:
        """The line of a case."""
        return encode_case(case, self.engine.readings(case))

    def feed(self, target: str, cases: Sequence[Case]) -> None:
        """Send cases to a target's worker; their answers are waited for by `answer`."""
        self.engine.feed(target, cases)

    def release(self, target: str) -> None:
        """End a target's worker, whose framework would fill the memory while other targets run."""
        self.engine.release(target)

    def feed_missing(self, pairs: Sequence[Pair], past: Present) -> None:
        """Send every target those of its cases that have no rows yet."""
        for name in self.targets:
            cases = [case for case, other in pairs if other == name and (case.id, name) not in past]
            self.feed(name, list(order_cases(cases, backward=name in self.backward)))

    def iterate_answers(self, pairs: Iterable[Pair], past: Present) -> Iterator[tuple[Case, str, Sequence[Row]]]:
        """The rows of cases that were fed, in the order in which the engine has them."""
        for case, name in self.engine.arrivals(pairs):
            yield case, name, past.get((case.id, name)) or self.engine.rows(case, name)

    def kills(self, case: Case, target: str) -> bool:
        """Whether a case is known to kill a target's worker."""
        known_differences = self.known_differences(target)
        return bool(known_differences.deadly) and known_differences.kills(subject_of(case))

    def takers(self, case: Case, questions: Collection[str] = ()) -> list[str]:
        """The targets that are asked a case."""
        return [name for name, target in self.targets.items() if target.takes(case, questions)]

    def header(self) -> Header:
        """What ran where, for the first line of the rows."""
        return {**self.engine.header(), "left_out": list(self.left_out)}

    def describe_cache_use(self) -> str:
        """How many answers were there from earlier runs, and why none could be; empty where none was looked for."""
        return self.engine.describe_cache_use()

    def close(self) -> None:
        """End every worker."""
        self.engine.close()


def blocks(cases: Iterable[Case], size: int) -> Iterator[list[Case]]:
    """The cases, so many at a time."""
    stream = iter(cases)
    while block := list(islice(stream, size)):
        yield block


def ledger_on(ledger: Ledger, header: Header) -> Ledger:
    """The ledger of a machine."""
    return ledger.on(header.get("platform", ""), header.get("cpu_features", ()))
