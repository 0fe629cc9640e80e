"""One run: chosen targets, and their answers settled by the ledger; for pytest and the command alike."""

from __future__ import annotations

import os
import platform
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib import metadata
from itertools import islice

from ...adapters.ledger.entry import subject_of
from ...adapters.ledger.ledger import Ledger
from ...adapters.parent.host import Limits
from ...adapters.parent.launch import flags_of
from ...adapters.parent.processor import read_cpuinfo
from ...adapters.targets.cache_key import flags_set, source_digest
from ...adapters.targets.choose import SelectedTarget, UnknownTarget, select_targets
from ...adapters.targets.find import AdapterEntry, install_advice, is_installed
from ...cases.model.case import Case
from ..ledger.item_outcome import ItemOutcome, settle_item
from ..rows.encode import encode_case
from ..rows.records import CaseLine, Header, Row, SkippedTarget, empty_header
from .cache_file import CacheFile
from .engine import Engine
from .feeding_order import backward_targets, order_cases

BLOCK = 1024
"""So many cases are given to every target at a time."""

Pair = tuple[Case, str]
"""A case, and a target that is asked it."""
Present = Mapping[tuple[str, str], Sequence[Row]]
"""Rows that are there already, by case and target."""
NOTHING: Present = {}


def choose_targets(entries: Mapping[str, AdapterEntry], patterns: Sequence[str]) -> tuple[list[SelectedTarget], list[SkippedTarget]]:
    """The targets to run, all unless patterns select some, and those of them that are skipped, with how to add them.

    Raises `UnknownTarget` if a pattern selects only targets that are not installed.
    """
    selected = select_targets(patterns or list(entries), entries)
    missing = {item.name for item in selected if not item.interpreter and not is_installed(item.entry.target)}
    for pattern in (pattern for pattern in patterns if "@" not in pattern):
        names = [item.name for item in select_targets([pattern], entries)]
        if missing.issuperset(names):
            raise UnknownTarget(f"--target {pattern}: {'; '.join(install_advice(entries[name].target) for name in names)}")
    skipped: list[SkippedTarget] = [
        {"target": item.name, "why": install_advice(item.entry.target)} for item in selected if item.name in missing
    ]
    selected = [item for item in selected if item.name not in missing]
    narrow: list[SkippedTarget] = [{"target": item.name, "why": item.limitation} for item in selected if item.limitation]
    return selected, skipped + narrow


