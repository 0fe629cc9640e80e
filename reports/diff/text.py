"""A comparison of two files as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from ..rows.target_rows import TargetRows
from ..rows.ways import CALL
from ..words.text import format_count, make_printable
from .changes import ADDED, REMOVED
from .diff import Diff, cases
from .grouped import Rule, Turn
from .wording import answer, asked_for, upgrades

SHOWN = 40
"""So many of the changes of one class are told; the rest are counted."""


def format_text(found: Diff) -> Iterator[Text]:
    """What was compared, what changed, class by class, and how much of each there is."""
    for side, old_or_new in ((found.old, "old"), (found.new, "new")):
        if not side.rows.whole:
            yield Text(
                f"PARTIAL: {side.path.name}, the {old_or_new} file, was cut off; what it lacks counts as not there", style="bold red"
            )
    for (before, after), targets in upgrades(found.pairs).items():
        yield Text(
            make_printable(f"{', '.join(targets)}: {before} → {after}" if before != after else f"{', '.join(targets)}: {before}, as before")
        )
    for kind in found.counts:
        alike = [turn for turn in found.turns if turn.kind == kind]
        yield Text(f"\n{heading(kind, found.counts[kind])}", style="bold")
        yield from (Text(line) for each in ((REMOVED, found.gone), (ADDED, found.come)) if each[0] == kind for line in alone(*each))
        yield from (line for turn in alike[:SHOWN] for line in turned(turn))
        if len(alike) > SHOWN:
            yield Text(f"  and {format_count(len(alike) - SHOWN, 'kind')} of change more")
        yield from (line for rule in found.rules if kind == "fingerprint" for line in ruled(rule))
    yield Text(f"\n{closing(found)}", style="bold")


HEADINGS = {
    "removed": "no longer answered",
    "verdict": "judged otherwise",
    "answer": "answered otherwise",
    "cause": "explained otherwise",
    "fingerprint": "followed by another rule",
    "added": "not answered before",
    "wording": "worded otherwise",
}


def heading(kind: str, count: int) -> str:
    """A class, and how much there is of it."""
    return f"{kind}: {count} {HEADINGS[kind]}"


def alone(kind: str, targets: Sequence[TargetRows]) -> Iterator[str]:
    """The targets that one of the files does not have."""
    for each in targets:
        yield make_printable(
            f"  {each.name} ({format_count(len(cases(each)), 'case')}), a target of the {'old' if kind == REMOVED else 'new'} file alone"
        )


def turned(turn: Turn) -> Iterator[Text]:
    """Changes of one kind: what it was, what it is, where, and an example."""
    first = turn.changes[0]
    yield Text(make_printable(f"  {turn.before}"), style="dim")
    yield Text(make_printable(f"  → {turn.after}"), style="yellow")
    yield Text(make_printable(f"    {counted(turn.cases)}{', such as' if turn.count > 1 else ''}"))
    yield Text(make_printable(f"    {first.line['case']}{'' if first.way == CALL else ' (drop-in)'}"))
    yield Text(make_printable(f"      {asked_for(first.line)}"))
    for name, row in (("was", first.before), ("is", first.after)):
        if row is not None:
            yield Text(make_printable(f"      {row['attribute']} {name} {answer(row)}"))


def counted(found: Mapping[str, Sequence[str]]) -> str:
    """How many cases of each target."""
    return ", ".join(f"{format_count(len(each), 'case')} on {target}" for target, each in found.items())


def ruled(rule: Rule) -> Iterator[Text]:
    """A rule that is another one."""
    yield Text(make_printable(f"  {rule.axis}: {rule.before} → {rule.after}"), style="yellow")
    yield Text(make_printable(f"    {', '.join(rule.targets)}"))


def closing(found: Diff) -> str:
    """How much was compared, and how much of it changed."""
    told = ", ".join(f"{count} {HEADINGS[kind]}" for kind, count in found.counts.items())
    return f"{format_count(found.compared, 'answer')} compared: {told or 'nothing changed'}"
