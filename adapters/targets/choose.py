"""Selecting targets by name or pattern, in our own interpreter or in another one ('torch@path/to/python')."""

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
from .other_interpreter import OtherInterpreter, UnknownTarget, inspect_interpreter
from .version_names import versioned_names

LENT = "bfloat16"
"""A number type that NumPy has only with ml_dtypes."""

__all__ = ["Chosen", "UnknownTarget", "match_names", "select_targets"]


@dataclass(frozen=True)
class Chosen:
    """A selected target, and the interpreter that it runs in.

    Its `name` is what rows call it: 'torch', or 'torch@2.13.0' in another interpreter than ours, which is
    `elsewhere` then. `requested` is the name with the interpreter: 'torch', or 'torch@path/to/python'.
    """

    name: str
    found: Found
    requested: str
    elsewhere: OtherInterpreter | None = None

    @property
    def adapter(self) -> Adapter:
        """The adapter that the target belongs to."""
        return self.found.adapter

    @cached_property
    def target(self) -> Target:
        """The target, with the versions that are installed."""
        return replace(self.found.target, versions=self.versions)

    @property
    def versions(self) -> dict[str, str]:
        """The versions of the target's distributions and of NumPy."""
        return self.elsewhere.versions_for(self.found.target) if self.elsewhere else versions_of(self.found.target.all_distributions)

    @property
    def launch(self) -> Launch:
        """What is needed to start the target's worker."""
        return Launch(self.found.target, self.found.where, self.elsewhere.python if self.elsewhere else sys.executable)

    def takes(self, case: Case, patterns: Collection[str] = ()) -> bool:
        """Whether the target runs a case: one of its tier, or of any tier if the target is selected by name, of a type that NumPy has there."""
        if self.limitation and case.input.dtype == LENT:
            return False
        return self.requested in patterns or TIERS.index(case.tier) <= TIERS.index(self.target.tier)

    @property
    def limitation(self) -> str:
        """Which cases the target skips, and why; empty if none."""
        if self.elsewhere is None or "ml_dtypes" in self.elsewhere.modules:
            return ""
        return f"{self.name}: cases of type {LENT} skipped: module ml_dtypes is not installed there; to install: pip install ml_dtypes"


def select_targets(patterns: Sequence[str], found: Mapping[str, Found]) -> list[Chosen]:
    """Select targets by patterns, in their order, each once; raises `UnknownTarget`.

    A pattern is the name of a target, or has the wildcards * and ?. It may end in @ and an interpreter.
    """
    chosen: dict[tuple[str, str], Chosen] = {}
    for pattern in patterns:
        name, at, python = pattern.partition("@")
        matches = match_names(name, found)
        elsewhere = inspect_interpreter(pattern, python, found.values()) if at else None
        for match in elsewhere.installed_targets(pattern, [found[match].target for match in matches]) if elsewhere else matches:
            target = Chosen(match, found[match], match + at + python, elsewhere)
            chosen.setdefault((match, target.launch.python if at else ""), target)
    names = distinct_names([target for target in chosen.values() if target.elsewhere])
    return [replace(target, name=names.get(target.requested, target.name)) for target in chosen.values()]


def distinct_names(chosen: Sequence[Chosen]) -> dict[str, str]:
    """Names for targets of other interpreters that contain their versions, by `requested`; raises `UnknownTarget` if two have the same versions."""
    requested: dict[str, str] = {}
    for target, name in zip(chosen, versioned_names([(target.name, target.versions) for target in chosen]), strict=True):
        other = requested.setdefault(name, target.requested)
        if other != target.requested:
            both = ", ".join(f"{name} {version}" for name, version in target.versions.items())
            raise UnknownTarget(
                f"--target {other} and --target {target.requested}: both have {both}, so their rows could not be distinguished; "
                "expected interpreters with different versions"
            )
    return {request: name for name, request in requested.items()}


def match_names(pattern: str, names: Iterable[str]) -> list[str]:
    """The names that a pattern selects: the name that it is equal to, or else all that it matches; raises `UnknownTarget`."""
    names = list(names)
    if pattern in names:
        return [pattern]
    wild = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))
    if matches := [name for name in names if wild.fullmatch(name)]:
        return matches
    near = get_close_matches(pattern, names, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise UnknownTarget(f"--target {pattern}: no such target{hint}; expected one of {', '.join(names)}, or a pattern with * and ?")
