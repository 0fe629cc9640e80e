"""A failed case in words, for pytest and for `run`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...adapters.targets.version_names import without_version
from ...cases.judge.answer import AGREES, UNSUPPORTED
from ...cases.model.case import Case
from ..ledger.item_outcome import ItemOutcome
from ..rows.records import Row
from ..rows.ways import CALL
from ..words.text import format_value, shorten


def describe_failure(case: Case, target: str, outcome: ItemOutcome, rows: Sequence[Row]) -> str:
    """Describe a failed case on a target: the reasons, what was got and expected, the native code, and the command that reproduces it."""
    return "\n".join(failure_lines(case, target, outcome, [row for row in rows if row["way"] == CALL]))


def failure_lines(case: Case, target: str, outcome: ItemOutcome, rows: Sequence[Row]) -> Iterator[str]:
    """The lines of the description; `rows` are those of the way `call`."""
    versions = ", ".join(f"{name} {version}" for name, version in rows[0]["versions"].items())
    yield f"{case.id} on {target} ({versions})"
    yield f"  {case.spelling.text if case.spelling else case.pool}"
    yield f"  x = {shorten(case.input.expression)}"
    for reason in outcome.reasons:
        yield f"  {reason}"
    for row in rows:
        if row["verdict"] not in (AGREES, UNSUPPORTED) and row["got"] is not None:
            yield f"    {row['attribute']} got:      {format_value(row['got'])}"
            yield f"    {' ' * len(row['attribute'])} expected: {format_value(row['due'])}"
    for code, attributes in codes_of_failures(rows).items():
        yield "native code:" if code == rows[0]["code"] else f"native code of {', '.join(attributes)}:"
        yield from (f"    {line}" for line in code.splitlines())
    interpreter_option = f" --target '{without_version(target)}@PYTHON'" if without_version(target) != target else ""
    yield f"reproduce: pytest '{case.id}::{target}'{interpreter_option}"


def codes_of_failures(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Each native code that reproduces a difference, with the attributes that differ; the code of the case if none does."""
    codes: dict[str, list[str]] = {}
    for row in rows:
        if row["verdict"] not in (AGREES, UNSUPPORTED) and row["code"]:
            codes.setdefault(row["code"], []).append(row["attribute"])
    return codes or {code: [] for row in rows[:1] if (code := row["code"])}
