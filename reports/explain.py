"""A failure in words: what was got, what was due, where they first differ, and how to see it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..adapters._names import plain
from ..cases.answer import AGREES, UNSUPPORTED
from ..cases.case import Case
from .outcome import Outcome
from .plan import CALL
from .rows import Row

WIDTH = 100


def tell(case: Case, target: str, outcome: Outcome, rows: Sequence[Row]) -> str:
    """The text of a failed item."""
    return "\n".join(lines(case, target, outcome, [row for row in rows if row["way"] == CALL]))


def lines(case: Case, target: str, outcome: Outcome, rows: Sequence[Row]) -> Iterator[str]:
    """The lines of a failed item."""
    versions = ", ".join(f"{name} {version}" for name, version in rows[0]["versions"].items())
    yield f"{case.id} on {target} ({versions})"
    yield f"  {case.spelling.text if case.spelling else case.pool}"
    yield f"  x = {shortened(case.input.expression)}"
    for reason in outcome.reasons:
        yield f"  {reason}"
    for row in rows:
        if row["verdict"] not in (AGREES, UNSUPPORTED) and row["got"] is not None:
            yield f"    {row['attribute']} got: {shown(row['got'])}"
            yield f"    {' ' * len(row['attribute'])} due: {shown(row['due'])}"
    if code := rows[0]["code"]:
        yield "native code:"
        yield from (f"    {line}" for line in code.splitlines())
    elsewhere = f" --target '{plain(target)}@PYTHON'" if plain(target) != target else ""
    yield f"again: pytest '{case.id}::{target}'{elsewhere}"


def shown(value: Any) -> str:
    """A value of a row in one line."""
    if isinstance(value, dict) and "dtype" in value:
        cells = value.get("data", value.get("differing", value.get("digest")))
        return shortened(f"{cells} ({value['dtype']}, shape {tuple(value['shape'])})")
    return shortened(str(value))


def shortened(text: str) -> str:
    """A text of bounded length."""
    return text if len(text) <= 4 * WIDTH else f"{text[: 3 * WIDTH]} ... {text[-WIDTH // 2 :]}"
