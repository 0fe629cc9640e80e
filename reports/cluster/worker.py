"""What runs in a Dask worker: an engine for each run, which answers block after block in our own worker processes."""

from __future__ import annotations

import os
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from distributed import get_worker

from ...adapters.targets.cache_key import adapter_digest
from ...adapters.targets.choose import SelectedTarget, UnknownTarget, select_targets
from ...adapters.targets.find import AdapterEntry, find_targets, layers_of
from ...cases.model.case import TIERS, Case
from ...cases.read.spec import parse_spec
from ..rows.records import SkippedTarget
from ..run.answer_cache import base_of
from ..run.cache_file import CacheFile, cache_path
from ..run.engine import Engine, Judged
from ..run.run import select_installed
from ..run.surroundings import describe_surroundings
from .exchange import Answered, BadBlock, Block, Probe, Settings

IDLE = 120.0
"""Seconds without a block after which a run's frameworks end here, for a run that was killed cannot end them."""
FILES = 256
"""So many spec files are kept as cases."""

SESSIONS: dict[str, Session] = {}
"""The runs that this process answers, by their names."""
LOCK = threading.Lock()


def probe(settings: Settings) -> Probe:
    """What this worker has of what a run asks for."""
    selected, skipped = find_installed(settings)
    targets = {target.name: target for target in selected}
    bases = {name: base_of(target, settings.limits, dict(os.environ)) for name, target in targets.items()} if settings.cached else {}
    return Probe(socket.gethostname(), {**describe_surroundings(targets), "left_out": skipped}, bases)


def answer_block(settings: Settings, block: Block) -> Answered:
    """The rows of a block's cases; raises `BadBlock` where a case is another one here."""
    with LOCK:
        if settings.run not in SESSIONS:
            SESSIONS[settings.run] = Session(settings)
        session = SESSIONS[settings.run]
        session.begin(block.target)
    try:
        return Answered(get_worker().address, tuple(session.answer(block)))
    finally:
        with LOCK:
            session.finish(block.target)


def end_run(run: str, *, if_idle: bool = False) -> None:
    """End the frameworks of a run, without waiting for it."""
    with LOCK:
        if if_idle and (run not in SESSIONS or SESSIONS[run].busy.total()):
            return
        session = SESSIONS.pop(run, None)
    if session:
        threading.Thread(target=session.engine.close, daemon=True).start()


async def take_blocks(resources: dict[str, float], dask_worker: Any) -> None:
    """Have the scheduler send this worker the blocks that need these resources."""
    await dask_worker.set_resources(**resources)


def find_entries(settings: Settings) -> dict[str, AdapterEntry]:
    """The targets that there are here, by name; a file of an adapter counts if it has the contents that it has in the run."""
    return find_targets(path for path, digest in settings.adapters.items() if Path(path).is_file() and adapter_digest(path) == digest)


def find_installed(settings: Settings) -> tuple[list[SelectedTarget], list[SkippedTarget]]:
    """The selected targets that are installed here, and why others are not; a pattern that selects nothing here is no error."""
    entries = find_entries(settings)
    usable = [pattern for pattern in settings.patterns if selects_something(pattern, entries)]
    return select_installed(entries, usable) if usable or not settings.patterns else ([], [])


def selects_something(pattern: str, entries: dict[str, AdapterEntry]) -> bool:
    """Whether a pattern means any target here."""
    try:
        return bool(select_targets([pattern], entries))
    except UnknownTarget:
        return False


class Session:
    """The engine of a run. It keeps the frameworks of a few targets, and ends when no block comes any more."""

    def __init__(self, settings: Settings) -> None:
        self.run = settings.run
        self.layers = layers_of(find_entries(settings))
        self.engine = Engine(find_installed(settings)[0], settings.limits, CacheFile(cache_path()) if settings.cached else None)
        self.read = lru_cache(FILES)(self.read_cases)
        self.turns = {name: threading.Lock() for name in self.engine.targets}
        self.busy: Counter[str] = Counter()
        self.recent: list[str] = []
        self.timer: threading.Timer | None = None

    def begin(self, target: str) -> None:
        """Note that a target is asked, and end those frameworks that nobody asks, but for the last of them."""
        if self.timer:
            self.timer.cancel()
        self.busy[target] += 1
        self.recent = [*(name for name in self.recent if name != target), target]
        for name in [name for name in self.recent if not self.busy[name]][:-1]:
            self.recent.remove(name)
            self.engine.release(name)

    def finish(self, target: str) -> None:
        """Note that a target is no longer asked."""
        self.busy[target] -= 1
        if not self.busy.total():
            self.timer = threading.Timer(IDLE, end_run, (self.run,), {"if_idle": True})
            self.timer.daemon = True
            self.timer.start()

    def answer(self, block: Block) -> Iterator[Judged]:
        """The judged rows of a block's cases; two blocks for one target wait for each other, for it has one framework."""
        cases = list(self.cases_of(block))
        with self.turns[block.target]:
            self.engine.feed(block.target, cases)
            for case in cases:
                yield self.engine.judged(case, block.target)

    def cases_of(self, block: Block) -> Iterator[Case]:
        """The cases of a block, read from its texts; raises `BadBlock` where one has another hash than in the run."""
        names: dict[str, list[str]] = {}
        for name in block.hashes:
            names.setdefault(name.rpartition("::")[0], []).append(name.rpartition("::")[2])
        cases = {case.id: case for prefix in names for case in self.read(prefix, block.texts[prefix], frozenset(names[prefix]))}
        for name, due in block.hashes.items():
            got = cases[name].hash if name in cases else "no such case"
            if got != due:
                raise BadBlock(
                    f"{name}: a worker of the cluster read another case: hash {got}, expected {due}; were files changed meanwhile?"
                )
            yield cases[name]

    def read_cases(self, prefix: str, text: bytes, names: frozenset[str]) -> tuple[Case, ...]:
        """The cases of the text of a spec file."""
        return parse_spec(text, prefix, prefix, self.layers, TIERS, names).cases
