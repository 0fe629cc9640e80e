"""The answer of `port` for one target: the same arguments if they give the same, else a recipe, else the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ...adapters.contract import OPEN, Ask, Call, Feature, Gap, Unsupported
from ...adapters.contract.call import flatten
from ...adapters.parent.snippet import LINES, snippet
from ...adapters.parent.source_code import code
from ...adapters.targets.choose import SelectedTarget
from ...cases.judge.answer import ACCEPTS, CRASHES, NOT_RUN, REJECTS, TIMES_OUT, UNSUPPORTED, Cause
from ...cases.judge.cause import add_causes
from ...cases.judge.judge import judge
from ...cases.model.pool import PARAMETERS, UNPOOLING, Pool, Refused
from ...cases.model.rules import Rules
from ..words.phrases import alternatives, in_words
from ..words.text import find_reason
from .bounds import find_excess
from .plans import STATED, Plan
from .ranges import AnswerRange
from .record import DROP_IN, IMPOSSIBLE, RECIPE
from .request import Unportable
from .samples import NUMBERS, Sample, ordinary_samples, sample_of_shape
from .search import Exceptions, Recipe, RecipeSearch, run_source
from .source import SourceLayer, describe_fault
from .unpooling import INDICES, make_indices
from .workers import Workers

BUILT = ("layer", "node")
"""Results of steps that build a layer or a node."""

FAILURES = {
    REJECTS: "rejects",
    CRASHES: "crashes on",
    TIMES_OUT: "takes too long over",
    UNSUPPORTED: "does not have",
    NOT_RUN: "was not run on",
}
"""What a source that gives no answer does with its own layer."""


@dataclass(frozen=True)
class NearestLayer:
    """The pooling with those of the source's arguments that a target has, and sentences on arguments that were omitted or added."""

    pool: Pool
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DropIn:
    """The source's arguments in the target's nearest layer: the `line`, and the `recipe` that it is, or how its answers differ and why.

    The `recipe` states the sizes for which it agrees, which need not be all.
    """

    line: str
    changes: tuple[str, ...] = ()
    difference: str = ""
    cause: list[Cause] | None = None
    recipe: Recipe | None = None

    @property
    def agrees(self) -> bool:
        """Whether it gives the source's answers on ordinary numbers, for any size."""
        return self.recipe is not None and self.recipe.sizes.any_size

    @property
    def sizes(self) -> AnswerRange | None:
        """The sizes for which it gives them; None if it does not."""
        return self.recipe.sizes if self.recipe else None

    @property
    def why(self) -> str:
        """The rules that differ, in words."""
        return alternatives(self.cause) if self.cause else ""


@dataclass(frozen=True)
class Port:
    """A layer on one target: `verdict` is that the same arguments agree for any size, that a recipe does, or that it is impossible.

    `sizes` is the range of the code, and `why_not_any` the reason if that is not any size. `before` is the native code of the
    source and `code` that of the drop-in or the recipe, which agrees but for `exceptions`; `complete` is a longer recipe with
    fewer exceptions (`exceptions_left`), if there is one. These are complete programs; `call` and `complete_call` are the same
    for `lines`, which are those to paste. `no_gradient` is why the target gives no gradient of the code, and
    `differentiable_call` a recipe of which it gives one.
    `broken` is that the target's adapter raised an error, which is the `reason`.
    """

    source: SourceLayer
    target: SelectedTarget
    verdict: str
    drop_in: DropIn
    code: str = ""
    before: str = ""
    exceptions: Exceptions | None = None
    complete: str = ""
    exceptions_left: Exceptions | None = None
    reason: str = ""
    inputs: int = 0
    steps: int = 0
    indices: str = ""
    sizes: AnswerRange | None = None
    why_not_any: str = ""
    no_gradient: str = ""
    differentiable_call: Call | None = None
    differentiable_sizes: AnswerRange | None = None
    broken: bool = False
    call: Call | None = None
    complete_call: Call | None = None

    def lines(self, form: str = LINES, *, complete: bool = False) -> str:
        """The lines to paste of the drop-in or the recipe, or of the longer recipe; empty if there is none."""
        return self.write_lines(self.complete_call if complete else self.call, form)

    @property
    def differentiable_lines(self) -> str:
        """The lines to paste of the recipe that has a gradient; empty if there is none."""
        return self.write_lines(self.differentiable_call)

    def write_lines(self, call: Call | None, form: str = LINES) -> str:
        """The lines to paste of a call."""
        return snippet(self.target.adapter, self.target.target, call, form) if call else ""

    def as_json(self) -> dict[str, Any]:
        """The answer as JSON."""
        drop_in = self.drop_in
        return {
            "to": self.target.adapter.framework, "target": self.target.name, "versions": self.target.versions, "verdict": self.verdict,
            "drop_in": {"line": drop_in.line, "agrees": drop_in.agrees, "left_out": list(drop_in.changes), "differs": drop_in.difference,
                        "cause": drop_in.cause, "why": drop_in.why, "range": drop_in.sizes.as_json() if drop_in.sizes else None},
            "before": self.before,
            "lines": self.lines(), "complete_lines": self.lines(complete=True),
            "code": self.code, "exceptions": dict(self.exceptions or {}), "complete": self.complete,
            "exceptions_left": dict(self.exceptions_left or {}),
            "range": self.sizes.as_json() if self.sizes else None, "why_not_any": self.why_not_any,
            "no_gradient": self.no_gradient, "differentiable_lines": self.differentiable_lines,
            "differentiable_range": self.differentiable_sizes.as_json() if self.differentiable_sizes else None,
            "reason": self.reason, "inputs": self.inputs, "steps": self.steps,
            "indices": self.indices,
        }  # fmt: skip


