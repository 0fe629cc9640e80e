"""The command `check`: mistakes in spec files and in files of the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...adapters.targets.find import find_targets, layers_of
from ...cases.read.check import check_specs, find_spec_files
from ...cases.read.spec import read_spec
from ..ledger.check import find_ledger_mistakes, is_ledger
from ..ledger.suite import Suite
from .shared import Adapters, out

Paths = Annotated[list[Path], typer.Argument(metavar="PATH", help="Spec files, files of a ledger, or folders of them.")]
FAULTY = 1


def check(paths: Paths, adapter: Adapters = None) -> None:
    """Find every mistake in spec files and in files of a ledger, without running anything.

    Each mistake is a line `file:line: what is wrong; expected ...`. The exit status is 1 if there are any.
    """
    entries = find_targets(adapter or ())
    layers, files = layers_of(entries), list(find_spec_files(paths))
    ledger = list(filter(is_ledger, files))
    mistakes = check_specs([file for file in files if file not in ledger], layers)
    mistakes += find_ledger_mistakes(ledger, entries, Suite(lambda path: read_spec(path, layers)))
    for mistake in mistakes:
        out.print(str(mistake))
    if mistakes:
        raise typer.Exit(FAULTY)
    out.print("no mistakes")
