"""The command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from ..adapters._choose import UnknownTarget
from ..adapters._find import adapters, layers
from ..adapters._ledger import BadLedger, read_ledger
from ..adapters._load import BadAdapter
from ..cases.case import TIERS, Case
from ..cases.check import check as check_paths
from ..cases.check import spec_files
from ..cases.read import read
from .claims import stands
from .explain import tell
from .fingerprint_cli import fingerprint
from .matrix import matrix
from .outcome import FAILED
from .page import write_page
from .progress import Progress
from .record import case_line
from .resolve import read_resolved
from .rows import BadRows, Rows
from .run import Kept, Run, choose
from .stale import Stale, stale
from .suite import SPECS, Suite

UNEXPECTED, WRONG_USE = 1, 2

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich",
                  help="Conformance of pooling layers across deep-learning frameworks.")  # fmt: skip
out, err = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)

Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH", help="Spec files, folders of them, or FILE::CASE; all of poolparity's own unless given."),
]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", metavar="NAME", help="Only this target (repeatable; * and ? are wild; NAME@PYTHON: in that interpreter)."),
]
Tier = Annotated[Literal["smoke", "core", "full"], typer.Option(help="The largest tier to take.")]
Adapters = Annotated[list[Path] | None, typer.Option("--adapter", metavar="FILE", help="A further adapter, a Python file (repeatable).")]


@app.command(epilog="Example: poolparity run --target torch --target 'keras-*' --report report.html")
def run(
    paths: Paths = None,
    target: Targets = None,
    tier: Tier = "core",
    rows: Annotated[Path | None, typer.Option(help="Write every answer to this file, as JSON lines.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the HTML compatibility report to this file.")] = None,
    adapter: Adapters = None,
) -> None:
    """Run specs on the targets that are installed, and print the matrix."""
    found = adapters(adapter or ())
    chosen, left_out = choose(found, target or ())
    cases = selected(paths, tier, layers(found))
    this = Run(chosen, read_ledger(), left_out)
    kept = Kept(rows, this.header())
    for left in left_out:
        err.print(left["why"], markup=False)
    failures = 0
    whole = False
    try:
        for text in answers(this, cases, kept, target or ()):
            failures += 1
            err.print(text, markup=False)
        whole = True
    finally:
        this.close()
        done = kept.finish(whole)
    finish(done, this, failures, report, stale(done, this.ledger, found, Suite(lambda path: read(path, layers(found)))))
    if rows:
        out.print(f"rows: {rows}", markup=False)


def answers(this: Run, cases: list[Case], kept: Kept, asked: Sequence[str]) -> Iterator[str]:
    """Run every case on every target that takes it, keep the rows, and tell of each failure."""
    shares = {name: [case for case in cases if chosen.takes(case, asked)] for name, chosen in this.targets.items()}
    with Progress(err, {name: len(share) for name, share in shares.items()}) as progress:
        for name, share in shares.items():
            this.engine.feed(name, share)
        for case in cases:
            for name in (name for name, chosen in this.targets.items() if chosen.takes(case, asked)):
                outcome, rows = this.answer(case, name)
                kept.add(case_line(case), rows)
                progress.advance(name, outcome.kind)
                if outcome.kind == FAILED:
                    yield tell(case, name, outcome, rows)


def finish(done: Rows, this: Run, failures: int, report: Path | None, outlived: Sequence[Stale]) -> None:
    """Print what was found, write the report, and leave with the status that says whether all is as expected."""
    wrong = [claim for claim in stands(done, this.ledger) if claim.outcome == "failed"]
    for each in (*wrong, *outlived):
        err.print(each.text, markup=False)
    out.print(matrix(done))
    if report:
        write_page(done, report)
        out.print(f"report: {report}", markup=False)
    if failures or wrong or outlived:
        out.print(f"{failures} unexpected outcomes, {len(wrong)} claims judged otherwise than stated, {len(outlived)} stale entries")
        raise typer.Exit(UNEXPECTED)


@app.command(epilog="Example: poolparity check specs/")
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Spec files, or folders of them.")], adapter: Adapters = None
) -> None:
    """Find every mistake in spec files, without running anything."""
    mistakes = check_paths(paths, layers(adapters(adapter or ())))
    for mistake in mistakes:
        out.print(str(mistake), markup=False)
    if mistakes:
        raise typer.Exit(UNEXPECTED)
    out.print("no mistakes")


@app.command("list", epilog="Example: poolparity list --tier smoke")
def list_(paths: Paths = None, tier: Tier = "full", adapter: Adapters = None) -> None:
    """List the cases of specs, and the targets."""
    found = adapters(adapter or ())
    for case in selected(paths, tier, layers(found)):
        out.print(case.id, markup=False)
    _, left_out = choose(found, ())
    missing = {left["target"]: left["why"] for left in left_out}
    for name in found:
        out.print(f"{name}: {missing.get(name, 'installed')}", markup=False)


@app.command("report", epilog="Example: poolparity report rows.jsonl --output report.html")
def report_(
    rows: Annotated[Path, typer.Argument(help="A file of rows.")],
    output: Annotated[Path, typer.Option(help="The page to write.")] = Path("report.html"),
) -> None:
    """Make the HTML compatibility report of a file of rows."""
    done = read_resolved(rows)
    out.print(matrix(done))
    write_page(done, output)
    out.print(f"report: {output}", markup=False)


app.command(epilog="Example: poolparity fingerprint rows.jsonl --json fingerprints.json")(fingerprint)


def selected(paths: list[str] | None, tier: str, known: Any) -> list[Case]:
    """The cases that paths name, of a tier and below; one that is named by its id whatever its tier."""
    tiers = TIERS[: TIERS.index(tier) + 1]
    cases = []
    for text in paths or [str(SPECS)]:
        place, _, name = text.partition("::")
        for file in spec_files([Path(place)]):
            spec = read(file, known, Path.cwd(), TIERS if name else tiers)
            if spec.mistakes:
                raise WrongUse("\n".join(map(str, spec.mistakes)))
            cases += [case for case in spec.cases if (case.name == name if name else case.tier in tiers)]
    if not cases:
        raise WrongUse(
            f"no case in {', '.join(paths or [str(SPECS)])}; expected spec files, folders of them, or FILE::CASE (see `poolparity list`)"
        )
    return cases


class WrongUse(ValueError):
    """Something the user asked for cannot be had."""


def main() -> None:
    """Run the command; what the user can mend is told without a traceback."""
    try:
        app()
    except (WrongUse, UnknownTarget, BadAdapter, BadLedger, BadRows, FileNotFoundError) as error:
        err.print(f"poolparity: {error}", markup=False)
        raise SystemExit(WRONG_USE) from None
