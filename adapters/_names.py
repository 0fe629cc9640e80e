"""Names that tell one target in several versions apart: 'jax@0.4.35' and 'jax@0.10.2'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Versions = Mapping[str, str]
"""The versions of all that takes part in a target, first of what it is named after."""


def plain(name: str) -> str:
    """A target's name without its version."""
    return name.partition("@")[0]


def names_of(targets: Sequence[tuple[str, Versions]]) -> list[str]:
    """A name for each target in its versions: with the first of them, and with what else sets it apart where others share that."""
    short = [f"{plain(name)}@{next(iter(versions.values()))}" for name, versions in targets]
    shared: dict[str, list[Versions]] = {}
    for name, (_, versions) in zip(short, targets, strict=True):
        shared.setdefault(name, []).append(versions)
    return [",".join((name, *further(each, shared[name]))) for name, (_, each) in zip(short, targets, strict=True)]


def further(versions: Versions, among: Sequence[Versions]) -> Iterator[str]:
    """Those of some versions that are not the same in all of several, as 'jax=0.4.35'."""
    for name, version in versions.items():
        if any(each.get(name) != version for each in among):
            yield f"{name}={version}"
