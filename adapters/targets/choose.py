"""Choosing targets: by name or pattern, in our own interpreter or in another one after an '@'."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property

from ...cases.model.case import TIERS, Case
from ..common.inspection import versions_of
from ..contract import Adapter, Target
from ..parent.launch import Launch
from .find import Found
from .other_interpreter import Elsewhere, UnknownTarget, inspect_interpreter
from .version_names import versioned_names

LENT = "bfloat16"
"""A type that NumPy has only where ml_dtypes is."""

__all__ = ["Chosen", "UnknownTarget", "match_names", "select_targets"]


@dataclass(frozen=True)
class Chosen:
    """A target that is to run, and the interpreter.

    Its `name` is what rows call it: 'torch', or 'torch@2.13.0' in another interpreter than ours, which is
    `elsewhere` then. `asked` is what it was asked for by: 'torch', or 'torch@path/to/python'.
    """

    name: str
    found: Found
    asked: str
    elsewhere: Elsewhere | None = None

    @property
    def adapter(self) -> Adapter:
        """The adapter of the target."""
        return self.found.adapter

    @cached_property
    def target(self) -> Target:
        """The target itself, in the versions that are there."""
        return replace(self.found.target, versions=self.versions)

    @property
    def versions(self) -> dict[str, str]:
        """The versions of all that takes part."""
        return self.elsewhere.taking_part(self.found.target) if self.elsewhere else versions_of(self.found.target.all_distributions)

    @property
    def launch(self) -> Launch:
        """How to start its worker."""
        return Launch(self.found.target, self.found.where, self.elsewhere.python if self.elsewhere else sys.executable)

    def takes(self, case: Case, asked: Collection[str] = ()) -> bool:
        """Whether it is asked a case: one of its tier, or any if it is asked for by name, whose numbers NumPy has there."""
        if self.narrow and case.input.dtype == LENT:
            return False
        return self.asked in asked or TIERS.index(case.tier) <= TIERS.index(self.target.tier)

    @property
    def narrow(self) -> str:
        """Why it is not asked everything, in words; nothing where it is."""
        if self.elsewhere is None or "ml_dtypes" in self.elsewhere.modules:
            return ""
        return f"{self.name}: cases of type {LENT} skipped: module ml_dtypes is not installed there; to install: pip install ml_dtypes"


def select_targets(patterns: Sequence[str], found: Mapping[str, Found]) -> list[Chosen]:
    """The targets that are asked for, in that order, each once; or `UnknownTarget`.

    A pattern is a target's name, or one with * and ? in it, and may end in @ and an interpreter.
    """
    chosen: dict[tuple[str, str], Chosen] = {}
    for pattern in patterns:
        name, at, python = pattern.partition("@")
        matches = match_names(name, found)
        elsewhere = inspect_interpreter(pattern, python, found.values()) if at else None
        for match in elsewhere.having(pattern, [found[match].target for match in matches]) if elsewhere else matches:
            each = Chosen(match, found[match], match + at + python, elsewhere)
            chosen.setdefault((match, each.launch.python if at else ""), each)
    names = distinct_names([each for each in chosen.values() if each.elsewhere])
    return [replace(each, name=names.get(each.asked, each.name)) for each in chosen.values()]


def distinct_names(chosen: Sequence[Chosen]) -> dict[str, str]:
    """Targets of other interpreters, by what they were asked for by, under names that tell them apart; `UnknownTarget` where nothing does."""
    told: dict[str, str] = {}
    for each, name in zip(chosen, versioned_names([(each.name, each.versions) for each in chosen]), strict=True):
        other = told.setdefault(name, each.asked)
        if other != each.asked:
            both = ", ".join(f"{name} {version}" for name, version in each.versions.items())
            raise UnknownTarget(
                f"--target {other} and --target {each.asked}: both have {both}, so their rows could not be distinguished; "
                "expected interpreters with different versions"
            )
    return {asked: name for name, asked in told.items()}


def match_names(pattern: str, names: Iterable[str]) -> list[str]:
    """The names that a pattern means: the one that it is, or else all that it matches."""
    names = list(names)
    if pattern in names:
        return [pattern]
    wild = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))
    if matches := [name for name in names if wild.fullmatch(name)]:
        return matches
    near = get_close_matches(pattern, names, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise UnknownTarget(f"--target {pattern}: no such target{hint}; expected one of {', '.join(names)}, or a pattern with * and ?")
