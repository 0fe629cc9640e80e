"""The workers of a cluster that a run asks: who is there, who is refused and why, who has come and gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import metadata
from typing import Any

from ...adapters.targets.find import AdapterEntry
from ..rows.records import SkippedTarget
from ..run.run import require_some
from ..run.selection import WrongUse
from .columns import Column, admit, find_refusal, find_skipped, make_columns
from .connection import Connection
from .exchange import PACKAGE, Probe, Settings
from .worker import probe, take_blocks

ARRIVAL = 60.0
"""Seconds to wait for the first worker."""
TICK = 0.1

Tell = Callable[[str], None]
"""Prints a line about the cluster."""


class Members:
    """The workers that can be asked, by their addresses, and the columns of the targets that they have."""

    def __init__(self, connection: Connection, settings: Settings, tell: Tell) -> None:
        self.connection, self.settings, self.tell = connection, settings, tell
        self.workers: dict[str, Probe] = {}
        self.addresses: set[str] = set()
        self.columns: dict[str, Column] = {}
        self.skipped: list[SkippedTarget] = []

    def gather(self, entries: Mapping[str, AdapterEntry], patterns: Sequence[str]) -> None:
        """Find the targets of all workers.

        Waits for all workers of a cluster of our own, and for the first of another. Raises `WrongUse` where none can be asked, and
        `UnknownTarget` where none has what a pattern selects.
        """
        end, count = time.monotonic() + ARRIVAL, self.connection.processes or 1
        refusals: list[str] = []
        while len(self.addresses) < count and time.monotonic() < end:
            refusals += [refusal for worker in (self.connection.workers() or {}).keys() - self.addresses if (refusal := self.meet(worker))]
            time.sleep(TICK if len(self.addresses) < count else 0)
        if not self.workers:
            reasons = "; ".join(refusals) or f"none came within {ARRIVAL:g} s"
            raise WrongUse(f"--cluster {self.connection.address}: no worker can be asked: {reasons}")
        columns = make_columns(self.workers, entries, patterns)
        self.columns, self.skipped = {column.name: column for column in columns}, find_skipped(self.workers, columns)
        require_some(entries, patterns, [column.there for column in columns], self.skipped)
        if not columns:
            raise WrongUse(f"--cluster {self.connection.address}: no worker has a target; expected a worker that has a framework")
        for worker in self.workers:
            self.employ(worker)

    def refresh(self) -> list[Column]:
        """Note who has gone and who has come; the columns that have a new worker."""
        present = self.connection.workers()
        if present is None:
            return []
        departures = [worker for worker in self.workers if not self.is_employed(worker, present.get(worker))]
        for worker in departures:
            self.tell(f"{worker} is gone")
            self.addresses.discard(worker)
            del self.workers[worker]
            for column in self.columns.values():
                column.workers.pop(worker, None)
        arrivals = [worker for worker in present.keys() - self.addresses if not self.meet(worker)]
        for worker in arrivals:
            self.employ(worker)
        return [column for column in self.columns.values() if not column.workers.keys().isdisjoint(arrivals)]

    def is_employed(self, worker: str, record: Any) -> bool:
        """Whether a worker is there, and still has the resources that it was given: one that was started anew has none."""
        resources = self.resources_for(worker)
        return record is not None and resources.keys() <= record["resources"].keys()

    def resources_for(self, worker: str) -> dict[str, float]:
        """What a worker has for each column, as resources of Dask."""
        return {column.resource: 1.0 for column in self.columns.values() if worker in column.workers}

    def meet(self, worker: str) -> str:
        """Find out what a worker has; returns why it is refused, if it is."""
        self.addresses.add(worker)
        try:
            refusal = self.probe(worker)
        except OSError as error:
            refusal = f"it does not answer: {error}"
        if refusal:
            self.tell(f"{worker} refused: {refusal}")
            return f"{worker}: {refusal}"
        return ""

    def probe(self, worker: str) -> str:
        """Ask a worker for its versions of what it needs, and then for what it has; returns why it is refused, if it is."""
        for package in self.settings.packages:
            if refusal := find_refusal(package, self.connection.run(metadata.version, package, worker=worker)):
                return refusal
        answer = self.connection.run(probe, self.settings, worker=worker)
        if not isinstance(answer, Probe):
            return f"it cannot say which targets it has: {type(answer).__name__}: {answer}"
        if refusal := find_refusal(PACKAGE, answer.header.get("suite"), answer.header):
            return refusal
        self.workers[worker] = answer
        return ""

    def employ(self, worker: str) -> None:
        """Have a worker take blocks for the targets that it has."""
        probe_of_worker = self.workers[worker]
        remarks = list(admit(worker, probe_of_worker, self.columns.values()))
        with suppress(OSError):  # it has gone again, which the next look shows
            self.connection.run(take_blocks, self.resources_for(worker), worker=worker)
        for text in (f"on {probe_of_worker.machine}, {len(probe_of_worker.header['targets'])} targets", *remarks):
            self.tell(f"{worker}: {text}")

    def bases(self, column: Column) -> Iterator[tuple[str, str]]:
        """The workers of a column, each with what all its answers hang on, where that can be known."""
        for worker, probe_of_worker in column.workers.items():
            if base := probe_of_worker.bases.get(column.there):
                yield worker, base
