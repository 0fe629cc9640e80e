"""Selecting targets by name or pattern, in our own interpreter or in another one ('torch@path/to/python')."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property

from ...cases.model.case import TIERS, Case
from ..common.wildcards import matches_pattern
from ..contract import Adapter, Target
from ..parent.launch import Launch
from .find import AdapterEntry
from .groups import list_groups, select_members
from .other_interpreter import OtherInterpreter, UnknownTarget, inspect_interpreter
from .requirements import installed_versions, with_versions
from .version_names import versioned_names

LENT = "bfloat16"
"""A number type that NumPy has only with ml_dtypes."""

__all__ = ["SelectedTarget", "UnknownTarget", "match_names", "select_targets"]


@dataclass(frozen=True)
class SelectedTarget:
    """A selected target, and the interpreter that it runs in.

    Its `name` is what rows call it: 'torch', or 'torch@2.13.0' in another interpreter than ours, which is
    `elsewhere` then. `request` is the name with the interpreter: 'torch', or 'torch@path/to/python'.
    """

    name: str
    entry: AdapterEntry
    request: str
    interpreter: OtherInterpreter | None = None

    @property
    def adapter(self) -> Adapter:
        """The adapter that the target belongs to."""
        return self.entry.adapter

    @cached_property
    def target(self) -> Target:
        """The target, with the versions that are installed."""
        return with_versions(self.entry.target, self.versions)

    @property
    def versions(self) -> dict[str, str]:
        """The versions of the target's distributions and of NumPy."""
        return self.interpreter.versions_for(self.entry.target) if self.interpreter else installed_versions(self.entry.target)

    @property
    def launch(self) -> Launch:
        """What is needed to start the target's worker."""
        python = self.interpreter.python if self.interpreter else sys.executable
        return Launch(
            self.target, self.entry.where, python, "-".join(f"{name}-{version}" for name, version in self.target.versions.items())
        )

    def takes(self, case: Case, patterns: Collection[str] = ()) -> bool:
        """Whether the target is asked a case, of a type that NumPy has there.

        Where `patterns` selected the target it is asked every case; otherwise those of its tier, and those with its tag.
        """
        if self.limitation and case.input.dtype == LENT:
            return False
        return bool(patterns) or TIERS.index(case.tier) <= TIERS.index(self.target.tier) or self.target.tag in case.tags

    @property
    def limitation(self) -> str:
        """Which cases the target skips, and why; empty if none."""
        if self.interpreter is None or "ml_dtypes" in self.interpreter.modules:
            return ""
        return f"{self.name}: cases of type {LENT} skipped: module ml_dtypes is not installed there; to install: pip install ml_dtypes"


def select_targets(patterns: Sequence[str], entries: Mapping[str, AdapterEntry]) -> list[SelectedTarget]:
    """Select targets by patterns, in their order, each once; raises `UnknownTarget`.

    A pattern is the name of a target or of a group, or has the wildcards * and ?. It may end in @ and an interpreter.
    """
    groups = list_groups(entries)
    selected_targets: dict[tuple[str, str], SelectedTarget] = {}
    for pattern in patterns:
        name, at, python = pattern.partition("@")
        matches = match_names(name, entries, groups)
        interpreter = inspect_interpreter(pattern, python, entries.values()) if at else None
        for match in interpreter.installed_targets(pattern, [entries[match].target for match in matches]) if interpreter else matches:
            target = SelectedTarget(match, entries[match], match + at + python, interpreter)
            selected_targets.setdefault((match, target.launch.python if at else ""), target)
    names = distinct_names([target for target in selected_targets.values() if target.interpreter])
    return [replace(target, name=names.get(target.request, target.name)) for target in selected_targets.values()]


def distinct_names(targets: Sequence[SelectedTarget]) -> dict[str, str]:
    """Names for targets of other interpreters that contain their versions, by `request`; raises `UnknownTarget` if two have the same versions."""
    requests_by_name: dict[str, str] = {}
    for target, name in zip(targets, versioned_names([(target.name, target.versions) for target in targets]), strict=True):
        other = requests_by_name.setdefault(name, target.request)
        if other != target.request:
            both = ", ".join(f"{name} {version}" for name, version in target.versions.items())
            raise UnknownTarget(
                f"--target {other} and --target {target.request}: both have {both}, so their rows could not be distinguished; "
                "expected interpreters with different versions"
            )
    return {request: name for name, request in requests_by_name.items()}


def match_names(pattern: str, names: Iterable[str], groups: Mapping[str, Collection[str]]) -> list[str]:
    """The names that a pattern selects: the name that it is equal to, or else those of that group, or else all that it matches.

    Raises `UnknownTarget` if there are none.
    """
    names = list(names)
    if pattern in names:
        return [pattern]
    if matches := select_members(groups.get(pattern, ()), names) or [name for name in names if matches_pattern(name, pattern)]:
        return matches
    near = get_close_matches(pattern, [*names, *groups], n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    choices = [", ".join(names), *([f"a group ({', '.join(groups)})"] if groups else []), "or a pattern with * and ?"]
    raise UnknownTarget(f"--target {pattern}: no such target{hint}; expected one of {', '.join(choices)}")
