"""The words that all outputs of a comparison share: versions, layers, answers, and how much changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...adapters.ledger.entry import ACCEPTANCE, acceptance_of
from ...adapters.targets.version_names import without_version
from ...cases.judge.answer import CRASHES, TIMES_OUT
from ..rows.records import CaseLine, Row
from ..rows.target_rows import TargetRows
from ..words.text import format_count, format_value, split_message
from .changes import REMOVED
from .diff import Diff, describe_upgrade, list_supported_cases

HEADINGS = {
    "removed": "no longer answered",
    "verdict": "with a different verdict",
    "answer": "with a different answer",
    "cause": "with a different cause",
    "fingerprint": "following a different rule",
    "added": "newly answered",
    "wording": "with a different message",
}
"""The classes of changes in words, to follow a count."""


def group_upgrades(pairs: Sequence[tuple[TargetRows, TargetRows]]) -> dict[tuple[str, str], list[str]]:
    """The packages before and after with their versions, and the targets that have them."""
    groups: dict[tuple[str, str], list[str]] = {}
    for old, new in pairs:
        groups.setdefault(describe_upgrade(old, new), []).append(without_version(new.name))
    return groups


def format_answer(row: Row) -> str:
    """The answer of a row in one line."""
    if row["got"] is None or row["attribute"] == ACCEPTANCE or row["verdict"] in (CRASHES, TIMES_OUT):
        return ": ".join(filter(None, (acceptance_of(row), split_message(row["detail"])[0])))
    return format_value(row["got"])


def format_layer(line: CaseLine) -> str:
    """The layer of a case, as its source spells it or by its parameters, and the input."""
    parameters = ", ".join(f"{name}={value}" for name, value in line["pool"].items())
    layer = line["layer"] or f"{line['op']}({parameters})"
    return f"{layer} of {format_value(line['input']['expression'])}"


def format_partial(name: str, old_or_new: str) -> str:
    """The warning for a file that is partial."""
    return f"the {old_or_new} file, {name}, is incomplete; missing cases count as not run"


def count_cases(cases: Mapping[str, Sequence[str]]) -> str:
    """The number of cases of each target."""
    return ", ".join(f"{format_count(len(ids), 'case')} on {target}" for target, ids in cases.items())


def list_single_targets(kind: str, targets: Sequence[TargetRows]) -> Iterator[str]:
    """The targets that only one of the files has."""
    for target in targets:
        yield f"{target.name} ({format_count(len(list_supported_cases(target)), 'case')}), only in the {'old' if kind == REMOVED else 'new'} file"


def summarise(diff_result: Diff) -> str:
    """How many answers were compared, and how many changed."""
    changes = ", ".join(f"{count} {HEADINGS[kind]}" for kind, count in diff_result.counts.items())
    vary = f"; {format_varying(diff_result)}" if diff_result.varying else ""
    return f"{format_count(diff_result.compared_count, 'answer')} compared: {changes or 'nothing changed'}{vary}"


def format_varying(diff_result: Diff) -> str:
    """The number of answers that differ and are no change."""
    return f"{format_count(len(diff_result.varying), 'answer')} not counted (known to vary from run to run)"
