"""Installed versions of frameworks whose answers the ledger does not know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from packaging.version import InvalidVersion, Version

from ..targets.choose import SelectedTarget


def describe_unknown_versions(targets: Iterable[SelectedTarget]) -> list[str]:
    """A message for each version that the ledger does not know, once for all targets that have it."""
    return list(dict.fromkeys(text for target in targets for text in describe_versions_of(target)))


def describe_versions_of(target: SelectedTarget) -> Iterator[str]:
    """The messages of one target."""
    for name, releases in target.adapter.ledger_versions.items():
        version = target.versions.get(name)
        if version is not None and not any(is_of_release(version, release) for release in releases):
            yield (
                f"{name} {version}: the ledger knows {', '.join(releases)}; the answers of {nearest_release(version, releases)} are expected, "
                "and others count as unexpected"
            )


def is_of_release(version: str, release: str) -> bool:
    """Whether a version is a release, or one of its patches: 2.21.1 is of 2.21."""
    return version == release or version.startswith((f"{release}.", f"{release}+"))


def nearest_release(version: str, releases: Sequence[str]) -> str:
    """The release whose answers are expected of a version: the last one before it, or the first of all where there is none."""
    try:
        own = Version(version)
    except InvalidVersion:  # no condition on versions holds for it
        return releases[0]
    return max((release for release in releases if Version(release) <= own), key=Version, default=releases[0])
