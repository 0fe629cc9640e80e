"""Targets in their versions, and the ways in which an entry of the ledger can name several at once."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from ..adapters._when import like
from .rows import Row

Versions = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Instance:
    """A target in some versions, its interpreter apart."""

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
    return [*together(instances, known), *alone(instances), *apart(instances)]


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


def apart(instances: Collection[Instance]) -> Iterator[Scope]:
    """Each target in one of several versions."""
    for each in instances:
        others = [other for other in instances if other.target == each.target and other != each]
        if others:
            yield Scope(each.target, (specifier(each, others),), frozenset({each}))


def specifier(instance: Instance, others: Sequence[Instance]) -> tuple[str, str]:
    """A distribution, and which versions of it tell an instance from the others of its target."""
    for name, version in instance.versions:
        versions = [dict(other.versions).get(name, version) for other in others]
        if version not in versions:
            return name, between(version, versions)
    raise ValueError(f"{instance.target} has rows of the same versions twice: {dict(instance.versions)}")


def between(version: str, others: Collection[str]) -> str:
    """The specifier of all versions up to the next one, or from one on, where that tells it from the others."""
    try:
        own, rest = Version(version), sorted(map(Version, others))
    except InvalidVersion:
        return f"=={version}"
    if own < rest[0]:
        return f"<{rest[0].public}"
    return f">={own.public}" if own > rest[-1] else f"=={own.public}"


def cover(wanted: Collection[Instance], others: Collection[Instance], among: Sequence[Scope]) -> Iterator[Scope]:
    """Scopes that mean all wanted instances and none of the others."""
    left, barred = set(wanted), set(others)
    for scope in among:
        if left & scope.instances and not barred & scope.instances:
            left -= scope.instances
            yield scope
