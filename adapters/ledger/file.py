"""Reading a file of the ledger: its entries, and every mistake in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ...cases.model.case import ATTRIBUTES
from ...cases.model.files import read_bytes
from ...cases.model.mistake import Fault, Mistake, join_with_or, quote, suggest
from ...cases.model.rules import AXIS_VALUES
from ...cases.read.located import List, Map
from ...cases.read.yaml import SIZE_LIMIT, load_yaml
from .conditions import When
from .entry import ACCEPTANCE, ANSWER, Entry

PACKAGE = Path(__file__).parents[2]
REQUIRED = ("case", "target")
ACCEPTANCES = re.compile(r"accepts|rejects|times_out|varies|crashes(: (SIG[A-Z0-9]+|status [0-9]+))?")
LINK = re.compile(r"https://[^\s/]+/\S+")
DATE = re.compile(r"\d{4}-\d\d-\d\d")

Check = Callable[[Map, str], Iterator[Fault]]
"""Finds the faults of the value of a key that a mapping has."""


def read_file(path: Path) -> Iterator[Entry | Mistake]:
    """The entries of one file, and its mistakes; raises UnreadableFile."""
    location = display_path(path)
    entries, faults = load_yaml(read_bytes(path, SIZE_LIMIT))
    yield from (fault.at(location) for fault in faults)
    if faults:
        return
    if not isinstance(entries, List):
        yield Mistake(location, 1, f"the file contains {quote(entries)}", "a list of entries")
        return
    for mapping, line in zip(entries, entries.lines, strict=True):
        yield from parse_entry(mapping, location, line)


def display_path(path: Path) -> str:
    """A file or folder of a ledger as messages name it: relative to this package or to the working folder, where it is in one."""
    roots = (root for root in (PACKAGE, Path.cwd()) if path.absolute().is_relative_to(root))
    root = next(roots, None)
    return path.absolute().relative_to(root).as_posix() if root else str(path)


def parse_entry(mapping: Any, location: str, line: int) -> Iterator[Entry | Mistake]:
    """One entry, or its mistakes."""
    if not isinstance(mapping, Map):
        yield Mistake(location, line, f"the entry is {quote(mapping)}", f"a mapping with {join_with_or(KEYS)}")
    elif faults := check_entry(mapping, line):
        yield from (fault.at(location) for fault in faults)
    else:
        yield build_entry(mapping, f"{location}:{line}")


def build_entry(mapping: Map, location: str) -> Entry:
    """The entry of a mapping without mistakes."""
    return Entry(
        case=mapping["case"],
        target=mapping["target"],
        attribute=mapping.get("attribute"),
        answer=mapping.get("answer"),
        why=mapping.get("why", ""),
        cause=frozenset(mapping["cause"].items()) if "cause" in mapping else None,
        when=build_conditions(mapping.get("when", {})),
        link=mapping.get("link"),
        measured=mapping.get("measured"),
        where=location,
    )


def build_conditions(mapping: Mapping[str, Any]) -> When:
    """The conditions of an entry; one value stands for a list of one."""
    lists = {
        key: tuple(mapping[key]) if isinstance(mapping[key], List) else (mapping[key],)
        for key in ("dtype", "rank", "cpu", "not_cpu")
        if key in mapping
    }
    return When(**{**mapping, **lists})


def check_entry(mapping: Map, line: int) -> list[Fault]:
    """Every fault of the mapping of an entry."""
    return [
        *check_keys(mapping, KEYS, "key"),
        *check_required_keys(mapping, line),
        *(fault for key, check in CHECKS.items() if key in mapping for fault in check(mapping, key)),
    ]


def check_keys(mapping: Map, known_keys: tuple[str, ...], owner: str) -> Iterator[Fault]:
    """Unknown keys of a mapping."""
    for key in mapping:
        if key not in known_keys:
            yield Fault(mapping.lines[key], f"unknown {owner} {quote(key)}{suggest(key, known_keys)}", join_with_or(known_keys))


def check_required_keys(mapping: Map, line: int) -> Iterator[Fault]:
    """Missing keys of an entry, and keys that cannot be combined."""
    for key in REQUIRED:
        if key not in mapping:
            yield Fault(line, f"the entry has no {key}", f"an entry with {', '.join(REQUIRED)}")
    if "why" not in mapping and "cause" not in mapping:
        yield Fault(line, "the entry has no why", "the reason; only an entry with a cause may leave it out")
    if "answer" in mapping and "cause" in mapping:
        yield Fault(mapping.lines["cause"], "cause beside answer", "only one of cause and answer")
    if "answer" not in mapping and "cause" not in mapping:
        yield Fault(line, "the entry has neither cause nor answer", "the cause that is pinned, or the answer of an attribute")
    if "answer" in mapping and "attribute" not in mapping:
        yield Fault(line, "answer without attribute", f"the attribute that has the answer: {join_with_or((*ATTRIBUTES, ANSWER))}")
    if "link" not in mapping and "measured" not in mapping:
        yield Fault(
            line, "the entry has neither link nor measured", "the public thread about it or, if there is none, the date of the measurement"
        )


def check_text(mapping: Map, key: str) -> Iterator[Fault]:
    """A value that has to be a text which is not empty."""
    if not (isinstance(mapping[key], str) and mapping[key]):
        yield Fault(mapping.lines[key], f"{key} is {quote(mapping[key])}", "text")


def check_names(mapping: Map, key: str) -> Iterator[Fault]:
    """A value that has to be a name or a list of names."""
    names = mapping[key] if isinstance(mapping[key], List) else [mapping[key]]
    if not (names and all(isinstance(name, str) and name for name in names)):
        yield Fault(mapping.lines[key], f"{key} is {quote(mapping[key])}", "a name or a list of names")


def check_ranks(mapping: Map, key: str) -> Iterator[Fault]:
    """A value that has to be a number of spatial axes or a list of such numbers."""
    ranks = mapping[key] if isinstance(mapping[key], List) else [mapping[key]]
    if not (ranks and all(rank in (1, 2, 3) for rank in ranks)):
        yield Fault(mapping.lines[key], f"{key} is {quote(mapping[key])}", "1, 2 or 3, or a list of these")


def check_attribute(mapping: Map, key: str) -> Iterator[Fault]:
    """An attribute of an answer, or `answer`, which a cause cannot have."""
    known_attributes = ATTRIBUTES if "cause" in mapping else (*ATTRIBUTES, ANSWER)
    if mapping[key] not in known_attributes:
        yield Fault(mapping.lines[key], f"attribute is {quote(mapping[key])}", join_with_or(known_attributes))


def check_answer(mapping: Map, key: str) -> Iterator[Fault]:
    """A pinned answer: an acceptance, a word, a number, or nested lists of equal length on each level."""
    if mapping.get("attribute") == ACCEPTANCE and not ACCEPTANCES.fullmatch(str(mapping[key])):
        yield Fault(
            mapping.lines[key], f"answer of acceptance is {quote(mapping[key])}", "rejects, accepts, times_out, varies or crashes: SIGNAL"
        )
    if not is_rectangular(mapping[key]):
        yield Fault(mapping.lines[key], f"answer is {quote(mapping[key])}", "nested lists of equal length on each level")


def is_rectangular(cells: Any) -> bool:
    """Whether nested lists are those of an array; anything else is."""
    if not isinstance(cells, list):
        return True
    return all(map(is_rectangular, cells)) and len({np.shape(cell) for cell in cells}) <= 1


def check_cause(mapping: Map, key: str) -> Iterator[Fault]:
    """A pinned cause: axes of the rules with their values."""
    rules, known_axes = mapping[key], AXIS_VALUES
    if not (isinstance(rules, Map) and rules):
        yield Fault(mapping.lines[key], f"cause is {quote(rules)}", "axes with their values, as in {stride_default: one}")
        return
    yield from check_keys(rules, tuple(known_axes), "axis")
    for axis, value in rules.items():
        if axis in known_axes and value not in known_axes[axis]:
            yield Fault(rules.lines[axis], f"{axis} is {quote(value)}", join_with_or(known_axes[axis]))


def check_conditions(mapping: Map, key: str) -> Iterator[Fault]:
    """The conditions of an entry."""
    conditions = mapping[key]
    if not (isinstance(conditions, Map) and conditions):
        yield Fault(mapping.lines[key], f"when is {quote(conditions)}", f"a mapping with {join_with_or(CONDITIONS)}")
        return
    yield from check_keys(conditions, tuple(CONDITIONS), "condition")
    yield from (fault for name, check in CONDITIONS.items() if name in conditions for fault in check(conditions, name))


def check_versions(mapping: Map, key: str) -> Iterator[Fault]:
    """A specifier for each distribution."""
    versions = mapping[key]
    if not (isinstance(versions, Map) and versions):
        yield Fault(mapping.lines[key], f"versions is {quote(versions)}", 'distributions with their versions, as in {torch: ">=2,<3"}')
        return
    for name, specifier in versions.items():
        try:
            SpecifierSet(specifier if isinstance(specifier, str) and specifier else "none")
        except InvalidSpecifier:
            yield Fault(versions.lines[name], f"the version of {quote(name)} is {quote(specifier)}", 'a specifier such as ">=2,<3"')


def check_link(mapping: Map, key: str) -> Iterator[Fault]:
    """The address of a public thread."""
    if not LINK.fullmatch(str(mapping[key])):
        yield Fault(mapping.lines[key], f"link is {quote(mapping[key])}", "the address of a public thread, beginning with https://")


def check_date(mapping: Map, key: str) -> Iterator[Fault]:
    """The date of a measurement."""
    if not DATE.fullmatch(str(mapping[key])):
        yield Fault(mapping.lines[key], f"measured is {quote(mapping[key])}", "a date such as 2026-11-20")


CONDITIONS: Mapping[str, Check] = {
    "versions": check_versions, "dtype": check_names, "rank": check_ranks, "platform": check_text, "cpu": check_names,
    "not_cpu": check_names,
}  # fmt: skip
CHECKS: Mapping[str, Check] = {
    "case": check_text, "target": check_text, "when": check_conditions, "attribute": check_attribute, "answer": check_answer,
    "cause": check_cause, "why": check_text, "link": check_link, "measured": check_date,
}  # fmt: skip
KEYS = tuple(CHECKS)
