"""What a layer does in its own framework, and what the same arguments do on every other target, each in a few lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np

from ...adapters.contract import Unsupported
from ...adapters.targets.choose import SelectedTarget, select_targets
from ...adapters.targets.find import AdapterEntry, is_installed
from ...cases.judge.answer import ACCEPTS, NOT_RUN, UNSUPPORTED, Answer
from ...cases.model.pool import UPSAMPLING, Pool, Refused
from ...cases.model.rules import Rules
from ..words.phrases import in_words
from ..words.text import find_reason
from .answer import NearestLayer, find_nearest_layer, layer_line
from .bounds import find_excess
from .indexed import INDEXED, describe_answer, describe_layer, draw_layer, make_arrays, with_second_array
from .layer_facts import LEGEND, AxisFacts, describe_axes, describe_divisors, describe_norm, draw_windows
from .request import choose_targets, is_slow
from .samples import Sample, make_samples, ordinary_samples, sample_of_shape
from .source import SourceLayer, describe_fault
from .workers import Workers

ANY_SIZE = {"size_zero": "empty", "size_negative": "empty", "small_input": "accept", "pad_limit": "none", "explicit_padding": "accept"}
"""Rules that lay out windows which do not fit, so that their numbers can be shown."""
UNEXPLAINED = "no known rules give its values"


@dataclass(frozen=True)
class Explanation:
    """What a layer's arguments do on a target, as text.

    `line` is the target's nearest layer, empty if it has none, and `changes` are sentences on arguments that were
    changed for it. `outcome` is that of an answer, `size` the shape of its output, and `reason` says why there is none.
    `windows` are sentences on padding, divisors and norms, and `drawing` the axes and windows of the layer in its own
    framework.
    """

    name: str
    line: str
    changes: tuple[str, ...]
    outcome: str
    size: tuple[int, ...] | None = None
    reason: str = ""
    windows: tuple[str, ...] = ()
    drawing: tuple[str, ...] = ()
    rules: str = ""

    def as_json(self) -> dict[str, Any]:
        """The explanation as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The explanation that `as_json` gave."""
        fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        return cls(**fields)

    def says_the_same(self, other: Explanation) -> bool:
        """Whether another target's explanation differs in nothing but the name."""
        return replace(self, name=other.name, drawing=()) == replace(other, drawing=())


def list_explained_targets(source: SourceLayer, destination: str, entries: Mapping[str, AdapterEntry]) -> list[SelectedTarget]:
    """The targets that `destination` means besides the source's own: all that are installed, but those that run few cases only if they are named.

    Raises `UnknownTarget`.
    """
    if destination == "all":
        names = [name for name, entry in entries.items() if is_installed(entry.target) and not entry.adapter.reference]
        targets = select_targets([name for name in names if not is_slow(entries[name])], entries)
    else:
        targets = choose_targets(destination, source.framework, entries)
    return [target for target in targets if target.name != source.target.name]


def list_slow_targets(source: SourceLayer, destination: str, entries: Mapping[str, AdapterEntry]) -> list[str]:
    """The names of the installed targets that `list_explained_targets` leaves out of 'all'."""
    slow = [name for name, entry in entries.items() if is_slow(entry) and name != source.target.name and is_installed(entry.target)]
    return slow if destination == "all" else []


def explain_everywhere(source: SourceLayer, others: Sequence[SelectedTarget], workers: Workers) -> list[Explanation]:
    """The explanation of a layer on its own target and on others, in this order.

    The frameworks run beside each other; targets that share a process are asked one after another.
    """
    groups: list[list[SelectedTarget]] = []
    for target in (source.target, *others):
        same = next((group for group in groups if worker_of(group[0]) == worker_of(target)), None)
        groups.append([target]) if same is None else same.append(target)
    with ThreadPoolExecutor(len(groups)) as threads:
        try:
            parts = threads.map(lambda group: [explain_on(source, target, workers, group[0]) for target in group], groups)
            explanations = {explanation.name: explanation for part in parts for explanation in part}
        except BaseException:
            workers.close()  # the threads wait for answers, which then come at once
            raise
    return [explanations[target.name] for target in (source.target, *others)]


