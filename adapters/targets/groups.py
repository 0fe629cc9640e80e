"""Groups of targets: names that select several at once, and families that the report shows together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from .find import AdapterEntry, shipped_adapters
from .version_names import without_version


def list_groups(entries: Mapping[str, AdapterEntry]) -> dict[str, list[str]]:
    """The targets of each group, by its name; a group that is called as one of the targets cannot be selected, and is left out."""
    groups: dict[str, list[str]] = {}
    for name, entry in entries.items():
        for group in dict.fromkeys((entry.adapter.group, *entry.target.groups)):
            groups.setdefault(group, []).append(name)
    return {group: names for group, names in sorted(groups.items()) if group not in entries}


def select_members(members: Collection[str], names: Iterable[str]) -> list[str]:
    """Those of some names, which may contain versions, that are members of a group."""
    return [name for name in names if without_version(name) in members]


def plain_target(name: str) -> str | None:
    """The target that runs the same framework plainly, for the name of a mode; None for one that is plain itself."""
    plain, plus, _ = name.partition("+")
    return plain if plus else None


def split_into_families(names: Iterable[str]) -> dict[str, list[str]]:
    """Targets by family, in the order of their first ones; that of an unknown target is the beginning of its name."""
    group_by_target = {target.name: adapter.group for adapter in shipped_adapters() for target in adapter.targets}
    families: dict[str, list[str]] = {}
    for name in names:
        target = without_version(name)
        families.setdefault(group_by_target.get(target) or plain_target(target) or target, []).append(name)
    return families
