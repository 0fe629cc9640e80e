"""What people see of verdicts: how bad each is, its symbol and its word; and what only measures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...cases.judge.answer import AGREES, CRASHES, DIFFERS, NOT_RUN, REJECTS, TIMES_OUT, UNSUPPORTED
from .records import Row

MEASURED = "measured"
"""How an answer is shown that cannot be wrong: a named answer to a probe, a refusal that a rule explains, any answer to an observe case."""

SEVERITY = (CRASHES, TIMES_OUT, REJECTS, DIFFERS, AGREES, MEASURED, UNSUPPORTED, NOT_RUN)
"""Worst first; a case counts as the worst of its attributes."""

FAULTS = frozenset({CRASHES, TIMES_OUT, REJECTS, DIFFERS})
"""Attempted, and not the expected answer."""

NOTHING = frozenset({UNSUPPORTED, NOT_RUN})
"""There is no answer, and nobody's fault."""

SYMBOLS = {CRASHES: "†", TIMES_OUT: "∞", REJECTS: "✕", DIFFERS: "≠", AGREES: "✓", MEASURED: "○", UNSUPPORTED: "—", NOT_RUN: "·"}

MEANINGS = {
    AGREES: "the answer is the expected one, within the case's tolerance",
    DIFFERS: "an answer, but not the expected one",
    REJECTS: "an error where an answer was expected, or an answer where an error was expected",
    CRASHES: "the process died",
    TIMES_OUT: "no answer within the time limit",
    MEASURED: "an answer that cannot be wrong; not counted as attempted",
    UNSUPPORTED: "the framework has no parameter for something that the case states; not attempted, not a fault",
    NOT_RUN: "not attempted, for the reason given",
}


def worst(verdicts: Iterable[str]) -> str:
    """The worst of some verdicts."""
    return min(verdicts, key=SEVERITY.index)


def word(verdict: str) -> str:
    """A verdict as people write it."""
    return verdict.replace("_", " ")


INFERRED = "inferred_shape"
"""The attribute that is a prediction and not a part of the answer."""


def verdict_of(kind: str, rows: Sequence[Row]) -> str:
    """What people see of a case of some kind, asked of a target in one way: the worst of its attributes, or that it was measured.

    A shape that was inferred counts only where nothing else was asked.
    """
    rows = [row for row in rows if row["attribute"] != INFERRED] or rows
    verdict = worst(row["verdict"] for row in rows)
    if kind == "observe":
        return MEASURED if verdict == AGREES else verdict
    return MEASURED if kind == "probe" and verdict in (REJECTS, DIFFERS, AGREES) and has_named_answer(rows) else verdict


def has_named_answer(rows: Sequence[Row]) -> bool:
    """Whether everything in which a probe's answer is not the reference's has a name: that of an answer, or a rule elsewhere."""
    return all(row["answer"] or row["cause"] for row in rows if row["verdict"] in FAULTS)


def must_be_pinned(kind: str, row: Row) -> bool:
    """Whether only the ledger can excuse a row of such a case."""
    if kind == "observe":
        return row["verdict"] in (CRASHES, TIMES_OUT)
    return bool(row["answer"]) or row["verdict"] not in (AGREES, UNSUPPORTED, NOT_RUN)
