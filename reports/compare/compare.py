"""Compares two models: runs each pair of poolings in its own framework on the same inputs, and says how the answers differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from ...adapters.contract import Ask, Unsupported
from ...adapters.contract.model_files import ModelContents, Pooling, Sizes
from ...adapters.targets.find import AdapterEntry
from ...cases.judge.answer import Cause
from ...cases.model.inputs import Tensor
from ...cases.model.pool import FIRST, PARAMETERS, UNPOOLING
from ...cases.model.rules import Rules
from ..port.answer import Porter, find_cause
from ..port.open_sizes import format_sizes
from ..port.plans import STATED, Plan
from ..port.ranges import AnswerRange
from ..port.request import Unportable, read_source
from ..port.samples import NUMBERS, Sample, shrink
from ..port.search import RecipeSearch
from ..port.source import SourceLayer
from ..port.workers import Workers
from ..scan.scan import describe_type
from ..words.phrases import alternatives
from .pairing import ModelPooling, Pairing, pair_poolings

IDENTICAL, DIFFERS, NOT_COMPARED = "identical", "differs", "not_compared"
"""The verdicts on a pair."""
MAX_PAIRS = 200
"""Different pairs of two models that are run."""


@dataclass(frozen=True)
class PairResult:
    """What is known of a pair: the verdict, how the two differ, and how they are written differently.

    `difference` is the first cell that differs, in a sentence, and `cause` the rules that explain it; `parameters` are those
    with different values, in words; `exceptions` are special kinds of input on which the answers differ though they agree on
    ordinary numbers; `reason` is why the pair was not compared. `inputs` is the number of inputs on which both ran, 0 if
    they are one operation of one framework. `sizes` are the sizes for which the two were proved to agree.
    """

    verdict: str
    difference: str = ""
    cause: list[Cause] | None = None
    parameters: tuple[str, ...] = ()
    exceptions: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    inputs: int = 0
    sizes: AnswerRange | None = None

    @property
    def why(self) -> str:
        """The rules that differ, in words."""
        return alternatives(self.cause) if self.cause else ""


@dataclass(frozen=True)
class PairedLayer(SourceLayer):
    """A layer that runs beside another one, on inputs that are large enough for the windows of both."""

    partner: SourceLayer | None = None

    @cached_property
    def small(self) -> Ask:
        """The layer on an input of small shape; sizes that would not be the same for the partner stay as they are."""
        own = shrink(self.ask)
        if self.partner is None:
            return own
        other = shrink(replace(self.partner.ask, shape=self.ask.shape, layout=self.ask.layout))
        pairs = zip(own.shape, other.shape, self.ask.shape, strict=True)
        return replace(own, shape=tuple(size if size == there else asked_size for size, there, asked_size in pairs))


@dataclass(frozen=True, eq=False)
class PairSearch(RecipeSearch):
    """The second layer of a pair, which takes indices as its own framework counts them: those of the same places as the first's."""

    partner: SourceLayer | None = None

    def inputs(self, sample: Sample) -> dict[str, Tensor]:
        """The arrays that the second layer takes for a sample."""
        rules = self.partner.rules if self.partner else {}
        return replace(self.source, rules={**self.source.rules, **{key: rules[key] for key in INDEX_RULES if key in rules}}).inputs(sample)


INDEX_RULES = ("index_base",)
"""The rules that say what the indices of an un-pooling count."""


@dataclass(frozen=True)
class ComparedPair:
    """Two poolings, one of each model, and what is known of them."""

    first: ModelPooling
    second: ModelPooling
    result: PairResult


@dataclass(frozen=True)
class Comparison:
    """Two models by their names: the pairs of their poolings, those that only one has, and what their files do not reveal."""

    names: tuple[str, str]
    pairs: list[ComparedPair]
    only: tuple[list[ModelPooling], list[ModelPooling]]
    hidden_parts: tuple[list[str], list[str]]

    @property
    def equal(self) -> bool:
        """Whether every pooling has a partner that gives the same answers."""
        return not any(self.only) and all(pair.result.verdict == IDENTICAL for pair in self.pairs)


def compare_models(
    names: tuple[str, str], contents: tuple[ModelContents, ModelContents], entries: Mapping[str, AdapterEntry], workers: Workers
) -> Comparison:
    """Compare two models, whose names are those of their files."""
    first, second = ([read_pooling(pooling, entries) for pooling in merge_equal(model.poolings)] for model in contents)
    pairing = pair_poolings(first, second)
    hidden_parts = contents[0].hidden_parts, contents[1].hidden_parts
    return Comparison(names, list(compare_pairs(pairing, entries, workers)), (pairing.only_first, pairing.only_second), hidden_parts)


