"""What each target was asked in each of its versions, and what it answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from packaging.version import InvalidVersion, Version

from ...adapters.targets.version_names import without_version
from ...cases.judge.answer import NOT_RUN
from . import tables
from .records import CaseLine, Row, Rows, empty_header

Answers = Mapping[str, Row]
"""The rows of one answer by attribute."""


@dataclass(frozen=True)
class TargetRows:
    """One target in one version: the lines of its cases, and the rows of each case and way by attribute."""

    name: str
    versions: Mapping[str, str]
    lines: Mapping[str, CaseLine]
    answers: Mapping[tuple[str, str], Answers]

    def shared_cases(self, other: TargetRows) -> list[tuple[str, str]]:
        """The cases and ways that both were asked, of which neither was left out."""
        return [
            pair for pair in self.answers if pair in other.answers and self.lines[pair[0]]["case_hash"] == other.lines[pair[0]]["case_hash"]
        ]

    def only(self, cases: Mapping[str, object]) -> Rows:
        """Some of the cases as rows."""
        rows = [row for (case, _), answer_rows in self.answers.items() if case in cases for row in answer_rows.values()]
        return Rows(
            {**empty_header(), "targets": {self.name: {"versions": dict(self.versions), "flags": {}}}},
            {case: self.lines[case] for case in cases},
            rows,
        )


def rows_by_target(rows: Rows) -> dict[str, TargetRows]:
    """Each target of some rows."""
    answers_by_target: dict[str, dict[tuple[str, str], Answers]] = {name: {} for name in tables.targets(rows)}
    for (case, target, way), case_rows in tables.group_rows(rows).items():
        if any(row["verdict"] != NOT_RUN for row in case_rows):
            answers_by_target[target][case, way] = {row["attribute"]: row for row in case_rows}
    versions = {row["target"]: row["versions"] for row in rows.rows}
    return {name: TargetRows(name, versions[name], rows.cases, answers) for name, answers in answers_by_target.items()}


def version_pairs(rows: Rows) -> list[tuple[TargetRows, TargetRows]]:
    """Each target's versions with the ones before them, oldest first; none for a target of one version."""
    several: dict[str, list[TargetRows]] = {}
    for name, target_rows in rows_by_target(rows).items():
        several.setdefault(without_version(name), []).append(target_rows)
    return [
        pair for versions in several.values() for pair in pairwise(sorted(versions, key=lambda versions: version_key(versions.versions)))
    ]


def version_key(versions: Mapping[str, str]) -> list[Version]:
    """What sorts versions of a target: all that takes part, one after another."""
    return [parse_version(version) for version in versions.values()]


def parse_version(text: str) -> Version:
    """A version; one that is not written as versions are comes before all others."""
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0.dev0")
