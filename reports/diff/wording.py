"""The words of a comparison: what was upgraded, what a case asked for, and what was got."""

from __future__ import annotations

from collections.abc import Sequence

from ...adapters.ledger.entry import ACCEPTANCE, acceptance_of
from ...adapters.targets.version_names import without_version
from ...cases.judge.answer import CRASHES, TIMES_OUT
from ..rows.records import CaseLine, Row
from ..rows.target_rows import TargetRows
from ..words.text import format_value, split_message


def upgrades(pairs: Sequence[tuple[TargetRows, TargetRows]]) -> dict[tuple[str, str], list[str]]:
    """What took part before and after, with the targets of which that is told."""
    found: dict[tuple[str, str], list[str]] = {}
    for old, new in pairs:
        other = [name for name in {**old.versions, **new.versions} if old.versions.get(name) != new.versions.get(name)]
        told = [", ".join(f"{name} {side.versions.get(name, 'none')}" for name in other or side.versions) for side in (old, new)]
        found.setdefault((told[0], told[1]), []).append(without_version(new.name))
    return found


def answer(row: Row) -> str:
    """What was got, in a line."""
    if row["got"] is None or row["attribute"] == ACCEPTANCE or row["verdict"] in (CRASHES, TIMES_OUT):
        return ": ".join(filter(None, (acceptance_of(row), split_message(row["detail"])[0])))
    return format_value(row["got"])


def asked_for(line: CaseLine) -> str:
    """What a case asks for, as its source spells it or by its parameters, and of what."""
    stated = ", ".join(f"{name}={value}" for name, value in line["pool"].items())
    spelled = line["layer"] or f"{line['op']}({stated})"
    return f"{spelled} of {format_value(line['input']['expression'])}"
