"""Checking the files of the ledger, without running anything."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from ...adapters.ledger.entry import TODO, Entry
from ...adapters.ledger.file import read_file
from ...cases.model.files import open_file
from ...cases.model.mistake import Mistake
from ...cases.read.yaml import SIZE_LIMIT
from .suite import Suite


def is_ledger(file: Path) -> bool:
    """Whether a file is one of a ledger, which is a list; a spec is a mapping. Raises UnreadableFile."""
    with open_file(file) as stream:
        lines = stream.read(SIZE_LIMIT).removeprefix(BOM_UTF8).splitlines()
    content = (line.strip() for line in lines if not line.lstrip().startswith((b"#", b"---", b"%")))
    first = next(filter(None, content), b"")
    return first == b"-" or first.startswith((b"- ", b"["))


def ledger_mistakes(files: Iterable[Path], targets: Collection[str], suite: Suite) -> list[Mistake]:
    """Every mistake in files of a ledger: in their form, and entries that have no reason, that stand twice, or that match nothing."""
    found = [each for file in files for each in read_file(file)]
    entries = [each for each in found if isinstance(each, Entry)]
    return [*(each for each in found if isinstance(each, Mistake)), *unreasoned(entries), *twice(entries), *idle(entries, targets, suite)]


def unreasoned(entries: Iterable[Entry]) -> Iterator[Mistake]:
    """Entries whose reason is still to be given."""
    yield from (at(entry, f"why is {TODO}", "the reason for this difference") for entry in entries if entry.why == TODO)


def twice(entries: Iterable[Entry]) -> Iterator[Mistake]:
    """Entries that pin what another one pins."""
    first: dict[tuple[Any, ...], Entry] = {}
    for entry in entries:
        other = first.setdefault((entry.case, entry.target, repr(entry.when), entry.pinned), entry)
        if other is not entry:
            yield at(entry, f"{entry.pinned} is pinned here again, first in {other.where}", "each difference once")


def idle(entries: Iterable[Entry], targets: Collection[str], suite: Suite) -> Iterator[Mistake]:
    """Entries about targets that there are not, or about cases of ours that there are not."""
    for entry in entries:
        if not any(map(entry.names, targets)):
            yield at(entry, f"there is no target {entry.target}", f"one of {', '.join(targets)}, or a pattern with * and ?")
        if suite.ours(entry) and not any(suite.matching(entry)):
            yield at(
                entry, f"no case is called {entry.case}", "a case, or a pattern of cases, that meets the conditions (see `poolparity list`)"
            )


def at(entry: Entry, what: str, expected: str) -> Mistake:
    """A mistake in the line of an entry."""
    file, _, line = entry.where.rpartition(":")
    return Mistake(file, int(line), what, expected)
