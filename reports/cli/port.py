"""The command `port`: what to write in another framework to get what a layer gives."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.progress import Progress

from ...adapters.targets.find import AdapterEntry, find_targets
from ...cases.model.mistake import quote
from ..port.answer import Port, Porter
from ..port.bounds import MAX_NUMBER
from ..port.open_sizes import Sizes
from ..port.record import DROP_IN, IMPOSSIBLE, RECIPE
from ..port.request import Unportable, choose_ports, list_slow_frameworks, read_sources
from ..port.source import SourceLayer
from ..port.table import fill_table, installed_frameworks, read_standard_layers, render_table, table_as_json
from ..port.terminal import describe_slow, print_ports, print_snippets
from ..port.workers import Workers
from ..rows.files import write_text
from ..run.question_cache import answer_once, open_cache
from .shared import Adapters, Destination, Dtype, Json, NoCache, OpenShapes, err, out, paragraphs

STATUS = {DROP_IN: 0, RECIPE: 3, IMPOSSIBLE: 4}
"""The exit status; for several targets it is the worst."""

Layer = Annotated[str | None, typer.Argument(metavar="LAYER", help="The layer as its framework writes it, in quotes.")]
Origin = Annotated[
    str | None,
    typer.Option("--from", metavar="TARGET", help="The target that runs the layer. Default: one of its own framework, or the definition."),
]
Gradient = Annotated[bool, typer.Option("--gradient", help="Compare the gradients as well.")]
Snippet = Annotated[
    Literal["lines", "function", "layer"] | None,
    typer.Option(
        "--snippet", metavar="FORM", help="Print nothing but the lines to paste: lines, function, or layer (a class, or ONNX nodes)."
    ),
]
Demo = Annotated[bool, typer.Option("--demo", help="Print complete programs, with inputs, in place of the lines to paste.")]
TableFile = Annotated[
    Path | None,
    typer.Option(
        "--table",
        metavar="FILE",
        help="Move the pooling layers of well-known networks between all frameworks, and write the results to FILE as JSON.",
    ),
]


def port(
    layer: Layer = None,
    to: Destination = "all",
    shapes: OpenShapes = None,
    origin: Origin = None,
    dtype: Dtype = "float32",
    *,
    gradient: Gradient = False,
    as_json: Json = False,
    form: Snippet = None,
    demo: Demo = False,
    table: TableFile = None,
    no_cache: NoCache = False,
    adapter: Adapters = None,
) -> None:
    """Find what to write in another framework to get what a layer gives.

    Every line that is printed was run and compared before. The exit status is 0 if the layer moves as it is,
    3 if it needs a recipe, and 4 if it cannot be moved; of several targets, the highest.
    """
    entries = find_targets(adapter or ())
    if table:
        if layer is not None:
            raise Unportable(f"{quote(layer)} and --table {table}: a table has layers of its own; expected one of the two")
        write_table(table, entries)
        return
    if layer is None:
        raise Unportable("missing layer; expected one in quotes, such as 'torch.nn.MaxPool2d(2)', or --table FILE")
    first, *others = map(parse_sizes, shapes) if shapes else [None]
    also = [sizes for sizes in others if sizes]
    sources = read_sources(layer, first, dtype, entries, origin, gradient=gradient, also=also)
    questions = [(source, choose_ports(to, source.framework, entries)) for source in sources if isinstance(source, SourceLayer)]
    targets_by_name = {target.name: target for source, targets in questions for target in (source.target, *targets)}
    console_traits = (paragraphs.width, paragraphs.color_system, paragraphs.encoding)
    question = ["port", layer, to, shapes, origin, dtype, gradient, as_json, form, demo, *console_traits]
    with open_cache(used=not no_cache) as cache:
        text, status = answer_once(
            cache, question, targets_by_name.values(), lambda: answer_sources(sources, to, entries, form, demo=demo, as_json=as_json)
        )
    paragraphs.file.write(text)
    raise typer.Exit(status)


def answer_sources(
    sources: Sequence[SourceLayer | Unportable],
    to: str,
    entries: Mapping[str, AdapterEntry],
    form: str | None,
    *,
    demo: bool,
    as_json: bool,
) -> tuple[tuple[str, int], bool]:
    """The answers for the poolings of a text as they are printed, with the exit status, and whether they would come again."""
    with Workers() as workers, paragraphs.capture() as capture:
        answers = [port_source(source, to, entries, workers) for source in sources]
        if as_json:
            documents = [answer_as_json(*answer) if isinstance(answer, tuple) else {"error": str(answer)} for answer in answers]
            paragraphs.print_json(json.dumps(documents[0] if len(documents) == 1 else documents))
        else:
            for answer in answers:
                print_answer(answer, form, demo=demo)
            framework = next((source.framework for source in sources if isinstance(source, SourceLayer)), "")
            if not form and (slow := list_slow_frameworks(to, framework, entries)):
                paragraphs.print(f"\n{describe_slow(slow)}")
    ports = [port for answer in answers if isinstance(answer, tuple) for port in answer[1]]
    refused = any(isinstance(answer, Unportable) for answer in answers)  # which is said on standard error each time
    failed = refused or any(port.broken for port in ports)
    return (capture.get(), 2 if failed else max(STATUS[port.verdict] for port in ports)), workers.lasting and not failed


def port_source(
    source: SourceLayer | Unportable, to: str, entries: Mapping[str, AdapterEntry], workers: Workers
) -> tuple[Porter, list[Port]] | Unportable:
    """The answers for one pooling of a text, or why it has none."""
    if isinstance(source, Unportable):
        return source
    targets = choose_ports(to, source.framework, entries)
    porter = Porter(source, workers)
    return porter, [porter.port(target) for target in targets]


def print_answer(answer: tuple[Porter, list[Port]] | Unportable, form: str | None, *, demo: bool) -> None:
    """Print the answers for one pooling, or why it has none."""
    if isinstance(answer, Unportable):
        err.print(str(answer), markup=False)
    elif form:
        print_snippets(paragraphs, answer[1], form)
    else:
        print_ports(paragraphs, answer[0].source, answer[1], demo=demo)


def write_table(path: Path, entries: Mapping[str, AdapterEntry]) -> None:
    """Fill the table of pairs, write it, and print it."""
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise Unportable(f"--table {path}: not the path of a file in an existing folder; expected one that can be written")
    frameworks = installed_frameworks(entries)
    with Workers() as workers, Progress(console=err, disable=not err.is_terminal) as progress:
        answers = list(progress.track(fill_table(workers, frameworks, read_standard_layers()), total=None, description="porting layers"))
    write_text(path, json.dumps(table_as_json(frameworks, answers), indent=1) + "\n")
    paragraphs.print(render_table(frameworks, answers))
    out.print(f"table: {path}")


def answer_as_json(porter: Porter, ports: Sequence[Port]) -> dict[str, Any]:
    """The answers for all targets as JSON."""
    source = porter.source
    return {
        "layer": source.text, "framework": source.framework, "answered_by": source.target.name, "run": source.run,
        "versions": source.target.versions, "input": list(source.sizes or source.ask.shape), "ran_on": list(source.ask.shape),
        "dtype": source.ask.dtype, "layout": source.ask.layout,
        "rules": dict(source.rules), "gradient": source.gradient, "ports": [answer.as_json() for answer in ports],
    }  # fmt: skip


def parse_sizes(text: str) -> Sizes:
    """The sizes in the text of a shape, None for each that is open (`?`); raises `Unportable`."""
    parts = text.strip(" ()[]").replace("x", ",").split(",")
    try:
        sizes = [None if part.strip() == "?" else int(part) for part in parts]
    except ValueError:
        sizes = []
    if not sizes or any(size is not None and not 1 <= size <= MAX_NUMBER for size in sizes):
        raise Unportable(f"invalid --input {quote(text)}: expected sizes from 1 to {MAX_NUMBER:,}, or ? for any, as in --input 1,64,?,?")
    return sizes


def parse_shape(text: str) -> tuple[int, ...]:
    """The sizes in the text of a shape; raises `Unportable`."""
    if not text:
        raise Unportable("missing --input; expected the shape of the layer's input, as in --input 1,64,112,112")
    try:
        sizes = tuple(int(part) for part in text.strip(" ()[]").replace("x", ",").split(","))
    except ValueError:
        sizes = ()
    if not sizes or min(sizes) < 1 or max(sizes) > MAX_NUMBER:
        raise Unportable(f"invalid --input {quote(text)}: expected sizes from 1 to {MAX_NUMBER:,}, as in --input 1,64,112,112")
    return sizes
