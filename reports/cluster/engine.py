"""The engine of a cluster run: sends blocks of cases to Dask workers, and takes their rows as they arrive."""

from __future__ import annotations

import queue
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from distributed.scheduler import KilledWorker

from ...adapters.parent.limits import Limits
from ...adapters.targets.cache_key import adapter_digest
from ...adapters.targets.choose import SelectedTarget
from ...adapters.targets.find import AdapterEntry
from ...cases.model.case import Case
from ...cases.model.mistake import UserError
from ..rows.records import Header, Readings, Row
from ..run.answer_cache import AnswerCache, describe_hits
from ..run.cache_file import CacheFile
from ..run.run import Pair
from ..run.selection import SelectionOptions
from .columns import Column, header_of
from .connection import Connection
from .exchange import Answered, Block, Settings
from .members import Members, Tell
from .worker import answer_block, end_run

BLOCK = 64
"""Cases of a block: what a lost worker costs, against what each block costs beside its cases."""
WINDOW = 4096
"""So many cases every target is given at a time, so that slow targets do not keep machines waiting."""
LOOK = 1.0
"""Seconds between two looks at which workers there are."""
LOST = TimeoutError, OSError, CancelledError
"""What is raised where the worker that has some rows is gone, or the scheduler."""
RETURN = 60.0
"""Seconds to wait for another worker where none is left that has a target."""
KEPT = "what has arrived is kept, and --resume asks the rest"
FETCH = 30.0
"""Seconds in which the rows of a block must be here; a block that is later is asked again."""


class ClusterLost(UserError):
    """The cluster cannot go on; what has arrived is kept."""


@dataclass(eq=False)
class Sent:
    """A block on its way, by its column and cases; without a future while no worker could take it."""

    column: Column
    cases: Sequence[Case]
    future: Any = None


