"""The judge: what a target gave beside what was due, one finding for each attribute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from .case import Case, Due
from .oracle import outcome
from .outcome import Outcome
from .tolerance import Tolerance, tolerance_of

Array = np.ndarray[Any, np.dtype[Any]]

AGREES, DIFFERS, REJECTS, UNSUPPORTED, CRASHES, TIMES_OUT, NOT_RUN = VERDICTS = (
    "agrees", "differs", "rejects", "unsupported", "crashes", "times_out", "not_run",
)  # fmt: skip
ATTEMPTED = frozenset({AGREES, DIFFERS, REJECTS, CRASHES, TIMES_OUT})


@dataclass(frozen=True, eq=False)
class Answer:
    """What a target made of one case.

    `outcome` is 'accepts' with an `output`, 'rejects' for an exception of the framework, or one of
    the verdicts without an answer: unsupported, crashes, times_out, not_run. `extra` holds further
    results by name.
    """

    outcome: str
    output: Array | None = None
    parameters: int | None = None
    detail: str = ""
    seconds: float = 0.0
    extra: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Finding:
    """The verdict on one attribute, with both sides of the comparison."""

    attribute: str
    verdict: str
    due: Any = None
    got: Any = None
    tolerance: Tolerance | None = None
    detail: str = ""
    cause: list[list[dict[str, str]]] | None = None


def judge(case: Case, answer: Answer, other: Answer | None = None) -> list[Finding]:
    """Judge an answer; `other` is what the same target gave for `case.due.equals`."""
    if case.due.equals and answer.outcome == "accepts" and other is not None and other.outcome != "accepts":
        answer = Answer(other.outcome, detail=f"{case.due.equals}: {other.detail}", seconds=answer.seconds)
    if answer.outcome not in ("accepts", "rejects"):
        return [Finding(name, answer.outcome, due_of(case, name, other), None, detail=answer.detail) for name in case.attributes]
    if case.kind == "observe":
        return observed(case, answer)
    if case.expected.invalid:
        verdict = AGREES if answer.outcome == "rejects" else REJECTS
        cause = [] if verdict == AGREES else cause_named(case, answer_named(case, answer.output))
        return [Finding("acceptance", verdict, "rejects", answer.outcome, detail=answer.detail, cause=cause)]
    if answer.outcome == "rejects":
        cause = cause_named(case, answer_named(case, None))
        return [Finding(name, REJECTS, due_of(case, name, other), "rejects" if name == "acceptance" else None, detail=answer.detail, cause=cause)
                for name in case.attributes]  # fmt: skip
    return [compare(case, name, answer, other) for name in case.attributes]


def observed(case: Case, answer: Answer) -> list[Finding]:
    """Nothing is due, so whatever the target does is its answer."""
    findings = [Finding("acceptance", AGREES, None, answer.outcome, detail=answer.detail, cause=[])]
    if answer.output is not None:
        findings += [
            Finding("shape", AGREES, None, answer.output.shape, cause=[]),
            Finding("values", AGREES, None, answer.output, cause=[]),
        ]
    return findings


def due_of(case: Case, attribute: str, other: Answer | None) -> Any:
    """What is due of one attribute."""
    output = due_output(case, other)
    match attribute:
        case "acceptance":
            return "rejects" if case.expected.invalid else "accepts"
        case "shape":
            return case.expected.output_shape if output is None else output.shape
        case "values":
            return output
        case "dtype":
            return case.expected.output_dtype or (oracle_outcome(case).output.dtype.name if "output" in case.expected.from_oracle else case.input.dtype)
    return getattr(oracle_outcome(case) if attribute in case.expected.from_oracle else case.expected, attribute)


def due_output(case: Case, other: Answer | None) -> Array | None:
    """The output that is due: another operation's, the oracle's, or written down."""
    if case.due.equals:
        return None if other is None else other.output
    return oracle_outcome(case).output if "output" in case.expected.from_oracle else case.expected.output


@lru_cache(maxsize=1024)
def oracle_outcome(case: Case) -> Outcome:
    """The oracle's answer under the rules of a case, once for all targets that are judged by it."""
    extra = {name: tensor.value for name, tensor in case.extra.items()}
    cotangent = extra.pop("cotangent", None) if "gradient" in case.attributes else None
    pool = replace(case.pool, data_format=case.layout)
    return outcome(case.input.value, pool, case.reference, batched=case.batched, cotangent=cotangent, extra=extra,
                   located="indices" in case.attributes)  # fmt: skip


def compare(case: Case, attribute: str, answer: Answer, other: Answer | None) -> Finding:
    """Compare one attribute of an answer that was due and given."""
    due = due_of(case, attribute, other)
    got = {"acceptance": "accepts", "parameters": answer.parameters}.get(attribute)
    if attribute in ("indices", "gradient"):
        return Finding(attribute, NOT_RUN, due, detail=f"{attribute} are not measured yet")
    if attribute == "parameters" and got is None:
        return Finding(attribute, UNSUPPORTED, due, detail="the target has no layer here whose parameters could be counted")
    assert answer.output is not None
    match attribute:
        case "shape":
            got = answer.output.shape
        case "dtype":
            got = answer.output.dtype.name
        case "values":
            return compare_values(case, due, answer.output)
    same = due == got
    return Finding(
        attribute,
        AGREES if same else DIFFERS,
        due,
        got,
        detail="" if same else f"{attribute} is {got}; {due} was due",
        cause=[] if same else None,
    )


def compare_values(case: Case, due: Array, got: Array) -> Finding:
    """Compare the cells of two arrays within the case's tolerance."""
    tolerance = tolerance_of(case)
    detail, cause = "", []
    if due.shape != got.shape:
        detail = f"shape is {got.shape}; {due.shape} was due"
    elif wrong := list(differing(due, got, tolerance)):
        detail = f"{len(wrong)} of {due.size} cells differ, first at {list(wrong[0])}: {got[wrong[0]].item()!r}; {due[wrong[0]].item()!r} was due"
    if named := answer_named(case, got):
        detail, cause = f"{case.asks}: {named}", cause_named(case, named) or []
    return Finding(
        "values",
        DIFFERS if cause or (detail and not named) else AGREES,
        due,
        got,
        tolerance,
        detail,
        cause or ([] if named or not detail else None),
    )


def answer_named(case: Case, got: Array | None) -> str | None:
    """The value of the asked axis whose answer a target gave; nothing is given where it refuses."""
    for name, due in case.answers.items():
        if due.invalid if got is None else alike(case, due, got):
            return name
    return None


def alike(case: Case, due: Due, got: Array) -> bool:
    """Whether an output has the shape that is due, and the same cells within the case's tolerance."""
    if due.output is None:
        return bool(due.output_shape == got.shape)
    return bool(due.output.shape == got.shape and not any(differing(due.output, got, tolerance_of(case))))


def cause_named(case: Case, named: str | None) -> list[list[dict[str, str]]] | None:
    """The change of the asked axis that a probe's answer shows, None where it shows none."""
    if named is None or case.asks is None or named == getattr(case.reference, case.asks):
        return None
    return [[{"axis": case.asks, "value": named}]]


def differing(due: Array, got: Array, tolerance: Tolerance) -> Iterator[tuple[int, ...]]:
    """The positions at which two arrays of one shape differ, in row-major order."""
    return (tuple(int(i) for i in at) for at in np.argwhere(~tolerance.same(due, got)))
