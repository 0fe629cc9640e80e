"""A comparison of two files as Markdown, for the comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from .changes import ADDED, REMOVED
from .diff import Diff, answer, asked_for, upgrades
from .diff_text import HEADINGS, alone, closing, counted
from .plan import CALL
from .text import printable
from .turns import Turn

SHOWN, NAMED = 30, 20
"""So many kinds of change are told, and so many of the cases of each: a comment has its limits."""
MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~@-])")


def markdown(found: Diff) -> str:
    """The text: versions, a table of what changed, and examples that fold away."""
    return "\n".join(lines(found)) + "\n"


def lines(found: Diff) -> Iterator[str]:
    """The lines of it."""
    yield f"### poolparity: {plain(closing(found))}"
    for side, name in ((found.old, "old"), (found.new, "new")):
        if not side.rows.whole:
            yield f"\n**Partial**: {code(side.path.name)}, the {name} file, was cut off; what it lacks counts as not there."
    yield from table(
        ("targets", "before", "after"), ((names(targets), *map(plain, pair)) for pair, targets in upgrades(found.pairs).items())
    )
    for kind, targets in ((REMOVED, found.gone), (ADDED, found.come)):
        yield from (f"\n- {plain(line.strip())}" for line in alone(kind, targets))
    shown = found.turns[:SHOWN]
    yield from table(("change", "cases", "before", "after", "targets"), (
        (turn.kind, str(turn.count), plain(turn.before), plain(turn.after), names(turn.cases)) for turn in shown
    ))  # fmt: skip
    if len(found.turns) > SHOWN:
        yield f"\nand {len(found.turns) - SHOWN} kinds of change more."
    yield from table(("rule", "before", "after", "targets"), (
        (code(rule.axis), plain(rule.before), plain(rule.after), names(rule.targets)) for rule in found.rules
    ))  # fmt: skip
    for turn in shown:
        yield from folded(turn)


def table(heads: tuple[str, ...], cells: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A table, unless it has no lines."""
    if rows := list(cells):
        yield ""
        yield from (f"| {' | '.join(row)} |" for row in (heads, ("---",) * len(heads), *rows))


def folded(turn: Turn) -> Iterator[str]:
    """An example of changes of one kind, and their cases."""
    first = turn.changes[0]
    yield f"\n<details><summary>{HEADINGS[turn.kind]}: {html(turn.before)} → {html(turn.after)}</summary>\n"
    yield f"{code(first.line['case'])} on {code(first.target)}{'' if first.way == CALL else ' as drop-in'}:\n"
    told = (f"{row['attribute']} {name:3} {answer(row)}" for name, row in (("was", first.before), ("is", first.after)) if row is not None)
    yield from fenced((asked_for(first.line), *told))
    yield f"\n{plain(counted(turn.cases))}:\n"
    every = [(case, target) for target, each in turn.cases.items() for case in each]
    yield from (f"- {code(case)} on {code(target)}" for case, target in every[:NAMED])
    if len(every) > NAMED:
        yield f"- and {len(every) - NAMED} more"
    yield "\n</details>"


def fenced(told: Iterable[str]) -> Iterator[str]:
    """Lines as they are, between fences that nothing in them ends."""
    inner = [printable(line).replace("\n", " ") for line in told]
    fence = "`" * max(3, 1 + max((len(run) for line in inner for run in re.findall("`+", line)), default=0))
    yield from (fence, *inner, fence)


def names(targets: Iterable[str]) -> str:
    """Targets, side by side."""
    return ", ".join(map(code, targets))


def code(text: str) -> str:
    """A name as code, whatever is in it."""
    return f"<code>{html(text)}</code>"


def plain(text: str) -> str:
    """A text in which nothing is Markdown or HTML."""
    return MARKS.sub(r"\\\1", html(text, quote=False))


def html(text: str, quote: bool = True) -> str:
    """A text in which nothing is HTML, in one line."""
    return escape(printable(text), quote).replace("\n", " ")
