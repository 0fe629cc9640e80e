"""Whether what is due of a case can be: its shapes, its further inputs, and a probe's answers."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.case import Case, Due, as_json
from ..model.mistake import Fault, join_with_or, quote
from ..model.pool import GLOBAL
from ..model.rules import axes
from .located import Map

BELONGS = {"weights": "conv", "indices": "max_unpool", "samples": "fractional_max_pool"}
"""The operation that takes each further input; a cotangent goes with every gradient."""


def undue(case: Case, told_of: Map) -> Iterator[Fault]:
    """What is due and cannot be; a claim that is contradicted may say anything."""
    if case.stands != "contradicted":
        yield from unfit(case, case.due, told_of)
    for value, due in case.answers.items():
        answer = told_of["answers"][value]
        yield from unfit(case, due, answer) if isinstance(answer, Map) else misranked(case, due, told_of["answers"], value)
    yield from misplaced(case, told_of)
    yield from ungrounded(case, told_of)
    if case.asks and not told_of.lost("answers", "rules"):
        yield from unasked(case, told_of)


def unfit(case: Case, due: Due, told_of: Map) -> Iterator[Fault]:
    """Parts of an answer that do not fit the input or each other."""
    yield from misranked(case, due, told_of, "output")
    shape = due.output_shape if due.output is None else due.output.shape
    parts = (
        ("output_shape", due.output_shape, shape, "the output"),
        ("indices", due.indices if due.indices is None else due.indices.shape, shape, "the output"),
        ("gradient", due.gradient if due.gradient is None else due.gradient.shape, case.input.shape, "the input"),
    )
    for key, got, wanted, whose in parts:
        if None not in (got, wanted) and got != wanted:
            yield Fault(told_of.lines[key], f"{key} has the shape {quote(got)}", f"{quote(wanted)}, that of {whose}")


def misranked(case: Case, due: Due, told_of: Map, key: str) -> Iterator[Fault]:
    """An output of a rank that the operation cannot give."""
    ranks = ranks_of(case)
    shape, key = (due.output_shape, "output_shape") if due.output is None else (due.output.shape, key)
    if ranks and shape is not None and len(shape) not in ranks:
        axes = join_with_or(map(str, sorted(ranks)))
        yield Fault(told_of.lines[key], f"{key} has the shape {quote(shape)}", f"{axes} axes, for the input has {case.input.value.ndim}")


def ranks_of(case: Case) -> set[int]:
    """The ranks that the answer of a case may have, empty where any will do."""
    rank, spatial = case.input.value.ndim, case.rank
    if case.pool.op in ("flatten", "input"):
        return set()
    if case.pool.op not in GLOBAL:
        return {rank}
    return {None: {rank, rank - spatial}, True: {rank}, False: {rank - spatial}}[case.pool.keepdims]


def misplaced(case: Case, told_of: Map) -> Iterator[Fault]:
    """Further inputs that no operation of the case takes."""
    ops = {case.pool.op, case.due.equals.op if case.due.equals else None}
    for key in case.extra:
        if key in BELONGS and BELONGS[key] not in ops:
            yield Fault(told_of["with"].lines[key], f"{key} does not belong to {case.pool.op}", f"{key} with {BELONGS[key]} alone")


def ungrounded(case: Case, told_of: Map) -> Iterator[Fault]:
    """A gradient without the cotangent that it answers."""
    if "cotangent" in told_of.get("with", ()) or told_of.lost("with"):
        return
    for key, dues in (("gradient", [case.due]), ("answers", case.answers.values())):
        if any(due.has("gradient") for due in dues):
            yield Fault(told_of.lines[key], "a gradient without a cotangent", "a cotangent in with: the gradient of the output")


def unasked(case: Case, told_of: Map) -> Iterator[Fault]:
    """What keeps a probe from telling the values of its axis apart."""
    assert case.asks
    values, lines = axes()[case.asks], told_of["answers"].lines
    for value in case.answers:
        if value not in values:
            yield Fault(lines[value], f"{quote(value)} is no value of {case.asks}", join_with_or(values))
    if case.asks in case.rules:
        yield Fault(told_of["rules"].lines[case.asks], f"rules pins {case.asks}, which the case asks", "rules of other axes")
    elif values[0] not in case.answers:
        yield Fault(told_of.lines["answers"], f"answers lacks {values[0]}, the reference of {case.asks}", join_with_or(values))
    seen = {repr(as_json(Due())): ""}
    for value, due in case.answers.items():
        first = seen.setdefault(repr(as_json(due)), value)
        if first not in ("", value):
            yield Fault(lines[value], f"the answers {first} and {value} coincide", "an input that tells them apart")
