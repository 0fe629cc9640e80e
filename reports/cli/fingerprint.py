"""The command `fingerprint`: what each target does on every axis, from rows or by asking all probes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from ...adapters.ledger.ledger import Ledger
from ...adapters.targets.choose import match_names
from ...adapters.targets.find import Found, find_targets, layers_of
from ...cases.model.case import Case
from ...cases.model.layers import Layer
from ...cases.read.check import find_spec_files
from ...cases.read.schema import SCHEMA
from ...cases.read.spec import read_spec
from ..fingerprint.comparison import Comparison
from ..fingerprint.files import read_files
from ..fingerprint.fingerprint import TargetFingerprint, derive_fingerprints, document
from ..rows.encode import encode_case
from ..rows.records import BadRows, Rows
from ..run.run import Run, choose_targets
from ..run.store import RowStore
from ..terminal.fingerprint import fingerprint_table
from ..terminal.summary import PARTIAL

out, err = Console(highlight=False, emoji=False), Console(stderr=True, highlight=False, emoji=False)


Files = Annotated[list[Path] | None, typer.Argument(metavar="[ROWS]...", help="Files of rows; unless given, all probes are asked.")]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", metavar="NAME", help="Only this target (repeatable; * and ? are wild; NAME@PYTHON: in that interpreter)."),
]
To = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the fingerprints to this file, too.")]
Adapters = Annotated[list[Path] | None, typer.Option("--adapter", metavar="FILE", help="A further adapter, a Python file (repeatable).")]


def fingerprint(rows: Files = None, target: Targets = None, to: To = None, adapter: Adapters = None) -> None:
    """Show which rule each target follows on every axis, and where that depends on operation, type, rank or what is asked for."""
    found = find_targets(adapter or ())
    done = read_files(rows) if rows else measured(found, target or ())
    prints = chosen(derive_fingerprints(done), target or ())
    out.print(fingerprint_table(Comparison(prints)))
    if not done.whole:
        out.print(PARTIAL, markup=False, soft_wrap=True)
    if to:
        to.write_text(json.dumps(document(prints, done.header), indent=1) + "\n", encoding="utf-8")
        out.print(f"json: {to}", markup=False, soft_wrap=True)


def chosen(prints: dict[str, TargetFingerprint], patterns: Sequence[str]) -> dict[str, TargetFingerprint]:
    """The fingerprints that are asked for; raises `BadRows` where there are none at all."""
    if not prints:
        raise BadRows("nothing was measured: not a single row; expected rows of at least one case on one target")
    names = [name for pattern in patterns for name in match_names(pattern, prints)]
    return {name: prints[name] for name in dict.fromkeys(names or prints)}


def probes(known: dict[str, Layer]) -> list[Case]:
    """Every probe of our own specs, of whatever tier."""
    specs = [read_spec(file, known) for file in find_spec_files([SCHEMA.parent])]
    return [case for spec in specs for case in spec.cases if case.asks and not case.waiting]


def measured(found: dict[str, Found], patterns: Sequence[str]) -> Rows:
    """Ask every target every probe that it takes."""
    targets, left_out = choose_targets(found, patterns)
    for left in left_out:
        err.print(left["why"], markup=False, soft_wrap=True)
    this, cases = Run(targets, Ledger(), left_out), probes(layers_of(found))
    total = sum(len(this.takers(case, patterns)) for case in cases)
    with closing(this), closing(RowStore(None, this.header())) as kept:
        for case, _, rows in track(this.answers(cases, patterns), "asking", total, console=err, disable=not err.is_terminal):
            kept.add(encode_case(case), rows)
        kept.finish()
        return kept.read()
