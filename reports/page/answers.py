"""The answers to one case, grouped: targets that gave the same answer form one group."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ...cases.judge.answer import AGREES, ATTEMPTED, NOT_RUN, UNSUPPORTED
from ..rows.records import CaseLine, Row
from ..rows.verdicts import MEASURED, SEVERITY, verdict_of, word
from ..rows.ways import CALL
from ..words.phrases import alternatives

ORDER = (AGREES, MEASURED, *reversed(SEVERITY[: SEVERITY.index(AGREES)]), UNSUPPORTED, NOT_RUN)
"""The order of groups: the expected answer, then from mild to severe, then what was not attempted."""

MESSAGE_LIMIT = 1000
"""Messages are truncated to this many characters."""


@dataclass(frozen=True)
class Group:
    """One answer with its verdict and the word for it, its targets by way, its unexpected rows, and the sentences about it.

    `is_refusal` is true for an error, `rules` are the changes of rules that reproduce the answer. `remarks`,
    `causes` and `known_reasons` map a sentence to the targets it applies to; an empty list means all of them.
    """

    verdict: str
    word: str
    is_refusal: bool
    who: Mapping[str, Sequence[str]]
    findings: Sequence[Row]
    rules: Mapping[str, str]
    remarks: Mapping[str, Sequence[str]]
    causes: Mapping[str, Sequence[str]]
    known_reasons: Mapping[str, Sequence[str]]


def group_answers(line: CaseLine, rows: Iterable[Row]) -> list[Group]:
    """The distinct answers in the rows of a case, in the order of `ORDER`."""
    answers = [list(answer) for _, answer in groupby(rows, key=lambda row: (row["target"], row["way"]))]
    equal: dict[str, list[list[Row]]] = {}
    for answer in answers:
        equal.setdefault(answer_key(line["kind"], answer), []).append(answer)
    return sorted((build_group(line, same) for same in equal.values()), key=lambda group: ORDER.index(group.verdict))


def answer_key(kind: str, rows: Sequence[Row]) -> str:
    """A text that is the same for equal answers: the verdict, and every value that is not the expected one."""
    got = [[row["attribute"], row["verdict"], row["got"]] for row in rows if row["verdict"] in ATTEMPTED and is_shown(row)]
    return json.dumps([verdict_of(kind, rows), got], sort_keys=True)


def is_shown(row: Row) -> bool:
    """Whether the value of a row is shown: not where it is the expected one."""
    return row["verdict"] != AGREES or row["due"] is None


def build_group(line: CaseLine, answers: Sequence[Sequence[Row]]) -> Group:
    """One answer, given by several targets or in several ways."""
    first = answers[0]
    targets_by_way: dict[str, list[str]] = {}
    for rows in answers:
        targets_by_way.setdefault(rows[0]["way"], []).append(rows[0]["target"])
    return Group(
        verdict=verdict_of(line["kind"], first),
        word=format_verdict(line, first),
        is_refusal=any(row["attribute"] == "acceptance" and row["got"] == "rejects" for row in first),
        who=targets_by_way,
        findings=select_findings(first),
        rules=find_rules(first),
        remarks=collect_sentences(answers, lambda row: row["detail"]),
        causes=collect_sentences(answers, format_cause),
        known_reasons=collect_sentences(answers, lambda row: row.get("known")),
    )


def format_verdict(line: CaseLine, rows: Sequence[Row]) -> str:
    """The word for an answer: that of its verdict, or the name of a probe's answer."""
    verdict = verdict_of(line["kind"], rows)
    name = answer_name(rows)
    return name if name and verdict == MEASURED else word(verdict)


def answer_name(rows: Iterable[Row]) -> str:
    """The name of a probe's answer, empty where it has none."""
    return next((str(row["answer"]) for row in rows if row["answer"]), "")


def select_findings(rows: Sequence[Row]) -> list[Row]:
    """The rows whose values are shown; the shape is omitted where the values show it."""
    findings = {row["attribute"]: row for row in rows if is_shown(row) and row["got"] is not None and row["attribute"] != "acceptance"}
    if "values" in findings:
        findings.pop("shape", None)
    return list(findings.values())


def find_rules(rows: Iterable[Row]) -> dict[str, str]:
    """The changes of rules that reproduce an answer, by the first of its explanations."""
    return next(({change["axis"]: change["value"] for change in row["cause"][0]} for row in rows if row["cause"]), {})


def format_cause(row: Row) -> str:
    """The rules that reproduce an answer in words; empty where none is needed or known."""
    return alternatives(row["cause"]) if row["cause"] else ""


def collect_sentences(answers: Sequence[Sequence[Row]], sentence: Callable[[Row], str | None]) -> dict[str, list[str]]:
    """Each sentence about the rows with the targets it applies to, none where it applies to all."""
    sentences: dict[str, dict[str, None]] = {}
    for rows in answers:
        for row in rows:
            if text := sentence(row):
                sentences.setdefault(truncate(text), {})[name_target(row)] = None
    every = {name_target(rows[0]) for rows in answers}
    return {text: [] if every == set(names) else drop_repeated_drop_ins(names) for text, names in sentences.items()}


def name_target(row: Row) -> str:
    """The target of a row, marked where it was asked as a drop-in."""
    return row["target"] if row["way"] == CALL else f"{row['target']} (drop-in)"


def truncate(text: str) -> str:
    """A text of at most `MESSAGE_LIMIT` characters, and the number of the others."""
    return text if len(text) <= MESSAGE_LIMIT else f"{text[:MESSAGE_LIMIT]} ... ({len(text) - MESSAGE_LIMIT:,} more characters)"


def group_codes(rows: Iterable[Row]) -> dict[str, list[str]]:
    """Each native code of a case once, with its targets."""
    codes: dict[str, dict[str, None]] = {}
    for row in rows:
        if row["code"]:
            codes.setdefault(row["code"], {})[name_target(row)] = None
    return {code: drop_repeated_drop_ins(names) for code, names in codes.items()}


def drop_repeated_drop_ins(names: Iterable[str]) -> list[str]:
    """Target names, without the drop-in of a target that is listed itself."""
    name_list = list(names)
    return [name for name in name_list if name.removesuffix(" (drop-in)") not in name_list or not name.endswith(" (drop-in)")]
