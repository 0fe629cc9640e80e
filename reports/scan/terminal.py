"""Scanned models in the terminal: equal layers in one group, with what to write instead and for which sizes that holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from ...adapters.contract.model_files import Pooling
from ...cases.model.mistake import quote_path
from ..port.open_sizes import format_sizes
from ..port.record import DROP_IN, IMPOSSIBLE, RECIPE
from ..port.terminal import HEADS, format_code
from ..words.text import escape_line, format_count
from .scan import NOT_SUPPORTED, ScannedLayer

SCAN_HEADS = {**HEADS, NOT_SUPPORTED: ("not supported by scan", "bold magenta")}
PLURAL_HEADS = {
    DROP_IN: "move as they are",
    RECIPE: "move by a recipe",
    IMPOSSIBLE: "cannot be ported",
    NOT_SUPPORTED: "not supported by scan",
}
MAX_WIDTH = 300
"""Characters of a layer's text, or of a list of names, in a line."""


def print_heading(console: Console, target: str, number: int, count: int) -> None:
    """Print above the layers of a target which of several it is."""
    if count > 1:
        console.print(Text.assemble("\n" if number > 1 else "", (f"to {target}, {number} of {count} targets", "bold underline")))


def print_layers(console: Console, model: str, layers: Sequence[ScannedLayer], hidden_parts: Sequence[str], target: str) -> None:
    """Print the layers of a model in groups, the parts that its file does not reveal, and how many layers have each verdict."""
    for line in (line for same in group_layers(layers) for line in describe_layers(same)):
        console.print(line, soft_wrap=True)
    if hidden_parts:
        console.print(Text("the file does not reveal", "bold"))
        for sentence in hidden_parts:
            console.print(Text(f"  {escape_line(sentence)}"), soft_wrap=True)
    console.print(count_verdicts(layers, target) if layers else f"no pooling layers in {quote_path(model)}", soft_wrap=not layers)


def group_layers(layers: Sequence[ScannedLayer]) -> list[list[ScannedLayer]]:
    """Layers in groups of equal text, type and answer, in the order of their first ones."""
    groups: dict[tuple[object, ...], list[ScannedLayer]] = {}
    for layer in layers:
        pooling, port = layer.pooling, layer.port
        answer = (port.verdict, port.code, port.reason, port.sizes and port.sizes.words) if port else layer.reason
        groups.setdefault((pooling.text, pooling.dtype, pooling.indices, answer), []).append(layer)
    return list(groups.values())


def describe_layers(layers: Sequence[ScannedLayer]) -> Iterator[Text]:
    """Equal layers in a few lines: their names, what they are, and what to write instead."""
    first = layers[0]
    words, style = SCAN_HEADS[first.verdict]
    names = shorten(", ".join(dict.fromkeys(layer.pooling.place for layer in layers)))
    count = f"{len(layers)} equal layers: " if len(layers) > 1 else ""
    yield Text.assemble(count, (escape_line(names), "bold"), "  ", (words if len(layers) == 1 else PLURAL_HEADS[first.verdict], style))
    yield Text(f"  {escape_line(shorten(first.pooling.text))}")
    yield Text(f"  on {shorten(describe_inputs([layer.pooling for layer in layers]))}")
    if reason := explain_verdict(first):
        yield Text(f"  {escape_line(reason)}")
    if first.port and first.port.code:
        yield Text(f"  {describe_code(first)}")
        yield format_code(first.port.lines())


def describe_inputs(poolings: Sequence[Pooling]) -> str:
    """The shapes of the inputs of equal layers, each with its count if there are several, and the type of their elements."""
    shapes = Counter(format_sizes(pooling.shape) if pooling.shape else "an unknown shape" for pooling in poolings)
    counted_shapes = [f"{shape}{f' ({count} times)' if len(shapes) > 1 and count > 1 else ''}" for shape, count in shapes.items()]
    return f"{', '.join(counted_shapes)}; {poolings[0].dtype or 'of an unknown type, taken as float32'}"


def describe_code(layer: ScannedLayer) -> str:
    """What the code below is, and for which sizes it holds."""
    assert layer.port
    kind = "drop-in" if layer.verdict == DROP_IN else "recipe"
    return f"{kind}, for {layer.port.sizes.words}" if layer.port.sizes else kind


def count_verdicts(layers: Sequence[ScannedLayer], target: str) -> str:
    """How many layers have each verdict, in a sentence."""
    counts = Counter(layer.verdict for layer in layers)
    parts = ", ".join(
        f"{counts[verdict]} {words if counts[verdict] == 1 else PLURAL_HEADS[verdict]}"
        for verdict, (words, _) in SCAN_HEADS.items()
        if counts[verdict]
    )
    return f"{format_count(len(layers), 'pooling layer')}, to {target}: {parts}"


def explain_verdict(layer: ScannedLayer) -> str:
    """Why a layer does not move as it is, or on which numbers it differs."""
    if layer.port is None:
        return layer.reason
    drop_in = layer.port.drop_in
    kinds = f"differs on {', '.join(layer.port.exceptions)}" if layer.port.exceptions else ""
    parts = [kinds] if drop_in.agrees else [*drop_in.changes, drop_in.why or drop_in.difference]
    lost_indices = "its indices are not ported" if layer.pooling.indices else ""
    more = [layer.port.reason, layer.port.why_not_any, lost_indices, layer.port.indices]
    return "; ".join(filter(None, (*parts, *more)))


def shorten(text: str) -> str:
    """A text that fits into a line."""
    return text if len(text) <= MAX_WIDTH else f"{text[: MAX_WIDTH - 3]}..."
