"""The search for a recipe: plans run on a target until one gives the source's answers.

Plans that are valid for more sizes come first, then those that are one layer of the target, then those with fewer steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from ...adapters.contract import Ask, Call, Unsupported
from ...adapters.parent.recipe import arrange, gradient, recipe, steps_of
from ...adapters.targets.choose import SelectedTarget
from ...cases.judge.answer import ACCEPTS, Answer
from ...cases.judge.tolerance import Tolerance, limit_units
from ...cases.model.inputs import Tensor, normal
from ...cases.model.pool import ADAPTIVE, Refused
from ...cases.model.rules import Rules
from ..words.text import find_reason
from .bounds import MAX_SMALL_WORK, measure_work
from .lossy_sums import answer_without_loss, describe_loss
from .plans import BINNED, FIXES_BY_KIND, STATED, WHOLE, Plan, generate_plans, plans_with_fixes
from .ranges import AnswerRange, Ranges, spread
from .samples import NUMBERS, Sample, distinct_sample, make_samples, ordinary_samples, samples_of_shape
from .source import SourceLayer, describe_difference
from .workers import Workers

GRADIENT_ULP = 16
"""Units in the last place of the largest gradient by which gradients may differ, because they are added up in any order; in low precision fewer."""

MAX_BINNED = 4
"""Shapes on which a recipe is confirmed that has a step for each bin, all of which some frameworks compile for each shape."""

MAX_SPECIAL = 2
"""Shapes, besides those of the other samples, on which answers are compared on special numbers."""

Exceptions = Mapping[str, str]
"""Kinds of input on which an answer differs from the source's, each with its first difference."""


@dataclass(frozen=True, eq=False)
class Reference:
    """The answers of a source to all samples that it accepts, the one in the requested shape last.

    `elsewhere` are its answers to samples of other sizes, `is_explained` is whether the oracle under the source's rules gives them.
    Tolerances and gradients are computed when first needed.
    """

    source: SourceLayer
    workers: Workers
    answers: Mapping[Sample, Answer]
    elsewhere: dict[Sample, Answer] = field(default_factory=dict)
    is_explained: bool = True

    @cached_property
    def samples(self) -> list[Sample]:
        """All samples, in order."""
        return list(self.answers)

    @cached_property
    def ranges(self) -> Ranges:
        """The ranges of plans for this source."""
        return Ranges(self.source.pool, Rules(**self.source.rules), self.source.ask, self.source.also, self.source.size_independent)

    @cached_property
    def tolerances(self) -> dict[Sample, Tolerance]:
        """The distance that another answer may have from each, as far as they were needed."""
        return {}

    def tolerance(self, sample: Sample) -> Tolerance:
        """The distance that another answer to a sample may have."""
        if sample not in self.tolerances:
            self.tolerances[sample] = self.source.tolerance(sample)
        return self.tolerances[sample]

    def answer(self, sample: Sample) -> Answer:
        """The answer to a sample."""
        return self.answers[sample] if sample in self.answers else self.elsewhere[sample]

    def describe_difference(self, sample: Sample, answer: Answer) -> str:
        """How another answer to a sample differs, in a sentence; empty if it does not, or differs only by what the source's sums lose."""
        due, tolerance, dtype = self.answer(sample), self.tolerance(sample), sample.tensor.value.dtype
        text = describe_difference(due, answer, tolerance, dtype)
        exact = answer_without_loss(self.source, sample, due) if text else None
        return text if exact is None or describe_difference(exact, answer, tolerance, dtype) else ""

    def samples_of(self, shapes: Sequence[tuple[int, ...]]) -> list[Sample]:
        """Ordinary numbers in other shapes, those that the source accepts and answers with some cells."""
        ask = self.source.ask
        small_shapes = [shape for shape in shapes if measure_work(replace(ask, shape=shape)) <= MAX_SMALL_WORK]
        samples = [distinct_sample(shape, ask.dtype) for shape in small_shapes]
        new = [sample for sample in samples if sample not in self.elsewhere]
        self.elsewhere.update(zip(new, self.source.run_samples(self.workers, new), strict=True))
        return [sample for sample in samples if has_cells(self.elsewhere[sample])]

    def special_samples_of(self, shapes: Sequence[tuple[int, ...]]) -> list[Sample]:
        """One input with NaN and one with infinities in each of some shapes, those that the source accepts and answers with some cells."""
        asks = [replace(self.source.small, shape=shape) for shape in shapes]
        small_asks = [ask for ask in asks if measure_work(ask) <= MAX_SMALL_WORK]
        samples = [sample for ask in small_asks for sample in make_samples(ask) if sample.kind in FIXES_BY_KIND and not sample.is_held_back]
        new = [sample for sample in samples if sample not in self.elsewhere]
        self.elsewhere.update(zip(new, self.source.run_samples(self.workers, new), strict=True))
        return [sample for sample in samples if has_cells(self.elsewhere[sample])]

    @cached_property
    def cotangents(self) -> dict[Sample, Tensor]:
        """A cotangent of each output in the input's own type; none if no gradient is requested."""
        differentiable = [sample for sample in self.samples if sample.differentiable] if self.source.gradient else []
        outputs = {sample: self.answers[sample].output for sample in differentiable}
        return {sample: normal(y.shape, 11, sample.tensor.dtype) for sample, y in outputs.items() if y is not None}

    @cached_property
    def gradients(self) -> dict[Sample, Answer]:
        """The source's gradients for those samples for which it has one."""
        samples = list(self.cotangents)
        answers = self.source.run_gradients(self.workers, samples, list(self.cotangents.values()))
        return {sample: answer for sample, answer in zip(samples, answers, strict=True) if answer.outcome == ACCEPTS}

    def visible_samples(self) -> list[Sample]:
        """The samples that the search sees."""
        return [sample for sample in self.samples if not sample.is_held_back]

    def held_back(self) -> list[Sample]:
        """The samples that only confirm a result of the search."""
        return [sample for sample in self.samples if sample.is_held_back]


