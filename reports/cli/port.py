"""The command `port`: what to write in another framework to get what a layer gives."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from ...adapters.targets.find import Found, find_targets
from ..port.answer import Port, Porter
from ..port.record import DROP_IN, IMPOSSIBLE, RECIPE
from ..port.request import Unportable, destinations, source_of
from ..port.table import document, layers_of_table, present
from ..port.table import table as table_of
from ..port.terminal import show
from ..port.workers import Workers
from ..rows.files import write_text
from .shared import Adapters, Destination, Dtype, Json, Shape, err, folded, out

STATUS = {DROP_IN: 0, RECIPE: 3, IMPOSSIBLE: 4}
"""The exit status; that of several targets is the worst."""

Layer = Annotated[str | None, typer.Argument(metavar="LAYER", help="The layer as its framework writes it, in quotes.")]
Origin = Annotated[
    str | None,
    typer.Option("--from", metavar="TARGET", help="The target that runs the layer. Default: one of its own framework, or the definition."),
]
Gradient = Annotated[bool, typer.Option("--gradient", help="Compare the gradients as well.")]
Pairs = Annotated[
    Path | None,
    typer.Option(
        "--table",
        metavar="FILE",
        help="Move the pooling layers of well-known networks between all frameworks, and write the results to FILE as JSON.",
    ),
]
Random = Annotated[int, typer.Option("--random", metavar="N", min=0, help="With --table: N random layers of each framework instead.")]
Seed = Annotated[int, typer.Option(help="With --random: another draw.")]


def port(
    layer: Layer = None,
    to: Destination = "all",
    shape: Shape = "",
    origin: Origin = None,
    dtype: Dtype = "float32",
    *,
    gradient: Gradient = False,
    as_json: Json = False,
    table: Pairs = None,
    random: Random = 0,
    seed: Seed = 0,
    adapter: Adapters = None,
) -> None:
    """Find what to write in another framework to get what a layer gives.

    Every line that is printed was run and compared before. The exit status is 0 if the layer moves as it is,
    3 if it needs a recipe, and 4 if it cannot be moved; of several targets, the highest.
    """
    found = find_targets(adapter or ())
    if table:
        if layer is not None:
            raise Unportable(f"{layer} and --table {table}: a table has layers of its own; expected one of the two")
        write_table(table, found, random, seed)
        return
    if layer is None:
        raise Unportable("there is no layer; expected one in quotes, such as 'torch.nn.MaxPool2d(2)', or --table FILE")
    source = source_of(layer, sizes(shape), dtype, found, origin, gradient=gradient)
    targets = destinations(to, source.framework, found)
    with Workers() as workers:
        porter = Porter(source, workers)
        ports = [porter.port(chosen) for chosen in targets]
    if as_json:
        folded.print_json(json.dumps(told(porter, ports)))
    else:
        show(folded, porter.source, ports)
    raise typer.Exit(max(STATUS[each.verdict] for each in ports))


def write_table(path: Path, found: Mapping[str, Found], random: int, seed: int) -> None:
    """Fill the table of pairs, write it, and print it."""
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise Unportable(f"--table {path}: not the path of a file in a folder that exists; expected one that can be written")
    frameworks = present(found)
    with Workers() as workers, Progress(console=err, disable=not err.is_terminal) as progress:
        moved = list(progress.track(layers_of_table(workers, frameworks, found, random, seed), total=None, description="moving layers"))
    write_text(path, json.dumps(document(frameworks, moved), indent=1) + "\n")
    folded.print(table_of(frameworks, moved))
    out.print(f"table: {path}")


def told(porter: Porter, ports: Sequence[Port]) -> dict[str, Any]:
    """The answer as JSON."""
    source = porter.source
    return {
        "layer": source.text, "framework": source.framework, "answered_by": source.chosen.name, "run": source.run,
        "versions": source.chosen.versions, "input": list(source.ask.shape), "dtype": source.ask.dtype, "layout": source.ask.layout,
        "rules": dict(source.rules), "gradient": source.gradient, "ports": [each.as_json() for each in ports],
    }  # fmt: skip


def sizes(text: str) -> tuple[int, ...]:
    """The sizes that a shape is written as; raises `Unportable`."""
    if not text:
        raise Unportable("there is no --input; expected the shape of what the layer takes, as in --input 1,64,112,112")
    try:
        found = tuple(int(part) for part in text.strip(" ()[]").replace("x", ",").split(","))
    except ValueError:
        found = ()
    if not found or min(found) < 1:
        raise Unportable(f"--input {text!r} is no shape; expected sizes of at least 1, as in --input 1,64,112,112")
    return found
