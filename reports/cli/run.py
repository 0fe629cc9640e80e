"""The command `run`: specs on targets, what was not expected, and the matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from ...adapters.ledger.ledger import OWN_LEDGER, read_ledger
from ...adapters.parent.limits import MEBIBYTE, Limits
from ...adapters.targets.find import find_targets, layers_of
from ...cases.read.spec import read_spec
from ..ledger.item_outcome import FAILED
from ..ledger.stale import find_stale_entries
from ..ledger.suite import Suite
from ..page.page import write_page
from ..rows.records import Row
from ..run.cache_file import CacheFile, cache_path
from ..run.claims import stands
from ..run.progress import Progress
from ..run.resume import EarlierRows
from ..run.run import NOTHING, Present, Run, choose_targets
from ..run.selection import Selection, SelectionOptions, WrongUse
from ..run.store import RowStore
from ..terminal.failure import tell
from ..terminal.matrix import matrix
from ..terminal.summary import PARTIAL

UNEXPECTED, INTERRUPTED = 1, 130

out, err = Console(highlight=False, soft_wrap=True, emoji=False), Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH", help="Spec files, folders of them, or FILE::CASE; all of poolparity's own unless given."),
]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", metavar="NAME", help="Only this target (repeatable; * and ? are wild; NAME@PYTHON: in that interpreter)."),
]
Tier = Annotated[Literal["smoke", "core", "full"], typer.Option(help="The largest tier to take.")]
Share = Annotated[str | None, typer.Option("--shard", metavar="I/N", help="Only share I of the cases, dealt out into N.")]
Ledgers = Annotated[
    list[Path] | None,
    typer.Option("--ledger", metavar="FOLDER", help="A folder of further known differences, as YAML files (repeatable)."),
]
Adapters = Annotated[list[Path] | None, typer.Option("--adapter", metavar="FILE", help="A further adapter, a Python file (repeatable).")]

Seconds = partial(typer.Option, metavar="SECONDS", min=0.001)
Timeout = Annotated[float, Seconds("--timeout", "--case-timeout", help="How long a case may take.")]
Start = Annotated[float, Seconds("--start-timeout", help="How long a framework may take to start.")]
Memory = Annotated[float, typer.Option("--memory-limit", metavar="MIB", min=1, help="How much memory a framework's process may hold.")]
USUAL = Limits()


def run(
    paths: Paths = None,
    target: Targets = None,
    tier: Tier = "core",
    shard: Share = None,
    rows: Annotated[Path | None, typer.Option(metavar="FILE", help="Write every answer to this file, as JSON lines.")] = None,
    resume: Annotated[Path | None, typer.Option(metavar="FILE", help="Finish the run that wrote this file, if it was cut off.")] = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the HTML compatibility report to this file.")] = None,
    ledger: Ledgers = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Ask for everything anew, and keep no answer for later runs.")] = False,
    adapter: Adapters = None,
    timeout: Timeout = USUAL.case,
    start_timeout: Start = USUAL.start,
    memory_limit: Memory = USUAL.memory / MEBIBYTE,
) -> None:
    """Run specs on the targets that are installed, and print the matrix."""
    files = {"adapters": tuple(map(str, adapter or ())), "ledgers": tuple(map(str, ledger or ()))}
    given = SelectionOptions(tuple(paths or ()), tier, tuple(target or ()), shard=shard, **files)
    limits = Limits.of(timeout, start_timeout, memory_limit)
    with closing(EarlierRows(resume)) if resume else nullcontext() as past:
        measure(given, past, rows, report, limits, None if no_cache else CacheFile(cache_path()))


def measure(
    given: SelectionOptions, past: EarlierRows | None, rows: Path | None, report: Path | None, limits: Limits, cache: CacheFile | None
) -> None:
    """Run what is wanted, or the rest of it, tell of it, and leave with the status that it deserves."""
    wanted = given if past is None else past.wanted(given)
    found = find_targets(wanted.adapters)
    chosen, left_out = choose_targets(found, wanted.targets)
    cases = Selection(wanted, layers_of(found))
    this = Run(chosen, read_ledger(OWN_LEDGER, *map(Path, wanted.ledgers)), left_out, limits, cache)
    for left in left_out:
        err.print(left["why"], markup=False)
    with closing(keeping(this, cases, past, rows, wanted)) as kept:
        failures = attempt(this, cases, kept, wanted.targets, NOTHING if past is None else past)
        claims = [claim.text for claim in stands(kept.tally, this.ledger) if claim.outcome == FAILED]
        outlived = [
            each.text for each in find_stale_entries(kept.tally, this.ledger, found, Suite(lambda path: read_spec(path, cases.layers)))
        ]
        finish(kept, report, [*claims, *outlived])
        if recalled := this.describe_cache_use():
            err.print(recalled, markup=False)
    leave(kept.tally.whole, failures, len(claims), len(outlived))


def keeping(this: Run, cases: Selection, past: EarlierRows | None, rows: Path | None, wanted: SelectionOptions) -> RowStore:
    """Where the rows of this run go: into the file of its past, if it has one."""
    header = this.header()
    if past is None:
        return RowStore(rows, {**header, "selection": wanted.told()})
    if rows:
        raise WrongUse(
            f"--rows {rows} beside --resume {past.path}: the file that is resumed is the one that is written; expected one of them"
        )
    past.check(header, cases)
    return RowStore(past.path, past.header, past)


def attempt(this: Run, cases: Selection, kept: RowStore, asked: Sequence[str], past: Present) -> int:
    """Run all cases, as far as one is let, and tell of each failure; how many there were."""
    failures, whole = 0, False
    try:
        for text in unexpected(this, cases, kept, asked, past):
            failures += 1
            err.print(text, markup=False)
        whole = True
    except KeyboardInterrupt:
        err.print("interrupted")
    finally:
        this.close()
        kept.finish(whole)
    return failures


def unexpected(this: Run, cases: Selection, kept: RowStore, asked: Sequence[str], past: Present) -> Iterator[str]:
    """Run every case on every target that takes it, keep the rows, and tell of each failure."""
    with Progress(err, totals(this, cases, asked)) as progress:
        line: Row = {"case": None}
        for case, name, rows in this.answers(cases, asked, past):
            outcome, settled = this.settle(case, name, rows)
            line = line if line["case"] == case.id else this.line(case)
            kept.add(line, settled)
            progress.advance(name, outcome.kind)
            if outcome.kind == FAILED:
                yield tell(case, name, outcome, settled)


def totals(this: Run, cases: Selection, asked: Sequence[str]) -> dict[str, int]:
    """How many cases each target is asked."""
    return dict.fromkeys(this.targets, 0) | Counter(name for case in cases for name in this.takers(case, asked))


def finish(kept: RowStore, report: Path | None, texts: Sequence[str]) -> None:
    """Say what was judged over the whole run, print the matrix, and write the report."""
    for text in texts:
        err.print(text, markup=False)
    if kept.tally.lines:
        out.print(matrix(kept.tally))
    if report and kept.tally.lines:
        write_page(kept.read(), report)
        out.print(f"report: {report}", markup=False)
    if not kept.folder:
        out.print(f"rows: {kept.path}", markup=False)
        if not kept.tally.whole:
            out.print(f"to finish it: poolparity run --resume {kept.path}", markup=False)


def leave(whole: bool, failures: int, claims: int, outlived: int) -> None:
    """Leave with the status that tells whether all is as expected."""
    if not whole:
        out.print(PARTIAL)
        raise typer.Exit(INTERRUPTED)
    if failures or claims or outlived:
        out.print(f"{failures} unexpected outcomes, {claims} claims judged otherwise than stated, {outlived} stale entries")
        raise typer.Exit(UNEXPECTED)