class Porter:
    """Ports one layer to any number of targets."""

    @np.errstate(all="ignore")
    def __init__(self, source: SourceLayer, workers: Workers) -> None:
        """Run the layer in its own framework first; raises `Unportable` if that does not accept it."""
        [answer] = source.run_samples(workers, [sample_of_shape(source.ask)])
        if answer.outcome == UNSUPPORTED and source.run:
            raise Unportable(f"{source.text}: {answer.detail}; expected a layer that {source.framework} has")
        if answer.outcome != ACCEPTS:
            raise Unportable(
                f"{source.text} on {source.ask.shape}: {source.framework} itself {FAILURES[answer.outcome]} it: {find_reason(answer.detail)}"
            )
        self.reference = run_source(source, workers)
        self.source = self.reference.source

    @np.errstate(all="ignore")
    def port(self, target: SelectedTarget, *, complete: bool = True) -> Port:
        """The answer for one target; `complete` also searches for a recipe that agrees on special numbers.

        What a broken adapter raises is the reason of an answer, and other targets have theirs.
        """
        try:
            return self.find_port(target, complete=complete)
        except Exception as error:
            if fault := describe_fault(target.adapter, self.source.ask, error):
                return Port(self.source, target, IMPOSSIBLE, DropIn(""), reason=fault, broken=True)
            raise

    def find_port(self, target: SelectedTarget, *, complete: bool) -> Port:
        """The answer for one target."""
        search = RecipeSearch(self.reference, target)
        drop_in = try_drop_in(search)
        recipe = search.find_global_layer() if drop_in.agrees else search.find_recipe(drop_in.sizes)
        verdict = DROP_IN if drop_in.agrees and recipe is None else RECIPE
        recipe = recipe or drop_in.recipe
        indices = describe_indices(self.source, target) or describe_own_indices(search)
        if recipe is None:
            return Port(self.source, target, IMPOSSIBLE, drop_in, reason=explain_failure(search, drop_in), indices=indices)
        longer = search.find_complete_recipe(recipe) if complete and recipe.exceptions else None
        no_gradient = search.find_gradient_failure(recipe.plan)
        other = search.find_recipe(differentiable=True) if no_gradient else None
        return Port(
            self.source, target, verdict, drop_in, self.print_code(target, recipe.call), self.before,
            recipe.exceptions, self.print_code(target, longer.call) if longer else "", longer.exceptions if longer else {},
            inputs=recipe.inputs, steps=len(recipe.plan.verbs(search.inner)) - 1, indices=indices, sizes=recipe.sizes,
            why_not_any="" if recipe.sizes.any_size else explain_range(search), call=recipe.call,
            complete_call=longer.call if longer else None, no_gradient=no_gradient,
            differentiable_call=other.call if other else None, differentiable_sizes=other.sizes if other else None,
        )  # fmt: skip

    @cached_property
    def before(self) -> str:
        """The native code of the source itself."""
        return self.print_code(self.source.target, self.source.call(self.reference.samples[-1]))

    def print_code(self, target: SelectedTarget, call: Call) -> str:
        """The native code of a call on ordinary numbers of the requested shape."""
        return code(target.adapter, target.target, call, self.source.inputs(self.reference.samples[-1]))


