"""Fingerprints side by side: the axes on which targets differ, those on which all agree, and the rules that depend on the context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ...cases.model.rules import AXES, AXIS_VALUES
from .fingerprint import MIXED, NOT_APPLICABLE, NOT_MEASURED, TargetFingerprint
from .wording import describe_contexts, describe_dependence

UNKNOWN = (NOT_APPLICABLE, NOT_MEASURED)


@dataclass(frozen=True)
class Comparison:
    """The fingerprints of some targets, by target, to be shown side by side."""

    prints: Mapping[str, TargetFingerprint]

    @cached_property
    def shared_rules(self) -> dict[str, str]:
        """The rule of each axis on which all targets that have the axis agree in every context; empty for a single target."""
        if len(self.prints) == 1:
            return {}
        words = {
            axis: {describe_dependence(target, axis) or target.word(axis) for target in self.prints.values()} - {*UNKNOWN}
            for axis in AXIS_VALUES
        }
        return {
            axis: next(iter(rules))
            for axis, rules in words.items()
            if len(rules) == 1 and not any(target.word(axis) == MIXED for target in self.prints.values())
        }

    @cached_property
    def unknown(self) -> list[str]:
        """The axes that were measured on no target."""
        return [axis for axis in AXIS_VALUES if all(target.word(axis) in UNKNOWN for target in self.prints.values())]

    @cached_property
    def differing_axes(self) -> list[str]:
        """All other axes."""
        return [axis for axis in AXIS_VALUES if axis not in self.shared_rules and axis not in self.unknown]

    @cached_property
    def columns(self) -> list[list[str]]:
        """The targets in groups that follow the same rules on all axes that differ."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for name, target in self.prints.items():
            rules = tuple(f"{target.word(axis)} {describe_dependence(target, axis)}" for axis in self.differing_axes)
            groups.setdefault(rules, []).append(name)
        return list(groups.values())

    @cached_property
    def contexts(self) -> dict[str, dict[str, list[str]]]:
        """For each axis that depends on the context: each dependence in words, with its targets."""
        dependences: dict[str, dict[str, list[str]]] = {}
        for axis in self.differing_axes:
            for name, target in self.prints.items():
                if text := describe_dependence(target, axis):
                    dependences.setdefault(axis, {}).setdefault(text, []).append(name)
        return dependences

    @cached_property
    def meanings(self) -> dict[str, dict[str, str]]:
        """For each axis that differs: the phrase of each value that occurs."""
        phrases = {}
        for axis in self.differing_axes:
            values = {value for target in self.prints.values() for part in target.parts(axis) for value in part.words(axis)}
            phrases[axis] = {name: value.phrase for name, value in AXES[axis].values.items() if name in values}
        return phrases

    @cached_property
    def unexplained_refusals(self) -> dict[str, str]:
        """For each target that refused probes without a known cause: the contexts."""
        return {name: describe_contexts(target.refusals, target.refusals) for name, target in self.prints.items() if target.refusals}
