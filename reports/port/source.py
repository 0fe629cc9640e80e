"""The layer that is to be moved: what its own framework answers, or the oracle by that framework's known rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from ...adapters.contract import Ask, Call, Unsupported
from ...adapters.targets.choose import Chosen
from ...cases.fast.vectorised import outcome
from ...cases.judge.answer import ACCEPTS, UNSUPPORTED, Answer, Cause
from ...cases.judge.cause import CauseSearch, add_causes, explain_output
from ...cases.judge.judge import compare_cells, compare_plain, judge
from ...cases.judge.tolerance import EXACT, NORM, Tolerance, window_cells
from ...cases.model.arithmetic import Array, DType, is_floating
from ...cases.model.case import Case, Due
from ...cases.model.inputs import Tensor
from ...cases.model.operation import Result
from ...cases.model.pool import Pool, Refused
from ...cases.model.rules import Rules
from .asker import Asker
from .samples import NUMBERS, Sample
from .shapes import small

ROUNDING = 4
"""Units in the last place that the steps around a pooling may add to its own."""


@dataclass(frozen=True)
class Source:
    """A layer of a framework on an input of some shape.

    `pool` is all that the layer states, `written` what its text does; `rules` are how its framework
    fills in what the text leaves open. `chosen` is the target that answers for it, the oracle where
    the framework is not `run`. `indices` is whether it gives those of its maxima as well, which are told of and not moved.
    """

    text: str
    framework: str
    ask: Ask
    written: Pool
    chosen: Chosen
    run: bool = True
    rules: Mapping[str, str] = field(default_factory=dict)
    gradient: bool = False
    indices: bool = False

    @property
    def pool(self) -> Pool:
        """All that the layer states."""
        return self.ask.pool

    @cached_property
    def small(self) -> Ask:
        """The same in a small shape."""
        return small(self.ask)

    def asked(self, sample: Sample) -> Ask:
        """The case with the shape and type of a sample."""
        return replace(self.ask, shape=sample.tensor.shape, dtype=sample.tensor.dtype)

    def call(self, sample: Sample) -> Call:
        """The layer in its own framework; or `Unsupported`."""
        return self.chosen.adapter.call(self.asked(sample), self.chosen.target)

    def answers(self, asker: Asker, samples: Sequence[Sample]) -> list[Answer]:
        """What the layer gives for samples."""
        try:
            return asker.answers(self.chosen, [(self.call(sample), {"x": sample.tensor}) for sample in samples])
        except Unsupported as gap:
            return [Answer(UNSUPPORTED, detail=str(gap))] * len(samples)

    def gradients(self, asker: Asker, samples: Sequence[Sample], cotangents: Sequence[Tensor]) -> list[Answer]:
        """The gradient of the input for cotangents of the output."""
        chosen = self.chosen
        try:
            asked = [
                (chosen.adapter.gradient(self.asked(sample), chosen.target), {"x": sample.tensor, "cotangent": each})
                for sample, each in zip(samples, cotangents, strict=True)
            ]
        except Unsupported as gap:
            return [Answer(UNSUPPORTED, detail=str(gap))] * len(samples)
        return asker.answers(chosen, asked)

    def case(self, sample: Sample, due: Array | None = None, pool: Pool | None = None, rules: Mapping[str, str] | None = None) -> Case:
        """A sample as a case, with what is due if that is known."""
        ask = self.asked(sample)
        return Case(id="port", pool=pool or ask.pool, input=sample.tensor, due=Due(output=due, from_oracle=() if due is not None else ("output",)),
                    layout=ask.layout, batched=ask.batched, rules=self.rules if rules is None else rules)  # fmt: skip

    def explained(self, sample: Sample, answer: Answer) -> Source:
        """The source with the rules that its answer to a sample shows; as it is where they cannot be told."""
        fixed = self.under(sample, self.rules)
        if fixed is None and "pad_limit" not in self.rules:
            return replace(self, rules={**self.rules, "pad_limit": "none"}).explained(sample, answer)
        if fixed is not None and answer.output is not None and same(fixed, answer.output):
            return self
        causes = self.causes(self.case(sample), answer)
        return replace(self, rules={**self.rules, **{each["axis"]: each["value"] for each in causes[0]}}) if causes else self

    def causes(self, case: Case, answer: Answer) -> Sequence[Cause]:
        """What rules have to be changed for the oracle to give an answer; it may refuse the case as it is."""
        try:
            findings = judge(case, answer)
        except Refused:
            return explain_output(CauseSearch(case), answer) or ()
        return next((each.cause for each in add_causes(case, findings, answer, {}) if each.cause), ())

    def under(self, sample: Sample, rules: Mapping[str, str], x: Array | None = None) -> Array | None:
        """What the oracle gives under some rules, None where it refuses."""
        ask = self.asked(sample)
        pool = replace(ask.pool, data_format=ask.layout)
        try:
            found: Result = outcome(sample.tensor.value if x is None else x, pool, Rules(**rules), batched=ask.batched, located=False)  # type: ignore[arg-type]
        except Refused:
            return None
        return found.output

    def tolerance(self, sample: Sample) -> Tolerance:
        """How far answers to a sample may be apart: nothing for maxima, else a bound of the window."""
        if "max" in self.pool.op:
            return EXACT
        ulp = window_cells(self.case(sample)) + ROUNDING + NORM * self.pool.op.endswith("lp_pool")
        with np.errstate(all="ignore"):
            return Tolerance(ulp, self.under(sample, self.rules, np.abs(sample.tensor.value.astype("float64"))))


def same(found: Array, got: Array) -> bool:
    """Whether two answers are one but for rounding."""
    return found.shape == got.shape and found.dtype == got.dtype and bool(Tolerance(8).same(found, got).all())


def difference(due: Answer, got: Answer, tolerance: Tolerance, dtype: DType) -> str:
    """What of an answer to an input of a type is not as the source's, in a sentence; nothing where all is.

    An answer in a wider type is no more precise than the input's, in which its cells were added up.
    """
    if due.outcome != ACCEPTS or got.outcome != ACCEPTS:
        return "" if due.outcome == got.outcome else f"{got.outcome}: {first_line(got.detail)}"
    assert due.output is not None
    assert got.output is not None
    if due.output.dtype != got.output.dtype:
        return compare_plain("dtype", due.output.dtype.name, got.output.dtype.name).detail
    wider = is_floating(dtype) and due.output.dtype.itemsize > dtype.itemsize
    first, second = (y.astype(dtype) if wider else y for y in (due.output, got.output))
    return compare_cells("values", first, second, tolerance).detail


def first_line(text: str) -> str:
    """The first line of a message, without the promise of more."""
    return text.strip().partition("\n")[0].removesuffix("; it said last:")[:200]


def ordinary(samples: Sequence[Sample]) -> list[Sample]:
    """The samples of ordinary numbers that the search sees."""
    return [sample for sample in samples if sample.kind == NUMBERS and not sample.held]