def has_cells(answer: Answer) -> bool:
    """Whether an input was accepted and the answer has cells."""
    return answer.outcome == ACCEPTS and answer.output is not None and answer.output.size > 0


def run_source(source: SourceLayer, workers: Workers) -> Reference:
    """Run a layer on all samples, and find the rules that its answers show, on the sizes of every remainder too."""
    samples = [*make_samples(source.small, ties=source.gradient), *samples_of_shape(source.ask)]
    pairs = zip(samples, source.run_samples(workers, samples), strict=True)
    answers = {sample: answer for sample, answer in pairs if answer.outcome == ACCEPTS}
    first = ordinary_samples(list(answers))[0]
    observed_reference = Reference(source.with_observed_rules(first, answers[first]), workers, answers)
    shapes = [
        *observed_reference.ranges.every_size().confirming_shapes(observed_reference.ranges.horizons),
        *observed_reference.ranges.shapes_below(),
    ]
    candidate = observed_reference
    for sample in observed_reference.samples_of(shapes):
        candidate = replace(candidate, source=candidate.source.with_observed_rules(sample, candidate.elsewhere[sample]))
    is_explained = all(candidate.source.explains(sample, candidate.answer(sample)) for sample in (first, *candidate.samples_of(shapes)))
    reference = candidate if is_explained else observed_reference
    loss = describe_loss(reference.source, ((sample, answer) for sample, answer in answers.items() if sample.kind == NUMBERS))
    notes = filter(None, (loss, describe_empty_answer(answers[samples[-1]]) if samples[-1] in answers else ""))
    noted_source = replace(reference.source, notes=(*reference.source.notes, *notes))
    return replace(reference, source=noted_source, is_explained=is_explained and source.size_independent)


