"""A comparison as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from ..rows.ways import CALL
from ..words.text import format_count, make_printable
from .changes import ADDED, REMOVED
from .diff import Diff
from .grouped import ChangeGroup, RuleChange
from .wording import HEADINGS, count_cases, format_answer, format_layer, format_partial, group_upgrades, list_single_targets, summarise

GROUP_LIMIT = 40
"""At most this many groups of a class are shown; the rest are counted."""


def format_text(diff_result: Diff) -> Iterator[Text]:
    """What was compared, the changes by class, and the counts."""
    for side, old_or_new in ((diff_result.old, "old"), (diff_result.new, "new")):
        if not side.rows.whole:
            yield Text(make_printable(f"PARTIAL: {format_partial(side.path.name, old_or_new)}"), style="bold red")
    for (before, after), targets in group_upgrades(diff_result.pairs).items():
        versions = f"{before} → {after}" if before != after else f"{before}, unchanged"
        yield Text(make_printable(f"{', '.join(targets)}: {versions}"))
    for kind in diff_result.counts:
        groups = [group for group in diff_result.groups if group.kind == kind]
        yield Text(f"\n{kind}: {diff_result.counts[kind]} {HEADINGS[kind]}", style="bold")
        single = ((REMOVED, diff_result.old_only), (ADDED, diff_result.new_only))
        yield from (
            Text(make_printable(f"  {line}")) for name, targets in single if name == kind for line in list_single_targets(name, targets)
        )
        yield from (line for group in groups[:GROUP_LIMIT] for line in format_group(group))
        if len(groups) > GROUP_LIMIT:
            yield Text(f"  and {format_count(len(groups) - GROUP_LIMIT, 'more group')} of changes")
        yield from (line for rule in diff_result.rules if kind == "fingerprint" for line in format_rule_change(rule))
    yield Text(f"\n{summarise(diff_result)}", style="bold")


def format_group(group: ChangeGroup) -> Iterator[Text]:
    """A group of changes: before, after, the number of cases, and an example."""
    first = group.changes[0]
    yield Text(make_printable(f"  {group.before}"), style="dim")
    yield Text(make_printable(f"  → {group.after}"), style="yellow")
    yield Text(make_printable(f"    {count_cases(group.cases)}{', for example' if group.count > 1 else ''}"))
    yield Text(make_printable(f"    {first.line['case']}{'' if first.way == CALL else ' (drop-in)'}"))
    yield Text(make_printable(f"      {format_layer(first.line)}"))
    for name, row in (("was", first.before), ("is", first.after)):
        if row is not None:
            yield Text(make_printable(f"      {row['attribute']} {name} {format_answer(row)}"))


def format_rule_change(rule: RuleChange) -> Iterator[Text]:
    """A rule that changed, with its targets."""
    yield Text(make_printable(f"  {rule.axis}: {rule.before} → {rule.after}"), style="yellow")
    yield Text(make_printable(f"    {', '.join(rule.targets)}"))
