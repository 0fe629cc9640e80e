"""The command `report`: files of rows become a page, a summary, a table, a badge, or the matrix."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..fingerprint.files import read_files_with_causes
from ..formats.formats import select_cases, write_report
from ..page.pairs import Pairs
from ..rows.records import Unwritable
from ..terminal.summary import make_summary
from .shared import RowFiles, out

Outputs = Annotated[
    list[Path] | None,
    typer.Option(
        "--output",
        metavar="FILE",
        dir_okay=False,
        help="The file to write; its suffix names the format: .html, .md, .csv, .parquet, .json (a badge) or .txt. Repeatable. "
        "Default: report.html.",
    ),
]
Format = Annotated[
    Literal["html", "markdown", "csv", "parquet", "badge", "terminal"] | None,
    typer.Option(
        "--format",
        metavar="html|markdown|csv|parquet|badge|terminal",
        help="The format, whatever the suffix. `terminal` without --output prints the matrix.",
    ),
]
Lang = Annotated[Literal["en", "zh"], typer.Option("--lang", metavar="en|zh", help="The language of the page and of the Markdown summary.")]
CasePatterns = Annotated[list[str] | None, typer.Option("--case", metavar="ID", help="Only this case. Repeatable; * and ? are wildcards.")]
Ports = Annotated[Path | None, typer.Option("--ports", metavar="FILE", help="Show the table that `port --table FILE` wrote in the page.")]


def report(
    rows: RowFiles, output: Outputs = None, form: Format = None, lang: Lang = "en", case: CasePatterns = None, ports: Ports = None
) -> None:
    """Write the compatibility report of files of rows: a page, a summary, a table, a badge, or the matrix.

    The unexpected answers and the matrix are printed as well.
    """
    rows_read = read_files_with_causes(rows)
    rows_read = select_cases(rows_read, case) if case else rows_read
    out.print(make_summary(rows_read))
    if form == "terminal" and not output:
        return
    if form and output and len(output) > 1:
        raise Unwritable(f"--format {form} with {len(output)} outputs; expected one --output, or a suffix that names the format of each")
    pairs = Pairs.read(ports) if ports else None
    for path in output or [Path("report.html")]:
        write_report(rows_read, path, form, lang, pairs)
        out.print(f"report: {path}")
