"""The command `search`: questions that nobody wrote down, and what is odd about their answers."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...adapters.ledger.ledger import OWN_LEDGER, Ledger, read_ledger
from ...adapters.parent.limits import Limits
from ...adapters.targets.choose import SelectedTarget
from ...adapters.targets.find import AdapterEntry, find_targets, layers_of
from ...cases.judge.fingerprint import Fingerprint
from ...cases.model.mistake import join_with_or
from ...cases.model.pool import OPS
from ..run.cache_file import CacheFile, cache_path
from ..run.conclusion import INTERRUPTED
from ..run.engine import Engine
from ..run.run import choose_targets
from ..run.selection import WrongUse
from ..terminal.console import Console
from .run import DEFAULTS, Ledgers, Seconds, Start, require_dask
from .shared import Adapters, NoCache, Targets, err, out, require_finite

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

    from ..cluster.dispatch import Dispatcher
    from ..run.run import AnyEngine
    from ..search.finds import Find, Folder
    from ..search.known import KnownAnswers
    from ..search.on_cluster import ClusterSearch
    from ..search.search import Plan, Search, Tally

MINUTES = 10.0
"""How long a search takes if neither minutes nor examples are given."""
CASE_TIMEOUT = 30.0
"""Seconds that a question may take."""
KEPT = "finds so far are kept"
"""What becomes of the finds of a search on a cluster that cannot go on."""
SEEDS = 1 << 32
LIVE = 0.5
EVERY = 30.0
"""Seconds between two lines about how far a search is."""

Minutes = Annotated[float | None, typer.Option("--minutes", metavar="N", min=0.01, callback=require_finite, help=f"End after N minutes. Default: {MINUTES:g}, unless --examples is given.")]  # fmt: skip
Examples = Annotated[int | None, typer.Option("--examples", metavar="N", min=1, help="End after N questions.")]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", min=0, help="Ask the questions of this seed. Default: a random one, which is printed.")]  # fmt: skip
Ops = Annotated[list[str] | None, typer.Option("--op", metavar="OPERATION", help="Ask only about this operation, such as max_pool. Repeatable.")]  # fmt: skip
Save = Annotated[Path | None, typer.Option("--save", metavar="FOLDER", file_okay=False, help="Write each find to FOLDER, and skip those that are there. Several searches may share it.")]  # fmt: skip
KnownRows = Annotated[list[Path] | None, typer.Option("--rules", metavar="ROWS", help="Take the rules that targets follow from a file of rows, instead of asking the probes first. Repeatable.")]  # fmt: skip
IgnoreLedger = Annotated[bool, typer.Option("--ignore-ledger", help="Report also what the ledger knows, and differences that rules explain.")]  # fmt: skip
Cluster = Annotated[str | None, typer.Option("--cluster", metavar="ADDRESS", help="Search on the workers of the Dask cluster at ADDRESS, or on N workers of this machine with local:N.")]  # fmt: skip
Timeout = Annotated[float, Seconds("--case-timeout", help="Time limit for one question.")]


def search(
    target: Targets = None,
    op: Ops = None,
    minutes: Minutes = None,
    examples: Examples = None,
    seed: Seed = None,
    save: Save = None,
    rules: KnownRows = None,
    ledger: Ledgers = None,
    ignore_ledger: IgnoreLedger = False,
    no_cache: NoCache = False,
    adapter: Adapters = None,
    cluster: Cluster = None,
    case_timeout: Timeout = CASE_TIMEOUT,
    start_timeout: Start = DEFAULTS.start,
) -> None:
    """Search for unknown bugs: ask generated questions, and report answers that no rule explains.

    Each find is shrunk to the smallest question that shows it. The exit status is 1 if anything new was found, and 130 where the
    search was interrupted; what was found until then is kept.
    """
    require_hypothesis()
    if wrong := [name for name in op or () if name not in OPS]:
        raise WrongUse(f"--op {wrong[0]}: no such operation; expected {join_with_or(OPS)}")
    folder = open_folder(save)
    entries, patterns = find_targets(map(str, adapter or ())), tuple(target or ())
    limits, cache = Limits.of(case_timeout, start_timeout), None if no_cache else CacheFile(cache_path())
    full_ledger = read_ledger(OWN_LEDGER, *(ledger or ()))
    dispatcher = open_cluster(cluster, patterns, adapter or (), entries, limits, cached=cache is not None) if cluster else None
    try:
        with closing(dispatcher) if dispatcher else nullcontext():
            if dispatcher:
                targets: list[SelectedTarget] = [column.target for column in dispatcher.columns.values()]
                skipped_targets = dispatcher.members.skipped
            else:
                targets, skipped_targets = choose_targets(entries, patterns)
            for skipped_target in skipped_targets:
                err.print(skipped_target["why"])
            plan = make_plan(targets, op or (), seed, examples, minutes)
            measuring = measuring_engine(targets, dispatcher, limits, cache)
            fingerprints = {} if ignore_ledger else find_fingerprints(targets, entries, rules or (), full_ledger, op or OPS, measuring)
            finds = run_search(targets, dispatcher, entries, fingerprints, None if ignore_ledger else full_ledger, limits, plan, folder)
    except KeyboardInterrupt:
        err.print("interrupted")
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(1 if finds else 0)


def open_folder(path: Path | None) -> Folder:
    """The folder of the finds; raises `WrongUse` where none can be made or written."""
    from ..search.finds import Folder

    try:
        return Folder(path)
    except OSError as error:
        raise WrongUse(f"--save {path}: {error.strerror or error}; expected a folder that can be written") from error


def make_plan(targets: Sequence[SelectedTarget], ops: Sequence[str], seed: int | None, examples: int | None, minutes: float | None) -> Plan:
    """What is searched, and for how long; raises `WrongUse` where no target has one of the operations."""
    from ..search.draw import find_scope
    from ..search.search import Plan

    scope, names = find_scope([target.adapter for target in targets], ops), tuple(target.name for target in targets)
    if not scope.ranks:
        raise WrongUse(f"no target has {join_with_or(ops)}; expected an operation of {join_with_or(names)}")
    seconds = minutes * 60 if minutes is not None else None if examples else MINUTES * 60
    return Plan(scope, names, secrets.randbelow(SEEDS) if seed is None else seed, examples, seconds)


def require_hypothesis() -> None:
    """Raise WrongUse where Hypothesis is not installed."""
    if find_spec("hypothesis") is None:
        raise WrongUse("poolparity search needs Hypothesis, which is not installed; to install: pip install 'poolparity[search]'")


@contextmanager
def measuring_engine(targets: Sequence[SelectedTarget], dispatcher: Dispatcher | None, limits: Limits, cache: CacheFile | None) -> Iterator[AnyEngine]:  # fmt: skip
    """What asks the targets their probes, here or on a cluster."""
    if dispatcher is None:
        with closing(Engine(targets, limits, cache)) as engine:
            yield engine
        return
    from ..cluster.engine import ClusterEngine

    with closing(cache) if cache else nullcontext():
        yield ClusterEngine(dispatcher, dispatcher.settings, cache)


def find_fingerprints(targets: Sequence[SelectedTarget], entries: dict[str, AdapterEntry], rows: Sequence[Path], ledger: Ledger, ops: Sequence[str],
                      measuring: AbstractContextManager[AnyEngine]) -> dict[str, Fingerprint]:  # fmt: skip
    """The rules that the targets follow: from rows, or by asking the probes; answers come from the answer cache where it has them."""
    from ..search.fingerprints import fingerprints_of_rows, measure_fingerprints

    if rows:
        fingerprints = fingerprints_of_rows(rows)
        for name in (target.name for target in targets if target.name not in fingerprints):
            err.print(f"--rules: no rows of {name}; any rule may explain its answers", markup=False)
        return fingerprints
    last = time.monotonic()

    def watch(count: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY or count == total:
            last = time.monotonic()
            err.print(f"rules of the targets: {count:,} of {total:,} probes answered", markup=False)

    with measuring as engine:
        return measure_fingerprints(engine, layers_of(entries), ledger, ops, watch)


def open_cluster(cluster: str, patterns: Sequence[str], adapters: Sequence[Path], entries: dict[str, AdapterEntry], limits: Limits, *, cached: bool) -> Dispatcher:  # fmt: skip
    """The cluster at an address, whose workers have Hypothesis in our version: it decides which questions a seed means."""
    require_dask()
    from ..cluster.dispatch import Dispatcher
    from ..cluster.exchange import Settings

    settings = Settings.of(patterns, map(str, adapters), limits, cached=cached, packages=("hypothesis",))
    return Dispatcher(cluster, settings, entries, partial(err.print, markup=False), KEPT)


@contextmanager
def open_search(targets: Sequence[SelectedTarget], dispatcher: Dispatcher | None, fingerprints: dict[str, Fingerprint], known_answers: KnownAnswers | None,
                limits: Limits, plan: Plan, folder: Folder) -> Iterator[Search | ClusterSearch]:  # fmt: skip
    """The search on this machine or on a cluster."""
    from ..search.search import Search, Sieve, titles_of

    if dispatcher is None:
        from ..search.asking import Asker
        from ..search.examine import Examiner
        from ..search.judgement import Judge

        with Asker(Engine(targets, limits)) as asker:
            judges = {name: Judge(name, fingerprints.get(name, Fingerprint()), every=known_answers is None) for name in plan.targets}
            yield Search(Examiner(asker, judges), plan, folder, known_answers)
        return
    from ..cluster.exchange import Settings
    from ..search.on_cluster import ClusterSearch

    dispatcher.begin(replace(dispatcher.settings, run=Settings.new_name(), cached=False))
    sieve = Sieve(folder, plan.seed, titles_of({target.name: target for target in targets}), known_answers)
    yield ClusterSearch(dispatcher, plan, fingerprints, sieve)


def run_search(targets: Sequence[SelectedTarget], dispatcher: Dispatcher | None, entries: dict[str, AdapterEntry], fingerprints: dict[str, Fingerprint],
               ledger: Ledger | None, limits: Limits, plan: Plan, folder: Folder) -> list[Find]:  # fmt: skip
    """Search, print each find, and sum up what was found so far, also where the search is interrupted."""
    from ..search.known import KnownAnswers
    from ..search.search import order_by_impact

    out.print(f"seed {plan.seed}; {', '.join(plan.targets)}", markup=False)
    finds: list[Find] = []
    known_answers = KnownAnswers.of(ledger, {target.name: target.versions for target in targets}, layers_of(entries)) if ledger else None
    with (
        open_search(targets, dispatcher, fingerprints, known_answers, limits, plan, folder) as searching,
        keep_interrupts() as raise_if_interrupted,
    ):
        machines = partial(dispatcher.describe_machines, "questions") if dispatcher else str
        print_progress = progress_printer(err, machines)

        def watch(tally: Tally) -> None:
            raise_if_interrupted()
            print_progress(tally)

        searching.watch = watch
        try:
            for find in searching.run():
                finds.append(find)
                report_find(find)
        finally:
            print_summary(searching.tally, order_by_impact(finds), machines())
    return finds


@contextmanager
def keep_interrupts() -> Iterator[Callable[[], None]]:
    """What raises KeyboardInterrupt after an interrupt that had no effect.

    Python prints and ignores one that comes during a callback of the garbage collector, of which Hypothesis has one, or
    while an object is deleted. It is not printed here.
    """
    interrupted = False
    hook_before = sys.unraisablehook

    def note_interrupt(unraisable: UnraisableHookArgs) -> None:
        nonlocal interrupted
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            interrupted = True
        else:
            hook_before(unraisable)

    def raise_if_interrupted() -> None:
        if interrupted:
            raise KeyboardInterrupt

    sys.unraisablehook = note_interrupt
    try:
        yield raise_if_interrupted
    finally:
        sys.unraisablehook = hook_before


def progress_printer(console: Console, machines: Callable[[], str]) -> Callable[[Tally], None]:
    """What tells how far a search is, and on which machines: a live line on a terminal, elsewhere a line now and then."""
    start = last = time.monotonic()
    every = LIVE if console.is_terminal else EVERY

    def watch(tally: Tally) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= every:
            last = now
            text = f"{tally.questions:,} questions, {len(tally.first)} finds, {tally.questions / max(now - start, 0.001):.1f}/s"
            text = "; ".join(filter(None, (text, machines())))
            console.print(text, markup=False, end="\r" if console.is_terminal else "\n")

    return watch


def report_find(find: Find) -> None:
    """Print a find."""
    from ..search.writing import describe

    out.print(f"{find.kind.name}: {describe(find)}", markup=False)


def print_summary(tally: Tally, finds: Sequence[Find], machines: str) -> None:
    """Print how much was asked, on which machines, what was known, and the finds by impact."""
    out.print(f"{tally.questions:,} questions, {tally.answers:,} answers: {len(finds)} new", markup=False)
    if machines:
        out.print(f"  {machines}", markup=False)
    for why, count in tally.known_counts.items():
        out.print(f"  {count:,} known: {why}", markup=False)
    for text, count in tally.alike.items():
        out.print(f"  {count:,} more like it: {text}", markup=False)
    for find in finds:
        out.print(f"  {find.kind.name}", markup=False)
