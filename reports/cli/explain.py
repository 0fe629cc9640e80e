"""The command `explain`: what a layer does, and what the same arguments do in every framework."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from rich.text import Text

from ...adapters.contract import Unsupported
from ...adapters.targets.choose import Chosen
from ...adapters.targets.find import Found, find_targets
from ...cases.judge.answer import ACCEPTS, Answer
from ...cases.model.pool import Refused
from ...cases.model.rules import Rules
from ..port.answer import find_nearest_layer, layer_line
from ..port.layer_facts import LEGEND, Facts, divisors, drawing, facts
from ..port.request import destinations, source_of
from ..port.samples import make_samples, ordinary_samples, sample_of_shape
from ..port.source import SourceLayer, first_line
from ..port.workers import Workers
from ..words.phrases import in_words
from .port import sizes
from .shared import Adapters, Dtype, Layer, Shape, folded


@dataclass(frozen=True)
class Explained:
    """What the same arguments are in one framework: the line, what had to be left out, the answer, and each axis if its rules are known."""

    name: str
    line: str
    left_out: tuple[str, ...]
    answer: Answer
    rules: Mapping[str, str]
    axes: tuple[Facts, ...] = ()


def explain(layer: Layer, shape: Shape = "", dtype: Dtype = "float32", adapter: Adapters = None) -> None:
    """Explain what a layer does, and what the same arguments do in other frameworks.

    For each axis: the size as a formula, the padding, what an average divides by, and a drawing of the windows.
    """
    found = find_targets(adapter or ())
    source = source_of(layer, sizes(shape), dtype, found)
    with Workers() as workers:
        own = explained(source, source.chosen, workers)
        others = list(elsewhere(source, found, workers))
    folded.print(Text.assemble((source.text, "bold"), f"\non {' x '.join(map(str, source.ask.shape))}, {source.ask.layout}, in {own.name}"))
    for each in told(own):
        folded.print(each)
    folded.print(Text("\nthe same arguments elsewhere", "bold underline") if others else "")
    for line in (line for each in others for line in compared(each)):
        folded.print(line, soft_wrap=True)


def elsewhere(source: SourceLayer, found: Mapping[str, Found], workers: Workers) -> Iterator[Explained]:
    """The same arguments in every other framework that is installed."""
    for chosen in destinations("all", source.framework, found):
        yield explained(source, chosen, workers)


def explained(source: SourceLayer, chosen: Chosen, workers: Workers) -> Explained:
    """What the source's arguments are on a target."""
    own = chosen == source.chosen
    try:
        nearest = find_nearest_layer(chosen, source.ask, source.pool if own else source.written, source.pool)
        call = chosen.adapter.call(replace(source.ask, pool=nearest.pool), chosen.target)
    except Unsupported as gap:
        return Explained(chosen.name, "", (str(gap),), Answer("unsupported"), {})
    there = replace(source, ask=replace(source.ask, pool=nearest.pool), chosen=chosen)
    first = ordinary_samples(make_samples(there.small))[0]
    answer, last = there.run_samples(workers, [first, sample_of_shape(there.ask)])
    if last.outcome != ACCEPTS:
        return Explained(chosen.name, layer_line(call), nearest.changes, last, {})
    there = replace(there, rules=defaults_of(chosen, there)).with_observed_rules(first, answer)
    spatial = [source.ask.shape[axis] for axis in source.ask.spatial]
    try:
        axes = tuple(facts(nearest.pool, spatial, Rules(**there.rules)))
    except Refused:
        axes = ()
    return Explained(chosen.name, layer_line(call), nearest.changes, last, there.rules, axes)


def defaults_of(chosen: Chosen, source: SourceLayer) -> Mapping[str, str]:
    """The rules by which the source's own framework fills in what is left open; those of others are found."""
    return source.rules if chosen.adapter.framework == source.framework else {}


def told(own: Explained) -> Iterator[str]:
    """The layer in its own framework, axis by axis."""
    if not own.axes:
        yield f"  {own.answer.outcome}: {first_line(own.answer.detail) or 'an answer that no rules explain'}"
        return
    for one, places in alike(own.axes).items():
        named = f"ax{'e' if len(places) > 1 else 'i'}s {' and '.join(places)}"
        yield f"\n{named} of {one.axis.n} cells: size {one.formula}; padding {one.padding}"
        yield from (f"  {line}" for line in drawing(one))
    yield f"\n{LEGEND}"
    if by := divisors(own.axes):
        yield f"an average divides by {by}"


def alike(axes: tuple[Facts, ...]) -> dict[Facts, list[str]]:
    """Axes with the same windows together, each by one of them."""
    found: dict[object, list[Facts]] = {}
    for one in axes:
        found.setdefault((one.axis, one.stride if one.pool.kernel else 0), []).append(one)
    return {same[0]: [str(one.place) for one in same] for same in found.values()}


def compared(each: Explained) -> Iterator[Text]:
    """What the same arguments come to in one framework, in a few lines."""
    output = each.answer.output
    size = each.answer.outcome if output is None else " x ".join(map(str, output.shape))
    yield Text.assemble((f"\n{each.name}", "bold"), f"  {size}")
    yield Text(f"  {each.line or 'there is no such layer'}")
    yield from (Text(f"  {sentence}") for sentence in each.left_out)
    if output is None and each.answer.detail:
        yield Text(f"  {first_line(each.answer.detail)}")
    if each.axes:
        yield Text(f"  padding {'; '.join(dict.fromkeys(one.padding for one in each.axes))}")
    if each.axes and (by := divisors(each.axes)):
        yield Text(f"  divides by {by}")
    if each.rules:
        yield Text(f"  {in_words([{'axis': axis, 'value': value} for axis, value in each.rules.items()])}")
