"""The conditions under which an entry of the ledger holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from packaging.specifiers import SpecifierSet

from ..common.wildcards import matches_pattern


@dataclass(frozen=True)
class When:
    """Conditions, all of which must be met.

    `versions` maps distributions to specifiers, `dtype` lists types of the input and `rank` numbers of its
    spatial axes, `platform` is a pattern, and the processor must have every extension in `cpu` and none in `not_cpu`.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    dtype: tuple[str, ...] = ()
    rank: tuple[int, ...] = ()
    platform: str = "*"
    cpu: tuple[str, ...] = ()
    not_cpu: tuple[str, ...] = ()

    def among(self, versions: Mapping[str, str]) -> bool:
        """Whether these versions meet the condition; a version that is missing or invalid does not."""
        return all(is_version_in(versions.get(name, ""), specifier) for name, specifier in self.versions.items())

    def of(self, dtype: str, rank: int) -> bool:
        """Whether the type of an input and its number of spatial axes meet the condition."""
        return (not self.dtype or dtype in self.dtype) and (not self.rank or rank in self.rank)

    def on(self, platform: str, cpu: frozenset[str]) -> bool:
        """Whether a machine meets the condition."""
        return matches_pattern(platform, self.platform) and cpu.issuperset(self.cpu) and cpu.isdisjoint(self.not_cpu)


ALWAYS = When()


def is_version_in(version: str, specifier: str) -> bool:
    """Whether a specifier includes a version, pre-releases allowed."""
    return SpecifierSet(specifier).contains(version, prereleases=True)
