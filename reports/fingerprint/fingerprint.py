"""The fingerprint of every target in some rows: what it does on each axis, and where that depends on the context.

As JSON it has the keys of the rows' header, and `targets`, each with its `versions`, its `axes`, and the
cases it `refused` for no reason that is known. An axis has a `value` (one of the axis, several joined by
' or ' where no case tells them apart, 'unexplained', 'mixed', 'not applicable' where the target has no
such parameter, 'not measured') and `parts`: the `values` that hold in some places, the `evidence` (asked
by a probe, explained as the cause of a difference, or held where a case pins it), and `where`: a mapping
of the keys of the context by which the places are told apart, and the `case` that shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...cases.judge.answer import UNSUPPORTED
from ...cases.judge.fingerprint import (
    ASKED,
    EXPLAINED,
    HELD,
    KEYS,
    UNEXPLAINED,
    Fingerprint,
    Measured,
    Observation,
    Part,
    Place,
    fit_fingerprint,
    place,
)
from ...cases.model.rules import AXIS_VALUES
from ..rows.records import CaseLine, Header, Json, Row, Rows
from .evidence import TYPE, asked_by_target, context_of, observations, refused, taken

NOT_APPLICABLE, NOT_MEASURED, MIXED = "not applicable", "not measured", "mixed"
EVIDENCE = {ASKED: "asked", EXPLAINED: "explained", HELD: "held"}


@dataclass(frozen=True)
class TargetFingerprint:
    """A target's fingerprint; `absent` has the axes for which it has no parameter, `refused` the probes that it refused without a cause."""

    target: str
    versions: Mapping[str, str]
    found: Fingerprint
    absent: frozenset[str] = frozenset()
    refused: Mapping[Place, str] = field(default_factory=dict)

    def measured(self, axis: str) -> Measured:
        """An axis, without parts where it was not measured."""
        return self.found.axes.get(axis, Measured((), ()))

    def parts(self, axis: str) -> tuple[Part, ...]:
        """All that an axis is in different places."""
        measured = self.measured(axis)
        return (*measured.parts, *measured.torn)

    def unexplained(self, axis: str) -> bool:
        """Whether somewhere an answer was none of those that the axis knows."""
        return any(UNEXPLAINED in part.values for part in self.parts(axis))

    def word(self, axis: str) -> str:
        """What the target does on an axis, in a word or two."""
        parts = self.parts(axis)
        if not parts:
            return NOT_APPLICABLE if axis in self.absent else NOT_MEASURED
        return MIXED if len(parts) > 1 else " or ".join(parts[0].words(axis))


def derive_fingerprints(rows: Rows) -> dict[str, TargetFingerprint]:
    """Each target's fingerprint, from rows alone."""
    asked = {target: answered for target, answered in asked_by_target(rows).items() if answered}
    told = {target: [each for line, rows in answered for each in observations(line, rows)] for target, answered in asked.items()}
    if any(each.axis == TYPE for seen in told.values() for each in seen):  # what some take says something beside what others do not
        told = {target: [*seen, *(each for case in asked[target] for each in taken(*case))] for target, seen in told.items()}
    return {target: print_of(target, answered, told[target]) for target, answered in asked.items()}


def print_of(target: str, answered: Sequence[tuple[CaseLine, Sequence[Row]]], told: Iterable[Observation]) -> TargetFingerprint:
    """One target's fingerprint, from the lines and rows of the cases that it was asked and what they say."""
    lost = {place(context_of(line, rows[0], rows), KEYS): line["case"] for line, rows in answered if line["asks"] and refused(rows)}
    return TargetFingerprint(target, answered[0][1][0]["versions"], fit_fingerprint(told), frozenset(absent(answered)), lost)


def absent(answered: Sequence[tuple[CaseLine, Sequence[Row]]]) -> Iterator[str]:
    """The axes none of whose probes the target could be asked."""
    asked: dict[str, bool] = {}
    for line, rows in answered:
        if line["asks"]:
            unsupported = any(row["verdict"] == UNSUPPORTED for row in rows)
            asked[line["asks"]] = asked.get(line["asks"], True) and unsupported
    return (axis for axis, unsupported in asked.items() if unsupported)


def document(prints: Mapping[str, TargetFingerprint], header: Header) -> Json:
    """Fingerprints as JSON."""
    told = {key: header.get(key) for key in ("suite", "started", "platform", "machine", "cpu_features")}
    return {**told, "targets": {name: target(each) for name, each in prints.items()}}


def target(each: TargetFingerprint) -> Json:
    """One target's fingerprint as JSON."""
    return {
        "versions": dict(each.versions),
        "axes": {axis: {"value": each.word(axis), "parts": [part(axis, one) for one in each.parts(axis)]} for axis in AXIS_VALUES},
        "refused": [{**dict(here), "case": case} for here, case in each.refused.items()],
    }


def part(axis: str, each: Part) -> dict[str, Any]:
    """What holds of an axis in some places, as JSON."""
    where = [{**dict(here), "case": case} for here, case in each.shown.items()]
    return {"values": list(each.words(axis)), "evidence": EVIDENCE[each.weight], "where": where}
