"""The command `scan`: the poolings of a model, and which of them can move to another framework as they are."""

from __future__ import annotations

import json

import typer

from ...adapters.targets.find import find_targets
from ..port.record import DROP_IN
from ..port.request import choose_ports, list_slow_frameworks
from ..port.terminal import describe_slow
from ..port.workers import Workers
from ..scan.read import read_contents
from ..scan.scan import ScannedLayer, port_poolings
from ..scan.terminal import print_heading, print_layers
from .port import parse_shape
from .shared import Adapters, Destination, Json, Model, RunCode, Shape, paragraphs


def scan(
    model: Model, to: Destination, shape: Shape = "", *, run_code: RunCode = False, as_json: Json = False, adapter: Adapters = None
) -> None:
    """List the poolings of a model, and whether each can move to another framework as it is.

    A mean or a maximum over the spatial axes counts. Files are parsed and never loaded, so no code in them runs; what a file does
    not reveal is listed by name. The exit status is 1 if any pooling does not move as it is, to any of the targets.
    """
    entries = find_targets(adapter or ())
    contents = read_contents(model, parse_shape(shape) if shape else None, entries, run_code=run_code)
    targets = choose_ports(to, "", entries)
    if not contents.poolings:
        targets = targets[:1]  # there is one thing to say, whatever the target
    scans: dict[str, list[ScannedLayer]] = {}
    with Workers() as workers:
        for target in targets:
            scans[target.name] = list(port_poolings(entries, contents.poolings, target, workers))
            if not as_json:
                print_heading(paragraphs, target.name, len(scans), len(targets))
                hidden_parts = contents.hidden_parts if len(scans) == len(targets) else ()
                print_layers(paragraphs, model, scans[target.name], hidden_parts, target.name)
    if as_json:
        documents = [
            {"model": model, "to": name, "layers": list(map(layer_as_json, layers)), "hidden": contents.hidden_parts}
            for name, layers in scans.items()
        ]
        paragraphs.print_json(json.dumps(documents[0] if len(documents) == 1 else documents))
    elif contents.poolings and (slow := list_slow_frameworks(to, "", entries)):
        paragraphs.print(f"\n{describe_slow(slow)}")
    raise typer.Exit(any(layer.verdict != DROP_IN for layers in scans.values() for layer in layers))


def layer_as_json(layer: ScannedLayer) -> dict[str, object]:
    """A layer as JSON."""
    pooling = layer.pooling
    return {
        "place": pooling.place,
        "layer": pooling.text,
        "input": pooling.shape,
        "example": pooling.hint,
        "dtype": pooling.dtype or None,
        "verdict": layer.verdict,
        "reason": layer.reason,
        "indices": pooling.indices,
        "port": layer.port.as_json() if layer.port else None,
    }
