"""Rewriting the files of the ledger: only the lines of entries that change are changed."""

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

HEAD = "# Known differences of {}, and its answers to probes.\n"


def rewrite_ledger(text: str, replacements: Mapping[int, Sequence[Entry]], new: Iterable[Entry]) -> str:
    """The text of a file with the entries at some lines replaced and with new ones at its end.

    Empty where no entry is left.
    """
    head, *blocks = split_entries(text)
    kept_parts = [part for line, block in blocks for part in (change_entry(block, replacements[line]) if line in replacements else [block])]
    parts = [*kept_parts, *(dump_entries([entry_as_mapping(entry)]) for entry in new)]
    return join_blocks([head, *parts]) if parts else ""


def split_entries(text: str) -> Iterator[Any]:
    """The text before the first entry; then the line and the text of each entry, with the comment directly above it."""
    lines = text.splitlines(keepends=True)
    entries: Any = round_trip_yaml().load(text)
    starts = [entries.lc.item(index)[0] for index in range(len(entries or ()))]
    tops = [*(first_line_of(lines, start) for start in starts), len(lines)]
    yield "".join(lines[: tops[0]])
    for start, begin, end in zip(starts, tops[:-1], tops[1:], strict=True):
        yield start + 1, "".join(lines[begin:end])


def first_line_of(lines: Sequence[str], start: int) -> int:
    """The first line of an entry's comment, or of the entry if it has none; the comment at the top belongs to the file."""
    first = start
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    return first if first > 0 else start


def change_entry(block: str, entries: Sequence[Entry]) -> Iterator[str]:
    """The texts of the entries that replace one; they keep its other keys and its comments."""
    for entry in entries:
        [mapping] = entry_list = round_trip_yaml().load(block)
        mapping["target"] = entry.target
        if versions := dict(entry.when.versions):
            if "when" not in mapping:
                mapping.insert(list(mapping).index("target") + 1, "when", as_flow({}))
            mapping["when"]["versions"] = as_flow(quote_specifiers(versions))
        yield dump_entries(entry_list, block)


def entry_as_mapping(entry: Entry) -> CommentedMap:
    """A new entry as a mapping for its file."""
    answer_or_cause = {"answer": as_flow(entry.answer)} if entry.cause is None else {"cause": as_flow(dict(sorted(entry.cause)))}
    fields = {
        "case": entry.case, "target": entry.target, "when": as_flow(conditions_as_mapping(entry.when)), "attribute": entry.attribute, **answer_or_cause,
        "why": entry.why, "measured": date.fromisoformat(entry.measured) if entry.measured else None,
    }  # fmt: skip
    return CommentedMap({key: value for key, value in fields.items() if value not in (None, {}, "")})


def conditions_as_mapping(condition: When) -> dict[str, Any]:
    """The conditions of an entry as a mapping for its file."""
    fields = {
        "versions": quote_specifiers(condition.versions), "dtype": one_or_list(condition.dtype), "rank": one_or_list(condition.rank),
        "cpu": one_or_list(condition.cpu), "not_cpu": one_or_list(condition.not_cpu),
    }  # fmt: skip
    return {key: value for key, value in fields.items() if value not in ({}, [])}


def quote_specifiers(versions: Mapping[str, str]) -> dict[str, str]:
    """Specifiers in quotes, which most of them need."""
    return {name: DoubleQuotedScalarString(specifier) for name, specifier in versions.items()}


def one_or_list(values: Sequence[Any]) -> Any:
    """A single value, or a list of several."""
    return values[0] if len(values) == 1 else list(values)


def as_flow(value: Any) -> Any:
    """A value to be written on one line, with numbers as YAML writes them."""
    if isinstance(value, dict):
        mapping = CommentedMap({key: as_flow(item) for key, item in value.items()})
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq(as_flow(as_number(item)) for item in value)
        sequence.fa.set_flow_style()
        return sequence
    return value


def as_number(value: Any) -> Any:
    """A number of a row as a number for a file: strings parsed, and integers without a decimal point."""
    if isinstance(value, str) and (value in ("nan", "inf", "-inf") or value.lstrip("-").isdigit()):
        value = int(value) if value.lstrip("-").isdigit() else float(value)
    whole = isinstance(value, float) and value.is_integer() and str(value) != "-0.0" and abs(value) < 1e15
    return int(value) if whole else value


def dump_entries(entries: Any, like: str = "") -> str:
    """Entries as text that ends with as many empty lines as another text."""
    stream = StringIO()
    round_trip_yaml().dump(entries, stream)
    return stream.getvalue().rstrip("\n") + "\n" * max(1, len(like) - len(like.rstrip("\n")))


def join_blocks(parts: Sequence[str]) -> str:
    """Join texts with an empty line between any two."""
    *most, last = parts
    return "".join(part if not part or part.endswith("\n\n") else f"{part}\n" for part in most) + last.rstrip("\n") + "\n"


def round_trip_yaml() -> YAML:
    """The reader and writer that keeps comments and formatting."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 16
    return yaml
