"""The command `diff`: what an upgrade changed, and the gate before it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from ..diff.changes import ANSWER, CLASSES, REMOVED, VERDICT
from ..diff.diff import Side, compare_files, compare_versions
from ..diff.document import as_json
from ..diff.markdown import format_markdown
from ..diff.text import format_text
from .shared import out

GATE = (REMOVED, VERDICT, ANSWER)
"""The classes that `--fail-on` has by default."""

Old = Annotated[Path, typer.Argument(metavar="OLD", help="The old rows: a file, or a folder of files.")]
New = Annotated[Path | None, typer.Argument(metavar="NEW", help="The new rows. Default: compare the versions in OLD.")]
FailOn = Annotated[
    str,
    typer.Option("--fail-on", metavar="CLASS,...", help=f"Exit with status 1 on changes of these classes: {', '.join(CLASSES)}; or none."),
]
Format = Annotated[
    Literal["text", "markdown", "json"], typer.Option("--format", metavar="text|markdown|json", help="The format of the output.")
]
Wording = Annotated[bool, typer.Option("--wording", help="Count changed error messages as well, as class `wording`.")]


def diff(old: Old, new: New = None, fail_on: FailOn = ",".join(GATE), form: Format = "text", wording: Wording = False) -> None:
    """Compare two files of rows, or the versions in one: what an upgrade changed.

    Changes of one kind are grouped. Times and the wording of errors are not compared.
    """
    gate = classes(fail_on)
    diffs = [compare_files(old, new, wording)] if new else compare_versions(Side.read(old), wording)
    if form == "json":
        documents = [as_json(difference, gate) for difference in diffs]
        out.print(json.dumps(documents[0] if new else documents, indent=1))
    for difference in diffs:
        if form == "text":
            out.print(*format_text(difference), sep="\n")
        elif form == "markdown":
            out.print(format_markdown(difference))
    if any(difference.list_failing(gate) for difference in diffs):
        raise typer.Exit(1)


def classes(text: str) -> frozenset[str]:
    """The classes of a list; raises `typer.BadParameter` for one that is none."""
    names = frozenset(filter(None, text.split(","))) - {"none"}
    for name in sorted(names.difference(CLASSES)):
        raise typer.BadParameter(f"invalid class {name!r}: must be one of {', '.join(CLASSES)}, or none", param_hint="--fail-on")
    return names
