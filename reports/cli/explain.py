"""The command `explain`: what a layer does, and what the same arguments do in every framework."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from ...adapters.targets.choose import SelectedTarget
from ...adapters.targets.find import find_targets
from ...cases.judge.answer import ACCEPTS
from ...cases.model.pool import EXPLAINED
from ..port.explanation import Explanation, explain_everywhere, list_explained_targets, list_slow_targets, merge_same
from ..port.request import Unportable, read_sources
from ..port.source import SourceLayer
from ..port.terminal import describe_slow
from ..port.workers import Workers
from ..run.cache_file import CacheFile
from ..run.question_cache import answer_once, open_cache
from .port import parse_sizes
from .shared import Adapters, Dtype, Layer, NoCache, Shape, err, paragraphs

Targets = Annotated[
    str,
    typer.Option(
        "--to", metavar="FRAMEWORK", help="The other frameworks: a name, a target, a pattern, or `all`, which leaves out slow modes."
    ),
]


def explain(
    layer: Layer,
    shape: Shape = "",
    dtype: Dtype = "float32",
    to: Targets = "all",
    *,
    no_cache: NoCache = False,
    adapter: Adapters = None,
) -> None:
    """Explain what a layer does, and what the same arguments do in other frameworks and execution modes.

    For each axis: the size as a formula, the padding, what an average divides by, and a drawing of the windows.
    """
    entries = find_targets(adapter or ())
    sources = read_sources(layer, parse_sizes(shape) if shape else None, dtype, entries, operations=EXPLAINED)
    with open_cache(used=not no_cache) as cache, Workers() as workers:
        for source in sources:
            if isinstance(source, Unportable):
                paragraphs.print(str(source), style="red")
            else:
                explain_source(source, list_explained_targets(source, to, entries), cache, workers)
                if slow := list_slow_targets(source, to, entries):
                    paragraphs.print(f"\n{describe_slow(slow)}")
    if cache and (trouble := cache.describe_trouble()):
        err.print(trouble)
    if any(isinstance(source, Unportable) for source in sources):
        raise typer.Exit(2)


def explain_source(source: SourceLayer, others: Sequence[SelectedTarget], cache: CacheFile | None, workers: Workers) -> None:
    """Print the explanation of one pooling of a text, the one of an earlier question if there is one."""

    def find() -> tuple[list[dict[str, Any]], bool]:
        return [explanation.as_json() for explanation in explain_everywhere(source, others, workers)], workers.lasting

    question = ["explain", source.text, list(source.ask.shape), source.ask.dtype, source.ask.layout]
    own, *rest = map(Explanation.from_json, answer_once(cache, question, [source.target, *others], find))
    print_own(source, own)
    paragraphs.print(Text("\nthe same arguments elsewhere", "bold underline") if rest else "")
    for text in (text for names, other in merge_same(rest) for text in describe_elsewhere(names, other)):
        paragraphs.print(text, soft_wrap=True)


def print_own(source: SourceLayer, own: Explanation) -> None:
    """Print the layer in its own framework."""
    sizes = " x ".join(map(str, source.ask.shape))
    paragraphs.print(Text.assemble((source.text, "bold"), f"\non {sizes}, {source.ask.layout}, in {own.name}"))
    for note in source.notes:
        paragraphs.print(note)
    if own.outcome != ACCEPTS:
        paragraphs.print(f"  {own.outcome}: {own.reason}")
    for line in (*own.drawing, *own.windows):
        paragraphs.print(line)


def describe_elsewhere(names: Sequence[str], explanation: Explanation) -> Iterator[Text]:
    """What the same arguments do on other targets, in a few lines."""
    size = explanation.outcome if explanation.size is None else " x ".join(map(str, explanation.size))
    yield Text.assemble((f"\n{', '.join(names)}", "bold"), f"  {size}")
    yield Text(f"  {explanation.line or 'no such layer'}")
    sentences = (*explanation.changes, explanation.reason, *explanation.windows, explanation.rules)
    yield from (Text(f"  {sentence}") for sentence in sentences if sentence)
