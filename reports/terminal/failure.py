"""A failure in words: what was got, what was due, where they first differ, and how to see it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...adapters.targets.version_names import without_version
from ...cases.judge.answer import AGREES, UNSUPPORTED
from ...cases.model.case import Case
from ..ledger.item_outcome import ItemOutcome
from ..rows.records import Row
from ..rows.ways import CALL
from ..words.text import format_value, shorten


def tell(case: Case, target: str, outcome: ItemOutcome, rows: Sequence[Row]) -> str:
    """The text of a failed item."""
    return "\n".join(lines(case, target, outcome, [row for row in rows if row["way"] == CALL]))


def lines(case: Case, target: str, outcome: ItemOutcome, rows: Sequence[Row]) -> Iterator[str]:
    """The lines of a failed item."""
    versions = ", ".join(f"{name} {version}" for name, version in rows[0]["versions"].items())
    yield f"{case.id} on {target} ({versions})"
    yield f"  {case.spelling.text if case.spelling else case.pool}"
    yield f"  x = {shorten(case.input.expression)}"
    for reason in outcome.reasons:
        yield f"  {reason}"
    for row in rows:
        if row["verdict"] not in (AGREES, UNSUPPORTED) and row["got"] is not None:
            yield f"    {row['attribute']} got: {format_value(row['got'])}"
            yield f"    {' ' * len(row['attribute'])} due: {format_value(row['due'])}"
    if code := rows[0]["code"]:
        yield "native code:"
        yield from (f"    {line}" for line in code.splitlines())
    elsewhere = f" --target '{without_version(target)}@PYTHON'" if without_version(target) != target else ""
    yield f"again: pytest '{case.id}::{target}'{elsewhere}"
