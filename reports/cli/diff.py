"""The command `diff`: what an upgrade changed, and the gate before it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from ..diff.changes import ANSWER, CLASSES, REMOVED, VERDICT
from ..diff.diff import Side, compare_files, compare_versions
from ..diff.markdown import format_markdown
from ..diff.text import format_text

GATE = (REMOVED, VERDICT, ANSWER)
"""What is not let through unless something else is asked for."""

out = Console(highlight=False, soft_wrap=True, emoji=False)

Old = Annotated[Path, typer.Argument(metavar="OLD", help="Rows of before: a file, or a folder of them.")]
New = Annotated[Path | None, typer.Argument(metavar="[NEW]", help="Rows of now; unless given, versions in OLD are compared.")]
FailOn = Annotated[str, typer.Option("--fail-on", metavar="CLASS,...", help=f"What makes the status 1, of {', '.join(CLASSES)}; or none.")]
Form = Annotated[Literal["text", "markdown", "json"], typer.Option("--format", help="How it is printed.")]
Wording = Annotated[bool, typer.Option("--wording", help="Count messages that are worded otherwise, too.")]


def diff(old: Old, new: New = None, fail_on: FailOn = ",".join(GATE), form: Form = "text", wording: Wording = False) -> None:
    """Compare two files of rows, or the versions in one: what an upgrade changed, put together by what turned."""
    gate = classes(fail_on)
    found = [compare_files(old, new, wording)] if new else compare_versions(Side.read(old), wording)
    if form == "json":
        told = [each.document(gate) for each in found]
        out.print(json.dumps(told[0] if new else told, indent=1), markup=False)
    for each in found:
        if form == "text":
            out.print(*format_text(each), sep="\n")
        elif form == "markdown":
            out.print(format_markdown(each), markup=False)
    if any(each.failing(gate) for each in found):
        raise typer.Exit(1)


def classes(listed: str) -> frozenset[str]:
    """The classes of a list; raises `typer.BadParameter` for one that is none."""
    names = frozenset(filter(None, listed.split(","))) - {"none"}
    for name in sorted(names.difference(CLASSES)):
        raise typer.BadParameter(f"{name!r} is no class of changes; expected some of {', '.join(CLASSES)}, or none", param_hint="--fail-on")
    return names
