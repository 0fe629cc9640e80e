"""The fingerprints of the targets in some rows: the rule of each on every axis, and how it depends on the context.

As JSON it has the keys of the rows' header, and `targets`, each with its `versions`, its `axes`, and the
cases it `refused` for an unknown reason. An axis has a `value` (one of the axis, several joined by
' or ' where no case separates them, 'unexplained', 'mixed', 'not applicable' where the target has no
such parameter, 'not measured') and `parts`: the `values` that hold in some places, the `evidence` (asked
by a probe, explained as the cause of a difference, or held where a case pins it), and `where`: a mapping
of the keys of the context by which the places are told apart, and the `case` that shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...cases.judge.answer import UNSUPPORTED
from ...cases.judge.fingerprint import (
    ASKED,
    EXPLAINED,
    HELD,
    KEYS,
    UNEXPLAINED,
    Fingerprint,
    MeasuredAxis,
    Observation,
    Part,
    Place,
    fit_fingerprint,
    place,
)
from ...cases.model.rules import AXIS_VALUES
from ..rows.records import CaseLine, Header, Json, Row, Rows
from .evidence import TYPE, find_context, group_by_target, is_refused, observe_accepted_type, observe_answer

NOT_APPLICABLE, NOT_MEASURED, MIXED = "not applicable", "not measured", "mixed"
EVIDENCE = {ASKED: "asked", EXPLAINED: "explained", HELD: "held"}


@dataclass(frozen=True)
class TargetFingerprint:
    """The fingerprint of a target; `absent` are the axes for which it has no parameter, `refusals` the probes that it refused for an unknown reason."""

    target: str
    versions: Mapping[str, str]
    fit: Fingerprint
    absent: frozenset[str] = frozenset()
    refusals: Mapping[Place, str] = field(default_factory=dict)

    def measurement(self, axis: str) -> MeasuredAxis:
        """The measurement of an axis, without parts where there is none."""
        return self.fit.axes.get(axis, MeasuredAxis((), ()))

    def parts(self, axis: str) -> tuple[Part, ...]:
        """The parts of an axis: the rules in different contexts."""
        measurement = self.measurement(axis)
        return (*measurement.parts, *measurement.torn)

    def unexplained(self, axis: str) -> bool:
        """Whether some answer was none of those that the axis has."""
        return any(UNEXPLAINED in part.values for part in self.parts(axis))

    def word(self, axis: str) -> str:
        """The rule of the target on an axis, by the names of its values."""
        parts = self.parts(axis)
        if not parts:
            return NOT_APPLICABLE if axis in self.absent else NOT_MEASURED
        return MIXED if len(parts) > 1 else " or ".join(parts[0].words(axis))


def derive_fingerprints(rows: Rows) -> dict[str, TargetFingerprint]:
    """The fingerprint of each target, from rows only."""
    cases = {target: case_rows for target, case_rows in group_by_target(rows).items() if case_rows}
    observations_by_target = {
        target: [observation for line, rows_of_case in case_rows for observation in observe_answer(line, rows_of_case)]
        for target, case_rows in cases.items()
    }
    if any(observation.axis == TYPE for observations in observations_by_target.values() for observation in observations):
        # where some target refuses a type, that others accept it is worth recording
        for target, observations in observations_by_target.items():
            observations += [observation for case_rows in cases[target] for observation in observe_accepted_type(*case_rows)]
    return {target: derive_fingerprint(target, case_rows, observations_by_target[target]) for target, case_rows in cases.items()}


def derive_fingerprint(
    target: str, case_rows: Sequence[tuple[CaseLine, Sequence[Row]]], observations: Iterable[Observation]
) -> TargetFingerprint:
    """The fingerprint of one target, from the lines and rows of its cases and the observations of them."""
    refusals = {
        place(find_context(line, rows[0], rows), KEYS): line["case"] for line, rows in case_rows if line["asks"] and is_refused(rows)
    }
    versions = case_rows[0][1][0]["versions"]
    return TargetFingerprint(target, versions, fit_fingerprint(observations), frozenset(find_absent_axes(case_rows)), refusals)


def find_absent_axes(case_rows: Sequence[tuple[CaseLine, Sequence[Row]]]) -> Iterator[str]:
    """The axes of which the target supports no probe."""
    absent: dict[str, bool] = {}
    for line, rows in case_rows:
        if line["asks"]:
            unsupported = any(row["verdict"] == UNSUPPORTED for row in rows)
            absent[line["asks"]] = absent.get(line["asks"], True) and unsupported
    return (axis for axis, unsupported in absent.items() if unsupported)


def fingerprints_as_json(prints: Mapping[str, TargetFingerprint], header: Header) -> Json:
    """Fingerprints as JSON, with the header of the run."""
    run = {key: header.get(key) for key in ("suite", "started", "platform", "machine", "cpu_features")}
    return {**run, "targets": {name: target_as_json(target) for name, target in prints.items()}}


def target_as_json(target: TargetFingerprint) -> Json:
    """One fingerprint as JSON."""
    return {
        "versions": dict(target.versions),
        "axes": {
            axis: {"value": target.word(axis), "parts": [part_as_json(axis, part) for part in target.parts(axis)]} for axis in AXIS_VALUES
        },
        "refused": [{**dict(context), "case": case} for context, case in target.refusals.items()],
    }


def part_as_json(axis: str, part: Part) -> Json:
    """The rule of an axis in some contexts as JSON."""
    contexts = [{**dict(context), "case": case} for context, case in part.cases_by_place.items()]
    return {"values": list(part.words(axis)), "evidence": EVIDENCE[part.weight], "where": contexts}
