"""The table of every case as the page carries it: cases, answers and findings in columns, of dictionaries and codes.

A case has its answers next to each other, an answer (of a target, in a way) its findings: only their
numbers are told. Answers of a case are of the same `group` where they are the same answer; group 0 has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from ..rows import tables
from ..rows.differences import cause, searched, wrong
from ..rows.records import CaseLine, Row, Rows
from ..rows.verdicts import NOTHING, seen
from ..rows.ways import CALL
from ..words.text import make_printable
from .answers import answer, name_of
from .compression import coded

Answers = Mapping[tuple[str, str, str], Sequence[Row]]


def columns(rows: Rows) -> dict[str, Any]:
    """All that the table is made of."""
    order = {case: number for number, case in enumerate(rows.cases)}
    asked = dict(sorted(tables.group_rows(rows).items(), key=lambda each: order[each[0][0]]))
    return {
        "targets": tables.targets(rows),
        "cases": cases(rows.cases.values(), pd.Series([case for case, _, _ in asked]).value_counts()),
        "answers": answers(rows.cases, asked, tables.targets(rows)),
        "findings": findings(rows.cases, asked),
    }


def cases(lines: Iterable[CaseLine], counts: pd.Series[int]) -> dict[str, Any]:
    """A line for each case, with the number of its answers."""
    told = list(lines)
    table = {key: coded(line[key] for line in told) for key in ("op", "rank", "tier", "kind")}
    table["file"] = coded(line["case"].partition("::")[0] for line in told)
    texts = {"name": [line["case"].partition("::")[2] for line in told], "about": [line["about"] or line["layer"] or "" for line in told]}
    return table | texts | {"count": [int(counts.get(line["case"], 0)) for line in told]}


def answers(lines: Mapping[str, CaseLine], asked: Answers, targets: Sequence[str]) -> dict[str, Any]:
    """A line for each answer, with the number of its findings."""
    verdicts = [seen(lines[case]["kind"], rows) for (case, _, _), rows in asked.items()]
    return {
        "target": [targets.index(target) for _, target, _ in asked],
        "way": coded(way for _, _, way in asked),
        "verdict": coded(verdicts),
        "name": coded(name_of(rows) for rows in asked.values()),
        "group": grouped(lines, asked, verdicts),
        "count": [len(rows) for rows in asked.values()],
    }


def grouped(lines: Mapping[str, CaseLine], asked: Answers, verdicts: Iterable[str]) -> list[int]:
    """The group of each answer: in a case those that are the same have the same number, from 1 up."""
    found: dict[str, dict[str, int]] = {}
    told = []
    for ((case, _, _), rows), verdict in zip(asked.items(), verdicts, strict=True):
        known = found.setdefault(case, {})
        told.append(0 if verdict in NOTHING else known.setdefault(answer(lines[case]["kind"], rows), len(known) + 1))
    return told


def findings(lines: Mapping[str, CaseLine], asked: Answers) -> dict[str, Any]:
    """A line for each attribute of each answer, with its cause in words where causes are looked for."""
    told = [row for rows in asked.values() for row in rows]
    causes = [each for (case, _, way), rows in asked.items() for each in explained(rows, looked=way == CALL and searched(lines[case]))]
    return {"attribute": coded(row["attribute"] for row in told), "verdict": coded(row["verdict"] for row in told), "cause": coded(causes)}


def explained(rows: Sequence[Row], *, looked: bool) -> list[str]:
    """The cause of each finding of an answer, empty where there is no difference, or no cause is looked for."""
    differences = {row["attribute"] for row in wrong(rows)} if looked else ()
    return [make_printable(cause(row)) if row["attribute"] in differences else "" for row in rows]
