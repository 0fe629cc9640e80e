"""A comparison as Markdown, for the comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from ..rows.ways import CALL
from ..words.markdown import escape_markdown, format_table
from ..words.text import format_count, make_printable
from .changes import ADDED, REMOVED
from .diff import Diff
from .grouped import ChangeGroup
from .wording import HEADINGS, count_cases, format_answer, format_layer, format_partial, group_upgrades, list_single_targets, summarise

GROUP_LIMIT, CASE_LIMIT = 30, 20
"""At most this many groups of changes, and cases of each, are shown: comments have a size limit."""


def format_markdown(diff_result: Diff) -> str:
    """The versions, a table of the changes, and examples in folded sections."""
    return "\n".join(format_lines(diff_result)) + "\n"


def format_lines(diff_result: Diff) -> Iterator[str]:
    """The lines of the text."""
    yield f"### poolparity: {escape_markdown(summarise(diff_result))}\n"
    for side, name in ((diff_result.old, "old"), (diff_result.new, "new")):
        if not side.rows.whole:
            yield f"**Partial**: {escape_markdown(format_partial(side.path.name, name))}\n"
    yield from format_rows(
        ("targets", "before", "after"), ((", ".join(targets), *pair) for pair, targets in group_upgrades(diff_result.pairs).items())
    )
    for kind, targets in ((REMOVED, diff_result.old_only), (ADDED, diff_result.new_only)):
        yield from (f"- {escape_markdown(line)}\n" for line in list_single_targets(kind, targets))
    groups = diff_result.groups[:GROUP_LIMIT]
    changes = ((group.kind, group.count, group.before, group.after, ", ".join(group.cases)) for group in groups)
    yield from format_rows(("change", "cases", "before", "after", "targets"), changes)
    if len(diff_result.groups) > GROUP_LIMIT:
        yield f"and {format_count(len(diff_result.groups) - GROUP_LIMIT, 'more group')} of changes\n"
    rules = ((rule.axis, rule.before, rule.after, ", ".join(rule.targets)) for rule in diff_result.rules)
    yield from format_rows(("rule", "before", "after", "targets"), rules)
    for group in groups:
        yield from format_group(group)


def format_rows(head: Sequence[str], cells: Iterable[Sequence[object]]) -> Iterator[str]:
    """A table, unless it has no rows."""
    if rows := list(cells):
        yield from format_table([head, *rows])


def format_group(group: ChangeGroup) -> Iterator[str]:
    """An example of a group of changes, and its cases."""
    first = group.changes[0]
    yield f"<details><summary>{HEADINGS[group.kind]}: {escape_html(group.before)} → {escape_html(group.after)}</summary>\n"
    yield f"{escape_markdown(first.line['case'])} on {escape_markdown(first.target)}{'' if first.way == CALL else ' as drop-in'}:\n"
    sides = (("was", first.before), ("is", first.after))
    yield from fence_lines(
        (format_layer(first.line), *(f"{row['attribute']} {name:3} {format_answer(row)}" for name, row in sides if row is not None))
    )
    yield f"\n{escape_markdown(count_cases(group.cases))}:\n"
    cases = [(case, target) for target, ids in group.cases.items() for case in ids]
    yield from (f"- {escape_markdown(case)} on {escape_markdown(target)}" for case, target in cases[:CASE_LIMIT])
    if len(cases) > CASE_LIMIT:
        yield f"- and {len(cases) - CASE_LIMIT} more"
    yield "\n</details>\n"


def fence_lines(lines: Iterable[str]) -> Iterator[str]:
    """Lines in a code block, with a fence that they do not contain."""
    inner = [make_printable(line).replace("\n", " ") for line in lines]
    fence = "`" * max(3, 1 + max((len(run) for line in inner for run in re.findall("`+", line)), default=0))
    yield from (fence, *inner, fence)


def escape_html(text: str) -> str:
    """A text as code in one line of HTML, in which a comment neither links nor mentions anything."""
    return f"<code>{escape(' '.join(make_printable(text).split())).replace('@', '&#64;')}</code>"
