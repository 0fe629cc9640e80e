"""A comparison as JSON."""

from __future__ import annotations

from collections.abc import Collection

from ...adapters.targets.version_names import without_version
from ..rows.records import Json
from .diff import Diff
from .grouped import ChangeGroup
from .wording import format_answer


def as_json(diff_result: Diff, gate: Collection[str]) -> Json:
    """The whole comparison; `failing` has the classes that the gate does not let pass."""
    return {
        "old": diff_result.old.as_json(),
        "new": diff_result.new.as_json(),
        "compared": diff_result.compared_count,
        "counts": diff_result.counts,
        "varying": len(diff_result.varying),
        "failing": diff_result.list_failing(gate),
        "targets": [
            {"target": without_version(new.name), "old": dict(old.versions), "new": dict(new.versions)} for old, new in diff_result.pairs
        ],
        "gone": {target.name: dict(target.versions) for target in diff_result.old_only},
        "come": {target.name: dict(target.versions) for target in diff_result.new_only},
        "changes": [group_as_json(group) for group in diff_result.groups],
        "fingerprints": [vars(rule) for rule in diff_result.rules],
    }


def group_as_json(group: ChangeGroup) -> Json:
    """A group of changes with its first one as example."""
    first = group.changes[0]
    sides = {"before": first.before and format_answer(first.before), "after": first.after and format_answer(first.after)}
    example = {"case": first.line["case"], "target": first.target, "way": first.way, "attribute": first.row["attribute"], **sides}
    words = {"class": group.kind, "count": group.count, "before": group.before, "after": group.after, "rule": group.rule or None}
    return {**words, "cases": group.cases, "example": example}
