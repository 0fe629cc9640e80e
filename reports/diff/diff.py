"""Two files of rows beside each other: what an upgrade changed, and whether a gate lets it through."""

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
from .changes import ADDED, CLASSES, FINGERPRINT, REMOVED, telling
from .grouped import Rule, Turn, compared
from .wording import answer, upgrades

Pair = tuple[TargetRows, TargetRows]


@dataclass(frozen=True)
class Side:
    """One of the two files, or folders of them: its path as it was given, and the rows."""

    path: Path
    rows: Rows

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file or the files of a folder; raises `BadRows`."""
        return cls(path, read_files_with_causes([path]))

    @cached_property
    def targets(self) -> dict[str, TargetRows]:
        """What each target was asked."""
        return rows_by_target(self.rows)

    def document(self) -> Json:
        """What is told of the file as JSON."""
        header = self.rows.header
        return {"file": self.path.name, "whole": self.rows.whole, **{key: header.get(key) for key in ("suite", "started", "platform")}}


@dataclass(frozen=True)
class Diff:
    """All that two files differ in: the targets of both, those of one alone, and what turned."""

    old: Side
    new: Side
    pairs: Sequence[Pair]
    gone: Sequence[TargetRows]
    come: Sequence[TargetRows]
    turns: Sequence[Turn]
    rules: Sequence[Rule]

    @property
    def compared(self) -> int:
        """How many answers both files have."""
        return sum(way == CALL for old, new in self.pairs for _, way in old.shared(new))

    @cached_property
    def counts(self) -> dict[str, int]:
        """How much there is of each class."""
        found = {kind: sum(turn.count for turn in self.turns if turn.kind == kind) for kind in CLASSES}
        found[FINGERPRINT] = sum(len(rule.targets) for rule in self.rules)
        for kind, targets in ((REMOVED, self.gone), (ADDED, self.come)):
            found[kind] += sum(len(cases(each)) for each in targets)
        return {kind: count for kind, count in found.items() if count}

    def failing(self, gate: Collection[str]) -> list[str]:
        """The classes that a gate does not let through."""
        return [kind for kind in self.counts if kind in gate]

    def document(self, gate: Collection[str]) -> Json:
        """All of it as JSON."""
        return {
            "old": self.old.document(),
            "new": self.new.document(),
            "compared": self.compared,
            "counts": self.counts,
            "failing": self.failing(gate),
            "targets": [
                {"target": without_version(new.name), "old": dict(old.versions), "new": dict(new.versions)} for old, new in self.pairs
            ],
            "gone": {each.name: dict(each.versions) for each in self.gone},
            "come": {each.name: dict(each.versions) for each in self.come},
            "changes": [turned(turn) for turn in self.turns],
            "fingerprints": [vars(rule) for rule in self.rules],
        }


def cases(each: TargetRows) -> list[str]:
    """The cases that a target could be asked."""
    return [case for (case, way), rows in each.answers.items() if way == CALL and telling(rows)["verdict"] != UNSUPPORTED]


def compare_files(old: Path, new: Path, wording: bool = False) -> Diff:
    """Compare two files, or folders of them; raises `BadRows` where they have nothing in common that could be compared."""
    sides = Side.read(old), Side.read(new)
    pairs = list(paired(*(side.targets for side in sides)))
    turned, ruled = compared(pairs, wording)
    met = {each.name for each, _ in pairs}, {each.name for _, each in pairs}
    gone, come = ([each for name, each in side.targets.items() if name not in there] for side, there in zip(sides, met, strict=True))
    found = Diff(*sides, pairs, gone, come, turned, ruled)
    if not found.compared:
        told = " and ".join(f"{side.path} with {', '.join(side.targets) or 'no target'}" for side in sides)
        raise BadRows(f"nothing to compare: no case on a target that both files have; got {told}, expected two runs of the same cases")
    return found


def compare_versions(side: Side, wording: bool = False) -> list[Diff]:
    """What changed from version to version of the targets of one file, one comparison for all that were upgraded alike.

    Raises `BadRows` where each target has one version.
    """
    alike: dict[tuple[str, str], list[Pair]] = {}
    for pair in version_pairs(side.rows):
        alike.setdefault(next(iter(upgrades([pair]))), []).append(pair)
    if not alike:
        raise BadRows(f"nothing to compare: {side.path} has one version of each target; expected several of one, or a second file")
    return [Diff(side, side, pairs, (), (), *compared(pairs, wording)) for pairs in alike.values()]


def paired(old: Mapping[str, TargetRows], new: Mapping[str, TargetRows]) -> Iterator[Pair]:
    """The targets of both files: those of one name, then those that are the only one left of a plain name."""
    for name in old.keys() & new.keys():
        yield old[name], new[name]
    left = [{name: each for name, each in side.items() if name not in other} for side, other in ((old, new), (new, old))]
    for name in dict.fromkeys(map(without_version, new)):
        ours = [[each for each in side.values() if without_version(each.name) == name] for side in left]
        if all(len(each) == 1 for each in ours):
            yield ours[0][0], ours[1][0]


def turned(turn: Turn) -> Json:
    """Changes of one kind as JSON."""
    first = turn.changes[0]
    sides = {"before": first.before and answer(first.before), "after": first.after and answer(first.after)}
    example = {"case": first.line["case"], "target": first.target, "way": first.way, "attribute": first.row["attribute"], **sides}
    told = {"class": turn.kind, "count": turn.count, "before": turn.before, "after": turn.after, "rule": turn.rule or None}
    return {**told, "cases": turn.cases, "example": example}
