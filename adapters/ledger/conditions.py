"""The conditions under which an entry of the ledger holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from packaging.specifiers import SpecifierSet


@dataclass(frozen=True)
class When:
    """Conditions, of which all that are given must be met.

    `versions` has a specifier for each distribution it names, `dtype` lists types of the input and `rank`
    numbers of its spatial axes, `platform` is a pattern, and the processor must have every extension
    under `cpu`.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    dtype: tuple[str, ...] = ()
    rank: tuple[int, ...] = ()
    platform: str = "*"
    cpu: tuple[str, ...] = ()

    def among(self, versions: Mapping[str, str]) -> bool:
        """Whether versions are as they must be; one that is not there, or that cannot be read, is not."""
        return all(within(versions.get(name, ""), each) for name, each in self.versions.items())

    def of(self, dtype: str, rank: int) -> bool:
        """Whether the type of an input and its number of spatial axes are as they must be."""
        return (not self.dtype or dtype in self.dtype) and (not self.rank or rank in self.rank)

    def on(self, platform: str, cpu: frozenset[str]) -> bool:
        """Whether a machine is as it must be."""
        return like(platform, self.platform) and cpu.issuperset(self.cpu)


ALWAYS = When()


def within(version: str, specifier: str) -> bool:
    """Whether a version, before its release or after it, is one of those that a specifier means."""
    return SpecifierSet(specifier).contains(version, prereleases=True)


def like(text: str, pattern: str) -> bool:
    """Whether a text fits a pattern in which only '*' and '?' are wild."""
    return text == pattern or fnmatchcase(text, pattern.replace("[", "[[]"))


def wild(pattern: str) -> bool:
    """Whether a pattern can fit more than one text."""
    return "*" in pattern or "?" in pattern
