"""One known difference: what it speaks of, and the answer or the cause that it pins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ...cases.judge.answer import CRASHES, DIFFERS, REJECTS, TIMES_OUT
from ...cases.judge.tolerance import EXACT, Tolerance, tolerance_of
from ...cases.model.arithmetic import is_floating
from ...cases.model.case import Case
from ...cases.model.inputs import dtype_of
from ..targets.version_names import without_version
from .conditions import ALWAYS, When, like, wild

FATE = re.compile(r"SIG[A-Z0-9]+|status [0-9]+")
"""What a worker died of, as the first words of a crash tell it."""
ACCEPTANCE, ANSWER = "acceptance", "answer"
IMPLIED = {"values": "shape"}
VARIES = "varies"
"""What is pinned of numbers that are others each time, as those of memory that nobody wrote are."""
TODO = "TODO"
"""What stands for a reason that nobody has given yet."""

Changes = frozenset[tuple[str, str]]
"""Rules that are changed together, each an axis and its value."""
Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Subject:
    """What an entry looks at in a case: its id, the type and the spatial axes of its input, what a probe asks, and how near is near enough."""

    id: str
    dtype: str
    rank: int
    asks: str | None = None
    tolerance: Callable[[], Tolerance] = lambda: EXACT


def subject_of(case: Case) -> Subject:
    """What an entry looks at in a case."""
    return Subject(case.id, case.input.dtype, case.rank, case.asks, partial(tolerance_of, case))


@dataclass(frozen=True, eq=False)
class Entry:
    """One known difference.

    `case` and `target` are patterns in which only '*' and '?' are wild; the version behind a
    target's '@' is left out of sight. Either `cause` is pinned, the changes of rules that explain a row,
    or `answer`, what the row of `attribute` holds: 'rejects', 'accepts', 'times_out' or 'crashes: SIGNAL'
    for acceptance and for what is asked apart, a shape, nested numbers for values, 'varies' for any that differ; to a probe, attribute
    `answer` pins the value of the asked axis, for all that the probe compares.
    """

    case: str
    target: str
    attribute: str | None
    answer: Any
    why: str
    cause: Changes | None = None
    when: When = ALWAYS
    link: str | None = None
    measured: str | None = None
    where: str = ""

    @property
    def wide(self) -> bool:
        """Whether the entry speaks of cases by a pattern."""
        return wild(self.case)

    @property
    def pinned(self) -> str:
        """What the entry expects, as a message tells it."""
        return f"the {self.attribute} {self.answer}" if self.cause is None else f"the cause {quote_cause(self.cause)}"

    @property
    def kills(self) -> bool:
        """Whether it is the death of a worker, or its being killed for silence."""
        return isinstance(self.answer, str) and self.answer.partition(":")[0] in (CRASHES, TIMES_OUT)

    @property
    def reason(self) -> str:
        """Why it is so; that nobody has said why yet is said with the place."""
        return f"{TODO}: {self.where} gives no reason yet" if self.why == TODO else self.why

    def names(self, target: str) -> bool:
        """Whether the entry speaks of a target."""
        return like(without_version(target), self.target)

    def matches(self, case: Subject) -> bool:
        """Whether the entry speaks of a case."""
        return like(case.id, self.case) and self.when.of(case.dtype, case.rank)

    def covers(self, row: Row) -> bool:
        """Whether the entry speaks of a row: of its attribute, or of one that cannot be without it."""
        if self.cause is not None:
            return self.attribute in (None, row["attribute"])
        return self.attribute in (row["attribute"], ACCEPTANCE, ANSWER) or IMPLIED.get(str(self.attribute)) == row["attribute"]

    def pins(self, case: Subject, row: Row) -> bool:
        """Whether the row is explained by the very cause, or holds the very answer, that is pinned."""
        if self.cause is not None:
            return self.covers(row) and self.cause in causes_of(row, case.asks)
        return self.covers(row) and self.expects(case, row)

    def expects(self, case: Subject, row: Row) -> bool:
        """Whether a row that the entry speaks of holds the pinned answer."""
        if self.attribute == ANSWER:
            return bool(row["answer"] == self.answer)
        if self.attribute == ACCEPTANCE:
            return bool(self.answer == acceptance_of(row))
        if self.answer == VARIES:
            return bool(row["attribute"] == self.attribute and row["verdict"] == DIFFERS)
        if row["verdict"] in (REJECTS, CRASHES, TIMES_OUT):
            return row["attribute"] == self.attribute and bool(self.answer == acceptance_of(row))
        return (
            is_same_answer(self.answer, row["got"], case.tolerance)
            if row["attribute"] == self.attribute
            else list(np.shape(self.answer)) == row["got"]
        )


def quote_cause(cause: Changes) -> str:
    """Changes of rules as a message tells them."""
    return f"{{{', '.join(f'{axis}: {value}' for axis, value in sorted(cause))}}}"


def causes_of(row: Row, asks: str | None) -> Iterator[Changes]:
    """The alternatives that explain a row; to a probe, the answer that has a name, be it that of the reference."""
    if row["answer"] and asks:
        yield frozenset({(asks, row["answer"])})
        return
    for cause in row["cause"] or ():
        if cause:
            yield frozenset((each["axis"], each["value"]) for each in cause)


def acceptance_of(row: Row) -> str:
    """What became of a case, as acceptance tells it."""
    match row["verdict"]:
        case "crashes":
            named = FATE.search(row["detail"])
            return f"crashes: {named[0]}" if named else "crashes"
        case "times_out":
            return "times_out"
        case "rejects":
            return "accepts" if row["due"] == "rejects" else "rejects"
    return str(row["got"]) if row["attribute"] == ACCEPTANCE else "accepts"


def is_same_answer(answer: Any, got: Any, tolerance: Callable[[], Tolerance]) -> bool:
    """Whether a pinned answer is the one that was got, within the tolerance of the case."""
    if not isinstance(got, Mapping):
        return bool(answer == got)
    if "digest" in got:
        return bool(answer == got["digest"])
    left, right = np.asarray(parse_numbers(answer)), np.asarray(parse_numbers(got["data"]), dtype_of(got["dtype"]))
    if left.shape != tuple(got["shape"]):
        return False
    return bool(tolerance().same(left.astype(right.dtype), right).all() if is_floating(right.dtype) else (left == right).all())


def parse_numbers(value: Any) -> Any:
    """Nested lists with the numbers that rows hold as strings."""
    if isinstance(value, list):
        return [parse_numbers(each) for each in value]
    if not isinstance(value, str):
        return value
    return int(value) if value.lstrip("-").isdigit() else float(value)
