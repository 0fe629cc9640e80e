"""Two runs, or the versions within one, compared: what an upgrade changed, and whether it passes a gate."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from ...adapters.targets.version_names import without_version
from ...cases.judge.answer import UNSUPPORTED
from ..fingerprint.files import read_files_with_causes
from ..rows.records import BadRows, Json, Rows
from ..rows.target_rows import TargetRows, rows_by_target, version_pairs
from ..rows.ways import CALL
from .changes import ADDED, CLASSES, FINGERPRINT, REMOVED, Change, main_row
from .grouped import ChangeGroup, RuleChange, compare_pairs

Pair = tuple[TargetRows, TargetRows]


@dataclass(frozen=True)
class Side:
    """One of the two files, or folders of them: the path as it was given, and its rows."""

    path: Path
    rows: Rows

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file or the files of a folder; raises `BadRows`."""
        return cls(path, read_files_with_causes([path]))

    @cached_property
    def targets(self) -> dict[str, TargetRows]:
        """The rows of each target."""
        return rows_by_target(self.rows)

    def as_json(self) -> Json:
        """The file as JSON: its name and the run's header."""
        header = self.rows.header
        return {"file": self.path.name, "whole": self.rows.whole, **{key: header.get(key) for key in ("suite", "started", "platform")}}


@dataclass(frozen=True)
class Diff:
    """The differences of two files: the targets of both, those of one only (`old_only`, `new_only`), the changes in groups, and the rules that changed.

    `varying` are changes of answers that are known to differ from run to run; they do not count.
    """

    old: Side
    new: Side
    pairs: Sequence[Pair]
    old_only: Sequence[TargetRows]
    new_only: Sequence[TargetRows]
    groups: Sequence[ChangeGroup]
    rules: Sequence[RuleChange]
    varying: Sequence[Change] = ()

    @property
    def compared_count(self) -> int:
        """The number of answers that both files have."""
        return sum(way == CALL for old, new in self.pairs for _, way in old.shared_cases(new))

    @cached_property
    def counts(self) -> dict[str, int]:
        """The number of changes of each class that occurs."""
        counts = {kind: sum(group.count for group in self.groups if group.kind == kind) for kind in CLASSES}
        counts[FINGERPRINT] = sum(len(rule.targets) for rule in self.rules)
        for kind, targets in ((REMOVED, self.old_only), (ADDED, self.new_only)):
            counts[kind] += sum(len(list_supported_cases(target)) for target in targets)
        return {kind: count for kind, count in counts.items() if count}

    def list_failing(self, gate: Collection[str]) -> list[str]:
        """The classes that occur and that a gate does not let pass."""
        return [kind for kind in self.counts if kind in gate]


def list_supported_cases(target: TargetRows) -> list[str]:
    """The cases that a target supports."""
    return [case for (case, way), rows in target.answers.items() if way == CALL and main_row(rows)["verdict"] != UNSUPPORTED]


def compare_files(old: Path, new: Path, wording: bool = False) -> Diff:
    """Compare two files, or folders of them; raises `BadRows` where they have no target with a case in common."""
    sides = Side.read(old), Side.read(new)
    pairs = list(pair_targets(*(side.targets for side in sides)))
    groups, rules, varying = compare_pairs(pairs, wording)
    paired_names = {target.name for target, _ in pairs}, {target.name for _, target in pairs}
    removed_targets, added_targets = (
        [target for name, target in side.targets.items() if name not in names] for side, names in zip(sides, paired_names, strict=True)
    )
    diff_result = Diff(*sides, pairs, removed_targets, added_targets, groups, rules, varying)
    if not diff_result.compared_count:
        got = " and ".join(f"{side.path} with {', '.join(side.targets) or 'no target'}" for side in sides)
        raise BadRows(f"nothing to compare: the files have no target with a case in common; got {got}, expected two runs of the same cases")
    return diff_result


def compare_versions(side: Side, wording: bool = False) -> list[Diff]:
    """What changed from version to version of the targets of one file; targets with the same upgrade are compared together.

    Raises `BadRows` where each target has one version.
    """
    upgrades: dict[tuple[str, str], list[Pair]] = {}
    for pair in version_pairs(side.rows):
        upgrades.setdefault(describe_upgrade(*pair), []).append(pair)
    if not upgrades:
        raise BadRows(f"nothing to compare: {side.path} has one version of each target; expected several of one, or a second file")
    return [make_version_diff(side, pairs, wording) for pairs in upgrades.values()]


def describe_upgrade(old: TargetRows, new: TargetRows) -> tuple[str, str]:
    """The packages with other versions than before, or all where none has one: their versions before and after."""
    changed_names = [name for name in {**old.versions, **new.versions} if old.versions.get(name) != new.versions.get(name)]
    before, after = (
        ", ".join(f"{name} {side.versions.get(name, 'none')}" for name in changed_names or side.versions) for side in (old, new)
    )
    return before, after


def make_version_diff(side: Side, pairs: Sequence[Pair], wording: bool) -> Diff:
    """The comparison of pairs of targets within one file."""
    groups, rules, varying = compare_pairs(pairs, wording)
    return Diff(side, side, pairs, (), (), groups, rules, varying)


def pair_targets(old: Mapping[str, TargetRows], new: Mapping[str, TargetRows]) -> Iterator[Pair]:
    """The targets of both files: those of one name, then those that are the only one left of a plain name."""
    for name in old.keys() & new.keys():
        yield old[name], new[name]
    remaining_targets = [{name: target for name, target in side.items() if name not in other} for side, other in ((old, new), (new, old))]
    for name in dict.fromkeys(map(without_version, new)):
        candidates = [[target for target in side.values() if without_version(target.name) == name] for side in remaining_targets]
        if all(len(targets) == 1 for targets in candidates):
            yield candidates[0][0], candidates[1][0]
