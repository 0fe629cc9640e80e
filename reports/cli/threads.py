"""The table of public threads: what each is about, and the cases that ask for it, or why none can.

`python -m poolparity.reports.cli.threads` writes `specs/threads.md` anew from `specs/threads.json`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..ledger.suite import SPECS

DATA, TABLE = SPECS / "threads.json", SPECS / "threads.md"


@dataclass(frozen=True)
class Thread:
    """A public thread, restated; it has the ids of cases, or the reason why it can have none."""

    name: str
    link: str
    framework: str
    about: str
    cases: tuple[str, ...] = ()
    reason: str = ""


def threads(path: Path = DATA) -> list[Thread]:
    """The threads of a file, in its order."""
    return [Thread(**{**told, "cases": tuple(told.get("cases", ()))}) for told in json.loads(path.read_text(encoding="utf-8"))]


def table(found: Sequence[Thread]) -> str:
    """Threads as a page of Markdown."""
    asked = sum(bool(each.cases) for each in found)
    lines = [
        "# Public threads and their cases",
        "",
        f"{len(found)} reports, questions and changes about pooling, of which {asked} have a case here; the others say why not. What was",
        "mended stays, so that it is noticed if it comes back. Made from `threads.json` by `python -m poolparity.reports.cli.threads`.",
        "",
        "| thread | framework | what it is about | cases, or why there is none |",
        "|---|---|---|---|",
        *map(line, found),
    ]
    return "\n".join(lines) + "\n"


def line(each: Thread) -> str:
    """A thread as a line of the table; a case links to its file."""
    cases = "<br>".join(f"[{case.removeprefix('specs/')}]({case.removeprefix('specs/').partition('::')[0]})" for case in each.cases)
    return f"| [{each.name}]({each.link}) | {each.framework.replace('|', '/')} | {each.about} | {cases or each.reason} |"


if __name__ == "__main__":
    TABLE.write_text(table(threads()), encoding="utf-8")
