"""What runs in a Dask worker: an engine for each run, which answers block after block in our own worker processes."""

from __future__ import annotations

import os
import socket
import threading
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from distributed import get_worker

from ...adapters.targets.cache_key import adapter_digest
from ...adapters.targets.choose import SelectedTarget, UnknownTarget, select_targets
from ...adapters.targets.find import AdapterEntry, find_targets, layers_of
from ...cases.model.case import TIERS, Case
from ...cases.read.spec import parse_spec
from ..rows.encode import encode_readings
from ..rows.records import Readings, SkippedTarget
from ..run.answer_cache import base_of
from ..run.cache_file import CacheFile, cache_path
from ..run.engine import Engine, Judgement
from ..run.run import select_installed
from ..run.surroundings import describe_surroundings
from .exchange import TOGETHER, BadBlock, Block, BlockAnswer, Probe, Settings

IDLE = 120.0
"""Seconds without a block after which a run's frameworks end here, for a run that was killed cannot end them."""
CASES = 4096
"""So many cases are kept, for further targets."""

SESSIONS: dict[str, Session] = {}
"""The runs that this process answers, by their names."""
LOCK = threading.Lock()


def probe(settings: Settings) -> Probe:
    """What this worker has of what a run asks for."""
    selected_targets, skipped_targets = find_installed(settings)
    targets = {target.name: target for target in selected_targets}
    bases = {name: base_of(target, settings.limits, dict(os.environ)) for name, target in targets.items()} if settings.cached else {}
    return Probe(socket.gethostname(), {**describe_surroundings(targets), "left_out": skipped_targets}, bases)


def answer_block(settings: Settings, block: Block) -> BlockAnswer:
    """The rows of a block's cases; raises `BadBlock` where a case is another one here."""
    with session_for(settings, tuple(block.names)) as session:
        cases = {case.id: case for case in session.cases_of(block)}
        judgements = session.answer(block, cases)
        return BlockAnswer(get_worker().address, judgements, {name: session.readings(case) for name, case in cases.items()})


@contextmanager
def session_for(settings: Settings, targets: Collection[str]) -> Iterator[Session]:
    """The session of a run, while it asks some targets; what asks one of them meanwhile waits, for each has one framework."""
    with LOCK:
        if settings.run not in SESSIONS:
            SESSIONS[settings.run] = Session(settings)
        session = SESSIONS[settings.run]
        session.begin(targets, TOGETHER * get_worker().state.nthreads)
    try:
        with ExitStack() as turns:
            for name in sorted(targets):
                turns.enter_context(session.turns[name])
            yield session
    finally:
        with LOCK:
            session.finish(targets)


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
    """The engine of a run. It keeps the frameworks of a few targets, and ends when nothing is asked any more."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.run = settings, settings.run
        self.layers = layers_of(find_entries(settings))
        self.engine = Engine(find_installed(settings)[0], settings.limits, CacheFile(cache_path()) if settings.cached else None)
        self.cases: dict[str, Case] = {}
        self.turns = {name: threading.Lock() for name in self.engine.targets}
        self.busy: Counter[str] = Counter()
        self.recent: list[str] = []
        self.timer: threading.Timer | None = None

    def begin(self, targets: Collection[str], kept_count: int) -> None:
        """Note that targets are asked, and end frameworks that nobody asks, the oldest first, until no more than those kept are left."""
        if self.timer:
            self.timer.cancel()
        self.busy.update(targets)
        self.recent = [*(name for name in self.recent if name not in targets), *targets]
        for name in [name for name in self.recent if not self.busy[name]][: max(len(self.recent) - kept_count, 0)]:
            self.recent.remove(name)
            self.engine.release(name)

    def finish(self, targets: Collection[str]) -> None:
        """Note that targets are no longer asked."""
        self.busy.subtract(targets)
        if not self.busy.total():
            self.timer = threading.Timer(IDLE, end_run, (self.run,), {"if_idle": True})
            self.timer.daemon = True
            self.timer.start()

    def readings(self, case: Case) -> Readings:
        """What the answers to a case may mean."""
        known_readings = self.engine.readings(case)
        return encode_readings(case) if known_readings is None else known_readings

    def answer(self, block: Block, cases: Mapping[str, Case]) -> dict[str, list[Judgement]]:
        """The judged rows of a block's cases, which its targets are asked at the same time."""
        names_by_target = {target: frozenset(names) for target, names in block.names.items()}
        for target, names in block.names.items():
            self.engine.feed(target, [cases[name] for name in names])
        judgements = {
            (name, target): self.engine.judge_when_complete(
                case, target
            )  # case after case, because what is due to one is not kept for long
            for name, case in cases.items()
            for target in block.names
            if name in names_by_target[target]
        }
        return {target: [judgements[name, target] for name in names] for target, names in block.names.items()}

    def cases_of(self, block: Block) -> Iterator[Case]:
        """The cases of a block, kept from another one or read from its texts; raises `BadBlock` where one has another hash than in the run."""
        cases = self.keep_cases(block)
        for name, due in block.hashes.items():
            got = cases[name].hash if name in cases else "no such case"
            if got != due:
                raise BadBlock(
                    f"{name}: a worker of the cluster read another case: hash {got}, expected {due}; were files changed meanwhile?"
                )
            yield cases[name]

    def keep_cases(self, block: Block) -> dict[str, Case]:
        """The cases of a block by their ids; those of the last blocks are kept, and what is due to them with them."""
        with LOCK:
            cases = {name: self.cases[name] for name, due in block.hashes.items() if name in self.cases and self.cases[name].hash == due}
        unread: dict[str, list[str]] = {}
        for name in block.hashes.keys() - cases.keys():
            unread.setdefault(name.rpartition("::")[0], []).append(name.rpartition("::")[2])
        for prefix, names in unread.items():
            cases |= {case.id: case for case in self.read_cases(prefix, block.texts[prefix], frozenset(names))}
        with LOCK:
            self.cases |= cases
            for name in list(self.cases)[: max(len(self.cases) - CASES, 0)]:
                del self.cases[name]
        return cases

    def read_cases(self, prefix: str, text: bytes, names: frozenset[str]) -> tuple[Case, ...]:
        """The cases of the text of a spec file."""
        return parse_spec(text, prefix, prefix, self.layers, TIERS, names).cases
