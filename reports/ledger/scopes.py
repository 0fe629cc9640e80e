"""Targets in their versions, and the ways in which an entry of the ledger can name several at once."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from packaging.version import Version

from ...adapters.ledger.conditions import like, within
from ..rows.records import Row
from ..rows.target_rows import parse_version

Versions = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Instance:
    """A target in some versions, its interpreter apart; in none where nothing is known of them."""

    target: str
    versions: Versions

    @property
    def framework(self) -> str:
        """What the target is a mode or a part of, which names the file of its entries."""
        return re.split(r"[-+]", self.target)[0]


@dataclass(frozen=True)
class Scope:
    """A pattern of targets and specifiers of versions, with the instances that they mean."""

    target: str
    versions: Versions
    instances: frozenset[Instance]


def instance_of(row: Row) -> Instance:
    """The target that gave a row, in its versions."""
    return Instance(row["target"].partition("@")[0], tuple(row["versions"].items()))


def scopes(instances: Collection[Instance], known: Collection[str]) -> list[Scope]:
    """Every way to name some of a framework's instances, the widest first; a pattern stands for no known target that is not among them."""
    whole = [*together(instances, known), *alone(instances)]
    parts = [part for scope in whole for part in spans(scope)]
    single = [exactly(each) for each in sorted(instances, key=str) if each.versions]
    return sorted([*whole, *parts, *single], key=lambda scope: -len(scope.instances))


def together(instances: Collection[Instance], known: Collection[str]) -> Iterator[Scope]:
    """All of a framework."""
    targets = {each.target for each in instances}
    pattern = f"{os.path.commonprefix(sorted(targets))}*"  # noqa: RUF071 names, not paths
    if len(targets) > 1 and {name for name in known if like(name, pattern)} <= targets:
        yield Scope(pattern, (), frozenset(instances))


def alone(instances: Collection[Instance]) -> Iterator[Scope]:
    """Each target."""
    for target in sorted({each.target for each in instances}):
        yield Scope(target, (), frozenset(each for each in instances if each.target == target))


def spans(scope: Scope) -> Iterator[Scope]:
    """A scope from some version of a distribution on, up to some other, or between two, for each distribution of which there are several."""
    for name in dict.fromkeys(name for each in sorted(scope.instances, key=str) for name, _ in each.versions):
        by_version: dict[Version, set[Instance]] = defaultdict(set)
        for each in scope.instances:
            if name in dict(each.versions):
                by_version[Version(parse_version(dict(each.versions)[name]).public)].add(each)
        ascending = sorted(by_version)
        for first, end in combinations(range(len(ascending) + 1), 2):
            if specifier := between(ascending, first, end):
                meant = frozenset[Instance]().union(*(by_version[each] for each in ascending[first:end]))
                yield Scope(scope.target, ((name, specifier),), meant)


def between(ascending: Sequence[Version], first: int, end: int) -> str | None:
    """The specifier of the versions from one to before another, by their places; none where these are all, or where none tells them."""
    bounds = [(">=", boundary(*ascending[first - 1 : first + 1])) if first else None]
    bounds += [("<", boundary(*ascending[end - 1 : end + 1])) if end < len(ascending) else None]
    told = [bound for bound in bounds if bound]
    return ",".join(f"{sign}{bound}" for sign, bound in told if bound) if all(bound for _, bound in told) else None


def boundary(older: Version, newer: Version) -> str | None:
    """The shortest version that specifiers put above an older one and not above a newer one: 2.18 for 2.15.1 and 2.18.1."""
    tried = (*heads(newer.base_version.split(".")), newer.public)
    return next((each for each in tried if within(older.public, f"<{each}") and within(newer.public, f">={each}")), None)


def heads(parts: Sequence[str]) -> Iterator[str]:
    """The beginnings of a version, the shortest first."""
    yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def exactly(instance: Instance) -> Scope:
    """One instance, by all of its versions."""
    return Scope(instance.target, tuple((name, f"=={version}") for name, version in instance.versions), frozenset({instance}))


def cover(wanted: Collection[Instance], others: Collection[Instance], among: Sequence[Scope]) -> Iterator[Scope]:
    """Scopes that mean all wanted instances and none of the others."""
    left, barred = set(wanted), set(others)
    for scope in among:
        if left & scope.instances and not barred & scope.instances:
            left -= scope.instances
            yield scope
