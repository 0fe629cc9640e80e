"""The form of an entry of the ledger, held against what a file says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ...cases.model.case import ATTRIBUTES
from ...cases.model.mistake import Fault, join_with_or, suggest
from ...cases.model.mistake import quote as shown
from ...cases.model.rules import axes
from ...cases.read.located import List, Map
from .entry import ACCEPTANCE, ANSWER

NEEDED = ("case", "target", "why")
FATES = re.compile(r"accepts|rejects|times_out|crashes(: (SIG[A-Z0-9]+|status [0-9]+))?")
LINK = re.compile(r"https://[^\s/]+/\S+")
DAY = re.compile(r"\d{4}-\d\d-\d\d")

Check = Callable[[Map, str], Iterator[Fault]]


def malformed(told: Map, line: int) -> list[Fault]:
    """Everything that is wrong with an entry."""
    return [
        *unknown(told, KEYS, "key"),
        *incomplete(told, line),
        *(fault for key, check in CHECKS.items() if key in told for fault in check(told, key)),
    ]


def unknown(told: Map, known: tuple[str, ...], what: str) -> Iterator[Fault]:
    """Keys that a mapping cannot have."""
    for key in told:
        if key not in known:
            yield Fault(told.lines[key], f"unknown {what} {key}{suggest(key, known)}", join_with_or(known))


def incomplete(told: Map, line: int) -> Iterator[Fault]:
    """What an entry lacks, and what it has too much of."""
    for key in NEEDED:
        if key not in told:
            yield Fault(line, f"{key} is missing", f"an entry with {', '.join(NEEDED)}")
    if "answer" in told and "cause" in told:
        yield Fault(told.lines["cause"], "cause beside answer", "one of the two, cause or answer")
    if "answer" not in told and "cause" not in told:
        yield Fault(line, "neither cause nor answer", "what is pinned: the cause, or the answer of an attribute")
    if "answer" in told and "attribute" not in told:
        yield Fault(line, "answer without attribute", f"the attribute that has the answer: {join_with_or((*ATTRIBUTES, ANSWER))}")
    if "link" not in told and "measured" not in told:
        yield Fault(
            line, "neither link nor measured", "the public thread about it or, where there is none, the day on which it was measured"
        )


def text(told: Map, key: str) -> Iterator[Fault]:
    """A text."""
    if not (isinstance(told[key], str) and told[key]):
        yield Fault(told.lines[key], f"{key} is {shown(told[key])}", "text")


def names(told: Map, key: str) -> Iterator[Fault]:
    """One name, or a list of them."""
    each = told[key] if isinstance(told[key], List) else [told[key]]
    if not (each and all(isinstance(name, str) and name for name in each)):
        yield Fault(told.lines[key], f"{key} is {shown(told[key])}", "a name, or a list of names")


def counts(told: Map, key: str) -> Iterator[Fault]:
    """A number of axes, or a list of such."""
    each = told[key] if isinstance(told[key], List) else [told[key]]
    if not (each and all(number in (1, 2, 3) for number in each)):
        yield Fault(told.lines[key], f"{key} is {shown(told[key])}", "1, 2 or 3, or a list of these")


def attribute(told: Map, key: str) -> Iterator[Fault]:
    """What of an answer an entry is about."""
    known = ATTRIBUTES if "cause" in told else (*ATTRIBUTES, ANSWER)
    if told[key] not in known:
        yield Fault(told.lines[key], f"attribute is {shown(told[key])}", join_with_or(known))


def answer(told: Map, key: str) -> Iterator[Fault]:
    """A pinned answer."""
    if told.get("attribute") == ACCEPTANCE and not FATES.fullmatch(str(told[key])):
        yield Fault(told.lines[key], f"acceptance is {shown(told[key])}", "rejects, accepts, times_out or crashes: SIGNAL")
    if not even(told[key]):
        yield Fault(told.lines[key], f"answer is {shown(told[key])}", "lists within each other, all of one level equally long")


def even(cells: Any) -> bool:
    """Whether nested lists, if lists they are, are those of an array."""
    if not isinstance(cells, list):
        return True
    return all(map(even, cells)) and len({np.shape(cell) for cell in cells}) <= 1


def cause(told: Map, key: str) -> Iterator[Fault]:
    """A pinned cause: axes of the rules with their values."""
    rules, known = told[key], axes()
    if not (isinstance(rules, Map) and rules):
        yield Fault(told.lines[key], f"cause is {shown(rules)}", "rules, each an axis and its value, as {stride_default: one}")
        return
    yield from unknown(rules, tuple(known), "axis")
    for axis, value in rules.items():
        if axis in known and value not in known[axis]:
            yield Fault(rules.lines[axis], f"{axis} is {shown(value)}", join_with_or(known[axis]))


def when(told: Map, key: str) -> Iterator[Fault]:
    """The conditions of an entry."""
    given = told[key]
    if not (isinstance(given, Map) and given):
        yield Fault(told.lines[key], f"when is {shown(given)}", f"a mapping with {join_with_or(CONDITIONS)}")
        return
    yield from unknown(given, tuple(CONDITIONS), "condition")
    yield from (fault for name, check in CONDITIONS.items() if name in given for fault in check(given, name))


def versions(told: Map, key: str) -> Iterator[Fault]:
    """Which versions of which distributions."""
    given = told[key]
    if not (isinstance(given, Map) and given):
        yield Fault(told.lines[key], f"versions is {shown(given)}", 'distributions with their versions, as {torch: ">=2,<3"}')
        return
    for name, each in given.items():
        try:
            SpecifierSet(each if isinstance(each, str) and each else "none")
        except InvalidSpecifier:
            yield Fault(given.lines[name], f"the version of {name} is {shown(each)}", 'a specifier, as ">=2,<3"')


def link(told: Map, key: str) -> Iterator[Fault]:
    """The address of a public thread."""
    if not LINK.fullmatch(str(told[key])):
        yield Fault(told.lines[key], f"link is {shown(told[key])}", "the address of a public thread, which begins with https://")


def measured(told: Map, key: str) -> Iterator[Fault]:
    """The day of a measurement."""
    if not DAY.fullmatch(str(told[key])):
        yield Fault(told.lines[key], f"measured is {shown(told[key])}", "a day, as 2026-11-20")


CONDITIONS: Mapping[str, Check] = {"versions": versions, "dtype": names, "rank": counts, "platform": text, "cpu": names}
CHECKS: Mapping[str, Check] = {
    "case": text, "target": text, "when": when, "attribute": attribute, "answer": answer, "cause": cause,
    "why": text, "link": link, "measured": measured,
}  # fmt: skip
KEYS = tuple(CHECKS)
