"""Changes put together by what turned: one line, a count and an example for all that changed alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...adapters.ledger.entry import acceptance_of
from ...adapters.targets.version_names import without_version
from ...cases.judge.answer import REJECTS
from ..fingerprint.evidence import standing
from ..fingerprint.fingerprint import NOT_MEASURED, TargetFingerprint, derive_fingerprints
from ..fingerprint.wording import describe_dependence
from ..rows.differences import SEARCHED, searched
from ..rows.records import CaseLine, Row
from ..rows.target_rows import TargetRows
from ..rows.verdicts import MEASURED, seen, word
from ..rows.ways import CALL
from ..words.phrases import alternatives, phrase
from .changes import ADDED, CLASSES, REMOVED, Change, changes

NOTHING = "nothing"
"""What stands for an answer where there is none."""


@dataclass(frozen=True)
class Turn:
    """What changed alike: its class, what it was and what it is in words, and the changes, of which the first is the example.

    `rule` is the axis that turned, empty where it is no single one.
    """

    kind: str
    before: str
    after: str
    rule: str = ""
    changes: list[Change] = field(default_factory=list)

    @property
    def cases(self) -> dict[str, list[str]]:
        """The cases by target."""
        found: dict[str, list[str]] = {}
        for change in self.changes:
            found.setdefault(change.target, []).append(change.line["case"])
        return {target: list(dict.fromkeys(each)) for target, each in found.items()}

    @property
    def count(self) -> int:
        """How many answers changed so."""
        return sum(map(len, self.cases.values()))


@dataclass(frozen=True)
class Rule:
    """An axis on which targets do something else than before, in words."""

    axis: str
    before: str
    after: str
    targets: list[str] = field(default_factory=list)


def turns(found: Iterable[Change]) -> list[Turn]:
    """Changes by what turned, the most serious class first, in each the most frequent."""
    groups: dict[tuple[str, ...], Turn] = {}
    for change in found:
        said = told(change)
        groups.setdefault((change.kind, *said, ending(change)), Turn(change.kind, *said)).changes.append(change)
    return sorted(groups.values(), key=lambda turn: (CLASSES.index(turn.kind), -turn.count))


def told(change: Change) -> tuple[str, str, str]:
    """What it was and what it is in words, and the axis that turned."""
    if change.before is None or change.after is None:
        there = verdict(change, change.row)
        return (there, NOTHING, "") if change.after is None else (NOTHING, there, "")
    old, new = followed(change.before, change.line), followed(change.after, change.line)
    axes = sorted((old or {}).keys() | (new or {}).keys())
    if old is None or new is None or not axes:
        return side(change, change.before), side(change, change.after), ""
    before, after = (" and ".join(phrase(axis, each.get(axis) or standing(change.line, axis)) for axis in axes) for each in (old, new))
    return before, after, axes[0] if len(axes) == 1 else ""


def followed(row: Row, line: CaseLine) -> Mapping[str, str] | None:
    """The rules by which an answer was got that are not those in force; None where they are not known for sure."""
    if row["answer"]:
        return {str(line["asks"]): row["answer"]}
    if row["cause"] is None or len(row["cause"]) > 1:
        return None
    return {each["axis"]: each["value"] for cause in row["cause"] for each in cause}


def side(change: Change, row: Row) -> str:
    """A verdict, with what explains it."""
    unknown = row["cause"] is None and row["verdict"] in SEARCHED and searched(change.line)
    why = alternatives(row["cause"]) if (row["cause"] or unknown) and not row["answer"] else ""
    return f"{verdict(change, row)}: {why}" if why else verdict(change, row)


def verdict(change: Change, row: Row) -> str:
    """What is seen of a row: the rule that a probe shows, and where nobody is wrong whether there was an answer."""
    if row["answer"]:
        return phrase(str(change.line["asks"]), row["answer"])
    found = seen(change.line["kind"], [row])
    return acceptance_of(row) if found == MEASURED else word(found)


def ending(change: Change) -> str:
    """What sets changes apart whose rules do not: the verdicts, and the classes of errors."""
    sides = [each for each in (change.before, change.after) if each]
    if change.kind in (ADDED, REMOVED):
        return ""
    return " ".join(f"{seen(change.line['kind'], [row])} {error(row)}" for row in sides)


def error(row: Row) -> str:
    """The class of an error, of an answer that is one."""
    return str(row["detail"]).partition(":")[0] if row["verdict"] == REJECTS and row["got"] in (None, REJECTS) else ""


def rules(old: TargetRows, new: TargetRows) -> list[Rule]:
    """The axes on which a target does something else than before, measured by the cases that both runs share."""
    cases = dict.fromkeys(case for case, way in old.shared(new) if way == CALL)
    before, after = (derive_fingerprints(each.only(cases)).get(each.name) for each in (old, new))
    if before is None or after is None:
        return []
    pairs = {axis: (does(before, axis), does(after, axis)) for axis in before.found.axes.keys() | after.found.axes.keys()}
    return [Rule(axis, *pair) for axis, pair in sorted(pairs.items()) if pair[0] != pair[1] and NOT_MEASURED not in pair]


def does(each: TargetFingerprint, axis: str) -> str:
    """What a target does on an axis, and where it does something else."""
    return describe_dependence(each, axis) or each.word(axis)


def compared(pairs: Iterable[tuple[TargetRows, TargetRows]], wording: bool = False) -> tuple[list[Turn], list[Rule]]:
    """All that turned between the runs of some targets, and the rules that did, each with all its targets."""
    found: list[Change] = []
    turned: dict[tuple[str, str, str], Rule] = {}
    for old, new in pairs:
        found += changes(old, new, wording)
        for rule in rules(old, new):
            turned.setdefault((rule.axis, rule.before, rule.after), rule).targets.append(without_version(new.name))
    return turns(found), list(turned.values())
