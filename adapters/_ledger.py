"""The ledger: known differences, each with the answer that is expected and why.

Read in the parent process alone, for it needs YAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..cases._yaml import List, Map, load
from ..cases.answer import CRASHES, REJECTS, TIMES_OUT
from ..cases.case import ATTRIBUTES, Case
from ..cases.mistake import Mistake, either, meant
from ..cases.mistake import told as shown
from ..cases.tolerance import tolerance_of

KNOWN = Path(__file__).parent / "known"
FATE = re.compile(r"SIG[A-Z0-9]+|status [0-9]+")
"""What a worker died of, as the first words of a crash tell it."""
ANSWER = "answer"
IMPLIED = {"values": "shape"}
KEYS = ("case", "target", "attribute", "answer", "why")


class BadLedger(ValueError):
    """A ledger that cannot be used; the text has a line for every mistake."""


@dataclass(frozen=True, eq=False)
class Entry:
    """One known difference.

    `case` and `target` are patterns in which only '*' and '?' are wild. `answer` is what the row of
    `attribute` holds: 'rejects', 'accepts', 'times_out' or 'crashes: SIGNAL' for acceptance, a shape, nested
    numbers for values; to a probe, attribute `answer` pins the value of the asked axis, for all that
    the probe compares.
    """

    case: str
    target: str
    attribute: str
    answer: Any
    why: str
    where: str = ""

    def matches(self, case: str, target: str) -> bool:
        """Whether the entry speaks of a case on a target."""
        return like(case, self.case) and like(target, self.target)

    def covers(self, row: Mapping[str, Any]) -> bool:
        """Whether the entry speaks of a row: of its attribute, or of one that cannot be without it."""
        return row["attribute"] in (self.attribute, IMPLIED.get(self.attribute)) or self.attribute in (ANSWER, "acceptance")

    def pins(self, case: Case, row: Mapping[str, Any]) -> bool:
        """Whether the row holds the very answer that is pinned."""
        if not self.covers(row):
            return False
        if self.attribute == ANSWER:
            return bool(row["answer"] == self.answer)
        if self.attribute == "acceptance":
            return self.answer == outcome_of(row)
        if row["verdict"] in (REJECTS, CRASHES, TIMES_OUT):
            return False
        if row["attribute"] == self.attribute:
            return same(case, self.answer, row["got"])
        return list(np.shape(self.answer)) == row["got"]


def outcome_of(row: Mapping[str, Any]) -> str:
    """What became of a case, as acceptance tells it."""
    match row["verdict"]:
        case "crashes":
            named = FATE.search(row["detail"])
            return f"crashes: {named[0]}" if named else "crashes"
        case "times_out":
            return "times_out"
        case "rejects":
            return "accepts" if row["due"] == "rejects" else "rejects"
    return str(row["got"]) if row["attribute"] == "acceptance" else "accepts"


def same(case: Case, answer: Any, got: Any) -> bool:
    """Whether a pinned answer is the one that was got, within the case's tolerance."""
    if not isinstance(got, Mapping):
        return bool(answer == got)
    if "digest" in got:
        return bool(answer == got["digest"])
    dtype = np.dtype(got["dtype"])
    left, right = np.asarray(numbers(answer), dtype), np.asarray(numbers(got["data"]), dtype)
    return left.shape == tuple(got["shape"]) and bool(tolerance_of(case).same(left, right).all())


def numbers(value: Any) -> Any:
    """Nested lists with the numbers that rows hold as strings."""
    if isinstance(value, list):
        return [numbers(each) for each in value]
    if not isinstance(value, str):
        return value
    return int(value) if value.lstrip("-").isdigit() else float(value)


def like(text: str, pattern: str) -> bool:
    """Whether a text fits a pattern in which only '*' and '?' are wild."""
    return text == pattern or fnmatchcase(text, pattern.replace("[", "[[]"))


class Ledger:
    """All entries, found by case and target."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries = tuple(entries)

    @cached_property
    def exact(self) -> dict[str, list[Entry]]:
        """Entries by their case, those with a pattern under ''."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault("" if set("*?") & set(entry.case) else entry.case, []).append(entry)
        return found

    def of(self, case: str, target: str) -> Sequence[Entry]:
        """The entries that speak of a case on a target."""
        candidates = (*self.exact.get(case, ()), *self.exact.get("", ()))
        return [entry for entry in candidates if entry.matches(case, target)]


def read_ledger(folder: Path = KNOWN) -> Ledger:
    """Read every file of a folder, or raise `BadLedger` with all their mistakes."""
    found = [each for path in sorted(folder.glob("*.yaml")) for each in read_file(path)]
    mistakes = [each for each in found if isinstance(each, Mistake)]
    if mistakes:
        raise BadLedger("\n".join(map(str, mistakes)))
    return Ledger(each for each in found if isinstance(each, Entry))


def read_file(path: Path) -> Iterator[Entry | Mistake]:
    """The entries of one file, and its mistakes."""
    where = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
    told, faults = load(path.read_bytes())
    yield from (fault.at(where) for fault in faults)
    if faults:
        return
    if not isinstance(told, List):
        yield Mistake(where, 1, "not a list", "a list of entries")
        return
    for each, line in zip(told, told.lines, strict=True):
        yield from entry(each, where, line)


def entry(told: Any, where: str, line: int) -> Iterator[Entry | Mistake]:
    """One entry, or its mistakes."""
    if not isinstance(told, Map):
        yield Mistake(where, line, "not an entry", f"a mapping with {either(KEYS)}")
        return
    unknown = [key for key in told if key not in KEYS]
    missing = [key for key in KEYS if key not in told]
    yield from (Mistake(where, told.lines[key], f"unknown key {key}{meant(key, KEYS)}", either(KEYS)) for key in unknown)
    yield from (Mistake(where, line, f"{key} is missing", f"an entry with {', '.join(KEYS)}") for key in missing)
    words = [key for key in KEYS if key != "answer" and key in told and not (isinstance(told[key], str) and told[key])]
    yield from (Mistake(where, told.lines[key], f"{key} is {shown(told[key])}", "text") for key in words)
    if told.get("attribute") not in (None, *ATTRIBUTES, ANSWER):
        yield Mistake(where, told.lines["attribute"], f"attribute is {shown(told['attribute'])}", either((*ATTRIBUTES, ANSWER)))
    if not (unknown or missing or words):
        yield Entry(**told, where=f"{where}:{line}")