def describe_empty_answer(answer: Answer) -> str:
    """That the answer to the input of the question has no cells, in a sentence; empty if it has some."""
    if answer.output is None or answer.output.size:
        return ""
    return f"on this input no window fits: the answer has no cells, and its shape is {answer.output.shape}"


@dataclass(frozen=True)
class Recipe:
    """A plan that gives the source's answers but for exceptions, the call of it in the requested shape, and the number of inputs compared.

    `sizes` is its range.
    """

    plan: Plan
    call: Call
    exceptions: Exceptions
    inputs: int
    sizes: AnswerRange


@dataclass(frozen=True, eq=False)
class RecipeSearch:
    """Plans run on one target; why plans could not be run (`refusals`), or how their answers differ (`differences`)."""

    reference: Reference
    target: SelectedTarget
    refusals: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    @property
    def source(self) -> SourceLayer:
        """The layer that is to be ported."""
        return self.reference.source

    @cached_property
    def inner(self) -> Ask:
        """The small case in the layout in which the target writes arrays."""
        return arrange(self.target.adapter, self.source.small)[0]

    def find_recipe(self, better_than: AnswerRange | None = None, *, differentiable: bool = False) -> Recipe | None:
        """The best plan that gives the source's answers on ordinary numbers, of those with a larger range than another answer.

        Of a `differentiable` one the target gives a gradient.
        """
        failed_plans = set[Plan]()
        for plan, sizes in self.list_candidates():
            if better_than and sizes.order >= better_than.order:
                return None
            if plan in failed_plans:
                continue
            recipe = self.try_plan(plan, sizes)
            if recipe is None:
                failed_plans.add(plan)
            elif self.confirm(plan, sizes) and not (differentiable and self.find_gradient_failure(plan)):
                return self.compare_elsewhere(recipe)
        return None

    def find_gradient_failure(self, plan: Plan) -> str:
        """Why the target gives no gradient of a plan although it differentiates; empty if it gives one, or if the source has none."""
        sample = next((sample for sample in self.reference.visible_samples() if sample.differentiable), None)
        if sample is None:  # integers have no gradient
            return ""
        due = self.reference.answer(sample).output
        assert due is not None
        inputs = {**self.source.inputs(sample), "cotangent": normal(due.shape, 11, sample.tensor.dtype)}
        try:
            own = self.source.target.adapter.gradient(self.source.ask_for(sample), self.source.target.target)
            call = self.call(plan, sample, of_gradient=True)
        except Unsupported:
            return ""
        [answer] = self.reference.workers.run(self.target, [(call, inputs)])
        if answer.outcome == ACCEPTS or self.reference.workers.run(self.source.target, [(own, inputs)])[0].outcome != ACCEPTS:
            return ""
        return f"{answer.outcome}: {find_reason(answer.detail)}"

    def list_candidates(self) -> list[tuple[Plan, AnswerRange]]:
        """All plans with their possible ranges, the best first."""
        pairs = [
            (plan, sizes)
            for plan in generate_plans(self.source.pool.without("data_format"), Rules(**self.source.rules), self.inner)
            for sizes in self.possible_ranges(plan)
        ]
        return sorted(pairs, key=lambda pair: (pair[1].order, *self.cost(pair[0])))

    def possible_ranges(self, plan: Plan) -> list[AnswerRange]:
        """The ranges that a plan may have, the largest first; a plan with the source's own parameters may hold for the asked size alone."""
        ranges = self.reference.ranges
        if not self.is_free_of_sizes(plan):
            return [ranges.only_asked(planes=False)]
        if not self.reference.is_explained:
            return [ranges.only_asked()]
        return [*ranges.possible(plan), *([ranges.only_asked()] if plan.way == STATED else [])]

    def is_free_of_sizes(self, plan: Plan) -> bool:
        """Whether the lines of a plan are the same for other sizes; true of one that the target cannot run."""
        if plan.bound:
            return True  # which the range of the plan is about
        adapter, shapes = self.target.adapter, (self.inner.shape, tuple(2 * size for size in self.inner.shape))
        try:
            calls = [steps_of(adapter, ask, plan.verbs(ask)) for ask in (replace(self.inner, shape=shape) for shape in shapes)]
        except (Unsupported, Refused):
            return True
        first, second = (adapter.snippet_parts(steps) for steps in calls)
        return first == second

    def cost(self, plan: Plan) -> tuple[int, int, int]:
        """Whether a plan is more than one layer or function of the target, whether it is adaptive to one bin, and its number of steps.

        A layer for the whole input is what people write for one bin.
        """
        verbs = plan.verbs(self.inner)
        if len(verbs) > 1 or verbs[0].name != "pool":
            return 2, 0, len(verbs)
        pool = verbs[0].args[1]
        try:
            form = self.target.adapter.form(replace(self.inner, pool=pool))
        except Unsupported:
            return 2, 0, 1
        return int(not form.layer), int(pool.op in ADAPTIVE), 1

    def find_global_layer(self) -> Recipe | None:
        """The target's layer for the whole input in place of one that is adaptive to one bin; None if it has none, or if others need it."""
        if self.source.pool.op not in ADAPTIVE or set(self.source.pool.output_size or ()) != {1}:
            return None
        recipe = self.find_recipe()
        return recipe if recipe and recipe.plan.way == WHOLE and self.cost(recipe.plan)[0] == 0 else None

    def confirm(self, plan: Plan, sizes: AnswerRange) -> bool:
        """Whether a plan gives the source's answers on shapes of every remainder in its range."""
        proved = not sizes.one_size and self.reference.is_explained
        shapes = sizes.confirming_shapes(self.reference.ranges.horizons) if proved else []
        shapes = spread(shapes, MAX_BINNED) if plan.way == BINNED else shapes
        samples = self.reference.samples_of([*shapes, *self.source.also])
        try:
            different = self.find_differences(samples, [self.call(plan, sample) for sample in samples])
            text = next((f"on {' x '.join(map(str, sample.tensor.shape))} {text}" for sample, text in different.items()), "")
        except (Unsupported, Refused) as gap:
            text = str(gap)
        if text:
            self.differences.append(text)
        return not text

    def compare_elsewhere(self, recipe: Recipe) -> Recipe:
        """A recipe with the kinds of special numbers on which it differs on other sizes of its range, too."""
        if recipe.sizes.one_size or not self.reference.is_explained:
            return recipe
        shapes = recipe.sizes.confirming_shapes(self.reference.ranges.horizons)
        samples = self.reference.special_samples_of(shapes[:MAX_SPECIAL])
        different = self.compare_outputs(samples, [self.call(recipe.plan, sample) for sample in samples])
        return replace(recipe, exceptions={**different, **recipe.exceptions})

    def find_complete_recipe(self, first: Recipe) -> Recipe | None:
        """The same recipe with fixes that leave fewer exceptions; None if no fix helps."""
        kind = self.source.pool.kind
        plans = plans_with_fixes(first.plan, kind, self.source.ask.dtype, first.exceptions)
        fixed_recipes = filter(None, (self.try_plan(plan, first.sizes) for plan in plans))
        best = min(fixed_recipes, key=lambda recipe: (len(recipe.exceptions), len(recipe.call.steps)), default=first)
        best = self.compare_elsewhere(best) if best != first else best
        return best if len(best.exceptions) < len(first.exceptions) else None

    def try_plan(self, plan: Plan, sizes: AnswerRange) -> Recipe | None:
        """A plan with its exceptions and a range; None if it differs on ordinary numbers, seen or held back, or if the target cannot run it."""
        ordinary = ordinary_samples(self.reference.visible_samples())
        try:
            for samples in (ordinary, self.reference.visible_samples(), self.reference.held_back()):
                if text := self.compare_plan(plan, samples).get(NUMBERS):
                    self.differences.append(text)
                    return None
            exceptions = self.compare_plan(plan, self.reference.samples)
            call = self.call(plan, self.reference.samples[-1])
        except (Unsupported, Refused) as gap:
            self.refusals.append(str(gap))
            return None
        return Recipe(plan, call, exceptions, len(self.reference.samples), sizes)

    def compare_plan(self, plan: Plan, samples: Sequence[Sample]) -> dict[str, str]:
        """The kinds of input on which a plan differs from the source, each with its first difference; raises `Unsupported`."""
        differences = self.compare_outputs(samples, [self.call(plan, sample) for sample in samples])
        return differences if NUMBERS in differences else {**self.compare_gradients(plan, samples), **differences}

    def compare_outputs(self, samples: Sequence[Sample], calls: Sequence[Call]) -> dict[str, str]:
        """The kinds of input on which the outputs of calls differ from the source's, each with its first difference."""
        return {sample.kind: text for sample, text in reversed(self.find_differences(samples, calls).items())}

    def find_differences(self, samples: Sequence[Sample], calls: Sequence[Call]) -> dict[Sample, str]:
        """The samples on which the outputs of calls differ from the source's, each with its difference."""
        inputs = map(self.inputs, samples)
        answers = self.reference.workers.run(self.target, list(zip(calls, inputs, strict=True)))
        texts = {sample: self.reference.describe_difference(sample, answer) for sample, answer in zip(samples, answers, strict=True)}
        return {sample: text for sample, text in texts.items() if text}

    def inputs(self, sample: Sample) -> dict[str, Tensor]:
        """The arrays that plans take for a sample: those that the source takes."""
        return self.source.inputs(sample)

    def compare_gradients(self, plan: Plan, samples: Sequence[Sample]) -> dict[str, str]:
        """The kinds of input on which the gradient differs from the source's, if one is requested; raises `Unsupported`."""
        expected, cotangents = self.reference.gradients, self.reference.cotangents
        differentiable = [sample for sample in samples if sample in expected]
        calls = [
            (self.call(plan, sample, of_gradient=True), {**self.source.inputs(sample), "cotangent": cotangents[sample]})
            for sample in differentiable
        ]
        answers = self.reference.workers.run(self.target, calls)
        texts = {}
        for sample, answer in zip(differentiable, answers, strict=True):
            due = gradient_as_output(expected[sample])
            dtype = sample.tensor.value.dtype
            texts[sample] = describe_difference(due, gradient_as_output(answer), gradient_tolerance(due), dtype)
        return {sample.kind: f"the gradient: {text}" for sample, text in reversed(texts.items()) if text}

    def call(self, plan: Plan, sample: Sample, *, of_gradient: bool = False) -> Call:
        """A plan as a call for the shape and type of a sample; raises `Unsupported`."""
        make = gradient if of_gradient else recipe
        return make(self.target.adapter, self.target.target, self.source.ask_for(sample), plan.verbs, keeps=self.keeps_axes(sample))

    def keeps_axes(self, sample: Sample) -> bool:
        """Whether the source's answer has as many axes as the input."""
        due = self.reference.answer(sample).output
        return due is not None and due.ndim == sample.tensor.value.ndim


def gradient_as_output(answer: Answer) -> Answer:
    """The answer with the gradient as its output."""
    return replace(answer, output=answer.extra.get("gradient"))


def gradient_tolerance(due: Answer) -> Tolerance:
    """The distance that another gradient may have from one whose cells are sums of numbers about as large as its largest."""
    if due.output is None:
        return Tolerance(GRADIENT_ULP)
    sizes = np.abs(due.output[np.isfinite(due.output)])
    return Tolerance(limit_units(GRADIENT_ULP, due.output.dtype), np.full(due.output.shape, sizes.max(initial=0), due.output.dtype))
