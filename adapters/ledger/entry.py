"""One known difference: the cases and targets that it is about, and the answer or the cause that it pins."""

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
from ...cases.model.mistake import WIDTH
from ...cases.model.rules import AXES
from ..common.wildcards import is_pattern, matches_pattern
from ..targets.version_names import without_version
from .conditions import ALWAYS, When

DEATH = re.compile(r"SIG[A-Z0-9]+|status [0-9]+")
"""The signal or exit status that ended a worker, at the start of the detail of a crash."""
ACCEPTANCE, ANSWER = "acceptance", "answer"
IMPLIED = {"values": "shape"}
VARIES = "varies"
"""The answer that pins numbers that differ from run to run, such as uninitialised memory; for acceptance, an input that only some runs refuse."""
UNPINNED = "differs"
"""The answer that pins that an attribute differs, and not its numbers, which are too many; they are the same in every run."""
TODO = "TODO"
"""In place of a reason that is still to be written."""

Changes = frozenset[tuple[str, str]]
"""Rules that are changed together: pairs of an axis and its value."""
Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Subject:
    """What an entry needs to know of a case: its id, the type and number of spatial axes of its input, the axis a probe asks, and the tolerance."""

    id: str
    dtype: str
    rank: int
    asks: str | None = None
    tolerance: Callable[[], Tolerance] = lambda: EXACT


def subject_of(case: Case) -> Subject:
    """What an entry needs to know of a case."""
    return Subject(case.id, case.input.dtype, case.rank, case.asks, partial(tolerance_of, case))


@dataclass(frozen=True, eq=False)
class Entry:
    """One known difference.

    `case` and `target` are patterns in which only '*' and '?' are wild cards; the version after a target's
    '@' is ignored. An entry pins either `cause`, the changes of rules that explain a row, or `answer`, the
    contents of the row of `attribute`: 'rejects', 'accepts', 'times_out' or 'crashes: SIGNAL' for acceptance,
    and for attributes that are requested separately; a shape; nested numbers for values; 'varies' for values
    that differ from run to run, and for the acceptance of an input that only some runs refuse, which then covers
    the case's other attributes too; 'differs' for values that are too many to write down. For a probe, attribute
    `answer` pins the value of the asked axis.
    `why` is the reason; an entry with a `cause` may leave it empty, because the rules that it names say it.
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
        """Whether the entry names cases by a pattern."""
        return is_pattern(self.case)

    @property
    def pinned_text(self) -> str:
        """What the entry pins, for messages."""
        if self.cause is not None:
            return f"the cause {quote_cause(self.cause)}"
        answer = str(self.answer)
        return f"the {self.attribute} {answer if len(answer) <= WIDTH else f'{answer[: WIDTH - 3]}...'}"

    @property
    def kills(self) -> bool:
        """Whether the entry pins a crash or a time-out, which end the worker."""
        return isinstance(self.answer, str) and self.answer.partition(":")[0] in (CRASHES, TIMES_OUT)

    @property
    def reason(self) -> str:
        """The reason: as written, or the rules of the cause; or the place where one is still to be written."""
        if not self.why and self.cause:
            return describe_cause(self.cause)
        return f"{TODO}: {self.where} has no reason yet" if self.why == TODO else self.why

    def names(self, target: str) -> bool:
        """Whether the entry is about a target."""
        return matches_pattern(without_version(target), self.target)

    def matches(self, case: Subject) -> bool:
        """Whether the entry is about a case."""
        return matches_pattern(case.id, self.case) and self.when.of(case.dtype, case.rank)

    def covers(self, row: Row) -> bool:
        """Whether the entry is about a row: about its attribute, or one that implies it."""
        if self.cause is not None:
            return self.attribute in (None, row["attribute"])
        return self.attribute in (row["attribute"], ACCEPTANCE, ANSWER) or IMPLIED.get(str(self.attribute)) == row["attribute"]

    def pins(self, case: Subject, row: Row) -> bool:
        """Whether a row has the pinned cause or the pinned answer."""
        if self.cause is not None:
            return self.covers(row) and self.cause in causes_of(row, case.asks)
        return self.covers(row) and self.expects(case, row)

    def expects(self, case: Subject, row: Row) -> bool:
        """Whether a row that the entry is about has the pinned answer."""
        if self.attribute == ANSWER:
            return bool(row["answer"] == self.answer)
        if self.attribute == ACCEPTANCE:
            return self.answer in (VARIES, acceptance_of(row))
        if self.answer in (VARIES, UNPINNED):
            return bool(row["attribute"] == self.attribute and row["verdict"] == DIFFERS)
        if row["verdict"] in (REJECTS, CRASHES, TIMES_OUT):
            return row["attribute"] == self.attribute and bool(self.answer == acceptance_of(row))
        return (
            is_same_answer(self.answer, row["got"], case.tolerance)
            if row["attribute"] == self.attribute
            else has_shape(self.answer, row["got"])
        )


def quote_cause(cause: Changes) -> str:
    """Changes of rules, for messages."""
    return f"{{{', '.join(f'{axis}: {value}' for axis, value in sorted(cause))}}}"


def describe_cause(cause: Changes) -> str:
    """Changes of rules as a sentence."""
    phrases = [AXES[axis].values[value].phrase for axis, value in sorted(cause)]
    text = ", and ".join(phrases)
    return f"{text[:1].upper()}{text[1:]}."


def causes_of(row: Row, axis: str | None) -> Iterator[Changes]:
    """The alternative causes of a row; for a probe that was answered with a value of its axis, that value."""
    if row["answer"] and axis:
        yield frozenset({(axis, row["answer"])})
        return
    for cause in row["cause"] or ():
        if cause:
            yield frozenset((change["axis"], change["value"]) for change in cause)


def acceptance_of(row: Row) -> str:
    """The acceptance that a row implies: accepts, rejects, times_out, crashes, or crashes with its signal or status."""
    match row["verdict"]:
        case "crashes":
            death = DEATH.search(row["detail"])
            return f"crashes: {death[0]}" if death else "crashes"
        case "times_out":
            return "times_out"
        case "rejects":
            return "accepts" if row["due"] == "rejects" else "rejects"
    return str(row["got"]) if row["attribute"] == ACCEPTANCE else "accepts"


def is_same_answer(answer: Any, got: Any, tolerance: Callable[[], Tolerance]) -> bool:
    """Whether a pinned answer equals the one in a row, within the tolerance of the case."""
    if not isinstance(got, Mapping):
        return bool(answer == got)
    if "digest" in got:
        return bool(answer == got["digest"])
    left = np.asarray(parse_numbers(answer))
    right = np.asarray(parse_numbers(got["data"]), dtype_of(got["dtype"])).reshape(got["shape"])
    if not has_shape(answer, got["shape"]):
        return False
    left = left.reshape(right.shape)
    return bool(tolerance().same(left.astype(right.dtype), right).all() if is_floating(right.dtype) else (left == right).all())


def has_shape(cells: Any, shape: Any) -> bool:
    """Whether nested lists are those of an array of some shape; they end at the first axis without cells."""
    sizes = list(np.shape(cells))
    return bool(sizes == (shape[: len(sizes)] if shape and 0 in sizes else shape))


def parse_numbers(value: Any) -> Any:
    """Nested lists with numbers in place of the strings that rows have for nan, inf and large integers."""
    if isinstance(value, list):
        return [parse_numbers(item) for item in value]
    if not isinstance(value, str):
        return value
    return int(value) if value.lstrip("-").isdigit() else float(value)
