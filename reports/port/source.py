"""The layer that is to be ported: what its own framework answers, or the oracle under the rules of that framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from ...adapters.common.loading import describe_error, is_adapter_error
from ...adapters.contract import Adapter, Ask, Call, Unsupported
from ...adapters.parent.recipe import gradient, recipe
from ...adapters.targets.choose import SelectedTarget
from ...cases.fast.vectorised import outcome
from ...cases.judge.answer import ACCEPTS, NOT_RUN, UNSUPPORTED, Answer, Cause
from ...cases.judge.cause import CauseSearch, add_causes, explain_output
from ...cases.judge.judge import compare_cells, compare_plain, judge
from ...cases.judge.tolerance import EXACT, NORM, Tolerance, limit_units, window_cells
from ...cases.model.arithmetic import Array, DType, is_floating
from ...cases.model.case import Case, Due
from ...cases.model.inputs import Tensor
from ...cases.model.operation import Result
from ...cases.model.pool import UNPOOLING, UPSAMPLING, Pool, Refused
from ...cases.model.rules import Rules
from ..words.text import find_reason
from .plans import Plan
from .samples import Sample, shrink
from .unpooling import INDICES, make_indices
from .workers import NotRun, Workers

ROUNDING = 4
"""Units in the last place that the steps of a recipe may add to the rounding of the pooling itself."""


@dataclass(frozen=True)
class SourceLayer:
    """A layer of a framework on an input of some shape.

    `ask.pool` holds every parameter of the layer, `written_pool` only those in its text; `rules` are how its
    framework fills in the others. `target` is the target that answers for it: the oracle if the framework
    is not installed, and then `run` is false. `indices` is whether the layer returns the indices of its
    maxima, which are reported and not ported. `reduction` is whether its framework is asked for a reduction
    over axes, as the text is written, and `way` is the plan whose steps it is, if it is written axis by axis. `notes` are sentences
    about how the text was read. `sizes` is the shape in the question,
    None for each open size, and `also` are further shapes for which the answer is to hold. `size_independent` is whether the parameters of
    the layer are the same for every size of the input.
    """

    text: str
    framework: str
    ask: Ask
    written_pool: Pool
    target: SelectedTarget
    run: bool = True
    rules: Mapping[str, str] = field(default_factory=dict)
    gradient: bool = False
    indices: bool = False
    reduction: bool = False
    way: str = ""
    notes: tuple[str, ...] = ()
    sizes: tuple[int | None, ...] = ()
    also: tuple[tuple[int, ...], ...] = ()
    size_independent: bool = True

    @property
    def pool(self) -> Pool:
        """Every parameter of the layer."""
        return self.ask.pool

    @cached_property
    def small(self) -> Ask:
        """The same layer on an input of small shape."""
        return shrink(self.ask)

    def ask_for(self, sample: Sample) -> Ask:
        """The case with the shape and type of a sample."""
        shape = sample.tensor.shape
        return replace(self.ask, shape=shape, dtype=sample.tensor.dtype, shapes=dict.fromkeys(self.ask.shapes, shape))

    def inputs(self, sample: Sample) -> dict[str, Tensor]:
        """The arrays that the layer takes: a sample, and the indices of an un-pooling; raises Refused if it has none."""
        return {"x": sample.tensor, **self.further_inputs(sample)}

    def further_inputs(self, sample: Sample) -> dict[str, Tensor]:
        """The arrays that the layer takes besides a sample."""
        if self.pool.op not in UNPOOLING:
            return {}
        ask = self.ask_for(sample)
        return {INDICES: make_indices(ask.shape, ask.pool, ask.layout, self.rules["index_base"], batched=ask.batched)}

    def call(self, sample: Sample) -> Call:
        """The layer as a call of its own framework; raises `Unsupported`."""
        if self.steps:
            return recipe(self.target.adapter, self.target.target, self.ask_for(sample), self.steps.verbs, keeps=self.keeps)
        return self.target.adapter.call(replace(self.ask_for(sample), reduction=self.reduction), self.target.target)

    def run_samples(self, workers: Workers, samples: Sequence[Sample]) -> list[Answer]:
        """The answers of the layer to samples."""
        try:
            return workers.run(self.target, [(self.call(sample), self.inputs(sample)) for sample in samples])
        except Unsupported as gap:
            return [Answer(UNSUPPORTED, detail=str(gap))] * len(samples)
        except Exception as error:
            if fault := describe_fault(self.target.adapter, self.ask, error):
                return [Answer(NOT_RUN, detail=fault)] * len(samples)
            raise

    def run_gradients(self, workers: Workers, samples: Sequence[Sample], cotangents: Sequence[Tensor]) -> list[Answer]:
        """The gradients of the input for cotangents of the output."""
        target = self.target
        try:
            calls = [
                (self.gradient_call(sample), {**self.inputs(sample), "cotangent": cotangent})
                for sample, cotangent in zip(samples, cotangents, strict=True)
            ]
        except Unsupported as gap:
            return [Answer(UNSUPPORTED, detail=str(gap))] * len(samples)
        return workers.run(target, calls)

    def gradient_call(self, sample: Sample) -> Call:
        """The call of its own framework that gives the gradient of the input; raises `Unsupported`."""
        adapter, target, ask = self.target.adapter, self.target.target, self.ask_for(sample)
        if self.steps:
            return gradient(adapter, target, ask, self.steps.verbs, keeps=self.keeps)
        return adapter.gradient(replace(ask, reduction=self.reduction), target)

    @property
    def steps(self) -> Plan | None:
        """The plan that the layer is written as, if it is written axis by axis and its framework runs it."""
        return Plan(self.pool.without("data_format"), Rules(), self.way) if self.way and self.run else None

    @property
    def keeps(self) -> bool:
        """Whether the answer of a layer that is written axis by axis has as many axes as its input."""
        return self.pool.keepdims is not False

    def case(self, sample: Sample, due: Array | None = None) -> Case:
        """A sample as a case, with the expected output if it is known, else with that of the oracle."""
        ask = self.ask_for(sample)
        expected = Due(output=due, from_oracle=() if due is not None else ("output",))
        return Case(id="port", pool=ask.pool, input=sample.tensor, due=expected, layout=ask.layout, batched=ask.batched, rules=self.rules,
                    extra=self.further_inputs(sample))  # fmt: skip

    def with_observed_rules(self, sample: Sample, answer: Answer) -> SourceLayer:
        """The source with the rules that its answer to a sample shows; unchanged if no rules explain the answer."""
        expected = self.apply_rules(sample)
        if expected is None and "pad_limit" not in self.rules:
            return replace(self, rules={**self.rules, "pad_limit": "none"}).with_observed_rules(sample, answer)
        if expected is not None and answer.output is not None and equal_but_for_rounding(expected, answer.output):
            return self
        causes = self.find_causes(self.case(sample), answer)
        return replace(self, rules={**self.rules, **{cause["axis"]: cause["value"] for cause in causes[0]}}) if causes else self

    def explains(self, sample: Sample, answer: Answer) -> bool:
        """Whether the oracle under the source's rules gives an answer, but for rounding."""
        expected = self.apply_rules(sample)
        if expected is None or answer.output is None or expected.dtype != answer.output.dtype:
            return False
        return not describe_difference(answer, Answer(ACCEPTS, expected), self.tolerance(sample), sample.tensor.value.dtype)

    def find_causes(self, case: Case, answer: Answer) -> Sequence[Cause]:
        """The rules to change so that the oracle gives an answer; the oracle may refuse the case as it is."""
        try:
            findings = judge(case, answer)
        except Refused:
            return explain_output(CauseSearch(case), answer) or ()
        return next((finding.cause for finding in add_causes(case, findings, answer, {}) if finding.cause), ())

    def apply_rules(self, sample: Sample, x: Array | None = None) -> Array | None:
        """The oracle's output for a sample, or another array in its place, under the source's rules; None if it refuses."""
        ask = self.ask_for(sample)
        pool = replace(ask.pool, data_format=ask.layout)
        rules = Rules(**self.rules)
        try:
            extra = {name: tensor.value for name, tensor in self.further_inputs(sample).items()}
            answer: Result = outcome(sample.tensor.value if x is None else x, pool, rules, batched=ask.batched, extra=extra, located=False)
        except Refused:
            return None
        return answer.output

    def tolerance(self, sample: Sample) -> Tolerance:
        """The distance allowed between answers to a sample: none for maxima, otherwise a bound that the window determines."""
        if "max" in self.pool.op or self.pool.op in UPSAMPLING:
            return EXACT
        units = window_cells(self.case(sample)) + ROUNDING + NORM * self.pool.op.endswith("lp_pool")
        ulp = limit_units(units, sample.tensor.value.dtype)
        with np.errstate(all="ignore"):
            return Tolerance(ulp, self.apply_rules(sample, np.abs(sample.tensor.value.astype("float64"))))


