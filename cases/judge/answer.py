"""What a target answered, and what the judge finds about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model.arithmetic import Array
from .tolerance import Tolerance

AGREES, DIFFERS, REJECTS, UNSUPPORTED, CRASHES, TIMES_OUT, NOT_RUN = VERDICTS = (
    "agrees", "differs", "rejects", "unsupported", "crashes", "times_out", "not_run",
)  # fmt: skip
ATTEMPTED = frozenset({AGREES, DIFFERS, REJECTS, CRASHES, TIMES_OUT})

ACCEPTS = "accepts"
ANSWERED = frozenset({ACCEPTS, REJECTS})
"""Outcomes of a framework's own; all others are verdicts without an answer."""

Cause = list[dict[str, str]]
"""Changes of rules, each `{axis, value}`, that reproduce an answer together."""


@dataclass(frozen=True, eq=False)
class Answer:
    """The answer of a target to one case.

    `outcome` is 'accepts' with an `output`, 'rejects' for an exception of the framework, or one of
    the verdicts without an answer: unsupported, crashes, times_out, not_run. `extra` holds further
    results by name.
    """

    outcome: str
    output: Array | None = None
    parameters: int | None = None
    detail: str = ""
    seconds: float = 0.0
    extra: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Finding:
    """The verdict on one attribute, with both sides of the comparison.

    `probe_value` is the value of the axis that a probe's answer shows. `cause` lists alternatives; it
    is empty if none is needed, and None if none is known. `consistent` lists the sets of possible
    answers that an unexplained one fits. `unsteady` marks numbers that changed when the same question was asked again.
    """

    attribute: str
    verdict: str
    due: Any = None
    got: Any = None
    tolerance: Tolerance | None = None
    detail: str = ""
    probe_value: str | None = None
    cause: list[Cause] | None = None
    consistent: list[Cause] = field(default_factory=list)
    unsteady: bool = False