def try_drop_in(search: RecipeSearch) -> DropIn:
    """Run the target's nearest layer with the source's arguments, and compare its answers."""
    source, samples = search.source, search.reference.samples
    target = search.target
    try:
        nearest = find_nearest_layer(target, source.ask_for(samples[-1]), source.written_pool, source.pool)
        calls = [target.adapter.call(replace(source.ask_for(sample), pool=nearest.pool), target.target) for sample in samples]
    except Unsupported as gap:
        return DropIn("", (str(gap),))
    plan, line = Plan(nearest.pool, Rules(), STATED), layer_line(calls[-1])
    moved_source = replace(source, ask=replace(source.ask, pool=nearest.pool))
    if excess := find_excess(moved_source.ask, moved_source.small):
        return DropIn(line, nearest.changes, f"not run: {excess}")
    first = ordinary_samples(samples)
    different = search.find_differences(first, calls[: len(first)]) or search.find_differences(samples, calls)
    if ordinary := [sample for sample in different if sample.kind == NUMBERS]:
        cause = find_cause(search, nearest.pool, ordinary[0], calls[samples.index(ordinary[0])])
        different = search.find_differences(samples[-1:], calls[-1:]) or different
        shown_sample = next(sample for sample in different if sample.kind == NUMBERS)
        return DropIn(line, nearest.changes, f"on {' x '.join(map(str, shown_sample.tensor.shape))} {different[shown_sample]}", cause)
    exceptions = {sample.kind: text for sample, text in reversed(different.items())}
    try:
        exceptions |= search.compare_gradients(plan, samples)
        problem = exceptions.get(NUMBERS, "")
    except Unsupported as gap:
        problem = str(gap)
    ranges = [] if problem else search.possible_ranges(plan)
    sizes = next((sizes for sizes in ranges if search.confirm(plan, sizes)), None)
    if sizes is None:
        return DropIn(line, nearest.changes, problem or search.differences[-1])
    recipe = search.compare_elsewhere(Recipe(plan, calls[-1], exceptions, len(samples), sizes))
    return DropIn(line, nearest.changes, recipe=recipe)


def find_nearest_layer(target: SelectedTarget, ask: Ask, written_pool: Pool, stated_pool: Pool) -> NearestLayer:
    """The pooling with those of the written arguments that a target has; raises `Unsupported` if it has no such layer."""
    pool, changes = written_pool.without("data_format"), []
    for _ in PARAMETERS:
        try:
            target.adapter.call(replace(ask, pool=pool), target.target)
        except Unsupported as refused:
            pool, sentence = adapt_to_gap(pool, refused.gap, stated_pool)
            changes.append(sentence)
        else:
            break
    return NearestLayer(pool, tuple(changes))


def adapt_to_gap(pool: Pool, gap: Gap, stated_pool: Pool) -> tuple[Pool, str]:
    """The pooling without the argument that a target lacks, or with one that it requires, and a sentence about it."""
    name, opened = gap.feature.parameter, gap.feature.state == OPEN
    if name not in PARAMETERS or (opened and getattr(stated_pool, name) is None):
        raise Unsupported(gap)
    value = getattr(stated_pool, name)
    if opened:
        return replace(pool, **{name: value}), f"{name} is required: {value} added, the source's default"
    if name == "padding" and is_half_window(pool) and gap.feature != Feature("padding", "same"):
        return replace(pool, padding="same"), f"padding {format_value(pool.padding)} became 'same': {gap.why}"
    return pool.without(name), f"{name}={format_value(getattr(pool, name))} omitted: {gap.why}"


