"""Generate the table of public threads: what each is about, and the cases that reproduce it or the reason why there are none.

`python .ci/threads.py` writes `specs/threads.md` from `specs/threads.json`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SPECS = Path(__file__).parents[1] / "specs"
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


def read_threads(path: Path = DATA) -> list[Thread]:
    """Read the threads of a file, in its order."""
    return [Thread(**{**entry, "cases": tuple(entry.get("cases", ()))}) for entry in json.loads(path.read_text(encoding="utf-8"))]


def make_table(threads: Sequence[Thread]) -> str:
    """Make the page in Markdown."""
    with_cases = sum(bool(thread.cases) for thread in threads)
    lines = [
        "# Public threads and their cases",
        "",
        f"{len(threads)} bug reports, questions and changes about pooling. {with_cases} of them have a case here; the others state why not.",
        "Threads about fixed bugs stay in the list, so that a regression is noticed. This page is generated from `threads.json`",
        "by `python .ci/threads.py`.",
        "",
        "| thread | framework | what it is about | cases, or why there is none |",
        "|---|---|---|---|",
        *map(make_line, threads),
    ]
    return "\n".join(lines) + "\n"


def make_line(thread: Thread) -> str:
    """Make the line of a thread; a case links to its file."""
    cases = "<br>".join(f"[{case.removeprefix('specs/')}]({case.removeprefix('specs/').partition('::')[0]})" for case in thread.cases)
    return f"| [{thread.name}]({thread.link}) | {thread.framework.replace('|', '/')} | {thread.about} | {cases or thread.reason} |"


if __name__ == "__main__":
    TABLE.write_text(make_table(read_threads()), encoding="utf-8")
