"""The command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...adapters.targets.find import find_targets, layers_of
from ...cases.model.mistake import UserError
from ...cases.read.check import check_specs, find_spec_files
from ...cases.read.spec import read_spec
from ..ledger.check import find_ledger_mistakes, is_ledger
from ..ledger.suite import Suite
from ..run.coverage import show_coverage
from ..run.run import choose_targets
from ..run.selection import Selection, SelectionOptions
from .diff import diff
from .explain import explain
from .fingerprint import fingerprint
from .ledger import app as ledger_app
from .merge import merge
from .port import port
from .report import report as report_
from .run import UNEXPECTED, Adapters, Paths, Tier, err, out, run
from .scan import scan

WRONG_USE = 2

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich",
                  help="Conformance of pooling layers across deep-learning frameworks.")  # fmt: skip

app.command(epilog="Example: poolparity run --target torch --target 'keras-*' --report report.html")(run)


@app.command(epilog="Example: poolparity check specs/")
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Spec files, files of the ledger, or folders of them.")],
    adapter: Adapters = None,
) -> None:
    """Find every mistake in spec files and in files of the ledger, without running anything."""
    found = find_targets(adapter or ())
    known, files = layers_of(found), list(find_spec_files(paths))
    ledger = list(filter(is_ledger, files))
    mistakes = check_specs([file for file in files if file not in ledger], known)
    mistakes += find_ledger_mistakes(ledger, found, Suite(lambda path: read_spec(path, known)))
    for mistake in mistakes:
        out.print(str(mistake), markup=False)
    if mistakes:
        raise typer.Exit(UNEXPECTED)
    out.print("no mistakes")


@app.command("list", epilog="Example: poolparity list --tier smoke")
def list_(
    paths: Paths = None,
    tier: Tier = "full",
    coverage: Annotated[bool, typer.Option("--coverage", help="Count what the cases cover: operation, axis, attribute and rank.")] = False,
    adapter: Adapters = None,
) -> None:
    """List the cases of specs, and the targets; or count what the cases cover."""
    found = find_targets(adapter or ())
    if coverage:
        show_coverage(list(Selection(SelectionOptions(tuple(paths or ()), tier), layers_of(found))), out)
        return
    for case in Selection(SelectionOptions(tuple(paths or ()), tier), layers_of(found)):
        out.print(case.id, markup=False)
    _, left_out = choose_targets(found, ())
    missing = {left["target"]: left["why"] for left in left_out}
    for name in found:
        out.print(f"{name}: {missing.get(name, 'installed')}", markup=False)


app.command("report", epilog="Example: poolparity report rows.jsonl --output report.html --output summary.md")(report_)
app.command(epilog="Example: poolparity merge first.jsonl second.jsonl --output rows.jsonl")(merge)
app.command(epilog="Example: poolparity diff old.jsonl new.jsonl --format markdown")(diff)
app.command(epilog="Example: poolparity fingerprint rows.jsonl --json fingerprints.json")(fingerprint)
app.add_typer(ledger_app, name="ledger")
app.command(epilog="Example: poolparity port 'torch.nn.MaxPool2d(3, stride=2, padding=1)' --to keras --input 1,64,112,112")(port)
app.command(epilog="Example: poolparity explain 'torch.nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True)' --input 1,8,12,12")(explain)
app.command(epilog="Example: poolparity scan model.onnx --to keras")(scan)


def main() -> None:
    """Run the command; what the user can mend is told without a traceback."""
    try:
        app()
    except (UserError, FileNotFoundError) as error:
        err.print(f"poolparity: {error}", markup=False)
        raise SystemExit(WRONG_USE) from None
