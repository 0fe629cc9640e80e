"""The judge: compares the answer of a target with what is expected, one finding for each attribute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from ..model.arithmetic import Array
from ..model.case import Case
from .answer import ACCEPTS, AGREES, ANSWERED, DIFFERS, REJECTS, UNSUPPORTED, Answer, Finding
from .due import due_of
from .tolerance import EXACT, Tolerance, gradient_tolerance, tolerance_of

NOTHING: Mapping[str, Answer] = MappingProxyType({})
TOLERANCES: Mapping[str, Callable[[Case], Tolerance]] = MappingProxyType({"values": tolerance_of, "gradient": gradient_tolerance})
"""How far off an attribute may be; others are compared exactly."""


def judge(case: Case, answer: Answer, other: Answer | None = None, separate_answers: Mapping[str, Answer] = NOTHING) -> list[Finding]:
    """Judge an answer.

    `other` is the answer of the same target to `case.due.equals`; `separate_answers` holds the answers to
    separate requests, by the attribute that they are about: gradient, inferred_shape.
    """
    if case.due.equals and answer.outcome == ACCEPTS and other is not None and other.outcome != ACCEPTS:
        answer = Answer(other.outcome, detail=f"{case.due.equals}: {other.detail}")
    if case.kind == "observe" and answer.outcome in ANSWERED:
        return judge_observation(answer)
    separate = [name for name in separate_answers if name not in case.attributes]
    findings = [judge_attribute(case, name, separate_answers.get(name, answer), other) for name in (*case.attributes, *separate)]
    return with_probe_value(case, findings, answer, separate_answers)


def judge_observation(answer: Answer) -> list[Finding]:
    """Findings of a case that expects nothing: what the target does is its answer."""
    findings = [Finding("acceptance", AGREES, None, answer.outcome, detail=answer.detail, cause=[])]
    if answer.output is not None:
        attributes = {"shape": answer.output.shape, "values": answer.output}
        findings += [Finding(name, AGREES, None, got, cause=[]) for name, got in attributes.items()]
    return findings


def judge_attribute(case: Case, attribute: str, answer: Answer, other: Answer | None) -> Finding:
    """Judge one attribute of an answer."""
    due = due_of(case, attribute, other)
    if answer.outcome not in ANSWERED:
        return Finding(attribute, answer.outcome, due, detail=answer.detail)
    if attribute == "acceptance":
        agrees = answer.outcome == due
        return Finding(attribute, AGREES if agrees else REJECTS, due, answer.outcome, detail=answer.detail, cause=[] if agrees else None)
    if answer.outcome == REJECTS:
        return Finding(attribute, REJECTS, due, detail=answer.detail)
    return compare(case, attribute, due, answer)


def compare(case: Case, attribute: str, due: Any, answer: Answer) -> Finding:
    """Compare one attribute that is expected and was answered."""
    got = attribute_of(attribute, answer)
    if attribute == "parameters" and got is None:
        return Finding(
            attribute, UNSUPPORTED, due, detail="the target has no layer for this operation, so there are no parameters to count"
        )
    if got is None:
        return Finding(attribute, DIFFERS, due, detail=f"the target gave no {attribute}")
    if attribute == "inferred_shape":
        return compare_inferred(due, got)
    if attribute in ("shape", "dtype", "parameters"):
        return compare_plain(attribute, due, got)
    return compare_cells(attribute, due, got, TOLERANCES[attribute](case) if attribute in TOLERANCES else EXACT)


def attribute_of(attribute: str, answer: Answer) -> Any:
    """What an answer has of one attribute, None if it has nothing."""
    match attribute:
        case "parameters":
            return answer.parameters
        case "shape" | "dtype" | "values":
            assert answer.output is not None
            return {"shape": answer.output.shape, "dtype": answer.output.dtype.name, "values": answer.output}[attribute]
    return answer.extra.get(attribute)


def compare_plain(attribute: str, due: Any, got: Any) -> Finding:
    """Compare two values that are equal or not."""
    if due == got:
        return Finding(attribute, AGREES, due, got, cause=[])
    return Finding(attribute, DIFFERS, due, got, detail=f"got {attribute} {got}, expected {due}")


def compare_inferred(due: tuple[int, ...], got: Array) -> Finding:
    """Compare a shape that was inferred without running; -1 stands for an unknown size."""
    shape = tuple(int(size) for size in got)
    unknown = shape.count(-1)
    detail = f"{unknown} of {len(shape)} sizes are unknown" if unknown else ""
    if len(shape) == len(due) and all(size in (-1, right) for size, right in zip(shape, due, strict=True)):
        return Finding("inferred_shape", AGREES, due, shape, detail=detail, cause=[])
    return replace(compare_plain("inferred_shape", due, shape), detail=f"inferred shape {shape}, expected {due}")


def compare_cells(attribute: str, due: Array, got: Array, tolerance: Tolerance) -> Finding:
    """Compare two arrays cell by cell within a tolerance."""
    if due.shape != got.shape:
        return Finding(attribute, DIFFERS, due, got, tolerance, f"got shape {got.shape}, expected {due.shape}")
    wrong = np.argwhere(~tolerance.same(due, got))
    if not len(wrong):
        return Finding(attribute, AGREES, due, got, tolerance, cause=[])
    first = tuple(wrong[0])
    detail = (
        f"{len(wrong)} of {due.size} cells differ, first at {wrong[0].tolist()}: got {got[first].item()!r}, expected {due[first].item()!r}"
    )
    return Finding(attribute, DIFFERS, due, got, tolerance, detail)


def with_probe_value(case: Case, findings: list[Finding], answer: Answer, separate_answers: Mapping[str, Answer]) -> list[Finding]:
    """The findings of a probe with the value of the axis whose answer the target gave, others unchanged."""
    if case.asks is None:
        return findings
    matching = [name for name, plain_case in case.cases_by_answer.items() if agrees_in_all(plain_case, answer, separate_answers)]
    if not matching:
        return findings
    name = matching[0]  # of the answers that a tolerance tells apart, an output is that of one or stands between them
    cause = None if name == getattr(case.reference, case.asks) else [[{"axis": case.asks, "value": name}]]
    detail = f"{case.asks}: {name}"
    return [replace(finding, detail=detail, probe_value=name, cause=[] if finding.verdict == AGREES else cause) for finding in findings]


def agrees_in_all(case: Case, answer: Answer, separate_answers: Mapping[str, Answer]) -> bool:
    """Whether a target gave everything that is expected of a case."""
    return all(judge_attribute(case, name, separate_answers.get(name, answer), None).verdict == AGREES for name in case.attributes)
