"""The command `scan`: the poolings of a model, and which of them can move to another framework as they are."""

from __future__ import annotations

import json

import typer

from ...adapters.targets.find import find_targets
from ..port.record import DROP_IN
from ..port.request import choose_ports
from ..port.workers import Workers
from ..scan.read import read_contents
from ..scan.scan import ScannedLayer, port_poolings
from ..scan.terminal import print_layers
from .port import parse_shape
from .shared import Adapters, Destination, Json, Model, RunCode, Shape, folded


def scan(
    model: Model, to: Destination, shape: Shape = "", *, run_code: RunCode = False, as_json: Json = False, adapter: Adapters = None
) -> None:
    """List the poolings of a model, and whether each can move to another framework as it is.

    A mean or a maximum over the spatial axes counts. Files are parsed and never loaded, so no code in them runs; what a file does
    not reveal is listed by name. The exit status is 1 if any pooling does not move as it is.
    """
    found = find_targets(adapter or ())
    contents = read_contents(model, parse_shape(shape) if shape else None, found, run_code=run_code)
    chosen = choose_ports(to, "", found)[0]
    with Workers() as workers:
        layers = list(port_poolings(found, contents.poolings, chosen, workers))
    if as_json:
        document = {"model": model, "to": chosen.name, "layers": list(map(layer_as_json, layers)), "hidden": contents.hidden}
        folded.print_json(json.dumps(document))
    else:
        print_layers(folded, model, layers, contents.hidden, chosen.name)
    raise typer.Exit(any(layer.verdict != DROP_IN for layer in layers))


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
