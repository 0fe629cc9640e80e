"""What is expected of each attribute of a case: as written, from the oracle, or from another operation."""

from __future__ import annotations

from typing import Any

from ..model.arithmetic import Array
from ..model.case import Case
from ..model.operation import Result
from ..oracle.definition import outcome
from .answer import ACCEPTS, REJECTS, Answer
from .memo import keep_results


def due_of(case: Case, attribute: str, other: Answer | None = None) -> Any:
    """What is expected of one attribute; `other` is the answer of the same target to `case.due.equals`."""
    expected = case.reference_due
    output: Any = due_output(case, other)
    match attribute:
        case "acceptance":
            return REJECTS if expected.invalid else ACCEPTS
        case "shape" | "inferred_shape":
            return expected.output_shape if output is None else output.shape
        case "values":
            return output
        case "dtype":
            return expected.output_dtype or output.dtype.name
    return getattr(oracle_outcome(case) if attribute in expected.from_oracle else expected, attribute)


def due_output(case: Case, other: Answer | None) -> Array | None:
    """The expected output."""
    if case.due.equals:
        return None if other is None else other.output
    return oracle_outcome(case).output if "output" in case.reference_due.from_oracle else case.reference_due.output


@keep_results
def oracle_outcome(case: Case) -> Result:
    """The oracle's result under the rules of a case, cached for all targets that are judged by it."""
    extra = {name: tensor.value for name, tensor in case.extra.items()}
    cotangent = extra.pop("cotangent") if "gradient" in case.attributes else None
    pool = case.stated_pool
    with_indices = "indices" in case.attributes
    return outcome(case.input.value, pool, case.reference, batched=case.batched, cotangent=cotangent, extra=extra, located=with_indices)
