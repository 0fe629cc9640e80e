"""What people see of a verdict: how bad it is, its symbol and its word."""

from __future__ import annotations

from collections.abc import Iterable

from ..cases.judge import AGREES, CRASHES, DIFFERS, NOT_RUN, REJECTS, TIMES_OUT, UNSUPPORTED

SEVERITY = (CRASHES, TIMES_OUT, REJECTS, DIFFERS, AGREES, UNSUPPORTED, NOT_RUN)
"""Worst first; a case counts as the worst of its attributes."""

FAULTS = frozenset({CRASHES, TIMES_OUT, REJECTS, DIFFERS})
"""Attempted, and not what was due."""

SYMBOLS = {CRASHES: "†", TIMES_OUT: "∞", REJECTS: "✕", DIFFERS: "≠", AGREES: "✓", UNSUPPORTED: "—", NOT_RUN: "·"}

MEANINGS = {
    AGREES: "the answer is the one that was due, within the case's tolerance",
    DIFFERS: "an answer, but not the one that was due",
    REJECTS: "an error where an answer was due, or an answer where an error was due",
    CRASHES: "the process died",
    TIMES_OUT: "no answer within the time limit",
    UNSUPPORTED: "the framework has no parameter for something that the case states; not attempted, not a fault",
    NOT_RUN: "not attempted, for the reason given",
}


def worst(verdicts: Iterable[str]) -> str:
    """The worst of some verdicts."""
    return min(verdicts, key=SEVERITY.index)


def word(verdict: str) -> str:
    """A verdict as people write it."""
    return verdict.replace("_", " ")
