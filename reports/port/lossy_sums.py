"""Sums that a layer keeps in a type of low precision: what it would answer without their loss, which another framework need not repeat."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ...cases.judge.answer import ACCEPTS, Answer
from ...cases.judge.cause import is_between
from ...cases.model.inputs import dtype_of
from .samples import LOW_PRECISION, Sample
from .source import SourceLayer, describe_difference


def answer_without_loss(source: SourceLayer, sample: Sample, answer: Answer) -> Answer | None:
    """The answer to a sample with sums that lose nothing; None if sums in the type of the cells do not explain the source's answer."""
    got = answer.output
    if source.pool.kind not in ("avg", "lp") or sample.tensor.dtype not in LOW_PRECISION or answer.outcome != ACCEPTS or got is None:
        return None
    exact, coarse = (replace(source, rules={**source.rules, "accumulator": kind}).apply_rules(sample) for kind in ("float64", "input"))
    if exact is None or coarse is None or (exact.shape, exact.dtype) != (got.shape, got.dtype):
        return None
    tolerance = source.tolerance(sample)
    is_explained = tolerance.same(coarse, got) | tolerance.same(exact, got) | is_between(exact, coarse, got)
    return replace(answer, output=exact) if is_explained.all() else None


def describe_loss(source: SourceLayer, answers: Iterable[tuple[Sample, Answer]]) -> str:
    """By how much a source's sums are off in a type of low precision, in a sentence; empty if they are within its tolerance."""
    largest = 0.0
    for sample, answer in answers:
        exact = answer_without_loss(source, sample, answer)
        if exact and describe_difference(exact, answer, source.tolerance(sample), dtype_of(sample.tensor.dtype)):
            assert exact.output is not None
            assert answer.output is not None
            due, got = exact.output.astype("float64"), answer.output.astype("float64")
            largest = max(largest, float(np.max(np.abs(got - due)) / np.max(np.abs(due))))
    if not largest:
        return ""
    return f"it adds up in {source.ask.dtype} and is off by up to {largest:.1%}; an answer whose sums lose less agrees with it here"
