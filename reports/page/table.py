"""The table of all cases as the page holds it: cases, answers and findings, each column as its distinct values and a code for each line.

The answers of a case are adjacent, as are the findings of an answer (of a target, in a way); only
their number is stored. Equal answers to a case have the same `group`; group 0 holds no answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..rows import tables
from ..rows.differences import cause, has_cause_search, wrong
from ..rows.records import Rows
from ..rows.verdicts import NOTHING, verdict_of
from ..rows.ways import CALL
from ..words.language import gettext
from ..words.text import make_printable
from .answers import answer_key
from .columns import LEVELS, AnswerLine, Column, FindingLine, find_filters
from .compression import encode_column
from .families import list_families

Levels = Mapping[str, Sequence[Column]]


def build_table(rows: Rows, levels: Levels = LEVELS) -> dict[str, Any]:
    """The data of the table, with the columns and filters that the script needs."""
    order = {case: number for number, case in enumerate(rows.cases)}
    rows_by_answer = dict(sorted(tables.group_rows(rows).items(), key=lambda item: order[item[0][0]]))
    answers = [
        AnswerLine(rows.cases[case], target, way, verdict_of(rows.cases[case]["kind"], case_rows), case_rows)
        for (case, target, way), case_rows in rows_by_answer.items()
    ]
    findings = [FindingLine(row, text) for answer in answers for row, text in zip(answer.rows, explain_rows(answer), strict=True)]
    counts = Counter(case for case, _, _ in rows_by_answer)
    cases = list(rows.cases.values())
    return {
        "targets": tables.targets(rows),
        "families": [[family.name, family.targets, family.folds] for family in list_families(tables.targets(rows))],
        "cases": {
            **encode_columns(levels["cases"], cases),
            "name": [case["case"].partition("::")[2] for case in cases],
            "about": [case["about"] or case["layer"] or "" for case in cases],
            "count": [counts[case["case"]] for case in cases],
        },
        "answers": {
            **encode_columns(levels["answers"], answers),
            "group": number_groups(answers),
            "count": [len(answer.rows) for answer in answers],
        },
        "findings": encode_columns(levels["findings"], findings),
        "columns": [
            {"key": column.key, "title": gettext(column.heading), "width": column.width} for column in levels["cases"] if column.width
        ],
        "filters": {level: [column.key for column in columns if column.filtered] for level, columns in levels.items()},
    }


def encode_columns(columns: Iterable[Column], lines: Sequence[Any]) -> dict[str, Any]:
    """Each column of some lines, by its key."""
    return {column.key: encode_column(map(column.read, lines)) for column in columns}


def list_filters(table: Mapping[str, Any], targets: Sequence[str], levels: Levels = LEVELS) -> list[tuple[Column, list[Any]]]:
    """Each filter of the table with the values that it can be set to; targets in the order of the run."""
    values = {key: column["names"] for level in reversed([*levels]) for key, column in table[level].items() if isinstance(column, dict)}
    values["target"] = list(targets)
    return [(column, [value for value in values[key] if value not in ("", None)]) for key, column in find_filters(levels).items()]


def number_groups(answers: Iterable[AnswerLine]) -> list[int]:
    """The group of each answer: equal answers to a case have the same number, from 1 up."""
    numbers_by_group: dict[str, dict[str, int]] = {}
    numbers = []
    for answer in answers:
        groups = numbers_by_group.setdefault(answer.case["case"], {})
        key = None if answer.verdict in NOTHING else answer_key(answer.case["kind"], answer.rows)
        numbers.append(0 if key is None else groups.setdefault(key, len(groups) + 1))
    return numbers


def explain_rows(answer: AnswerLine) -> list[str]:
    """The cause of each row of an answer in words; empty where there is no difference, or no cause is searched for."""
    differences = {row["attribute"] for row in wrong(answer.rows)} if answer.way == CALL and has_cause_search(answer.case) else ()
    return [make_printable(cause(row)) if row["attribute"] in differences else "" for row in answer.rows]
