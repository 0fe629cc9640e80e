"""Asking again: an answer that no rule explains may be different each time, as memory is that was never written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...cases.judge.answer import ACCEPTS, DIFFERS, Answer, Finding
from ...cases.model.arithmetic import Array
from ...cases.model.case import Case

TIMES = 8
"""So many times a question is asked again."""
QUICK = 1.0
"""Seconds that an answer may take whose question is asked again."""
NUMBERS = ("values", "indices", "gradient")
"""The attributes that are arrays of numbers."""


def is_worth_repeating(case: Case, finding: Finding, answer: Answer) -> bool:
    """Whether a finding is numbers that nothing explains, for a question that can quickly be asked again."""
    return (
        finding.verdict == DIFFERS
        and finding.attribute in NUMBERS
        and finding.cause is None
        and not finding.consistent
        and not case.is_large
        and answer.seconds < QUICK
    )


def numbers_of(answer: Answer, attribute: str) -> Array | None:
    """The numbers of an answer that an attribute is about; None where it has none."""
    if answer.outcome != ACCEPTS:
        return None
    return answer.output if attribute == "values" else answer.extra.get(attribute)


def mark_unsteady(finding: Finding, first: Answer, repeated_answers: Sequence[Answer]) -> Finding:
    """The finding, marked as unsteady if the same question got other numbers when it was asked again."""
    got = numbers_of(first, finding.attribute)
    others = [numbers for answer in repeated_answers if (numbers := numbers_of(answer, finding.attribute)) is not None]
    if got is None or not others:
        return finding
    alike = [numbers for numbers in others if (numbers.dtype, numbers.shape) == (got.dtype, got.shape)]
    changed_cells = np.zeros(got.shape, bool)
    for numbers in alike:
        changed_cells |= (numbers != got) & ~((numbers != numbers) & (got != got))
    if len(alike) == len(others) and not changed_cells.any():
        return finding
    detail = f"asked {len(others)} times more, the target gave other numbers in {int(changed_cells.sum())} of {got.size} cells"
    return replace(finding, unsteady=True, detail="; ".join(filter(None, (finding.detail, detail))))
