"""The command `search`: questions that nobody wrote down, and what is odd about their answers."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
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
from ..run.run import choose_targets
from ..run.selection import WrongUse
from ..terminal.console import Console
from .run import DEFAULTS, Ledgers, Start
from .shared import Adapters, NoCache, Targets, err, out

if TYPE_CHECKING:
    from ..search.finds import Find, Folder
    from ..search.search import Search, Tally

MINUTES = 10.0
"""How long a search takes if neither minutes nor examples are given."""
CASE_TIMEOUT = 30.0
"""Seconds that a question may take."""
SEEDS = 1 << 32
LIVE = 0.5
EVERY = 30.0
"""Seconds between two lines about how far a search is."""

Minutes = Annotated[float | None, typer.Option("--minutes", metavar="N", min=0.01, help=f"End after N minutes. Default: {MINUTES:g}, unless --examples is given.")]  # fmt: skip
Examples = Annotated[int | None, typer.Option("--examples", metavar="N", min=1, help="End after N questions.")]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", min=0, help="Ask the questions of this seed. Default: a random one, which is printed.")]  # fmt: skip
Ops = Annotated[list[str] | None, typer.Option("--op", metavar="OPERATION", help="Ask only about this operation, such as max_pool. Repeatable.")]  # fmt: skip
Save = Annotated[Path | None, typer.Option("--save", metavar="FOLDER", file_okay=False, help="Write each find to FOLDER, and skip those that are there. Several searches may share it.")]  # fmt: skip
KnownRows = Annotated[list[Path] | None, typer.Option("--rules", metavar="ROWS", help="Take the rules that targets follow from a file of rows, instead of asking the probes first. Repeatable.")]  # fmt: skip
IgnoreLedger = Annotated[bool, typer.Option("--ignore-ledger", help="Report also what the ledger knows, and differences that rules explain.")]  # fmt: skip
Timeout = Annotated[float, typer.Option("--case-timeout", metavar="SECONDS", min=0.001, help="Time limit for one question.")]


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
    case_timeout: Timeout = CASE_TIMEOUT,
    start_timeout: Start = DEFAULTS.start,
) -> None:
    """Search for unknown bugs: ask generated questions, and report answers that no rule explains.

    Each find is shrunk to the smallest question that shows it. The exit status is 1 if anything new was found.
    """
    require_hypothesis()
    if wrong := [name for name in op or () if name not in OPS]:
        raise WrongUse(f"--op {wrong[0]}: no such operation; expected {join_with_or(OPS)}")
    entries = find_targets(map(str, adapter or ()))
    targets, skipped = choose_targets(entries, tuple(target or ()))
    for left in skipped:
        err.print(left["why"])
    limits = Limits.of(case_timeout, start_timeout)
    known = read_ledger(OWN_LEDGER, *(ledger or ()))
    fingerprints = {} if ignore_ledger else find_fingerprints(targets, entries, rules or (), known, limits, op or OPS, no_cache=no_cache)
    seconds = minutes * 60 if minutes is not None else None if examples else MINUTES * 60
    finds = run_search(targets, entries, fingerprints, None if ignore_ledger else known, limits, op or (),
                       seed if seed is not None else secrets.randbelow(SEEDS), examples, seconds, save)  # fmt: skip
    raise typer.Exit(1 if finds else 0)


def require_hypothesis() -> None:
    """Raise WrongUse where Hypothesis is not installed."""
    if find_spec("hypothesis") is None:
        raise WrongUse("poolparity search needs Hypothesis, which is not installed; to install: pip install 'poolparity[search]'")


def find_fingerprints(targets: Sequence[SelectedTarget], entries: dict[str, AdapterEntry], rows: Sequence[Path], ledger: Ledger, limits: Limits,
                      ops: Sequence[str], *, no_cache: bool) -> dict[str, Fingerprint]:  # fmt: skip
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

    return measure_fingerprints(targets, layers_of(entries), ledger, limits, ops, None if no_cache else CacheFile(cache_path()), watch)


def run_search(targets: Sequence[SelectedTarget], entries: dict[str, AdapterEntry], fingerprints: dict[str, Fingerprint], ledger: Ledger | None,
               limits: Limits, ops: Sequence[str], seed: int, examples: int | None, seconds: float | None, save: Path | None) -> list[Find]:  # fmt: skip
    """Search, print each find and write it to the folder; what was found so far counts where the search is interrupted."""
    from ..search.asking import Asker
    from ..search.draw import find_scope
    from ..search.examine import Examiner
    from ..search.finds import Folder
    from ..search.judgement import Judge
    from ..search.known import KnownAnswers
    from ..search.search import Plan, Search, order_by_impact

    scope = find_scope([target.adapter for target in targets], ops)
    if not scope.ranks:
        raise WrongUse(f"no target has {join_with_or(ops)}; expected an operation of {join_with_or([target.name for target in targets])}")
    names = tuple(target.name for target in targets)
    out.print(f"seed {seed}; {', '.join(names)}", markup=False)
    finds: list[Find] = []
    folder = Folder(save)
    with Asker(targets, limits) as asker:
        judges = {name: Judge(name, fingerprints.get(name, Fingerprint()), every=ledger is None) for name in names}
        known = KnownAnswers.of(ledger, {target.name: target.versions for target in targets}, layers_of(entries)) if ledger else None
        searching = Search(Examiner(asker, judges), Plan(scope, names, seed, examples, seconds), folder, known)
        searching.watch = progress_printer(err)
        try:
            for found in searching.run():
                finds.append(found)
                report_find(found, folder)
        except KeyboardInterrupt:
            err.print("interrupted")
    print_summary(searching, order_by_impact(finds))
    return finds


def progress_printer(console: Console) -> Callable[[Tally], None]:
    """What tells how far a search is: a live line on a terminal, elsewhere a line now and then."""
    begun = last = time.monotonic()
    every = LIVE if console.is_terminal else EVERY

    def watch(tally: Tally) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= every:
            last = now
            text = f"{tally.questions:,} questions, {len(tally.first)} finds, {tally.questions / max(now - begun, 0.001):.1f}/s"
            console.print(text, markup=False, end="\r" if console.is_terminal else "\n")

    return watch


def report_find(found: Find, folder: Folder) -> None:
    """Print a find, and write its spec and its report."""
    from ..search.writing import describe, write_report, write_spec

    out.print(f"{found.kind.name}: {describe(found)}", markup=False)
    folder.write(f"{found.kind.name}.yaml", write_spec(found))
    folder.write(f"{found.kind.name}.md", write_report(found))


def print_summary(searching: Search, finds: Sequence[Find]) -> None:
    """Print how much was asked, what was known, and the finds by impact."""
    tally = searching.tally
    out.print(f"{tally.questions:,} questions, {tally.answers:,} answers: {len(finds)} new", markup=False)
    for why, count in tally.known.items():
        out.print(f"  {count:,} known: {why}", markup=False)
    for text, count in tally.alike.items():
        out.print(f"  {count:,} more like it: {text}", markup=False)
    for found in finds:
        out.print(f"  {found.kind.name}", markup=False)
