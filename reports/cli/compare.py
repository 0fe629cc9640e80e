"""The command `compare`: whether two models pool in the same way, such as a model before and after a conversion."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from ...adapters.targets.find import find_targets
from ..compare.compare import compare_models
from ..compare.page import render_comparison
from ..compare.text import comparison_as_json, format_comparison
from ..port.workers import Workers
from ..rows.files import write_text
from ..scan.read import read_contents
from .port import parse_shape
from .shared import Adapters, Json, Model, RunCode, Shape, out, paragraphs

Page = Annotated[Path | None, typer.Option("--report", metavar="FILE", help="Write the comparison to FILE as an HTML page.")]
Lang = Annotated[Literal["en", "zh"], typer.Option("--lang", metavar="en|zh", help="The language of the page.")]


def compare(
    first: Model,
    second: Model,
    shape: Shape = "",
    *,
    run_code: RunCode = False,
    as_json: Json = False,
    report: Page = None,
    lang: Lang = "en",
    adapter: Adapters = None,
) -> None:
    """Compare the poolings of two models, such as a model before and after a conversion.

    Poolings are paired in the order of the graphs, by operation and shape, and each pair runs in its own frameworks on the same
    inputs. Files are parsed and never loaded, so no code in them runs. The exit status is 1 unless every pooling has a partner
    that gives the same answers.
    """
    entries = find_targets(adapter or ())
    sizes = parse_shape(shape) if shape else None
    contents = [read_contents(model, sizes, entries, run_code=run_code) for model in (first, second)]
    with Workers() as workers:
        comparison = compare_models((first, second), (contents[0], contents[1]), entries, workers)
    if report:
        write_text(report, render_comparison(comparison, lang))
    if as_json:
        paragraphs.print_json(json.dumps(comparison_as_json(comparison)))
    else:
        for line in format_comparison(comparison):
            paragraphs.print(line, soft_wrap=True)
        if report:
            out.print(f"report: {report}")
    raise typer.Exit(not comparison.equal)
