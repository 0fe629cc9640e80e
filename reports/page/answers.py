"""The answers to one case, put together: targets that gave the same one stand together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ...cases.judge.answer import AGREES, ATTEMPTED, NOT_RUN, UNSUPPORTED
from ..rows.records import CaseLine, Row
from ..rows.verdicts import MEASURED, SEVERITY, seen, word
from ..rows.ways import CALL
from ..words.phrases import alternatives

ORDER = (AGREES, MEASURED, *reversed(SEVERITY[: SEVERITY.index(AGREES)]), UNSUPPORTED, NOT_RUN)
"""As a reader meets the answers: the one that was due, then what is worse and worse, then what was not attempted."""

TEXT = 1000
"""Messages are cut to so many characters."""


@dataclass(frozen=True)
class Group:
    """One answer: its verdict and the word for it, who gave it in which way, what of it is not as due, and what was said of it.

    `refused` tells whether it was an error, `rules` the changes of rules that reproduce it; `remarks`, `causes` and `known` map a sentence to those it
    holds for, none named where it holds for all.
    """

    verdict: str
    word: str
    refused: bool
    who: Mapping[str, Sequence[str]]
    findings: Sequence[Row]
    rules: Mapping[str, str]
    remarks: Mapping[str, Sequence[str]]
    causes: Mapping[str, Sequence[str]]
    known: Mapping[str, Sequence[str]]


def groups(line: CaseLine, rows: Iterable[Row]) -> list[Group]:
    """The distinct answers in a case's rows, in the order in which a reader meets them."""
    asked = [list(each) for _, each in groupby(rows, key=lambda row: (row["target"], row["way"]))]
    same: dict[str, list[list[Row]]] = {}
    for each in asked:
        same.setdefault(answer(line["kind"], each), []).append(each)
    return sorted((group(line, alike) for alike in same.values()), key=lambda group: ORDER.index(group.verdict))


def answer(kind: str, rows: Sequence[Row]) -> str:
    """What makes an answer the same as another: the verdict, and all that was got and was not what was due."""
    got = [[row["attribute"], row["verdict"], row["got"]] for row in rows if row["verdict"] in ATTEMPTED and told(row)]
    return json.dumps([seen(kind, rows), got], sort_keys=True)


def told(row: Row) -> bool:
    """Whether a reader is told what was got: not where it is what was due."""
    return row["verdict"] != AGREES or row["due"] is None


def group(line: CaseLine, asked: Sequence[Sequence[Row]]) -> Group:
    """One answer, given by several targets or in several ways."""
    first = asked[0]
    who: dict[str, list[str]] = {}
    for rows in asked:
        who.setdefault(rows[0]["way"], []).append(rows[0]["target"])
    return Group(
        verdict=seen(line["kind"], first),
        word=named(line, first),
        refused=any(row["attribute"] == "acceptance" and row["got"] == "rejects" for row in first),
        who=who,
        findings=findings(first),
        rules=changes(first),
        remarks=said(asked, lambda row: row["detail"]),
        causes=said(asked, cause),
        known=said(asked, lambda row: row.get("known")),
    )


def named(line: CaseLine, rows: Sequence[Row]) -> str:
    """The word for an answer: that of its verdict, or the name of a probe's answer."""
    found = seen(line["kind"], rows)
    name = name_of(rows)
    return name if name and found == MEASURED else word(found)


def name_of(rows: Iterable[Row]) -> str:
    """The name of a probe's answer, empty where it has none."""
    return next((str(row["answer"]) for row in rows if row["answer"]), "")


def findings(rows: Sequence[Row]) -> list[Row]:
    """What a reader is told of an answer; the values tell the shape as well."""
    found = {row["attribute"]: row for row in rows if told(row) and row["got"] is not None and row["attribute"] != "acceptance"}
    if "values" in found:
        found.pop("shape", None)
    return list(found.values())


def changes(rows: Iterable[Row]) -> dict[str, str]:
    """The changes of rules that reproduce an answer, by the first of its explanations."""
    return next(({each["axis"]: each["value"] for each in row["cause"][0]} for row in rows if row["cause"]), {})


def cause(row: Row) -> str:
    """The rules that reproduce an answer, in words; empty where none is needed or known."""
    return alternatives(row["cause"]) if row["cause"] else ""


def said(asked: Sequence[Sequence[Row]], sentence: Callable[[Row], str | None]) -> dict[str, list[str]]:
    """Each sentence about the rows, with those it holds for; with none where it holds for all."""
    found: dict[str, dict[str, None]] = {}
    for rows in asked:
        for row in rows:
            if text := sentence(row):
                found.setdefault(cut(text), {})[name(row)] = None
    every = {name(rows[0]) for rows in asked}
    return {text: [] if every == set(names) else plain(names) for text, names in found.items()}


def name(row: Row) -> str:
    """A target, and the way where it is not the plain one."""
    return row["target"] if row["way"] == CALL else f"{row['target']} (drop-in)"


def cut(text: str) -> str:
    """A text of bounded length."""
    return text if len(text) <= TEXT else f"{text[:TEXT]} ... ({len(text) - TEXT:,} more characters)"


def codes(rows: Iterable[Row]) -> dict[str, list[str]]:
    """Each native code of a case once, with the targets and ways it is for."""
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        if row["code"]:
            found.setdefault(row["code"], {})[name(row)] = None
    return {code: plain(names) for code, names in found.items()}


def plain(names: Iterable[str]) -> list[str]:
    """Names, without the drop-in of a target that is named already."""
    kept = list(names)
    return [each for each in kept if each.removesuffix(" (drop-in)") not in kept or not each.endswith(" (drop-in)")]
