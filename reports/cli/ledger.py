"""The command that keeps the ledger in step with what is measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ...adapters.ledger.entry import TODO, Entry
from ...adapters.ledger.file import place_of
from ...adapters.ledger.ledger import OWN_LEDGER, read_ledger
from ...adapters.targets.find import find_targets, layers_of
from ...cases.read.spec import read_spec
from ..fingerprint.files import read_files
from ..ledger.narrowing import outlived
from ..ledger.suite import Suite
from ..ledger.text import HEAD, rewritten
from ..ledger.update import Change, at, change, marked
from .run import Adapters

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", help="Keep the ledger of known differences in step with what is measured.",
                  epilog="Example: poolparity ledger update rows.jsonl")  # fmt: skip
out = Console(highlight=False, soft_wrap=True, emoji=False)


@app.callback()
def ledger() -> None:
    """Keep the ledger of known differences in step with what is measured."""


@app.command(epilog="Example: poolparity ledger update rows.jsonl --ledger known")
def update(
    rows: Annotated[
        list[Path],
        typer.Argument(help="Files of rows, or folders of them: versions that are given together get conditions that tell them apart."),
    ],
    ledger: Annotated[
        Path, typer.Option(metavar="FOLDER", help="The folder whose files are written; poolparity's own unless given.")
    ] = OWN_LEDGER,
    adapter: Adapters = None,
) -> None:
    """Let the ledger expect the rows of runs: with the fewest entries and conditions, and without reasons, which are yours to give."""
    ledger.mkdir(exist_ok=True)
    found, folders = find_targets(adapter or ()), dict.fromkeys((OWN_LEDGER, ledger))
    known = read_ledger(*folders)
    done = marked(read_files(rows), known)
    gone = outlived(done, at(done, known), found, Suite(lambda path: read_spec(path, layers_of(found))))
    made = change(done, known, found, gone)
    for line in written(made, ledger):
        out.print(line, markup=False)
    if not made.instead and not made.new:
        out.print("the ledger expects all of these rows already")
    if missing := [entry for entry in read_ledger(*folders).entries if entry.why == TODO]:
        out.print(f"{len(missing)} entries say `why: {TODO}`; `poolparity check` refuses them until you give the reason")


def written(made: Change, folder: Path) -> Iterator[str]:
    """Write what the files of a folder become, and say what was done to each of them; entries of other folders are left alone."""
    instead: dict[str, dict[int, list[Entry]]] = defaultdict(dict)
    for place, entries in made.instead.items():
        file, _, line = place.rpartition(":")
        if Path(file).parent == Path(place_of(folder)):
            instead[Path(file).name][int(line)] = list(entries)
    for name in sorted({*instead, *(f"{framework}.yaml" for framework in made.new)}):
        new = made.new.get(Path(name).stem, ())
        put(folder / name, rewritten(text(folder / name), instead[name], new))
        gone = [each for each in instead[name].values() if not each]
        told = counted(new, "new"), counted(filter(None, instead[name].values()), "narrowed"), counted(gone, "taken out")
        yield f"{place_of(folder)}/{name}: {', '.join(told)}"


def text(file: Path) -> str:
    """What a file of the ledger holds, or the head of a new one."""
    return file.read_text(encoding="utf-8") if file.exists() else HEAD.format(file.stem)


def put(file: Path, text: str) -> None:
    """Write a file of the ledger; one without entries is no ledger, and goes."""
    if text:
        file.write_text(text, encoding="utf-8")
    else:
        file.unlink(missing_ok=True)


def counted(entries: Iterable[object], what: str) -> str:
    """How many entries something was done to."""
    return f"{sum(1 for _ in entries)} {what}"
