"""What the commands have in common: the options and arguments that several of them take, and the consoles that they print on."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal

import typer

from ..terminal.console import Console
from ..words.options import HELP

out = Console(soft_wrap=True)
"""Standard output for lines of any length: wrapping them is left to the terminal."""
err = Console(stderr=True, soft_wrap=True)
"""Standard error for lines of any length."""
paragraphs = Console()
"""Standard output for paragraphs: they are wrapped between words at the width of the terminal."""

SpecPaths = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH", help="Spec files, folders of spec files, or FILE::CASE. Default: the specs that come with poolparity."),
]
RowFiles = Annotated[list[Path], typer.Argument(metavar="ROWS", help="Files of rows, or folders of such files.")]
Targets = Annotated[list[str] | None, typer.Option("--target", metavar="NAME", help=HELP["--target"])]
Tier = Annotated[Literal["smoke", "core", "full"], typer.Option("--tier", metavar="smoke|core|full", help=HELP["--tier"])]
Adapters = Annotated[list[Path] | None, typer.Option("--adapter", metavar="FILE", help=HELP["--adapter"])]
Layer = Annotated[str, typer.Argument(metavar="LAYER", help="The layer as its framework writes it, in quotes.")]
Destination = Annotated[
    str, typer.Option("--to", metavar="FRAMEWORK", help="The framework to move to: its name, a target, a pattern, or `all`.")
]
Shape = Annotated[str, typer.Option("--input", metavar="SIZES", help="The shape of the input, such as 1,64,112,112.")]
OpenShapes = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="SIZES",
        help="The shape of the input, such as 1,64,112,112, with ? for a size that is open. Repeat it for an answer that holds for "
        "several. Default: any size.",
    ),
]
Dtype = Annotated[
    str,
    typer.Option(
        metavar="TYPE", help="The type of the input: float16, bfloat16, float32, float64, or for maxima int8, uint8, int16, int32, int64."
    ),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help=HELP["--no-cache"])]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="An ONNX file, a Keras model (.keras, .h5, or .json), an exported torch program (.pt2), or package.module:name.",
    ),
]
RunCode = Annotated[bool, typer.Option("--run-code", help="Import package.module:name and run its code.")]


def require_finite(value: float | None) -> float | None:
    """The value of an option; raises `BadParameter` where it is NaN or an infinity, which compare with nothing."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is no finite number.")
    return value