def merge_equal(poolings: Sequence[Pooling]) -> list[Pooling]:
    """Poolings without those that do the same as an earlier one with the same array, which some exporters write once."""
    poolings_by_key: dict[object, Pooling] = {}
    for place, pooling in enumerate(poolings):
        poolings_by_key.setdefault((pooling.text, pooling.shape, pooling.dtype, pooling.array or place), pooling)
    return list(poolings_by_key.values())


def read_pooling(pooling: Pooling, entries: Mapping[str, AdapterEntry]) -> ModelPooling:
    """A pooling with its layer on an input of the shape that the model states, or why there is none."""
    if reason := pooling.problem or describe_type(pooling.dtype):
        return ModelPooling(pooling, None, reason)
    try:
        return ModelPooling(pooling, read_source(pooling.text, pooling.shape, pooling.dtype or "float32", entries))
    except Unportable as error:
        return ModelPooling(pooling, None, str(error))


def compare_pairs(pairing: Pairing, entries: Mapping[str, AdapterEntry], workers: Workers) -> Iterator[ComparedPair]:
    """Compare pairs, equal ones once."""
    results_by_key: dict[Any, PairResult] = {}
    for first, second in pairing.pairs:
        key = (pair_key(first), pair_key(second))
        if key not in results_by_key:
            results_by_key[key] = compare_pair(first, second, entries, workers) if len(results_by_key) < MAX_PAIRS else TOO_MANY
        yield ComparedPair(first, second, results_by_key[key])


TOO_MANY = PairResult(NOT_COMPARED, reason=f"the models have more than {MAX_PAIRS} different pairs")


def pair_key(one: ModelPooling) -> Any:
    """What the answers of a pooling depend on: its text and type, and where its windows fall, for which a small input stands."""
    pooling, layer = one.pooling, one.layer
    return pooling.text, pooling.dtype, one.reason, layer.small.shape if layer else pooling.shape, one.sizes and None in one.sizes


def compare_pair(first: ModelPooling, second: ModelPooling, entries: Mapping[str, AdapterEntry], workers: Workers) -> PairResult:
    """Compare two poolings: by what is written if that is the same, else by running both."""
    if is_same_text(first.pooling, second.pooling):
        return PairResult(IDENTICAL)
    types = [one.pooling.dtype for one in (first, second)]
    if all(types) and types[0] != types[1]:
        return PairResult(DIFFERS, f"elements of {types[0]} in the first model, of {types[1]} in the second")
    if not first.layer or not second.layer:
        return PairResult(NOT_COMPARED, reason=first.reason or second.reason)
    parameters = describe_parameters(first, second)
    sizes = join_sizes(first, second)
    if sizes is None:
        shapes = [format_sizes(one.sizes or ()) for one in (first, second)]
        return PairResult(
            DIFFERS, f"channels and cells of the input are {shapes[0]} in the first model, {shapes[1]} in the second", parameters=parameters
        )
    try:
        layers = [read_layer(one.pooling.text, one.layer, sizes, types[0] or types[1], entries) for one in (first, second) if one.layer]
        result = run_pair(layers[0], layers[1], workers)
    except Unportable as error:
        return PairResult(NOT_COMPARED, reason=str(error))
    return replace(result, parameters=parameters) if result.verdict == DIFFERS else result


def is_same_text(first: Pooling, second: Pooling) -> bool:
    """Whether two poolings are the same operation of one framework on the same input."""
    return (first.text, first.shape, first.dtype) == (second.text, second.shape, second.dtype) and first.indices == second.indices


def join_sizes(first: ModelPooling, second: ModelPooling) -> Sizes | None:
    """The channels and the spatial sizes of two inputs, those that one model leaves open from the other; None if they differ."""
    if not first.sizes or not second.sizes:
        return first.sizes or second.sizes or ()
    pairs = list(zip(first.sizes, second.sizes, strict=False))
    if len(first.sizes) != len(second.sizes) or any(None not in pair and pair[0] != pair[1] for pair in pairs):
        return None
    return tuple(there if size is None else size for size, there in pairs)


