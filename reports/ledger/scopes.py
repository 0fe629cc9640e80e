"""Targets with their versions, and the ways in which an entry of the ledger can name several of them at once."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from packaging.version import Version

from ...adapters.common.wildcards import matches_pattern
from ...adapters.ledger.conditions import is_version_in
from ..rows.records import Row
from ..rows.target_rows import parse_version

Versions = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Instance:
    """A target with its versions, which are empty where they are unknown; the interpreter is ignored."""

    target: str
    versions: Versions

    @property
    def framework(self) -> str:
        """The framework of the target, which determines the file of its entries."""
        return re.split(r"[-+]", self.target)[0]


@dataclass(frozen=True)
class Scope:
    """A pattern of targets and specifiers of versions, with the instances that match."""

    target: str
    versions: Versions
    instances: frozenset[Instance]


def instance_of(row: Row) -> Instance:
    """The target of a row with its versions."""
    return Instance(row["target"].partition("@")[0], tuple(row["versions"].items()))


def find_scopes(instances: Collection[Instance], framework_names: Collection[str]) -> list[Scope]:
    """Every way to name some of a framework's instances, the widest first; a pattern matches no other known target."""
    whole = [*whole_framework(instances, framework_names), *single_targets(instances)]
    parts = [part for scope in whole for part in version_ranges(scope)]
    single = [exact_versions(instance) for instance in sorted(instances, key=str) if instance.versions]
    return sorted([*whole, *parts, *single], key=lambda scope: -len(scope.instances))


def whole_framework(instances: Collection[Instance], framework_names: Collection[str]) -> Iterator[Scope]:
    """A pattern for all targets of a framework, if it matches no other one."""
    targets = {instance.target for instance in instances}
    pattern = f"{os.path.commonprefix(sorted(targets))}*"  # noqa: RUF071 names, not paths
    if len(targets) > 1 and {name for name in framework_names if matches_pattern(name, pattern)} <= targets:
        yield Scope(pattern, (), frozenset(instances))


def single_targets(instances: Collection[Instance]) -> Iterator[Scope]:
    """A scope for each target by its name."""
    for target in sorted({instance.target for instance in instances}):
        yield Scope(target, (), frozenset(instance for instance in instances if instance.target == target))


def version_ranges(scope: Scope) -> Iterator[Scope]:
    """The parts of a scope from or up to a version of a distribution, or between two, where there are several versions."""
    for name in dict.fromkeys(name for instance in sorted(scope.instances, key=str) for name, _ in instance.versions):
        by_version: dict[Version, set[Instance]] = defaultdict(set)
        for instance in scope.instances:
            if name in dict(instance.versions):
                by_version[Version(parse_version(dict(instance.versions)[name]).public)].add(instance)
        ascending = sorted(by_version)
        for first, end in combinations(range(len(ascending) + 1), 2):
            if specifier := version_specifier(ascending, first, end):
                scope_instances = frozenset[Instance]().union(*(by_version[version] for version in ascending[first:end]))
                yield Scope(scope.target, ((name, specifier),), scope_instances)


def version_specifier(ascending: Sequence[Version], first: int, end: int) -> str | None:
    """The specifier of the versions from position `first` to before `end`; None where these are all, or no specifier separates them."""
    bounds = [(">=", shortest_boundary(*ascending[first - 1 : first + 1])) if first else None]
    bounds += [("<", shortest_boundary(*ascending[end - 1 : end + 1])) if end < len(ascending) else None]
    stated_bounds = [bound for bound in bounds if bound]
    return ",".join(f"{sign}{bound}" for sign, bound in stated_bounds if bound) if all(bound for _, bound in stated_bounds) else None


def shortest_boundary(older: Version, newer: Version) -> str | None:
    """The shortest version above an older and not above a newer one, for specifiers: 2.18 for 2.15.1 and 2.18.1."""
    candidates = (*version_prefixes(newer.base_version.split(".")), newer.public)
    return next(
        (
            candidate
            for candidate in candidates
            if is_version_in(older.public, f"<{candidate}") and is_version_in(newer.public, f">={candidate}")
        ),
        None,
    )


def version_prefixes(parts: Sequence[str]) -> Iterator[str]:
    """The prefixes of a version, the shortest first."""
    yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def exact_versions(instance: Instance) -> Scope:
    """A scope of one instance, by all of its versions."""
    return Scope(instance.target, tuple((name, f"=={version}") for name, version in instance.versions), frozenset({instance}))


def cover_instances(due_instances: Collection[Instance], others: Collection[Instance], scopes: Sequence[Scope]) -> Iterator[Scope]:
    """Scopes that together match all wanted instances and none of the others."""
    uncovered_instances, barred_instances = set(due_instances), set(others)
    for scope in scopes:
        if uncovered_instances & scope.instances and not barred_instances & scope.instances:
            uncovered_instances -= scope.instances
            yield scope
