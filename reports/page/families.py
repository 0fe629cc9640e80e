"""The columns of targets: families of several targets are one column each, until they are opened, where there are many targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...adapters.targets.groups import split_into_families
from ..fingerprint.comparison import UNKNOWN
from ..fingerprint.fingerprint import TargetFingerprint
from ..fingerprint.wording import format_cell
from ..words.language import ngettext

COLUMN_LIMIT = 12
"""A report of more targets shows families closed at first."""


class Family(NamedTuple):
    """Targets that are shown together; `folds` if they are one column until they are opened."""

    name: str
    targets: list[str]
    folds: bool


def list_families(names: Sequence[str]) -> list[Family]:
    """The families of the targets of a report, in the order of their columns."""
    return [Family(name, members, len(names) > COLUMN_LIMIT and len(members) > 1) for name, members in split_into_families(names).items()]


def summarise_rules(family: Family, prints: Mapping[str, TargetFingerprint], axis: str) -> dict[str, Any]:
    """What a closed family shows on an axis: the first of its targets that has a rule, and how many rules its targets follow."""
    prints_read = [prints[name] for name in family.targets if name in prints]
    measured_targets = [target for target in prints_read if target.word(axis) not in UNKNOWN]
    rules = dict.fromkeys(format_cell(target, axis) for target in measured_targets)
    return {
        "first": (measured_targets or prints_read)[0],
        "count": len(rules),
        "text": ngettext("%(num)s rule", "%(num)s rules", len(rules)) % {"num": len(rules)},
        "rules": ", ".join(rules),
    }
