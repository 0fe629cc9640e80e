"""The command `fingerprint`: the rules that each target follows, from rows or by asking all probes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from ...adapters.ledger.ledger import Ledger
from ...adapters.parent.limits import Limits
from ...adapters.targets.choose import match_names
from ...adapters.targets.find import AdapterEntry, find_targets, layers_of
from ...adapters.targets.groups import list_groups
from ...cases.model.case import Case, tiers_up_to
from ...cases.model.layers import Layer
from ...cases.read.check import find_spec_files
from ...cases.read.schema import SCHEMA
from ...cases.read.spec import read_spec
from ..fingerprint.comparison import Comparison
from ..fingerprint.files import read_files
from ..fingerprint.fingerprint import TargetFingerprint, derive_fingerprints, fingerprints_as_json
from ..rows.files import write_text
from ..rows.records import BadRows, Rows
from ..run.cache_file import CacheFile, cache_path
from ..run.conclusion import record_answers
from ..run.engine import Engine
from ..run.run import Run, choose_targets
from ..run.store import RowStore
from ..terminal.fingerprint import fingerprint_table
from ..terminal.summary import PARTIAL
from .shared import Adapters, NoCache, Targets, Tier, err, out, paragraphs

Files = Annotated[list[Path] | None, typer.Argument(metavar="ROWS", help="Files of rows. Default: run probes now.")]
JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", dir_okay=False, help="Write the fingerprints to FILE as well.")]


def fingerprint(
    rows: Files = None,
    target: Targets = None,
    tier: Tier = "core",
    json_file: JsonFile = None,
    adapter: Adapters = None,
    no_cache: NoCache = False,
) -> None:
    """Show which rule each target follows on every axis.

    Where the rule depends on the operation, the type, the rank or the attributes that are compared, each
    context is listed. Without files of rows, the probes of a tier are run on the installed targets, except those
    whose answers an earlier run has put into the answer cache.
    """
    entries = find_targets(adapter or ())
    cache = None if rows or no_cache else CacheFile(cache_path())
    rows_read = read_files(rows) if rows else run_probes(entries, target or (), tier, cache)
    prints = select_prints(derive_fingerprints(rows_read), target or (), list_groups(entries))
    paragraphs.print(fingerprint_table(Comparison(prints)))
    if not rows_read.whole:
        out.print(PARTIAL)
    if json_file:
        write_text(json_file, json.dumps(fingerprints_as_json(prints, rows_read.header), indent=1) + "\n")
        out.print(f"json: {json_file}")


def select_prints(
    prints: dict[str, TargetFingerprint], patterns: Sequence[str], groups: Mapping[str, Sequence[str]]
) -> dict[str, TargetFingerprint]:
    """The fingerprints of the targets that patterns or groups name, or all; raises `BadRows` where there are none at all."""
    if not prints:
        raise BadRows("no rows in these files; expected rows of at least one case on one target")
    names = [name for pattern in patterns for name in match_names(pattern, prints, groups)]
    return {name: prints[name] for name in dict.fromkeys(names or prints)}


def read_probes(layers_by_name: dict[str, Layer], tier: str) -> list[Case]:
    """The probes of a tier and of those below it, of the specs that come with poolparity."""
    specs = [read_spec(file, layers_by_name, tiers=tiers_up_to(tier)) for file in find_spec_files([SCHEMA.parent])]
    return [case for spec in specs for case in spec.cases if case.asks and not case.waiting]


def run_probes(entries: dict[str, AdapterEntry], patterns: Sequence[str], tier: str, cache: CacheFile | None) -> Rows:
    """Run probes on every target that takes them, unless the cache has the answer; no ledger is needed, for nothing is judged."""
    targets, skipped_targets = choose_targets(entries, patterns)
    for skipped_target in skipped_targets:
        err.print(skipped_target["why"])
    probe_run, cases = Run(Engine(targets, Limits(), cache), Ledger(), skipped_targets), read_probes(layers_of(entries), tier)
    err.print(f"{len(cases):,} probes of the {tier} tier")
    total = sum(len(probe_run.takers(case, patterns)) for case in cases)
    with closing(probe_run), closing(RowStore(None, probe_run.header())) as store:
        answers = record_answers(probe_run, cases, store, patterns)
        for _ in track(answers, "running probes", total, console=err, disable=not err.is_terminal):
            pass
        if cache_use := probe_run.describe_cache_use():
            err.print(cache_use)
        store.finish()
        return store.read()