class ClusterEngine:
    """Asks the targets of a cluster. Dask decides which worker answers which block, and repeats what was lost with a worker."""

    window = WINDOW

    def __init__(
        self,
        address: str,
        options: SelectionOptions,
        entries: Mapping[str, AdapterEntry],
        limits: Limits,
        cache: CacheFile | None,
        tell: Tell,
    ) -> None:
        """Raises `WrongUse` where there is no scheduler or no worker that can be asked, `UnknownTarget` where no worker has a target."""
        paths = [str(Path(path).absolute()) for path in options.adapters]
        adapters = {path: adapter_digest(path) for path in paths}
        self.settings = Settings(uuid.uuid4().hex[:8], options.targets, adapters, limits, cache is not None)
        self.numbers = count()
        self.started = datetime.now(UTC).isoformat(timespec="seconds")
        self.cache = AnswerCache(cache, {}) if cache else None
        self.requests = self.hits = 0
        self.sent: dict[str, Sent] = {}
        self.done: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.fed: dict[tuple[str, str], Case] = {}
        self.arrived: dict[tuple[str, str], list[Row]] = {}
        self.ready: deque[tuple[str, str]] = deque()
        self.early: set[tuple[str, str]] = set()
        self.texts: dict[str, bytes] = {}
        self.answered: Counter[str] = Counter()
        self.connection = Connection(address)
        self.members = Members(self.connection, self.settings, tell)
        try:
            self.members.gather(entries, options.targets)
        except BaseException:
            self.close()
            raise
        self.looked = self.complete = time.monotonic()

    @property
    def targets(self) -> dict[str, SelectedTarget]:
        """The targets of the cluster, by the names of their rows."""
        return {name: column.target for name, column in self.members.columns.items()}

    def header(self) -> Header:
        """What runs where."""
        return header_of(self.members.columns.values(), self.started)

    def feed(self, target: str, cases: Sequence[Case]) -> None:
        """Send a target the cases whose answers no earlier run has."""
        column = self.members.columns[target]
        unknown = []
        for case in cases:
            self.fed[case.id, target] = case
            self.requests += 1
            if (rows := self.find_rows(case, column)) is None:
                unknown.append(case)
            else:
                self.hits += 1
                self.take_rows(case, column, rows)
        for start in range(0, len(unknown), BLOCK):
            self.send(Sent(column, unknown[start : start + BLOCK]))

    def arrivals(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """The pairs that were not fed, then every pair that was as its rows arrive, until these pairs have; later ones among them."""
        expected = set[tuple[str, str]]()
        for case, target in pairs:
            if (key := (case.id, target)) in self.fed:
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
                yield self.fed.pop(key), key[1]
            if not expected:
                return
            self.wait()

    def rows(self, case: Case, target: str) -> list[Row]:
        """The rows of a case on a target, which have arrived."""
        return self.arrived.pop((case.id, target))

    def readings(self, case: Case) -> Readings | None:
        """What the answers to a case may mean, if the answer cache can keep that."""
        return self.cache.readings(case) if self.cache else None

    def release(self, target: str) -> None:
        """Nothing: workers end frameworks that are not asked any more."""

    def describe_cache_use(self) -> str:
        """How many answers were there from earlier runs, here or on workers, and what was wrong with the cache here."""
        if self.cache is None:
            return ""
        return "\n".join(filter(None, (describe_hits(self.hits, self.requests), self.cache.cache.describe_trouble())))

    def describe_machines(self) -> str:
        """The machines, and how many cases each has answered."""
        machines = Counter(probe.machine for probe in self.members.workers.values())
        return ", ".join(
            f"{machine}: {number} worker{'s' * (number > 1)}, {self.answered[machine]:,} cases" for machine, number in machines.items()
        )

    def close(self) -> None:
        """Cancel what is not answered, end the frameworks of this run on the workers, and leave the cluster.

        Workers of a cluster on this machine end with it, and their frameworks with them.
        """
        futures = [sent.future for sent in self.sent.values() if sent.future is not None]
        self.sent = {}
        with suppress(OSError, TimeoutError):
            if self.connection.client.status == "running" and not self.connection.processes:
                self.connection.client.cancel(futures, force=True)
                present = list(self.members.workers.keys() & (self.connection.workers() or {}).keys())
                self.connection.client.run(end_run, self.settings.run, workers=present, on_error="ignore")
        self.connection.close()
        if self.cache:
            self.cache.cache.close()

    def send(self, sent: Sent) -> None:
        """Hand a block to Dask, which sends it to a worker that has the target; keep it for the next one where none has."""
        key = f"{sent.column.name}-{next(self.numbers)}-{self.settings.run}"
        self.sent[key] = sent
        if not sent.column.workers:
            sent.future = None
            return
        files = {case.id.rpartition("::")[0]: case.file for case in sent.cases}
        texts = {prefix: self.read(file) for prefix, file in files.items()}
        block = Block(sent.column.there, texts, {case.id: case.hash for case in sent.cases})
        resources = {sent.column.resource: 1}
        sent.future = self.connection.client.submit(answer_block, self.settings, block, key=key, resources=resources, pure=False)
        sent.future.add_done_callback(lambda future: self.done.put(future.key))

    def read(self, file: str) -> bytes:
        """The text of a spec file."""
        if file not in self.texts:
            self.texts[file] = Path(file).read_bytes()
        return self.texts[file]

    def wait(self) -> None:
        """Wait for a block for a while, and take its rows; look now and then at which workers there are."""
        with suppress(queue.Empty):
            key = self.done.get(timeout=LOOK)
            if sent := self.sent.pop(key, None):
                self.take(sent)
        if time.monotonic() - self.looked > LOOK:
            self.look_at_workers()

    def look_at_workers(self) -> None:
        """Send again what nobody could take, where a worker has come that can; raises `ClusterLost` where none comes for long.

        Dask looks for a worker with the resources that a block needs when the block is sent and when a worker joins, which is
        before it has them.
        """
        if self.connection.lost:
            raise ClusterLost(f"--cluster {self.connection.address}: the scheduler is gone; {KEPT}")
        if columns := self.members.refresh():
            assigned = self.connection.assigned_blocks()
            for key, sent in list(self.sent.items()):
                if sent.column in columns and key not in assigned and (sent.future is None or not sent.future.done()):
                    del self.sent[key]
                    self.send(sent)
        self.looked = time.monotonic()
        alone = {sent.column.name for sent in self.sent.values() if not sent.column.workers}
        self.complete = self.complete if alone else self.looked
        if self.looked - self.complete > RETURN:
            raise ClusterLost(f"--cluster {self.connection.address}: no worker is left that has {', '.join(sorted(alone))}; {KEPT}")

    def take(self, sent: Sent) -> None:
        """Take the rows of a block, or send it again where they are lost; raises what a worker raised."""
        try:
            answered: Answered = sent.future.result(FETCH)
        except Exception as error:  # noqa: BLE001 - whatever a worker raised ends the run, with what the block was
            if sent.future.status == "error" or not isinstance(error, LOST):
                raise describe_failure(sent, error) from None
            self.look_at_workers()
            self.send(sent)
            return
        probe = self.members.workers.get(answered.worker)
        self.answered[probe.machine if probe else answered.worker] += len(sent.cases)
        base = dict(self.members.bases(sent.column)).get(answered.worker)
        for case, judged in zip(sent.cases, answered.judged, strict=True):
            self.hits += judged.cached
            if self.cache and judged.lasts and base:
                self.cache.bases[base] = base
                self.cache.put(case, base, judged.rows)
            self.take_rows(case, sent.column, judged.rows)

    def take_rows(self, case: Case, column: Column, rows: Sequence[Row]) -> None:
        """Note the rows of a case, under the name that the target has here."""
        self.arrived[case.id, column.name] = [{**row, "target": column.name} for row in rows]
        self.ready.append((case.id, column.name))

    def find_rows(self, case: Case, column: Column) -> list[Row] | None:
        """The rows of an earlier run on workers like those of a column."""
        if self.cache is None:
            return None
        bases = {base: base for _, base in self.members.bases(column)}
        self.cache.bases.update(bases)
        candidates = (self.cache.get(case, base) for base in bases)
        return next((rows for rows in candidates if rows is not None), None)


def describe_failure(sent: Sent, error: Exception) -> Exception:
    """What ends the run: a block that ended worker after worker, or what a worker raised."""
    place = f"the {len(sent.cases)} cases on {sent.column.name} that begin with {sent.cases[0].id}"
    if isinstance(error, KilledWorker):
        many = error.allowed_failures + 1
        return ClusterLost(f"{many} workers of the cluster ended, one after another, while they had {place}; {KEPT}; see the workers' logs")
    if isinstance(error, OSError):
        return ClusterLost(f"a worker of the cluster could not answer {place}: {type(error).__name__}: {error}; {KEPT}")
    return error