def worker_of(selected_target: SelectedTarget) -> tuple[Any, ...]:
    """What the worker of a target is started with: the modes of a framework can be asked in one process."""
    target = selected_target.target
    return selected_target.launch.adapter, selected_target.launch.python, target.modules, dict(target.environment), target.prepare


def explain_on(source: SourceLayer, target: SelectedTarget, workers: Workers, worker: SelectedTarget) -> Explanation:
    """What the source's arguments do on a target, asked in the process of a target that has the same; or what a broken adapter raises."""
    try:
        return find_explanation(source, target, workers, worker)
    except Exception as error:
        if fault := describe_fault(target.adapter, source.ask, error):
            return Explanation(target.name, "", (), NOT_RUN, reason=fault)
        raise


@np.errstate(all="ignore")  # special numbers among the samples are no news to the user
def find_explanation(source: SourceLayer, target: SelectedTarget, workers: Workers, worker: SelectedTarget) -> Explanation:
    """What the source's arguments do on a target, asked in the process of a target that has the same."""
    if source.pool.op in INDEXED:
        return explain_with_arrays(with_second_array(source), target, workers, worker)
    ask = source.ask
    try:
        nearest = find_own_layer(source) if is_own(source, target) else find_nearest_layer(target, ask, source.written_pool, source.pool)
        reduction, way = source.reduction and is_own(source, target), source.way if is_own(source, target) else ""
        asked_source = replace(source, ask=replace(ask, pool=nearest.pool), target=target, reduction=reduction, way=way)
        call = (
            asked_source.call(sample_of_shape(source.small))
            if way
            else target.adapter.call(replace(asked_source.ask, reduction=reduction), target.target)
        )
    except Unsupported as gap:
        return Explanation(target.name, "", (), UNSUPPORTED, reason=str(gap))
    explanation = Explanation(target.name, layer_line(call), nearest.changes, ACCEPTS)
    rules = default_rules(target, source)
    moved_source = replace(asked_source, rules=rules)
    if excess := find_excess(moved_source.ask, moved_source.small):
        return replace(explanation, outcome=NOT_RUN, reason=excess)
    telling = choose_telling_samples(moved_source)
    *answers, last = run_samples(moved_source, [*telling, sample_of_shape(moved_source.ask)], workers, worker)
    own = target == source.target
    if last.outcome != ACCEPTS or last.output is None:
        facts = lay_out(source.pool, source, {**moved_source.rules, **ANY_SIZE}) if own else []
        return replace(explanation, outcome=last.outcome, reason=find_reason(last.detail), drawing=tuple(draw_axes(facts)))
    for sample, answer in zip(telling, answers, strict=True):
        moved_source = moved_source.with_observed_rules(sample, answer)
    is_explained = all(
        answer.outcome != ACCEPTS or moved_source.explains(sample, answer) for sample, answer in zip(telling, answers, strict=True)
    )
    facts = lay_out(source.pool if own else nearest.pool, source, moved_source.rules)
    phrases = in_words([{"axis": axis, "value": value} for axis, value in moved_source.rules.items()])
    return replace(
        explanation,
        size=last.output.shape,
        windows=(*describe_windows(facts), *([] if is_explained else [UNEXPLAINED])),
        drawing=tuple(draw_axes(facts)) if own else (),
        rules=phrases,
    )


def explain_with_arrays(source: SourceLayer, target: SelectedTarget, workers: Workers, worker: SelectedTarget) -> Explanation:
    """What a layer does that takes a second array, on a target that has such a layer."""
    ask, own = source.ask, target == source.target
    try:
        nearest = find_own_layer(source) if is_own(source, target) else find_nearest_layer(target, ask, source.written_pool, source.pool)
        call = target.adapter.call(replace(ask, pool=nearest.pool), target.target)
    except Unsupported as gap:
        return Explanation(target.name, "", (), UNSUPPORTED, reason=str(gap), drawing=tuple(draw_layer(source)) if own else ())
    arrays = make_arrays(ask, target)
    [answer] = workers.run(worker, [(call, arrays)])
    explanation = Explanation(
        target.name, layer_line(call), nearest.changes, answer.outcome, drawing=tuple(draw_layer(source)) if own else ()
    )
    if answer.outcome != ACCEPTS or answer.output is None:
        return replace(explanation, reason=find_reason(answer.detail))
    difference = describe_answer(source, target, arrays, answer)
    sentences = (*describe_layer(source, target), *([f"differs from the definition: {difference}"] if difference else []))
    return replace(explanation, size=answer.output.shape, windows=sentences)


