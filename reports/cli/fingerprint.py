"""The command `fingerprint`: the rules that each target follows, from rows or by asking all probes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from ...adapters.ledger.ledger import Ledger
from ...adapters.targets.choose import match_names
from ...adapters.targets.find import AdapterEntry, find_targets, layers_of
from ...cases.model.case import Case
from ...cases.model.layers import Layer
from ...cases.read.check import find_spec_files
from ...cases.read.schema import SCHEMA
from ...cases.read.spec import read_spec
from ..fingerprint.comparison import Comparison
from ..fingerprint.files import read_files
from ..fingerprint.fingerprint import TargetFingerprint, derive_fingerprints, fingerprints_as_json
from ..rows.files import write_text
from ..rows.records import BadRows, Rows
from ..run.conclusion import record_answers
from ..run.run import Run, choose_targets
from ..run.store import RowStore
from ..terminal.fingerprint import fingerprint_table
from ..terminal.summary import PARTIAL
from .shared import Adapters, Targets, err, folded, out

Files = Annotated[list[Path] | None, typer.Argument(metavar="ROWS", help="Files of rows. Default: run all probes now.")]
JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", dir_okay=False, help="Write the fingerprints to FILE as well.")]


def fingerprint(rows: Files = None, target: Targets = None, json_file: JsonFile = None, adapter: Adapters = None) -> None:
    """Show which rule each target follows on every axis.

    Where the rule depends on the operation, the type, the rank or the attributes that are compared, each
    context is listed. Without files of rows, every probe is run on the installed targets.
    """
    known = find_targets(adapter or ())
    done = read_files(rows) if rows else run_probes(known, target or ())
    prints = select_prints(derive_fingerprints(done), target or ())
    folded.print(fingerprint_table(Comparison(prints)))
    if not done.whole:
        out.print(PARTIAL)
    if json_file:
        write_text(json_file, json.dumps(fingerprints_as_json(prints, done.header), indent=1) + "\n")
        out.print(f"json: {json_file}")


def select_prints(prints: dict[str, TargetFingerprint], patterns: Sequence[str]) -> dict[str, TargetFingerprint]:
    """The fingerprints of the targets that patterns name, or all; raises `BadRows` where there are none at all."""
    if not prints:
        raise BadRows("no rows in these files; expected rows of at least one case on one target")
    names = [name for pattern in patterns for name in match_names(pattern, prints)]
    return {name: prints[name] for name in dict.fromkeys(names or prints)}


def read_probes(known: dict[str, Layer]) -> list[Case]:
    """Every probe of the specs that come with poolparity, of all tiers."""
    specs = [read_spec(file, known) for file in find_spec_files([SCHEMA.parent])]
    return [case for spec in specs for case in spec.cases if case.asks and not case.waiting]


def run_probes(known: dict[str, AdapterEntry], patterns: Sequence[str]) -> Rows:
    """Run every probe on every target that takes it; no ledger is needed, for nothing is judged."""
    targets, left_out = choose_targets(known, patterns)
    for left in left_out:
        err.print(left["why"])
    this, cases = Run(targets, Ledger(), left_out), read_probes(layers_of(known))
    total = sum(len(this.takers(case, patterns)) for case in cases)
    with closing(this), closing(RowStore(None, this.header())) as store:
        answers = record_answers(this, cases, store, patterns)
        for _ in track(answers, "running probes", total, console=err, disable=not err.is_terminal):
            pass
        store.finish()
        return store.read()
