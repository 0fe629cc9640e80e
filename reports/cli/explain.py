"""The command `explain`: what a layer does, and what the same arguments do in every framework."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from rich.text import Text

from ...adapters.contract import Unsupported
from ...adapters.targets.choose import SelectedTarget
from ...adapters.targets.find import find_targets
from ...cases.judge.answer import ACCEPTS, NOT_RUN, Answer
from ...cases.model.pool import Refused
from ...cases.model.rules import Rules
from ..port.answer import find_nearest_layer, layer_line
from ..port.bounds import find_excess
from ..port.layer_facts import LEGEND, AxisFacts, describe_axes, describe_divisors, draw_windows
from ..port.request import choose_targets, read_source
from ..port.samples import make_samples, ordinary_samples, sample_of_shape
from ..port.source import SourceLayer, first_line
from ..port.workers import Workers
from ..words.phrases import in_words
from .port import parse_shape
from .shared import Adapters, Dtype, Layer, Shape, folded


@dataclass(frozen=True)
class Explanation:
    """What the same arguments do in one framework: the line, changes of arguments, the answer, the rules, and lines about the windows."""

    name: str
    line: str
    changes: tuple[str, ...]
    answer: Answer
    rules: Mapping[str, str]
    windows: tuple[str, ...] = ()


def explain(layer: Layer, shape: Shape = "", dtype: Dtype = "float32", adapter: Adapters = None) -> None:
    """Explain what a layer does, and what the same arguments do in other frameworks.

    For each axis: the size as a formula, the padding, what an average divides by, and a drawing of the windows.
    """
    entries = find_targets(adapter or ())
    source = read_source(layer, parse_shape(shape), dtype, entries)
    with Workers() as workers:
        own = explain_on(source, source.chosen, workers)
        others = [explain_on(source, target, workers) for target in choose_targets("all", source.framework, entries)]
    folded.print(Text.assemble((source.text, "bold"), f"\non {' x '.join(map(str, source.ask.shape))}, {source.ask.layout}, in {own.name}"))
    for line in own.windows or [f"  {own.answer.outcome}: {first_line(own.answer.detail) or 'an answer that no rules explain'}"]:
        folded.print(line)
    folded.print(Text("\nthe same arguments elsewhere", "bold underline") if others else "")
    for text in (text for other in others for text in describe_elsewhere(other)):
        folded.print(text, soft_wrap=True)


@np.errstate(all="ignore")  # special numbers among the samples are no news to the user
def explain_on(source: SourceLayer, target: SelectedTarget, workers: Workers) -> Explanation:
    """What the source's arguments do on a target."""
    own = target == source.chosen
    try:
        nearest = find_nearest_layer(target, source.ask, source.pool if own else source.written, source.pool)
        call = target.adapter.call(replace(source.ask, pool=nearest.pool), target.target)
    except Unsupported as gap:
        return Explanation(target.name, "", (str(gap),), Answer("unsupported"), {})
    moved_source = replace(source, ask=replace(source.ask, pool=nearest.pool), chosen=target)
    if excess := find_excess(moved_source.ask, moved_source.small):
        return Explanation(target.name, layer_line(call), nearest.changes, Answer(NOT_RUN, detail=excess), {})
    first = ordinary_samples(make_samples(moved_source.small))[0]
    answer, last = moved_source.run_samples(workers, [first, sample_of_shape(moved_source.ask)])
    if last.outcome != ACCEPTS:
        return Explanation(target.name, layer_line(call), nearest.changes, last, {})
    moved_source = replace(moved_source, rules=default_rules(target, moved_source)).with_observed_rules(first, answer)
    spatial = [source.ask.shape[axis] for axis in source.ask.spatial]
    try:
        facts = describe_axes(nearest.pool, spatial, Rules(**moved_source.rules))
    except Refused:
        facts = []
    lines = (describe_own_windows(facts) if own else describe_windows(facts)) if facts else ()
    return Explanation(target.name, layer_line(call), nearest.changes, last, moved_source.rules, tuple(lines))


def default_rules(target: SelectedTarget, source: SourceLayer) -> Mapping[str, str]:
    """The rules by which the source's own framework fills in omitted arguments; those of other frameworks are observed."""
    return source.rules if target.adapter.framework == source.framework else {}


def describe_own_windows(facts: list[AxisFacts]) -> Iterator[str]:
    """The layer in its own framework, axis by axis."""
    for fact, places in group_axes(facts).items():
        axes = f"ax{'e' if len(places) > 1 else 'i'}s {' and '.join(places)}"
        yield f"\n{axes} of {fact.axis.n} cells: size {fact.formula}; padding {fact.padding}"
        yield from (f"  {line}" for line in draw_windows(fact))
    yield f"\n{LEGEND}"
    if divisors := describe_divisors(facts):
        yield f"an average divides by {divisors}"


def describe_windows(facts: list[AxisFacts]) -> Iterator[str]:
    """The padding and the divisors of a layer, in a line each."""
    yield f"padding {'; '.join(dict.fromkeys(fact.padding for fact in facts))}"
    if divisors := describe_divisors(facts):
        yield f"divides by {divisors}"


def group_axes(facts: list[AxisFacts]) -> dict[AxisFacts, list[str]]:
    """The numbers of the axes with the same windows, by the facts of the first of them."""
    groups: dict[object, list[AxisFacts]] = {}
    for fact in facts:
        groups.setdefault((fact.axis, fact.stride if fact.pool.kernel else 0), []).append(fact)
    return {same[0]: [str(fact.place) for fact in same] for same in groups.values()}


def describe_elsewhere(explanation: Explanation) -> Iterator[Text]:
    """What the same arguments do in another framework, in a few lines."""
    answer = explanation.answer
    size = answer.outcome if answer.output is None else " x ".join(map(str, answer.output.shape))
    yield Text.assemble((f"\n{explanation.name}", "bold"), f"  {size}")
    yield Text(f"  {explanation.line or 'no such layer'}")
    yield from (Text(f"  {sentence}") for sentence in explanation.changes)
    if answer.output is None and answer.detail:
        yield Text(f"  {first_line(answer.detail)}")
    yield from (Text(f"  {line}") for line in explanation.windows)
    if explanation.rules:
        yield Text(f"  {in_words([{'axis': axis, 'value': value} for axis, value in explanation.rules.items()])}")
