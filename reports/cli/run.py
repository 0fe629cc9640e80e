"""The command `run`: specs on targets, the unexpected outcomes, and the matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from ...adapters.ledger.ledger import OWN_LEDGER, read_ledger
from ...adapters.parent.limits import MEBIBYTE, Limits
from ...adapters.targets.find import AdapterEntry, find_targets, layers_of
from ...cases.judge.answer import NOT_RUN, UNSUPPORTED
from ...cases.read.spec import read_spec
from ..ledger.item_outcome import FAILED
from ..rows.records import Row, SkippedTarget
from ..run.cache_file import CacheFile, cache_path
from ..run.conclusion import UNEXPECTED, Conclusion, conclude, record_answers
from ..run.engine import Engine
from ..run.progress import Progress
from ..run.resume import EarlierRows
from ..run.run import NOTHING, AnyEngine, Run, choose_targets
from ..run.selection import Selection, SelectionOptions, WrongUse
from ..run.store import RowStore
from ..terminal.ending import print_ending
from ..terminal.failure import describe_failure
from ..words.options import HELP
from .shared import Adapters, NoCache, SpecPaths, Targets, Tier, err, out, require_finite

DEFAULTS = Limits()
KEPT = "what has arrived is kept, and --resume asks the rest"
"""What becomes of the rows of a cluster run that cannot go on."""

Shard = Annotated[str | None, typer.Option("--shard", metavar="I/N", help=HELP["--shard"])]
RowsFile = Annotated[Path | None, typer.Option("--rows", metavar="FILE", dir_okay=False, help=HELP["--rows"])]
Resumed = Annotated[Path | None, typer.Option("--resume", metavar="FILE", help="Complete the interrupted run that wrote FILE.")]
Report = Annotated[Path | None, typer.Option("--report", metavar="FILE", dir_okay=False, help=HELP["--report"])]
Ledgers = Annotated[list[Path] | None, typer.Option("--ledger", metavar="FOLDER", help=HELP["--ledger"])]
Cluster = Annotated[str | None, typer.Option("--cluster", metavar="ADDRESS", help=HELP["--cluster"])]
Seconds = partial(typer.Option, metavar="SECONDS", min=0.001, callback=require_finite)
Timeout = Annotated[float, Seconds("--timeout", "--case-timeout", show_default=f"{DEFAULTS.case:g}", help=HELP["--case-timeout"])]
Start = Annotated[float, Seconds("--start-timeout", show_default=f"{DEFAULTS.start:g}", help=HELP["--start-timeout"])]
Memory = Annotated[
    float,
    typer.Option(
        "--memory-limit",
        metavar="MIB",
        min=1,
        callback=require_finite,
        show_default=f"{DEFAULTS.memory / MEBIBYTE:g}",
        help=HELP["--memory-limit"],
    ),
]


def run(
    paths: SpecPaths = None,
    target: Targets = None,
    tier: Tier = "core",
    shard: Shard = None,
    rows: RowsFile = None,
    resume: Resumed = None,
    report: Report = None,
    ledger: Ledgers = None,
    no_cache: NoCache = False,
    adapter: Adapters = None,
    cluster: Cluster = None,
    timeout: Timeout = DEFAULTS.case,
    start_timeout: Start = DEFAULTS.start,
    memory_limit: Memory = DEFAULTS.memory / MEBIBYTE,
) -> None:
    """Run specs on the installed targets and print how many cases agree.

    The exit status is 1 if any outcome is not as the ledger of known differences expects it.
    """
    files = {"adapters": tuple(map(str, adapter or ())), "ledgers": tuple(map(str, ledger or ()))}
    options = SelectionOptions(tuple(paths or ()), tier, tuple(target or ()), shard=shard, **files)
    limits = Limits.of(timeout, start_timeout, memory_limit)
    with closing(EarlierRows(resume)) if resume else nullcontext() as earlier:
        conclusion = run_selection(options, earlier, rows, report, limits, None if no_cache else CacheFile(cache_path()), cluster)
    if conclusion.status == UNEXPECTED:
        out.print(conclusion.summary)
    raise typer.Exit(conclusion.status)


def run_selection(
    given_options: SelectionOptions,
    earlier: EarlierRows | None,
    rows: Path | None,
    report: Path | None,
    limits: Limits,
    cache: CacheFile | None,
    cluster: str | None = None,
) -> Conclusion:
    """Run what is selected, or what is missing of an earlier run, and print all about it."""
    options = given_options if earlier is None else earlier.selection_for(given_options)
    entries = find_targets(options.adapters)
    cases = Selection(options, layers_of(entries))
    engine, skipped_targets = start_engine(cluster, options, entries, limits, cache)
    new_run = Run(engine, read_ledger(OWN_LEDGER, *map(Path, options.ledgers), targets=engine.targets), skipped_targets)
    for text in (*(target["why"] for target in skipped_targets), *new_run.unknown_versions):
        err.print(text)
    with closing(open_store(new_run, cases, earlier, rows, options)) as store:
        failures, whole = 0, False
        try:
            for text in find_failures(new_run, cases, store, options.targets, earlier):
                failures += 1
                if text:
                    err.print(text)
            whole = True
        except KeyboardInterrupt:
            err.print("interrupted")
        finally:
            new_run.close()
            store.finish(whole)
        conclusion = conclude(store.tally, new_run.ledger, entries, lambda path: read_spec(path, cases.layers), failures)
        for judgement in conclusion.failed_judgements:
            err.print(judgement.text)
        print_ending(conclusion, store, report, new_run.describe_cache_use(), out, err)
    return conclusion


def start_engine(
    cluster: str | None, options: SelectionOptions, entries: Mapping[str, AdapterEntry], limits: Limits, cache: CacheFile | None
) -> tuple[AnyEngine, Sequence[SkippedTarget]]:
    """What asks the targets, on this machine or on a cluster, and the targets that it cannot ask."""
    if cluster is None:
        targets, skipped_targets = choose_targets(entries, options.targets)
        return Engine(targets, limits, cache), skipped_targets
    require_dask()
    from ..cluster.dispatch import Dispatcher
    from ..cluster.engine import ClusterEngine
    from ..cluster.exchange import Settings

    settings = Settings.of(options.targets, options.adapters, limits, cached=cache is not None)
    dispatcher = Dispatcher(cluster, settings, entries, partial(err.print, markup=False), KEPT)
    return ClusterEngine(dispatcher, settings, cache), dispatcher.members.skipped


def require_dask() -> None:
    """Raise WrongUse where Dask is not installed."""
    if find_spec("distributed") is None:
        raise WrongUse("--cluster needs Dask, which is not installed; to install: pip install 'poolparity[cluster]'")


def open_store(new_run: Run, cases: Selection, earlier: EarlierRows | None, rows: Path | None, options: SelectionOptions) -> RowStore:
    """Open the file that the rows of this run go to: that of the earlier run, if it is resumed."""
    header = new_run.header()
    if earlier is None:
        return RowStore(rows, {**header, "selection": options.as_record()})
    if rows:
        raise WrongUse(
            f"--rows {rows} with --resume {earlier.path}: a resumed run writes to the file it resumes; use one of the two options"
        )
    earlier.check(header, cases)
    return RowStore(earlier.path, earlier.header, earlier)


def find_failures(new_run: Run, cases: Selection, store: RowStore, patterns: tuple[str, ...], earlier: EarlierRows | None) -> Iterator[str]:
    """Run every case on every target that takes it, keep the rows, and describe each failure.

    A reason for which cases are not run at all is given once for each target; the text of further such cases is empty.
    """
    reported_reasons: set[tuple[str, str]] = set()
    totals = dict.fromkeys(new_run.targets, 0) | Counter(name for case in cases for name in new_run.takers(case, patterns))
    with Progress(err, totals, machines=new_run.engine.describe_machines) as progress:
        for case, target, outcome, rows in record_answers(new_run, cases, store, patterns, NOTHING if earlier is None else earlier):
            progress.advance(target, outcome.kind)
            if outcome.kind == FAILED:
                reason = reason_not_run(rows)
                text = f"{target}: {case.id} and maybe others were not run: {reason}" if reason else ""
                yield "" if (target, reason) in reported_reasons else text or describe_failure(case, target, outcome, rows)
                if reason:
                    reported_reasons.add((target, reason))


def reason_not_run(rows: Sequence[Row]) -> str:
    """Why nothing of a case was run on a target; empty if something was."""
    details = dict.fromkeys(row["detail"] for row in rows if row["verdict"] == NOT_RUN)
    return "; ".join(details) if {row["verdict"] for row in rows} <= {NOT_RUN, UNSUPPORTED} else ""
