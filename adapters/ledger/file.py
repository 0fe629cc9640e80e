"""Reading a file of the ledger: its entries, and every mistake in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...cases.model.files import read_bytes
from ...cases.model.mistake import Mistake, join_with_or
from ...cases.read.located import List, Map
from ...cases.read.yaml import SIZE_LIMIT, load
from .conditions import When
from .entry import Entry
from .entry_form import KEYS, malformed

PACKAGE = Path(__file__).parents[2]


def read_file(path: Path) -> Iterator[Entry | Mistake]:
    """The entries of one file, and its mistakes."""
    where = place_of(path)
    told, faults = load(read_bytes(path, SIZE_LIMIT))
    yield from (fault.at(where) for fault in faults)
    if faults:
        return
    if not isinstance(told, List):
        yield Mistake(where, 1, "not a list", "a list of entries")
        return
    for each, line in zip(told, told.lines, strict=True):
        yield from entry(each, where, line)


def place_of(path: Path) -> str:
    """A file or folder of a ledger as messages name it: ours from the package on, others from the working folder."""
    roots = (root for root in (PACKAGE, Path.cwd()) if path.absolute().is_relative_to(root))
    root = next(roots, None)
    return path.absolute().relative_to(root).as_posix() if root else str(path)


def entry(told: Any, where: str, line: int) -> Iterator[Entry | Mistake]:
    """One entry, or its mistakes."""
    if not isinstance(told, Map):
        yield Mistake(where, line, "not an entry", f"a mapping with {join_with_or(KEYS)}")
    elif faults := malformed(told, line):
        yield from (fault.at(where) for fault in faults)
    else:
        yield made(told, f"{where}:{line}")


def made(told: Map, where: str) -> Entry:
    """The entry of a mapping without mistakes."""
    return Entry(
        case=told["case"],
        target=told["target"],
        attribute=told.get("attribute"),
        answer=told.get("answer"),
        why=told["why"],
        cause=frozenset(told["cause"].items()) if "cause" in told else None,
        when=condition(told.get("when", {})),
        link=told.get("link"),
        measured=told.get("measured"),
        where=where,
    )


def condition(told: Mapping[str, Any]) -> When:
    """The conditions of an entry."""
    several = {key: tuple(told[key]) if isinstance(told[key], List) else (told[key],) for key in ("dtype", "rank", "cpu") if key in told}
    return When(**{**told, **several})
