"""Rows as evidence: what each answer says of the rules that its target follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...cases.judge.answer import ACCEPTS, AGREES, NOT_RUN, REJECTS, UNSUPPORTED
from ...cases.judge.fingerprint import EXPLAINED, HELD, UNEXPLAINED, Context, Observation, Rival
from ...cases.model.rules import REFERENCE
from ..rows import tables
from ..rows.records import CaseLine, Row, Rows
from ..rows.ways import CALL

APART = ("gradient", "inferred_shape")
"""Attributes that are asked for by a call of their own."""
TYPE = "element_type"
PADDING = {True: "counted", False: "left_out", None: "open"}

Asked = Mapping[str, Sequence[tuple[CaseLine, list[Row]]]]
"""For each target the cases that it was asked by call: the line of each, and its rows."""


def asked_by_target(rows: Rows) -> Asked:
    """The rows of each case, by target."""
    found: dict[str, list[tuple[CaseLine, list[Row]]]] = {name: [] for name in tables.targets(rows)}
    for (case, target, way), each in tables.group_rows(rows).items():
        if way == CALL:
            found[target].append((rows.cases[case], each))
    return found


def context_of(line: CaseLine, row: Row, rows: Iterable[Row]) -> Context:
    """In which context a row was got; the other rows of its case tell whether indices were asked for."""
    located = any(each["attribute"] == "indices" and each["verdict"] != UNSUPPORTED for each in rows)
    asked = row["attribute"] if row["attribute"] in APART else "indices" if located else "output"
    padding = PADDING[line["pool"].get("count_include_pad")] if line["op"] == "avg_pool" else ""
    return Context(line["op"], line["input"]["dtype"], line["rank"], asked, padding)


def observations(line: CaseLine, rows: Sequence[Row]) -> Iterator[Observation]:
    """What the answer of a target to a case says of its rules."""
    if any(row["answer"] for row in rows):
        yield named(line, rows)
        return
    if line["asks"] and inexplicable(rows) and not refused(rows):
        yield Observation(line["asks"], frozenset({possible(line["asks"], rows)}), context_of(line, rows[-1], rows), line["case"])
    for row in rows:
        for axis, value in sure(row):
            yield Observation(axis, frozenset({value}), context_of(line, row, rows), line["case"], EXPLAINED)
    if line["kind"] == "conformance" and all(row["verdict"] in (AGREES, UNSUPPORTED) for row in rows):
        yield from held(line, rows)


def named(line: CaseLine, rows: Sequence[Row]) -> Observation:
    """What a probe's answer says: the values of its axis that give it, unless a rule of another axis does."""
    axis, name = str(line["asks"]), next(row["answer"] for row in rows if row["answer"])
    alike = (line.get("readings") or {}).get(name) or [{"axis": axis, "value": name}]
    rivals = tuple(Rival(each["axis"], each["value"], standing(line, each["axis"])) for each in alike if each["axis"] != axis)
    values = frozenset(each["value"] for each in alike if each["axis"] == axis)
    return Observation(axis, values, context_of(line, rows[-1], rows), line["case"], rivals=rivals)


def standing(line: CaseLine, axis: str) -> str:
    """The value of an axis that was in force in a case."""
    return str(line["rules"].get(axis, getattr(REFERENCE, axis)))


def inexplicable(rows: Iterable[Row]) -> list[Row]:
    """What is wrong with an answer that no rule explains at all."""
    wrong = [row for row in rows if row["verdict"] != AGREES]
    return wrong if all(row["verdict"] not in (UNSUPPORTED, NOT_RUN) and not row["cause"] for row in wrong) else []


def possible(axis: str, rows: Iterable[Row]) -> str:
    """A set of possible answers that a probe's answer is one of, by its name, or that there is none."""
    sets = (each["value"] for row in rows for cause in row["consistent_with"] for each in cause if each["axis"] == axis)
    return next(sets, UNEXPLAINED)


def refused(rows: Iterable[Row]) -> bool:
    """Whether there is no answer to a case, for no reason that is known; that says nothing of the axis it asks for."""
    wrong = inexplicable(rows)
    return bool(wrong) and all(row["got"] in (None, REJECTS) for row in wrong)


def sure(row: Row) -> Iterator[tuple[str, str]]:
    """The changes of rules that all explanations of a row share."""
    alternatives = [{(each["axis"], each["value"]) for each in cause} for cause in row["cause"] or ()]
    yield from sorted(set.intersection(*alternatives)) if alternatives else ()


def taken(line: CaseLine, rows: Sequence[Row]) -> Iterator[Observation]:
    """That an operation took the type of an input, as any answer shows."""
    if any(row["attribute"] == "acceptance" and row["got"] == ACCEPTS for row in rows):
        yield Observation(TYPE, frozenset({"accept"}), context_of(line, rows[0], rows), line["case"], EXPLAINED)


def held(line: CaseLine, rows: Sequence[Row]) -> Iterator[Observation]:
    """The rules that a case pins, where its answer is the one that was due."""
    for row in rows:
        if row["verdict"] == AGREES and row["attribute"] != "acceptance":
            for axis, value in line["rules"].items():
                yield Observation(axis, frozenset({value}), context_of(line, row, rows), line["case"], HELD)
