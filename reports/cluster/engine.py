"""The engine of a cluster run: sends blocks of cases to Dask workers, and takes their rows as they arrive."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...adapters.targets.choose import SelectedTarget
from ...cases.model.case import Case
from ..rows.records import Header, Readings, Row
from ..run.answer_cache import AnswerCache, describe_hits
from ..run.cache_file import CacheFile
from ..run.run import Pair
from .columns import Column, group_columns, header_of
from .dispatch import Dispatcher
from .exchange import TOGETHER, Block, BlockAnswer, Settings
from .worker import answer_block

BLOCK = 64
"""Cases of a block: what a lost worker costs, against what each block costs beside its cases."""
WINDOW = 4096
"""So many cases every target is given at a time, so that slow targets do not keep machines waiting."""


@dataclass(frozen=True, eq=False)
class CaseTask:
    """A block: cases for columns that are asked together, so that what is due to a case is calculated once for all of them."""

    settings: Settings
    cases: Mapping[Column, Sequence[Case]]
    read: Callable[[str], bytes]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The targets that a worker must have for it."""
        return tuple(self.cases)

    @property
    def place(self) -> str:
        """What it is, for messages."""
        first = next(iter(self.cases.values()))
        return f"the {len(first)} cases on {', '.join(column.name for column in self.cases)} that begin with {first[0].id}"

    def call(self) -> tuple[Any, ...]:
        """What a worker runs: the cases as the texts of their files."""
        cases = {case.id: case for some in self.cases.values() for case in some}
        texts = {case.id.rpartition("::")[0]: self.read(case.file) for case in cases.values()}
        names = {column.there: tuple(case.id for case in some) for column, some in self.cases.items()}
        return answer_block, self.settings, Block(texts, {name: case.hash for name, case in cases.items()}, names)

    def split(self) -> Iterator[CaseTask]:
        """One for each target, where they are several."""
        if len(self.cases) > 1:
            yield from (CaseTask(self.settings, {column: cases}, self.read) for column, cases in self.cases.items())


