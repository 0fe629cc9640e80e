"""The files of the ledger, rewritten: every line stays as it is, but for those of entries that change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from ...adapters.ledger.conditions import When
from ...adapters.ledger.entry import Entry

HEAD = "# What {} is known to do otherwise than a case says, and what it answers to probes.\n"


def rewritten(text: str, instead: Mapping[int, Sequence[Entry]], new: Iterable[Entry]) -> str:
    """The text of a file with other entries, or none, instead of those that begin in some lines, and with new ones at its end.

    Empty where no entry is left.
    """
    head, *blocks = split(text)
    kept = [part for line, block in blocks for part in (changed(block, instead[line]) if line in instead else [block])]
    parts = [*kept, *(dumped([mapping(entry)]) for entry in new)]
    return spaced([head, *parts]) if parts else ""


def split(text: str) -> Iterator[Any]:
    """What stands before the first entry; then each entry's line and its text, with the comment that stands right above it."""
    lines = text.splitlines(keepends=True)
    entries: Any = yaml().load(text)
    starts = [entries.lc.item(index)[0] for index in range(len(entries or ()))]
    tops = [*(top(lines, start) for start in starts), len(lines)]
    yield "".join(lines[: tops[0]])
    for start, begin, end in zip(starts, tops[:-1], tops[1:], strict=True):
        yield start + 1, "".join(lines[begin:end])


def top(lines: Sequence[str], start: int) -> int:
    """The first line of an entry's comment, or of the entry if it has none; the head of the file is nobody's."""
    first = start
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    return first if first > 0 else start


def changed(block: str, entries: Sequence[Entry]) -> Iterator[str]:
    """The text of an entry for each that is to stand instead: its other keys and its comments are kept."""
    for entry in entries:
        [told] = listed = yaml().load(block)
        told["target"] = entry.target
        if versions := dict(entry.when.versions):
            if "when" not in told:
                told.insert(list(told).index("target") + 1, "when", flow({}))
            told["when"]["versions"] = flow(quoted(versions))
        yield dumped(listed, block)


def mapping(entry: Entry) -> CommentedMap:
    """A new entry as a file tells it."""
    pinned = {"answer": flow(entry.answer)} if entry.cause is None else {"cause": flow(dict(sorted(entry.cause)))}
    told = {
        "case": entry.case, "target": entry.target, "when": flow(conditions(entry.when)), "attribute": entry.attribute, **pinned,
        "why": entry.why, "measured": date.fromisoformat(entry.measured) if entry.measured else None,
    }  # fmt: skip
    return CommentedMap({key: value for key, value in told.items() if value not in (None, {})})


def conditions(when: When) -> dict[str, Any]:
    """The conditions of an entry as a file tells them."""
    told = {"versions": quoted(when.versions), "dtype": shortest(when.dtype), "rank": shortest(when.rank)}
    return {key: value for key, value in told.items() if value not in ({}, [])}


def quoted(versions: Mapping[str, str]) -> dict[str, str]:
    """Specifiers in quotes, which most of them need."""
    return {name: DoubleQuotedScalarString(each) for name, each in versions.items()}


def shortest(values: Sequence[Any]) -> Any:
    """One value alone, or a list of several."""
    return values[0] if len(values) == 1 else list(values)


def flow(value: Any) -> Any:
    """A value on one line; numbers that rows hold as strings are numbers, and whole ones have no point."""
    if isinstance(value, dict):
        made = CommentedMap({key: flow(each) for key, each in value.items()})
        made.fa.set_flow_style()
        return made
    if isinstance(value, list):
        listed = CommentedSeq(flow(cell(each)) for each in value)
        listed.fa.set_flow_style()
        return listed
    return value


def cell(value: Any) -> Any:
    """A number of a row as a file tells it."""
    if isinstance(value, str) and (value in ("nan", "inf", "-inf") or value.lstrip("-").isdigit()):
        value = int(value) if value.lstrip("-").isdigit() else float(value)
    whole = isinstance(value, float) and value.is_integer() and str(value) != "-0.0" and abs(value) < 1e15
    return int(value) if whole else value


def dumped(entries: Any, like: str = "") -> str:
    """Entries as text, ending in as many empty lines as another text."""
    stream = StringIO()
    yaml().dump(entries, stream)
    return stream.getvalue().rstrip("\n") + "\n" * max(1, len(like) - len(like.rstrip("\n")))


def spaced(parts: Sequence[str]) -> str:
    """Texts one after another, an empty line between any two."""
    *most, last = parts
    return "".join(part if not part or part.endswith("\n\n") else f"{part}\n" for part in most) + last.rstrip("\n") + "\n"


def yaml() -> YAML:
    """The reader and writer that keeps what it does not change."""
    made = YAML()
    made.preserve_quotes = True
    made.width = 1 << 16
    return made
