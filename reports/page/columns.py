"""The columns of the table of all cases: the one place that names them.

The data of the page, the headings, the filters and what the script needs are derived from these
tuples. ADDING_A_COLUMN.md lists the steps for a further one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..rows.records import CaseLine, Row
from ..words.language import mark
from .answers import answer_name


class AnswerLine(NamedTuple):
    """One answer: the line of its case, the target, the way in which it was asked, its verdict, and its rows."""

    case: CaseLine
    target: str
    way: str
    verdict: str
    rows: Sequence[Row]


class FindingLine(NamedTuple):
    """One attribute of an answer: its row, and its cause in words, empty where there is none."""

    row: Row
    cause: str


@dataclass(frozen=True)
class Column:
    """A column.

    `key` names it in the data of the page and, as a filter, in the address; `heading` is a text of the
    catalogue, empty where none is shown; `read` takes its value from a case (its line in the rows), an `AnswerLine` or a
    `FindingLine`. `width` is in pixels, 0 for a value that can be filtered by and has no column of its
    own. `hint` explains the heading where it is a term of this project. `filtered` is false for a value
    that the script needs and nobody filters by.
    """

    key: str
    heading: str
    read: Callable[[Any], str | int | None]
    width: int = 0
    hint: str = ""
    filtered: bool = True


CASE_COLUMNS = (
    Column("op", mark("Operation"), lambda case: case["op"], width=130),
    Column("rank", mark("Axes"), lambda case: case["rank"], width=76, hint=mark("number of spatial axes")),
    Column(
        "tier",
        mark("Tier"),
        lambda case: case["tier"],
        width=76,
        hint=mark("how much is run: smoke is a part of core, core a part of full"),
    ),
    Column("file", "", lambda case: case["case"].partition("::")[0], filtered=False),
)
"""What each case has, in the order of the table."""

ANSWER_COLUMNS = (
    Column("target", mark("Target"), lambda answer: answer.target, hint=mark("a framework in an execution mode")),
    Column("verdict", mark("Verdict"), lambda answer: answer.verdict, hint=mark("how the answer compares with the expected one")),
    Column(
        "way", mark("Way"), lambda answer: answer.way,
        hint=mark("call: all parameters of the case; drop-in: only the arguments as the source wrote them"),
    ),
    Column("name", "", lambda answer: answer_name(answer.rows), filtered=False),
)  # fmt: skip
"""What each answer of a target to a case has."""

FINDING_COLUMNS = (
    Column("attribute", mark("Attribute"), lambda finding: finding.row["attribute"], hint=mark("the part of an answer that is compared")),
    Column("verdict", mark("Verdict"), lambda finding: finding.row["verdict"]),
    Column("cause", mark("Cause"), lambda finding: finding.cause, hint=mark("the rules that reproduce an unexpected answer")),
)
"""What each attribute of an answer has; a filter by the verdict is one of attributes where another filter of attributes is set."""

LEVELS: Mapping[str, Sequence[Column]] = {"cases": CASE_COLUMNS, "answers": ANSWER_COLUMNS, "findings": FINDING_COLUMNS}


def find_filters(levels: Mapping[str, Sequence[Column]]) -> dict[str, Column]:
    """The columns that can be filtered by, each key once."""
    filters: dict[str, Column] = {}
    for columns in levels.values():
        for column in columns:
            if column.filtered:
                filters.setdefault(column.key, column)
    return filters
