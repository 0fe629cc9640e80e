"""The command `scan`: the pooling layers of a model, and which of them can move to another framework as they are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.text import Text

from ...adapters.targets.find import find_targets
from ..port.record import DROP_IN, IMPOSSIBLE, RECIPE
from ..port.request import destinations
from ..port.terminal import HEADS
from ..port.workers import Workers
from ..scan.scan import Scanned, poolings, scanned
from ..words.text import escape_line
from .port import sizes
from .shared import Adapters, Destination, Json, Shape, folded

SEVERAL = {DROP_IN: "move as they are", RECIPE: "move by a recipe", IMPOSSIBLE: "cannot be had"}
WIDTH = 300
"""A layer's text of more characters is cut short."""

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
    found = find_targets(adapter or ())
    listed = poolings(model, sizes(shape) if shape else None, found, run_code=run_code)
    chosen = destinations(to, "", found)[0]
    with Workers() as workers:
        done = list(scanned(found, listed, chosen, workers))
    if as_json:
        folded.print_json(json.dumps([told(each) for each in done]))
    else:
        for line in (line for each in done for line in lines(each)):
            folded.print(line, soft_wrap=True)
        folded.print(tally(done, chosen.name))
    raise typer.Exit(any(each.verdict != DROP_IN for each in done))


def told(each: Scanned) -> dict[str, object]:
    """A layer as JSON."""
    port = each.port.as_json() if each.port else None
    return {
        "place": each.pooling.place,
        "layer": each.pooling.text,
        "input": each.shape,
        "verdict": each.verdict,
        "reason": each.reason,
        "indices": each.pooling.indices,
        "port": port,
    }


def lines(each: Scanned) -> Iterator[Text]:
    """A layer in a few lines."""
    words, style = HEADS[each.verdict]
    size = " x ".join(map(str, each.shape)) if each.shape else "a shape that is not told"
    taken = ", the worse of two that were taken, for the model does not tell it" if each.shape and not each.pooling.shape else ""
    yield Text.assemble((escape_line(each.pooling.place), "bold"), "  ", (words, style))
    yield Text(f"  {escape_line(shortened(each.pooling.text))}")
    yield Text(f"  on {size}{taken}")
    if reason := why(each):
        yield Text(f"  {escape_line(reason)}")


def tally(done: Sequence[Scanned], target: str) -> str:
    """How many layers move how."""
    counts = Counter(each.verdict for each in done)
    told = ", ".join(
        f"{counts[verdict]} {words if counts[verdict] == 1 else SEVERAL[verdict]}"
        for verdict, (words, _) in HEADS.items()
        if counts[verdict]
    )
    return f"pooling layers, to {target}: {told}"


def why(each: Scanned) -> str:
    """What keeps a layer from moving as it is, or on which numbers it differs."""
    if each.port is None:
        return each.reason
    found = each.port.drop_in
    kinds = f"differs on {', '.join(each.port.exceptions)}" if each.port.exceptions else ""
    told = [kinds] if found.agrees else [*found.changes, found.why or found.difference]
    return "; ".join(filter(None, (*told, "its indices are not moved" if each.pooling.indices else "")))


def shortened(text: str) -> str:
    """A text of a length that a line can take."""
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."