def read_layer(text: str, layer: SourceLayer, sizes: Sizes, dtype: str, entries: Mapping[str, AdapterEntry]) -> SourceLayer:
    """A layer on an input with other sizes than its model states; raises `Unportable`."""
    channels, *spatial = sizes or (None,) * (len(layer.ask.shape) - int(layer.ask.batched))
    axis_sizes = (channels, *spatial) if layer.ask.layout == FIRST else (*spatial, channels)
    return read_source(text, (None, *axis_sizes) if layer.ask.batched else axis_sizes, dtype or "float32", entries)


def describe_parameters(first: ModelPooling, second: ModelPooling) -> tuple[str, ...]:
    """The parameters with different values, in words."""
    one, other = first.parameters, second.parameters
    if one is None or other is None or (one.op != other.op and one.kind == other.kind):
        return ()  # a global pooling and a window as large as its input are written differently and may well be the same
    pairs = ((name, getattr(one, name), getattr(other, name)) for name in ("op", *PARAMETERS))
    return tuple(f"{name} is {value} in the first model, {there} in the second" for name, value, there in pairs if value != there)


@np.errstate(all="ignore")
def run_pair(first: SourceLayer, second: SourceLayer, workers: Workers) -> PairResult:
    """Run two layers on the same samples and compare their answers; raises `Unportable` if one cannot be run."""
    values = {each.name: getattr(first, each.name) for each in fields(SourceLayer)}
    paired_layer = PairedLayer(**{**values, "ask": with_kept_axes(first.ask)}, partner=second)
    ask = with_kept_axes(replace(second.ask, layout=first.ask.layout))
    search = PairSearch(Porter(paired_layer, workers).reference, second.target, partner=second)
    samples = search.reference.samples
    adapter, target = second.target.adapter, second.target.target
    try:
        calls = [adapter.call(replace(ask, shape=sample.tensor.shape, dtype=sample.tensor.dtype), target) for sample in samples]
    except Unsupported as gap:
        raise Unportable(str(gap)) from None
    exceptions = search.compare_outputs(samples, calls)
    is_open = None in [first.sizes[axis] for axis in first.ask.spatial]
    sizes = find_range(search, ask, include_asked=not is_open)
    if NUMBERS not in exceptions:
        if is_open and (other := describe_other_size(search, ask)):
            return PairResult(DIFFERS, other, inputs=len(samples), sizes=sizes)
        return PairResult(IDENTICAL, exceptions=exceptions, inputs=len(samples), sizes=sizes or search.reference.ranges.only_asked())
    sample, call = next(pair for pair in zip(samples, calls, strict=True) if NUMBERS in search.compare_outputs(pair[:1], [pair[1]]))
    difference = f"on {format_sizes(sample.tensor.shape)}: {exceptions[NUMBERS]}"
    return PairResult(
        DIFFERS,
        difference,
        None if first.pool.op in UNPOOLING else find_cause(search, second.written_pool.without("data_format"), sample, call),
        inputs=len(samples),
        sizes=sizes,
    )


def find_range(search: RecipeSearch, ask: Ask, *, include_asked: bool) -> AnswerRange | None:
    """The sizes for which the second layer of a pair gives what the first gives: proved, and confirmed by running; None if there are none.

    `include_asked` is whether the asked size must be one of them.
    """
    reference = search.reference
    plan = Plan(ask.pool, Rules(), STATED)
    candidates = reference.ranges.possible(plan) if include_asked else reference.ranges.list_ranges(plan)
    ranges = candidates if reference.is_explained else []
    return next((sizes for sizes in ranges if search.confirm(plan, sizes)), None)


def describe_other_size(search: RecipeSearch, ask: Ask) -> str:
    """How the two layers of a pair differ on other sizes than the asked one, in a sentence; empty if they do not."""
    ranges = search.reference.ranges
    samples = search.reference.samples_of(ranges.every_size().confirming_shapes(ranges.horizons))
    different = search.find_differences(samples, [search.call(Plan(ask.pool, Rules(), STATED), sample) for sample in samples])
    return next((f"on {format_sizes(sample.tensor.shape)}: {text}" for sample, text in different.items()), "")


def with_kept_axes(ask: Ask) -> Ask:
    """A case whose global pooling keeps its axes: whether they are dropped is only a matter of how a model goes on."""
    pool = replace(ask.pool, keepdims=True) if ask.pool.op.startswith("global") else ask.pool
    return replace(ask, pool=pool.without("data_format"))
