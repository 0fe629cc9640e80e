"""A comparison of two files as Markdown, for the comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from ..rows.ways import CALL
from ..words.markdown import safe, table
from ..words.text import make_printable
from .changes import ADDED, REMOVED
from .diff import Diff
from .grouped import Turn
from .text import HEADINGS, alone, closing, counted
from .wording import answer, asked_for, upgrades

SHOWN, NAMED = 30, 20
"""So many kinds of change are told, and so many of the cases of each: a comment has its limits."""


def format_markdown(found: Diff) -> str:
    """The text: versions, a table of what changed, and examples that fold away."""
    return "\n".join(lines(found)) + "\n"


def lines(found: Diff) -> Iterator[str]:
    """The lines of it."""
    yield f"### poolparity: {safe(closing(found))}\n"
    for side, name in ((found.old, "old"), (found.new, "new")):
        if not side.rows.whole:
            yield f"**Partial**: {safe(side.path.name)}, the {name} file, was cut off; what it lacks counts as not there.\n"
    yield from listed(("targets", "before", "after"), ((names(targets), *pair) for pair, targets in upgrades(found.pairs).items()))
    for kind, targets in ((REMOVED, found.gone), (ADDED, found.come)):
        yield from (f"- {safe(line)}\n" for line in alone(kind, targets))
    shown = found.turns[:SHOWN]
    told = ((turn.kind, turn.count, turn.before, turn.after, names(turn.cases)) for turn in shown)
    yield from listed(("change", "cases", "before", "after", "targets"), told)
    if len(found.turns) > SHOWN:
        yield f"and {len(found.turns) - SHOWN} kinds of change more\n"
    ruled = ((rule.axis, rule.before, rule.after, names(rule.targets)) for rule in found.rules)
    yield from listed(("rule", "before", "after", "targets"), ruled)
    for turn in shown:
        yield from folded(turn)


def listed(head: Sequence[str], cells: Iterable[Sequence[object]]) -> Iterator[str]:
    """A table, unless it has no lines."""
    if rows := list(cells):
        yield from table([head, *rows])


def names(targets: Iterable[str]) -> str:
    """Targets, side by side."""
    return ", ".join(targets)


def folded(turn: Turn) -> Iterator[str]:
    """An example of changes of one kind, and their cases."""
    first = turn.changes[0]
    yield f"<details><summary>{HEADINGS[turn.kind]}: {html(turn.before)} → {html(turn.after)}</summary>\n"
    yield f"{safe(first.line['case'])} on {safe(first.target)}{'' if first.way == CALL else ' as drop-in'}:\n"
    told = (f"{row['attribute']} {name:3} {answer(row)}" for name, row in (("was", first.before), ("is", first.after)) if row is not None)
    yield from fenced((asked_for(first.line), *told))
    yield f"\n{safe(counted(turn.cases))}:\n"
    every = [(case, target) for target, each in turn.cases.items() for case in each]
    yield from (f"- {safe(case)} on {safe(target)}" for case, target in every[:NAMED])
    if len(every) > NAMED:
        yield f"- and {len(every) - NAMED} more"
    yield "\n</details>\n"


def fenced(told: Iterable[str]) -> Iterator[str]:
    """Lines as they are, between fences that nothing in them ends."""
    inner = [make_printable(line).replace("\n", " ") for line in told]
    fence = "`" * max(3, 1 + max((len(run) for line in inner for run in re.findall("`+", line)), default=0))
    yield from (fence, *inner, fence)


def html(text: str) -> str:
    """A text in which nothing is HTML, in one line."""
    return escape(" ".join(make_printable(text).split()))
