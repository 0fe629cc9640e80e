"""The command `scan`: the pooling layers of a model, and which of them can move to another framework as they are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.text import Text

from ...adapters.targets.find import find_targets
from ...cases.model.mistake import quote_path
from ..port.record import DROP_IN, IMPOSSIBLE, RECIPE
from ..port.request import choose_targets
from ..port.terminal import HEADS, format_code
from ..port.workers import Workers
from ..scan.scan import ScannedLayer, list_poolings, port_poolings
from ..words.text import escape_line
from .port import parse_shape
from .shared import Adapters, Destination, Json, Shape, folded

PLURAL_HEADS = {DROP_IN: "move as they are", RECIPE: "move by a recipe", IMPOSSIBLE: "cannot be had"}
MAX_WIDTH = 300
"""Characters of a layer's text in a line."""

Model = Annotated[
    str, typer.Argument(metavar="MODEL", help="An ONNX file, a .keras file, an exported torch program (.pt2), or package.module:name.")
]
Consent = Annotated[bool, typer.Option("--run-code", help="Import package.module:name and run its code.")]


def scan(
    model: Model, to: Destination, shape: Shape = "", *, run_code: Consent = False, as_json: Json = False, adapter: Adapters = None
) -> None:
    """List the pooling layers of a model, and whether each can move to another framework as it is.

    Files are parsed and never loaded, so no code in them runs. The exit status is 1 if any layer does not move as it is.
    """
    entries = find_targets(adapter or ())
    poolings = list_poolings(model, parse_shape(shape) if shape else None, entries, run_code=run_code)
    target = choose_targets(to, "", entries)[0]
    with Workers() as workers:
        layers = list(port_poolings(entries, poolings, target, workers))
    if as_json:
        folded.print_json(json.dumps([layer_as_json(layer) for layer in layers]))
    elif not layers:
        folded.print(f"no pooling layers in {quote_path(model)}")
    else:
        for line in (line for same in group_layers(layers) for line in describe_layers(same)):
            folded.print(line, soft_wrap=True)
        folded.print(count_verdicts(layers, target.name))
    raise typer.Exit(any(layer.verdict != DROP_IN for layer in layers))


def layer_as_json(layer: ScannedLayer) -> dict[str, object]:
    """A layer as JSON."""
    return {
        "place": layer.pooling.place,
        "layer": layer.pooling.text,
        "input": layer.shape,
        "verdict": layer.verdict,
        "reason": layer.reason,
        "indices": layer.pooling.indices,
        "port": layer.port.as_json() if layer.port else None,
    }


def group_layers(layers: Sequence[ScannedLayer]) -> list[list[ScannedLayer]]:
    """Layers in groups of equal text, shape and answer, in the order of their first ones."""
    groups: dict[tuple[object, ...], list[ScannedLayer]] = {}
    for layer in layers:
        key = (layer.pooling.text, layer.pooling.shape, layer.shape, layer.pooling.indices, layer.reason)
        groups.setdefault(key, []).append(layer)
    return list(groups.values())


def describe_layers(layers: Sequence[ScannedLayer]) -> Iterator[Text]:
    """Equal layers in a few lines: the places of all, what they are, and how to port them."""
    first = layers[0]
    words, style = HEADS[first.verdict]
    places = shorten(", ".join(layer.pooling.place for layer in layers))
    count = f"{len(layers)} equal layers: " if len(layers) > 1 else ""
    size = " x ".join(map(str, first.shape)) if first.shape else "an unknown shape"
    guessed = ", the worse of two assumed shapes: the model does not state one" if first.shape and not first.pooling.shape else ""
    yield Text.assemble(count, (escape_line(places), "bold"), "  ", (words, style))
    yield Text(f"  {escape_line(shorten(first.pooling.text))}")
    yield Text(f"  on {size}{guessed}")
    if reason := explain_verdict(first):
        yield Text(f"  {escape_line(reason)}")
    if first.port and first.verdict == RECIPE:
        yield format_code(first.port.code)


def count_verdicts(layers: Sequence[ScannedLayer], target: str) -> str:
    """How many layers have each verdict, in a sentence."""
    counts = Counter(layer.verdict for layer in layers)
    parts = ", ".join(
        f"{counts[verdict]} {words if counts[verdict] == 1 else PLURAL_HEADS[verdict]}"
        for verdict, (words, _) in HEADS.items()
        if counts[verdict]
    )
    return f"pooling layers, to {target}: {parts}"


def explain_verdict(layer: ScannedLayer) -> str:
    """Why a layer does not move as it is, or on which numbers it differs."""
    if layer.port is None:
        return layer.reason
    drop_in = layer.port.drop_in
    kinds = f"differs on {', '.join(layer.port.exceptions)}" if layer.port.exceptions else ""
    parts = [kinds] if drop_in.agrees else [*drop_in.changes, drop_in.why or drop_in.difference]
    return "; ".join(filter(None, (*parts, "its indices are not ported" if layer.pooling.indices else "")))


def shorten(text: str) -> str:
    """A text that fits into a line."""
    return text if len(text) <= MAX_WIDTH else f"{text[: MAX_WIDTH - 3]}..."