class Run:
    """Answers cases, and settles them."""

    def __init__(
        self,
        targets: Iterable[SelectedTarget],
        ledger: Ledger,
        skipped: Sequence[SkippedTarget] = (),
        limits: Limits = Limits(),
        cache: CacheFile | None = None,
    ) -> None:
        self.engine = Engine(targets, limits, cache)
        self.ledger = ledger.on(platform.platform(), cpu_features())
        self.known = lru_cache(lambda target: self.ledger.about(target, self.targets[target].versions))
        self.left_out = skipped
        self.backward = backward_targets({name: item.target for name, item in self.targets.items()})

    @property
    def targets(self) -> dict[str, SelectedTarget]:
        """The targets by their names."""
        return self.engine.targets

    def answer(self, case: Case, target: str) -> tuple[ItemOutcome, list[Row]]:
        """What became of a case on a target that was fed it, once its answers are there."""
        return self.settle(case, target, self.engine.rows(case, target))

    def settle(self, case: Case, target: str, rows: Sequence[Row]) -> tuple[ItemOutcome, list[Row]]:
        """What the ledger makes of a case on a target."""
        return settle_item(case, target, rows, self.ledger)

    def answers(
        self, cases: Iterable[Case], questions: Collection[str] = (), past: Present = NOTHING
    ) -> Iterator[tuple[Case, str, Sequence[Row]]]:
        """Every case on every target that takes it, with its rows: those of the past, or else what the target answers.

        Cases that are known to kill a target's worker come last, so that no other waits for a new one.
        Targets are fed a block of cases before it is their turn, so that they never wait, and no more than that is held.
        """
        fed_pairs: deque[list[Pair]] = deque()
        last: list[Pair] = []
        for block in blocks(cases):
            pairs = [(case, name) for case in block for name in self.takers(case, questions)]
            last += [pair for pair in pairs if self.kills(*pair)]
            fed_pairs.append([pair for pair in pairs if not self.kills(*pair)])
            self.feed_missing(fed_pairs[-1], past)
            if len(fed_pairs) > 1:
                yield from self.answered(fed_pairs.popleft(), past)
        self.feed_missing(last, past)
        for pairs in (*fed_pairs, last):
            yield from self.answered(pairs, past)

    def line(self, case: Case) -> CaseLine:
        """The line of a case."""
        return encode_case(case, self.engine.answer_cache.readings(case) if self.engine.answer_cache else None)

    def feed(self, target: str, cases: Sequence[Case]) -> None:
        """Send cases to a target's worker; their answers are waited for by `answer`."""
        self.engine.feed(target, cases)

    def release(self, target: str) -> None:
        """End a target's worker, whose framework would fill the memory while other targets run."""
        self.engine.hosts[target].close()

    def feed_missing(self, pairs: Sequence[Pair], past: Present) -> None:
        """Send every target those of its cases that have no rows yet."""
        for name in self.targets:
            cases = [case for case, other in pairs if other == name and (case.id, name) not in past]
            self.feed(name, list(order_cases(cases, backward=name in self.backward)))

    def answered(self, pairs: Iterable[Pair], past: Present) -> Iterator[tuple[Case, str, Sequence[Row]]]:
        """The rows of cases that were fed."""
        for case, name in pairs:
            yield case, name, past.get((case.id, name)) or self.engine.rows(case, name)

    def kills(self, case: Case, target: str) -> bool:
        """Whether a case is known to kill a target's worker."""
        known_differences = self.known(target)
        return bool(known_differences.deadly) and known_differences.kills(subject_of(case))

    def takers(self, case: Case, questions: Collection[str] = ()) -> list[str]:
        """The targets that are asked a case."""
        return [name for name, target in self.targets.items() if target.takes(case, questions)]

    def header(self) -> Header:
        """What ran where, for the first line of the rows."""
        return {
            **empty_header(),
            "suite": metadata.version("poolparity"),
            "source": source_digest(),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "platform": platform.platform(),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "cpu_features": cpu_features(),
            "targets": {
                name: {"versions": target.versions, "flags": {**flags_set(os.environ, target), **flags_of(target.target, os.environ)}}
                for name, target in self.targets.items()
            },
            "left_out": list(self.left_out),
        }

    def describe_cache_use(self) -> str:
        """How many answers were there from earlier runs, and why none could be; empty where none was looked for."""
        cache, damage = self.engine.answer_cache, self.engine.programs.trouble
        if cache is None:
            return damage
        use = (
            f"{cache.hits:,} of {cache.requests:,} answers came from the answer cache; --no-cache runs everything again"
            if cache.hits
            else ""
        )
        return "\n".join(filter(None, (use, cache.cache.describe_trouble(), damage)))

    def close(self) -> None:
        """End every worker."""
        self.engine.__exit__(None, None, None)


def blocks(cases: Iterable[Case]) -> Iterator[list[Case]]:
    """The cases, so many at a time."""
    stream = iter(cases)
    while block := list(islice(stream, BLOCK)):
        yield block


def cpu_features() -> list[str]:
    """The vector extensions of the processor, as the system lists them; none where it lists none."""
    flags = next((line for line in read_cpuinfo() if line.startswith(("flags", "Features"))), "")
    return sorted(flag for flag in flags.partition(":")[2].split() if flag.startswith(("avx", "amx", "sse4", "fma", "asimd", "sve")))
