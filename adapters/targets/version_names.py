"""Names for one target in several versions: 'jax@0.4.35' and 'jax@0.10.2'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Versions = Mapping[str, str]
"""The versions of a target's distributions; the first is that of the framework."""


def without_version(name: str) -> str:
    """A target's name without its version."""
    return name.partition("@")[0]


def names_beside_other_runs(runs: Sequence[Mapping[str, Versions]]) -> list[dict[str, str]]:
    """For each of several runs, new names for its targets: with a version where the runs have different ones, and unchanged otherwise."""
    versions_by_target: dict[str, list[Versions]] = {}
    for name, versions in ((without_version(name), versions) for run in runs for name, versions in run.items()):
        if versions not in versions_by_target.setdefault(name, []):
            versions_by_target[name].append(versions)
    names = {
        name: versioned_names([(name, versions) for versions in several])
        for name, several in versions_by_target.items()
        if len(several) > 1
    }
    return [{name: name_beside(name, versions, versions_by_target, names) for name, versions in run.items()} for run in runs]


def name_beside(
    name: str, versions: Versions, versions_by_target: Mapping[str, Sequence[Versions]], names: Mapping[str, Sequence[str]]
) -> str:
    """The name of a target beside other runs: with its version if they have other ones."""
    short = without_version(name)
    return names[short][versions_by_target[short].index(versions)] if short in names else name


def versioned_names(targets: Sequence[tuple[str, Versions]]) -> list[str]:
    """A name for each target with its framework's version, and with further versions where two would get the same name."""
    short = [f"{without_version(name)}@{next(iter(versions.values()))}" for name, versions in targets]
    groups: dict[str, list[Versions]] = {}
    for name, (_, versions) in zip(short, targets, strict=True):
        groups.setdefault(name, []).append(versions)
    return [",".join((name, *distinguishing_versions(versions, groups[name]))) for name, (_, versions) in zip(short, targets, strict=True)]


def distinguishing_versions(versions: Versions, others: Sequence[Versions]) -> Iterator[str]:
    """The versions that differ among several targets, as 'jax=0.4.35'."""
    for name, version in versions.items():
        if any(other.get(name) != version for other in others):
            yield f"{name}={version}"