def describe_fault(adapter: Adapter, ask: Ask, error: Exception) -> str:
    """The sentence about an error that a broken adapter raised, here or in its worker; empty if the adapter did not raise it."""
    if isinstance(error, NotRun):
        return str(error)
    return describe_error(adapter, ask.pool.op, ask.rank, error) if is_adapter_error(adapter, error) else ""


def equal_but_for_rounding(expected: Array, got: Array) -> bool:
    """Whether two arrays have one shape and type, and cells within a few units in the last place."""
    if expected.shape != got.shape or expected.dtype != got.dtype:
        return False
    units = limit_units(8, got.dtype) if is_floating(got.dtype) else 8
    return bool(Tolerance(units).same(expected, got).all())


def describe_difference(due: Answer, got: Answer, tolerance: Tolerance, dtype: DType) -> str:
    """How an answer to an input of type `dtype` differs from the source's, in a sentence; empty if it does not.

    An answer in a wider type is compared in the input's type, in which its cells were added up.
    """
    if due.outcome != ACCEPTS or got.outcome != ACCEPTS:
        return "" if due.outcome == got.outcome else f"{got.outcome}: {find_reason(got.detail)}"
    assert due.output is not None
    assert got.output is not None
    if due.output.dtype != got.output.dtype:
        return compare_plain("dtype", due.output.dtype.name, got.output.dtype.name).detail
    wider = is_floating(dtype) and due.output.dtype.itemsize > dtype.itemsize
    first, second = (y.astype(dtype) if wider else y for y in (due.output, got.output))
    return compare_cells("values", first, second, tolerance).detail
