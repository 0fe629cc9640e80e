"""The command `report`: files of rows become a page, a summary, a table, a badge, or the matrix of the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from ..fingerprint.files import read_files_with_causes
from ..formats.formats import select_cases, write_report
from ..page.pairs import Pairs
from ..rows.records import Unwritable
from ..terminal.summary import summary

out = Console(highlight=False, soft_wrap=True, emoji=False)

Files = Annotated[list[Path], typer.Argument(metavar="ROWS...", help="Files of rows, or folders of them, put together.")]
Output = Annotated[
    list[Path] | None,
    typer.Option(
        help="The file to write, by its suffix: .html, .md, .csv, .parquet, .json (a badge) or .txt; repeatable. report.html unless given."
    ),
]
Format = Annotated[
    Literal["html", "markdown", "csv", "parquet", "badge", "terminal"] | None,
    typer.Option("--format", help="What to write, whatever the suffix; terminal prints the matrix where no --output is given."),
]
Lang = Annotated[Literal["en", "zh"], typer.Option(help="The language of the page and of the summary in Markdown.")]
Cases = Annotated[list[str] | None, typer.Option("--case", metavar="ID", help="Only this case (repeatable; * and ? are wild).")]

Ports = Annotated[Path | None, typer.Option("--ports", metavar="FILE", help="A table of pairs for the page, as `port --table` writes it.")]


def report(rows: Files, output: Output = None, form: Format = None, lang: Lang = "en", case: Cases = None, ports: Ports = None) -> None:
    """Make the compatibility report of files of rows: a page, Markdown for a CI summary, CSV, Parquet, a badge, or the matrix."""
    done = read_files_with_causes(rows)
    done = select_cases(done, case) if case else done
    out.print(summary(done))
    if form == "terminal" and not output:
        return
    if form and output and len(output) > 1:
        raise Unwritable(f"--format {form} with {len(output)} outputs; expected one --output, or suffixes that name the formats")
    pairs = Pairs.read(ports) if ports else None
    for path in output or [Path("report.html")]:
        write_report(done, path, form, lang, pairs)
        out.print(f"report: {path}", markup=False)
