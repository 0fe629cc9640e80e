"""Checking the files of the ledger, without running a framework."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from ...adapters.ledger.entry import TODO, Entry
from ...adapters.ledger.file import read_file
from ...cases.model.files import open_file
from ...cases.model.mistake import Mistake, quote
from ...cases.read.yaml import SIZE_LIMIT
from .suite import Suite


def is_ledger(file: Path) -> bool:
    """Whether a file belongs to a ledger, which is a list, and not to specs, which are mappings. Raises UnreadableFile."""
    with open_file(file) as stream:
        lines = stream.read(SIZE_LIMIT).removeprefix(BOM_UTF8).splitlines()
    content = (line.strip() for line in lines if not line.lstrip().startswith((b"#", b"---", b"%")))
    first = next(filter(None, content), b"")
    return first == b"-" or first.startswith((b"- ", b"["))


def find_ledger_mistakes(files: Iterable[Path], targets: Collection[str], suite: Suite) -> list[Mistake]:
    """Every mistake in files of a ledger: in their form, and entries without a reason, duplicates, and entries that match nothing."""
    contents = [item for file in files for item in read_file(file)]
    entries = [item for item in contents if isinstance(item, Entry)]
    mistakes = [item for item in contents if isinstance(item, Mistake)]
    return [*mistakes, *find_missing_reasons(entries), *find_duplicates(entries), *find_idle_entries(entries, targets, suite)]


def find_missing_reasons(entries: Iterable[Entry]) -> Iterator[Mistake]:
    """Entries whose reason is still to be written."""
    yield from (mistake_at(entry, f"why is {TODO}", "the reason for this difference") for entry in entries if entry.why == TODO)


def find_duplicates(entries: Iterable[Entry]) -> Iterator[Mistake]:
    """Entries that pin the same as another one."""
    first: dict[tuple[Any, ...], Entry] = {}
    for entry in entries:
        other = first.setdefault((entry.case, entry.target, repr(entry.when), entry.attribute, repr(entry.answer), entry.cause), entry)
        if other is not entry:
            yield mistake_at(entry, f"{entry.pinned_text} is already pinned in {other.where}", "each difference once")


def find_idle_entries(entries: Iterable[Entry], targets: Collection[str], suite: Suite) -> Iterator[Mistake]:
    """Entries about no existing target, or about no existing case of poolparity's own specs."""
    for entry in entries:
        if not any(map(entry.names, targets)):
            yield mistake_at(entry, f"no target matches {quote(entry.target)}", f"one of {', '.join(targets)}, or a pattern with * and ?")
        if suite.owns(entry) and not any(suite.find_cases(entry)):
            yield mistake_at(
                entry,
                f"no case matches {quote(entry.case)}",
                "a case, or a pattern of cases, that meets the conditions (see `poolparity list`)",
            )


def mistake_at(entry: Entry, problem: str, expected: str) -> Mistake:
    """A mistake at the line of an entry."""
    file, _, line = entry.where.rpartition(":")
    return Mistake(file, int(line), problem, expected)
