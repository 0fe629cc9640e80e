"""Rows as evidence: what each answer says about the rules that its target follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...cases.judge.answer import ACCEPTS, AGREES, NOT_RUN, REJECTS, UNSUPPORTED
from ...cases.judge.fingerprint import EXPLAINED, HELD, UNEXPLAINED, Context, Observation, Rival
from ...cases.model.case import ATTRIBUTES
from ...cases.model.rules import REFERENCE
from ..rows import tables
from ..rows.records import CaseLine, Row, Rows
from ..rows.ways import CALL

SEPARATE = ("gradient", "inferred_shape")
"""Attributes that need a call of their own."""
TYPE = "element_type"
PADDING = {True: "counted", False: "left_out", None: "open"}

AnsweredCases = Mapping[str, Sequence[tuple[CaseLine, list[Row]]]]
"""For each target the cases that it was asked by call: the line of each, and its rows."""


def group_by_target(rows: Rows) -> AnsweredCases:
    """The rows of each case by target, without those that are different each time, or from run to run by the ledger: they show no rule.

    The name of a probe's answer follows from all of its rows, so no row of a probe counts where one varies. Cases are in the order of
    their ids, and the rows of each in that of the attributes, whatever order they came in.
    """
    cases: dict[str, list[tuple[CaseLine, list[Row]]]] = {name: [] for name in tables.targets(rows)}
    for (case, target, way), case_rows in tables.group_rows(rows).items():
        stable = [row for row in case_rows if not (row.get("varies") or row.get("unsteady"))]
        if way == CALL and stable and (len(stable) == len(case_rows) or not rows.cases[case]["asks"]):
            cases[target].append((rows.cases[case], sorted(stable, key=lambda row: ATTRIBUTES.index(row["attribute"]))))
    return {target: sorted(case_rows, key=lambda pair: pair[0]["case"]) for target, case_rows in cases.items()}


def find_context(line: CaseLine, row: Row, rows: Iterable[Row]) -> Context:
    """The context of a row; the other rows of its case show whether indices were requested."""
    has_indices = any(other["attribute"] == "indices" and other["verdict"] != UNSUPPORTED for other in rows)
    attribute = row["attribute"] if row["attribute"] in SEPARATE else "indices" if has_indices else "output"
    padding = PADDING[line["pool"].get("count_include_pad")] if line["op"] == "avg_pool" else ""
    return Context(line["op"], line["input"]["dtype"], line["rank"], attribute, padding)


def observe_answer(line: CaseLine, rows: Sequence[Row]) -> Iterator[Observation]:
    """What the answer of a target to a case says about its rules."""
    if any(row["answer"] for row in rows):
        yield observe_named_answer(line, rows)
        return
    if line["asks"] and find_unexplained(rows) and not is_refused(rows):
        value = find_possible_set(line["asks"], rows)
        yield Observation(line["asks"], frozenset({value}), find_context(line, rows[-1], rows), line["case"])
    for row in rows:
        for axis, value in find_certain_changes(row):
            yield Observation(axis, frozenset({value}), find_context(line, row, rows), line["case"], EXPLAINED)
    if line["kind"] == "conformance" and all(row["verdict"] in (AGREES, UNSUPPORTED) for row in rows):
        yield from observe_pinned_rules(line, rows)


def observe_named_answer(line: CaseLine, rows: Sequence[Row]) -> Observation:
    """What the answer to a probe says: the values of its axis that give it, unless a rule of another axis does."""
    axis, name = str(line["asks"]), next(row["answer"] for row in rows if row["answer"])
    readings = (line.get("readings") or {}).get(name) or [{"axis": axis, "value": name}]
    rivals = tuple(
        Rival(change["axis"], change["value"], find_rule_in_force(line, change["axis"])) for change in readings if change["axis"] != axis
    )
    values = frozenset(change["value"] for change in readings if change["axis"] == axis)
    return Observation(axis, values, find_context(line, rows[-1], rows), line["case"], rivals=rivals)


def find_rule_in_force(line: CaseLine, axis: str) -> str:
    """The value of an axis under which a case expects its answer."""
    return str(line["rules"].get(axis, getattr(REFERENCE, axis)))


def find_unexplained(rows: Iterable[Row]) -> list[Row]:
    """The rows of an answer that are not as expected, where no rule explains any of them."""
    wrong = [row for row in rows if row["verdict"] != AGREES]
    return wrong if all(row["verdict"] not in (UNSUPPORTED, NOT_RUN) and not row["cause"] for row in wrong) else []


def find_possible_set(axis: str, rows: Iterable[Row]) -> str:
    """The name of a set of possible answers that contains the answer to a probe, or that there is none."""
    sets = (change["value"] for row in rows for cause in row["consistent_with"] for change in cause if change["axis"] == axis)
    return next(sets, UNEXPLAINED)


def is_refused(rows: Iterable[Row]) -> bool:
    """Whether a case has no answer, for an unknown reason; that says nothing about the axis it asks for."""
    wrong = find_unexplained(rows)
    return bool(wrong) and all(row["got"] in (None, REJECTS) for row in wrong)


def find_certain_changes(row: Row) -> Iterator[tuple[str, str]]:
    """The changes of rules that all explanations of a row share."""
    alternatives = [{(change["axis"], change["value"]) for change in cause} for cause in row["cause"] or ()]
    yield from sorted(set.intersection(*alternatives)) if alternatives else ()


def observe_accepted_type(line: CaseLine, rows: Sequence[Row]) -> Iterator[Observation]:
    """That an operation accepts the type of its input, as any answer shows."""
    if any(row["attribute"] == "acceptance" and row["got"] == ACCEPTS for row in rows):
        yield Observation(TYPE, frozenset({"accept"}), find_context(line, rows[0], rows), line["case"], EXPLAINED)


def observe_pinned_rules(line: CaseLine, rows: Sequence[Row]) -> Iterator[Observation]:
    """The rules that a case pins, where its answer is the expected one."""
    for row in rows:
        if row["verdict"] == AGREES and row["attribute"] != "acceptance":
            for axis, value in line["rules"].items():
                yield Observation(axis, frozenset({value}), find_context(line, row, rows), line["case"], HELD)