class ClusterEngine:
    """Asks the targets of a cluster."""

    window = WINDOW

    def __init__(self, dispatcher: Dispatcher, settings: Settings, cache: CacheFile | None) -> None:
        self.dispatcher, self.settings = dispatcher, settings
        self.start_time = datetime.now(UTC).isoformat(timespec="seconds")
        self.cache = AnswerCache(cache, {}) if cache else None
        self.requests = self.hits = 0
        self.readings_by_case: dict[str, Readings] = {}
        self.read = lru_cache(None)(read_text)
        self.waiting: dict[str, list[Case]] = {}
        self.cases_by_pair: dict[tuple[str, str], Case] = {}
        self.rows_by_pair: dict[tuple[str, str], list[Row]] = {}
        self.ready: deque[tuple[str, str]] = deque()
        self.early: set[tuple[str, str]] = set()

    @property
    def targets(self) -> dict[str, SelectedTarget]:
        """The targets of the cluster, by the names of their rows."""
        return {name: column.target for name, column in self.dispatcher.columns.items()}

    def header(self) -> Header:
        """What runs where."""
        return header_of(self.dispatcher.columns.values(), self.start_time)

    def feed(self, target: str, cases: Sequence[Case]) -> None:
        """Take the cases whose answers no earlier run has; they are sent with those for the other targets."""
        column = self.dispatcher.columns[target]
        unknown = self.waiting.setdefault(target, [])
        for case in cases:
            self.cases_by_pair[case.id, target] = case
            self.requests += 1
            if (rows := self.find_rows(case, column)) is None:
                unknown.append(case)
            else:
                self.hits += 1
                self.take_rows(case, column, rows)
        if self.waiting.keys() == self.dispatcher.columns.keys():
            self.send_waiting()

    def send_waiting(self) -> None:
        """Send what was fed."""
        waiting, self.waiting = self.waiting, {}
        for columns in group_columns([column for name, column in self.dispatcher.columns.items() if waiting.get(name)], TOGETHER):
            for cases in make_blocks({column: waiting[column.name] for column in columns}):
                self.dispatcher.send(CaseTask(self.settings, cases, self.read))

    def arrivals(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """The pairs that were not fed, then every pair that was as its rows arrive, until these pairs have; later ones among them."""
        self.send_waiting()
        expected = set[tuple[str, str]]()
        for case, target in pairs:
            if (key := (case.id, target)) in self.cases_by_pair:
                expected.add(key)
            elif key not in self.early:
                yield case, target
            self.early.discard(key)
        while True:
            while self.ready:
                key = self.ready.popleft()
                if key in expected:
                    expected.remove(key)
                else:
                    self.early.add(key)
                yield self.cases_by_pair.pop(key), key[1]
            if not expected:
                return
            for task, block_answer in self.dispatcher.wait():
                self.take(task, block_answer)

    def rows(self, case: Case, target: str) -> list[Row]:
        """The rows of a case on a target, which have arrived."""
        return self.rows_by_pair.pop((case.id, target))

    def readings(self, case: Case) -> Readings | None:
        """What the answers to a case may mean, if a worker has told or the answer cache can keep that."""
        return self.readings_by_case[case.id] if case.id in self.readings_by_case else self.cache.readings(case) if self.cache else None

    def release(self, target: str) -> None:
        """Nothing: workers end frameworks that are not asked any more."""

    def describe_cache_use(self) -> str:
        """How many answers were there from earlier runs, here or on workers, and what was wrong with the cache here."""
        if self.cache is None:
            return ""
        return "\n".join(filter(None, (describe_hits(self.hits, self.requests), self.cache.cache.describe_trouble())))

    def describe_machines(self) -> str:
        """The machines, and how many cases each has answered."""
        return self.dispatcher.describe_machines("cases")

    def close(self) -> None:
        """Leave the cluster."""
        self.dispatcher.close()
        if self.cache:
            self.cache.cache.close()

    def take(self, task: CaseTask, block_answer: BlockAnswer) -> None:
        """Take the rows of a block."""
        self.dispatcher.answer_counts[self.dispatcher.machine(block_answer.worker)] += sum(map(len, task.cases.values()))
        for name in [name for name in self.readings_by_case if name not in block_answer.readings][
            : max(len(self.readings_by_case) - WINDOW, 0)
        ]:
            del self.readings_by_case[name]
        self.readings_by_case |= block_answer.readings
        bases = {column: dict(self.dispatcher.members.bases(column)).get(block_answer.worker) for column in task.cases}
        judgements = {
            (case.id, column): one
            for column, cases in task.cases.items()
            for case, one in zip(cases, block_answer.judgements[column.there], strict=True)
        }
        for case in {case.id: case for cases in task.cases.values() for case in cases}.values():  # the rows of a case next to each other
            for column, base in bases.items():
                if one := judgements.get((case.id, column)):
                    self.hits += one.cached
                    if self.cache and one.lasts and base:
                        self.cache.bases[base] = base
                        self.cache.put(case, base, one.rows)
                    self.take_rows(case, column, one.rows)

    def take_rows(self, case: Case, column: Column, rows: Sequence[Row]) -> None:
        """Note the rows of a case, under the name that the target has here."""
        self.rows_by_pair[case.id, column.name] = [{**row, "target": column.name} for row in rows]
        self.ready.append((case.id, column.name))

    def find_rows(self, case: Case, column: Column) -> list[Row] | None:
        """The rows of an earlier run on workers like those of a column."""
        if self.cache is None:
            return None
        bases = {base: base for _, base in self.dispatcher.members.bases(column)}
        self.cache.bases.update(bases)
        candidates = (self.cache.get(case, base) for base in bases)
        return next((rows for rows in candidates if rows is not None), None)


def make_blocks(cases: Mapping[Column, Sequence[Case]]) -> Iterator[dict[Column, list[Case]]]:
    """Blocks of the cases of columns that are asked together; each has one case for all columns that are asked it, in the order of each column."""
    names = list({case.id: None for some in cases.values() for case in some})
    for start in range(0, len(names), BLOCK):
        block_names = set(names[start : start + BLOCK])
        parts = {column: [case for case in some if case.id in block_names] for column, some in cases.items()}
        yield {column: part for column, part in parts.items() if part}


def read_text(file: str) -> bytes:
    """The text of a spec file."""
    return Path(file).read_bytes()
