"""What each target was asked in each of its versions, and what it answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from packaging.version import InvalidVersion, Version

from ...adapters.targets.version_names import plain
from ...cases.judge.answer import NOT_RUN
from . import tables
from .rows import Row, Rows

Answers = Mapping[str, Row]
"""The rows of one answer by attribute."""


@dataclass(frozen=True)
class Asked:
    """One target in one version: the lines of its cases, and the rows of each case and way by attribute."""

    name: str
    versions: Mapping[str, str]
    lines: Mapping[str, Row]
    answers: Mapping[tuple[str, str], Answers]

    def shared(self, other: Asked) -> list[tuple[str, str]]:
        """The cases and ways that both were asked, of which neither was left out."""
        return [who for who in self.answers if who in other.answers and self.lines[who[0]]["case_hash"] == other.lines[who[0]]["case_hash"]]

    def only(self, cases: Mapping[str, object]) -> Rows:
        """Some of the cases as rows."""
        rows = [row for (case, _), each in self.answers.items() if case in cases for row in each.values()]
        return Rows({"targets": {self.name: {}}}, {case: self.lines[case] for case in cases}, rows)


def asked(rows: Rows) -> dict[str, Asked]:
    """Each target of some rows."""
    found: dict[str, dict[tuple[str, str], Answers]] = {name: {} for name in tables.targets(rows)}
    for (case, target, way), each in tables.asked(rows).items():
        if any(row["verdict"] != NOT_RUN for row in each):
            found[target][case, way] = {row["attribute"]: row for row in each}
    versions = {row["target"]: row["versions"] for row in rows.rows}
    return {name: Asked(name, versions[name], rows.cases, answers) for name, answers in found.items()}


def history(rows: Rows) -> list[tuple[Asked, Asked]]:
    """Each target's versions with the ones before them, oldest first; none for a target of one version."""
    several: dict[str, list[Asked]] = {}
    for name, each in asked(rows).items():
        several.setdefault(plain(name), []).append(each)
    return [pair for each in several.values() for pair in pairwise(sorted(each, key=lambda each: age(each.versions)))]


def age(versions: Mapping[str, str]) -> list[Version]:
    """What sorts versions of a target: all that takes part, one after another."""
    return [version(told) for told in versions.values()]


def version(told: str) -> Version:
    """A version; one that is not written as versions are comes before all others."""
    try:
        return Version(told)
    except InvalidVersion:
        return Version("0.dev0")