def is_half_window(pool: Pool) -> bool:
    """Whether padding is half the window on both sides, which people write for 'same'."""
    if not isinstance(pool.padding, tuple) or pool.kernel is None:
        return False
    return all(low == high == taps // 2 for (low, high), taps in zip(pool.padding, pool.kernel, strict=True))


def format_value(value: object) -> str:
    """A value in a sentence; padding of one size as that size."""
    if isinstance(value, tuple) and len({each for sides in value for each in (sides if isinstance(sides, tuple) else (sides,))}) == 1:
        return str(value[0][0] if isinstance(value[0], tuple) else value[0])
    return repr(value)


def find_cause(search: RecipeSearch, pool: Pool, sample: Sample, call: Call) -> list[Cause] | None:
    """The rules by which the answer of the target's nearest layer differs; None if they are not known."""
    [answer] = search.reference.workers.run(search.target, [(call, search.source.inputs(sample))])
    try:
        case = replace(search.source.case(sample, search.reference.answers[sample].output), pool=pool)
        causes = [finding.cause for finding in add_causes(case, judge(case, answer), answer, {}) if finding.cause]
    except Refused:
        return None
    return causes[0] if causes and answer.outcome == ACCEPTS else None


def layer_line(call: Call) -> str:
    """The layer or function of a call as people type it: what is built, or else the first step with named parameters."""
    steps = list(flatten(call.steps))
    return next((step.expression for step in steps if step.result in BUILT or step.kwargs), steps[-1].expression)


def explain_failure(search: RecipeSearch, drop_in: DropIn) -> str:
    """Why there is no recipe: what the target lacks, and how the plans that it ran differ."""
    reference = search.reference
    due = reference.answers[reference.samples[-1]].output
    empty = [f"the answer has no cells: its shape is {due.shape}"] if due is not None and not due.size else []
    attempts = search.differences[-1:] and [f"{len(search.differences)} tried; the last differs: {search.differences[-1]}"]
    return "; ".join([*empty, *dict.fromkeys(search.refusals), *attempts]) or drop_in.difference or "; ".join(drop_in.changes)


def explain_range(search: RecipeSearch) -> str:
    """Why there is no recipe for any size: what the target lacks, and how the plans for more sizes differ."""
    if not search.source.size_independent:
        return "the parameters of the layer depend on the size of its input"
    if not search.reference.is_explained:
        return "no rules explain the source's answers on other sizes, so that nothing is proved about them"
    reasons = [*dict.fromkeys(search.refusals), *search.differences[-1:]]
    return f"no recipe for any size was found: {'; '.join(reasons)}" if reasons else "no recipe for any size is known"


def describe_indices(source: SourceLayer, target: SelectedTarget) -> str:
    """What a target offers for the indices of a source, which no recipe ports, in a sentence; empty if the source returns none."""
    if not source.indices:
        return ""
    ask = replace(source.ask, pool=source.pool.without("data_format"), wants=frozenset({"indices"}))
    try:
        target.adapter.call(ask, target.target)
    except Unsupported as gap:
        return str(gap)
    bases = (other.adapter.index_base(ask, other.target) for other in (source.target, target))
    ours, theirs = (in_words([{"axis": "index_base", "value": base}]) for base in bases)
    return f"{target.name} returns its own: there {theirs}" + (f", here {ours}" if ours != theirs else ", as here")


def describe_own_indices(search: RecipeSearch) -> str:
    """That an un-pooling needs no renumbering on a target whose own maximum pooling gives the indices, in a sentence; empty if that is not so."""
    source, target, sample = search.source, search.target, search.reference.samples[0]
    if source.pool.op not in UNPOOLING:
        return ""
    base = target.adapter.index_base(source.ask, target.target)
    if base == source.rules["index_base"]:
        return ""
    ask = source.ask_for(sample)
    try:
        call = target.adapter.call(replace(ask, pool=source.pool.without("data_format")), target.target)
    except Unsupported:
        return ""
    own = {"x": sample.tensor, INDICES: make_indices(ask.shape, ask.pool, ask.layout, base, batched=ask.batched)}
    [answer] = search.reference.workers.run(target, [(call, own)])
    if search.reference.describe_difference(sample, answer):
        return ""
    words = in_words([{"axis": "index_base", "value": base}])
    return f"if the indices come from {target.name}'s own maximum pooling, where {words}, this alone is enough: {layer_line(call)}"