def is_own(source: SourceLayer, target: SelectedTarget) -> bool:
    """Whether a target is one of the source's own framework, or answers for it."""
    return target.adapter.framework == source.framework or target == source.target


def find_own_layer(source: SourceLayer) -> NearestLayer:
    """The layer with the arguments that its text states; if the definition answers for it, with all of them."""
    return NearestLayer(source.written_pool if source.run else source.pool.without("data_format"))


def choose_telling_samples(source: SourceLayer) -> list[Sample]:
    """The samples whose answers show the rules of a target: for norms also one of numbers of both signs."""
    ordinary = ordinary_samples(make_samples(source.small))
    both_signs = [sample for sample in ordinary if np.ptp(np.sign(sample.tensor.value.astype("float64"))) == 2]
    return [ordinary[0], *(both_signs[:1] if source.pool.kind == "lp" else [])]


def run_samples(moved_source: SourceLayer, samples: Sequence[Sample], workers: Workers, worker: SelectedTarget) -> list[Answer]:
    """The answers of a target to samples, from the worker of another that has the same process."""
    return workers.run(worker, [(moved_source.call(sample), {"x": sample.tensor}) for sample in samples])


def default_rules(target: SelectedTarget, source: SourceLayer) -> Mapping[str, str]:
    """The rules by which the source's own framework fills in omitted arguments; those of other frameworks are observed."""
    return source.rules if is_own(source, target) else {}


def lay_out(pool: Pool, source: SourceLayer, rules: Mapping[str, str]) -> list[AxisFacts]:
    """The facts of every spatial axis of the input; none if rules cannot lay them out."""
    try:
        return describe_axes(pool, [source.ask.shape[axis] for axis in source.ask.spatial], Rules(**rules))
    except Refused:
        return []


def draw_axes(facts: Sequence[AxisFacts]) -> Iterator[str]:
    """The layer in its own framework, axis by axis."""
    for fact, places in group_axes(facts).items():
        if fact.pool.op in UPSAMPLING:
            yield f"\nax{'e' if len(places) > 1 else 'i'}s {' and '.join(places)} of {fact.axis.n} cells: size {fact.formula}"
            yield from (f"  {line}" for line in draw_windows(fact))
            continue
        axes = f"ax{'e' if len(places) > 1 else 'i'}s {' and '.join(places)}"
        yield f"\n{axes} of {fact.axis.n} cells: size {fact.formula}; padding {fact.padding}"
        if fact.misfit:
            yield f"  {fact.misfit}"
        yield from (f"  {line}" for line in draw_windows(fact))
    if any(fact.axis.size for fact in facts):
        yield f"\n{LEGEND}"


def describe_windows(facts: Sequence[AxisFacts]) -> Iterator[str]:
    """The padding, the divisors and the norm of a layer, in a line each."""
    if not facts or facts[0].pool.op in UPSAMPLING:
        return
    yield f"padding {'; '.join(dict.fromkeys(fact.padding for fact in facts))}"
    if divisors := describe_divisors(facts):
        yield f"an average divides by {divisors}"
    yield from describe_norm(facts[0].pool, facts[0].rules)


def group_axes(facts: Sequence[AxisFacts]) -> dict[AxisFacts, list[str]]:
    """The numbers of the axes with the same windows, by the facts of the first of them."""
    groups: dict[object, list[AxisFacts]] = {}
    for fact in facts:
        groups.setdefault((fact.axis, fact.stride if fact.pool.kernel and fact.pool.op not in UPSAMPLING else 0), []).append(fact)
    return {same[0]: [str(fact.place) for fact in same] for same in groups.values()}


def merge_same(explanations: Sequence[Explanation]) -> list[tuple[list[str], Explanation]]:
    """Explanations with the names of all targets that they hold for, in the order of the first of these."""
    merged_explanations: list[tuple[list[str], Explanation]] = []
    for explanation in explanations:
        names = next((names for names, other in merged_explanations if explanation.says_the_same(other)), None)
        if names is None:
            merged_explanations.append(([explanation.name], explanation))
        else:
            names.append(explanation.name)
    return merged_explanations
