"""Changes in groups of the same change: one line, a count and an example for each group; and the rules that changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...adapters.ledger.entry import acceptance_of
from ...adapters.targets.version_names import without_version
from ...cases.judge.answer import REJECTS
from ..fingerprint.evidence import find_rule_in_force
from ..fingerprint.fingerprint import NOT_MEASURED, TargetFingerprint, derive_fingerprints
from ..fingerprint.wording import describe_dependence
from ..rows.differences import SEARCHED, has_cause_search
from ..rows.records import CaseLine, Row
from ..rows.target_rows import TargetRows
from ..rows.verdicts import MEASURED, verdict_of, word
from ..rows.ways import CALL
from ..words.phrases import alternatives, phrase
from .changes import ADDED, CLASSES, REMOVED, Change, find_changes

NOTHING = "nothing"
"""The text for an answer where there is none."""


@dataclass(frozen=True)
class ChangeGroup:
    """Changes of one class with the same words before and after; the first is the example.

    `rule` is the axis that changed, empty where it is not a single one.
    """

    kind: str
    before: str
    after: str
    rule: str = ""
    changes: list[Change] = field(default_factory=list)

    @property
    def cases(self) -> dict[str, list[str]]:
        """The cases by target."""
        cases: dict[str, list[str]] = {}
        for change in self.changes:
            cases.setdefault(change.target, []).append(change.line["case"])
        return {target: list(dict.fromkeys(ids)) for target, ids in cases.items()}

    @property
    def count(self) -> int:
        """The number of answers in the group."""
        return sum(map(len, self.cases.values()))

    @property
    def example(self) -> str:
        """The id of the first case."""
        return str(self.changes[0].line["case"])


@dataclass(frozen=True)
class RuleChange:
    """An axis on which some targets follow another rule than before, in words."""

    axis: str
    before: str
    after: str
    targets: list[str] = field(default_factory=list)


def compare_pairs(
    pairs: Iterable[tuple[TargetRows, TargetRows]], wording: bool = False
) -> tuple[list[ChangeGroup], list[RuleChange], list[Change]]:
    """The changes between the runs of some targets in groups, the rules that changed, and the changes of answers that vary."""
    listed_changes: list[Change] = []
    rules: dict[tuple[str, str, str], RuleChange] = {}
    for old, new in pairs:
        changes = list(find_changes(old, new, wording))
        listed_changes += changes
        varying = {change.line["case"] for change in changes if change.varies}
        for rule in compare_rules(old, new, varying):
            rules.setdefault((rule.axis, rule.before, rule.after), rule).targets.append(without_version(new.name))
    return (
        group_changes(change for change in listed_changes if not change.varies),
        list(rules.values()),
        [change for change in listed_changes if change.varies],
    )


def group_changes(changes: Iterable[Change]) -> list[ChangeGroup]:
    """Changes in groups: the most serious class first, within a class the largest group."""
    groups: dict[tuple[str, ...], ChangeGroup] = {}
    for change in changes:
        words = describe_change(change)
        groups.setdefault((change.kind, *words, describe_errors(change)), ChangeGroup(change.kind, *words)).changes.append(change)
    return sorted(groups.values(), key=lambda group: (CLASSES.index(group.kind), -group.count))


def describe_change(change: Change) -> tuple[str, str, str]:
    """The words before and after a change, and the axis that changed."""
    if change.before is None or change.after is None:
        verdict = format_verdict(change, change.row)
        return (verdict, NOTHING, "") if change.after is None else (NOTHING, verdict, "")
    old, new = find_rules(change.before, change.line), find_rules(change.after, change.line)
    axes = sorted((old or {}).keys() | (new or {}).keys())
    if old is None or new is None or not axes:
        return describe_side(change, change.before), describe_side(change, change.after), ""
    before, after = (
        " and ".join(phrase(axis, rules.get(axis) or find_rule_in_force(change.line, axis)) for axis in axes) for rules in (old, new)
    )
    return before, after, axes[0] if len(axes) == 1 else ""


def find_rules(row: Row, line: CaseLine) -> Mapping[str, str] | None:
    """The rules by which an answer deviates from those in force; None where they are not certain."""
    if row["answer"]:
        return {str(line["asks"]): row["answer"]}
    if row["cause"] is None or len(row["cause"]) > 1:
        return None
    return {change["axis"]: change["value"] for cause in row["cause"] for change in cause}


def describe_side(change: Change, row: Row) -> str:
    """The verdict of a row, with its cause."""
    unknown = row["cause"] is None and row["verdict"] in SEARCHED and has_cause_search(change.line)
    causes_text = alternatives(row["cause"]) if (row["cause"] or unknown) and not row["answer"] else ""
    return f"{format_verdict(change, row)}: {causes_text}" if causes_text else format_verdict(change, row)


def format_verdict(change: Change, row: Row) -> str:
    """The verdict of a row in words: the rule that a probe measured, or accepts or rejects where no answer is wrong."""
    if row["answer"]:
        return phrase(str(change.line["asks"]), row["answer"])
    verdict = verdict_of(change.line["kind"], [row])
    return acceptance_of(row) if verdict == MEASURED else word(verdict)


def describe_errors(change: Change) -> str:
    """What separates groups with the same rules: the verdicts, and the classes of errors."""
    sides = [row for row in (change.before, change.after) if row]
    if change.kind in (ADDED, REMOVED):
        return ""
    return " ".join(f"{verdict_of(change.line['kind'], [row])} {find_error_class(row)}" for row in sides)


def find_error_class(row: Row) -> str:
    """The class of an error, empty for any other answer."""
    return str(row["detail"]).partition(":")[0] if row["verdict"] == REJECTS and row["got"] in (None, REJECTS) else ""


def compare_rules(old: TargetRows, new: TargetRows, varying: set[str]) -> list[RuleChange]:
    """The axes on which a target follows another rule, measured by the cases of both runs whose answers do not vary."""
    cases = dict.fromkeys(case for case, way in old.shared_cases(new) if way == CALL and case not in varying)
    before, after = (derive_fingerprints(side.only(cases)).get(side.name) for side in (old, new))
    if before is None or after is None:
        return []
    pairs = {axis: (describe_rule(before, axis), describe_rule(after, axis)) for axis in before.fit.axes.keys() | after.fit.axes.keys()}
    return [RuleChange(axis, *pair) for axis, pair in sorted(pairs.items()) if pair[0] != pair[1] and NOT_MEASURED not in pair]


def describe_rule(target: TargetFingerprint, axis: str) -> str:
    """The rule of a target on an axis, with its exceptions."""
    return describe_dependence(target, axis) or target.word(axis)
