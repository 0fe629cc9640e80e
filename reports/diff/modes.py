"""Execution modes beside the plain target of their own framework, within one run: where a mode gives another answer, by rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from ...adapters.targets.groups import plain_target
from ...adapters.targets.version_names import without_version
from ...cases.judge.answer import NOT_RUN, UNSUPPORTED
from ..rows.records import Rows
from ..rows.target_rows import TargetRows, rows_by_target
from ..rows.ways import CALL
from .changes import ANSWER, VERDICT, Change, find_changes, is_answered
from .grouped import find_rules

UNCOMPARED = (UNSUPPORTED, NOT_RUN)
"""Verdicts of attributes that a target was not asked for, so that there is no answer to compare."""


@dataclass(frozen=True)
class ModeComparison:
    """A mode and the plain target of its framework: the number of cases that both answered, and the cases in which they differ.

    `cases` has these cases by the axis of the rule that differs: first, with an empty axis, those that no rule explains, then
    the most frequent axis. Answers that the ledger records as different from run to run are left out.
    """

    mode: str
    plain: str
    compared_count: int
    cases: Mapping[str, list[str]]

    @property
    def differing_count(self) -> int:
        """The number of cases in which the two differ."""
        return len({case for cases in self.cases.values() for case in cases})


def compare_modes(rows: Rows) -> list[ModeComparison]:
    """Each mode that answered a case which the framework's plain target answered too, in the order of the targets."""
    targets = rows_by_target(rows)
    comparisons = [compare_mode(mode, plain) for mode in targets.values() if (plain := find_plain(mode, targets))]
    return [comparison for comparison in comparisons if comparison.compared_count]


def find_plain(mode: TargetRows, targets: Mapping[str, TargetRows]) -> TargetRows | None:
    """The target that runs the framework of a mode plainly, in the same versions; None if there is none."""
    name = plain_target(without_version(mode.name))
    candidates = (target for target in targets.values() if without_version(target.name) == name)
    return next((target for target in candidates if has_same_versions(mode, target)), None)


def has_same_versions(mode: TargetRows, plain: TargetRows) -> bool:
    """Whether every distribution that both use has one version."""
    return all(mode.versions.get(name, version) == version for name, version in plain.versions.items())


def compare_mode(mode: TargetRows, plain: TargetRows) -> ModeComparison:
    """Compare the answers that both gave by call."""
    both = [pair for pair in plain.shared_cases(mode) if pair[1] == CALL and all(is_answered(side.answers[pair]) for side in (plain, mode))]
    cases: dict[str, list[str]] = {}
    for case, changes in groupby(find_differences(plain, mode), key=lambda change: str(change.line["case"])):
        axes = {axis for change in changes for axis in find_changed_axes(change)}
        for axis in axes - {""} or {""}:
            cases.setdefault(axis, []).append(case)
    return ModeComparison(mode.name, plain.name, len(both), dict(sorted(cases.items(), key=rank_axis)))


def rank_axis(item: tuple[str, list[str]]) -> tuple[bool, int, str]:
    """The order of an axis and its cases in a comparison."""
    axis, cases = item
    return bool(axis), -len(cases), axis


def find_differences(plain: TargetRows, mode: TargetRows) -> Iterator[Change]:
    """The attributes with another answer in a mode."""
    for change in find_changes(plain, mode):
        sides = [row for row in (change.before, change.after) if row and row["verdict"] not in UNCOMPARED]
        if change.way == CALL and change.kind in (VERDICT, ANSWER) and len(sides) == 2 and not change.varies:
            yield change


def find_changed_axes(change: Change) -> list[str]:
    """The axes on which the two sides follow different rules; an empty axis where that is not certain."""
    assert change.before, "the plain target answered"
    assert change.after, "the mode answered"
    old, new = find_rules(change.before, change.line), find_rules(change.after, change.line)
    if old is None or new is None:
        return [""]
    return [axis for axis in {**old, **new} if old.get(axis) != new.get(axis)] or [""]
