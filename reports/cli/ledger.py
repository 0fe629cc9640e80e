"""The command that updates the ledger from measured rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from ...adapters.ledger.entry import TODO, Entry
from ...adapters.ledger.file import display_path
from ...adapters.ledger.ledger import OWN_LEDGER, find_ledger_files, framework_of, ledger_file_of, read_ledger
from ...adapters.targets.find import find_targets, layers_of
from ...cases.model.files import read_text
from ...cases.read.spec import read_spec
from ...cases.read.yaml import SIZE_LIMIT
from ..fingerprint.files import read_files
from ..ledger.narrowing import find_outlived_entries
from ..ledger.suite import Suite
from ..ledger.text import HEAD, rewrite_ledger
from ..ledger.update import Change, entries_for_machine, mark_known_rows, plan_change
from .shared import Adapters, out

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", help="Update the ledger of known differences from measured rows.",
                  epilog="Example: poolparity ledger update rows.jsonl")  # fmt: skip


@app.callback()
def ledger() -> None:
    """Update the ledger of known differences from measured rows."""


@app.command(epilog="Example: poolparity ledger update rows.jsonl --ledger known")
def update(
    rows: Annotated[
        list[Path],
        typer.Argument(
            metavar="ROWS",
            help="Files of rows, or folders of them. Where they have several versions, the entries get conditions on versions.",
        ),
    ],
    ledger: Annotated[
        Path, typer.Option(metavar="FOLDER", help="The folder whose files are written; by default poolparity's own ledger.")
    ] = OWN_LEDGER,
    adapter: Adapters = None,
) -> None:
    """Let the ledger expect the rows of runs, with as few entries and conditions as possible. Reasons that no rule gives are left for you to write."""
    ledger.mkdir(exist_ok=True)
    entries, folders = find_targets(adapter or ()), dict.fromkeys((OWN_LEDGER, ledger))
    known_differences = read_ledger(*folders)
    rows_read = mark_known_rows(read_files(rows), known_differences)
    outlived_entries = find_outlived_entries(
        rows_read, entries_for_machine(rows_read, known_differences), entries, Suite(lambda path: read_spec(path, layers_of(entries)))
    )
    change = plan_change(rows_read, known_differences, entries, outlived_entries)
    for line in write_ledger(change, ledger):
        out.print(line)
    if not change.instead and not change.new:
        out.print("the ledger already expects all of these rows")
    if missing := [entry for entry in read_ledger(*folders).entries if entry.why == TODO]:
        out.print(f"{len(missing)} entries have `why: {TODO}`; `poolparity check` reports them until you write the reason")


def write_ledger(change: Change, folder: Path) -> Iterator[str]:
    """Write the changed files of a ledger, and describe the change of each; entries of other ledgers are not touched."""
    files = {display_path(file): file for file in find_ledger_files(folder)}
    replacements: dict[Path, dict[int, list[Entry]]] = defaultdict(dict)
    for place, entries in change.instead.items():
        name, _, line = place.rpartition(":")
        if name in files:
            replacements[files[name]][int(line)] = list(entries)
    new = {ledger_file_of(folder, framework): entries for framework, entries in change.new.items()}
    for file in sorted({*replacements, *new}):
        write_or_remove(file, rewrite_ledger(read_file_or_head(file), replacements[file], new.get(file, ())))
        removals = [entries for entries in replacements[file].values() if not entries]
        counts = f"{count(new.get(file, ()))} new, {count(filter(None, replacements[file].values()))} narrowed, {count(removals)} removed"
        yield f"{display_path(file)}: {counts}"


def read_file_or_head(file: Path) -> str:
    """The text of a file of the ledger, or the first line of a new one."""
    return read_text(file, SIZE_LIMIT) if file.exists() else HEAD.format(framework_of(file))


def write_or_remove(file: Path, text: str) -> None:
    """Write a file of the ledger, or remove it where no entry is left."""
    if text:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    else:
        file.unlink(missing_ok=True)


def count(items: Iterable[object]) -> int:
    """The number of items."""
    return sum(1 for _ in items)
