"""Whether what is due of a case can be: its shapes, its further inputs, and a probe's answers."""

from __future__ import annotations

from collections.abc import Iterator

from ._yaml import Map
from .case import Case, Due, plain
from .mistake import Fault, either, told
from .pool import GLOBAL
from .rules import axes

BELONGS = {"weights": "conv", "indices": "max_unpool", "samples": "fractional_max_pool"}
"""The operation that takes each further input; a cotangent goes with every gradient."""


def undue(case: Case, told_of: Map) -> Iterator[Fault]:
    """What is due and cannot be; a claim that is contradicted may say anything."""
    if case.stands != "contradicted":
        yield from unfit(case, case.due, told_of)
    for value, due in case.answers.items():
        answer = told_of["answers"][value]
        if isinstance(answer, Map):
            yield from unfit(case, due, answer)
        else:
            yield from misranked(case, due, told_of["answers"], value)
    yield from misplaced(case, told_of)
    if case.asks and not told_of.lost("answers", "rules"):
        yield from unasked(case, told_of)


def unfit(case: Case, due: Due, told_of: Map) -> Iterator[Fault]:
    """Parts of an answer that do not fit the input or each other."""
    yield from misranked(case, due, told_of, "output")
    shape = due.output_shape if due.output is None else due.output.shape
    if due.output is not None and due.output_shape not in (None, due.output.shape):
        yield Fault(
            told_of.lines["output_shape"], f"output_shape is {told(due.output_shape)}", f"{told(due.output.shape)}, the shape of output"
        )
    if due.indices is not None and shape not in (None, due.indices.shape):
        yield Fault(told_of.lines["indices"], f"indices has the shape {told(due.indices.shape)}", f"{told(shape)}, that of the output")
    if due.gradient is not None and due.gradient.shape != case.input.shape:
        yield Fault(
            told_of.lines["gradient"], f"gradient has the shape {told(due.gradient.shape)}", f"{told(case.input.shape)}, that of the input"
        )
    if due.gradient is not None and "cotangent" not in case.extra:
        yield Fault(told_of.lines["gradient"], "gradient without a cotangent", "with: {cotangent: ...}, an array of the output's shape")


def misranked(case: Case, due: Due, told_of: Map, key: str) -> Iterator[Fault]:
    """An output of a rank that the operation cannot give."""
    ranks = ranks_of(case)
    shape, key = (due.output_shape, "output_shape") if due.output is None else (due.output.shape, key)
    if ranks and shape is not None and len(shape) not in ranks:
        expected = either(map(str, sorted(ranks)))
        yield Fault(told_of.lines[key], f"{key} has {len(shape)} axes", f"{expected}, for the input has {case.input.value.ndim}")


def ranks_of(case: Case) -> set[int]:
    """The ranks that the answer of a case may have, empty where any will do."""
    rank, spatial = case.input.value.ndim, case.input.value.ndim - 1 - case.batched
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


def unasked(case: Case, told_of: Map) -> Iterator[Fault]:
    """What keeps a probe from telling the values of its axis apart."""
    assert case.asks
    values, lines = axes()[case.asks], told_of["answers"].lines
    for value in case.answers:
        if value not in values:
            yield Fault(lines[value], f"{told(value)} is no value of {case.asks}", either(values))
    if case.asks in case.rules:
        yield Fault(told_of["rules"].lines[case.asks], f"rules pins {case.asks}, which the case asks", "rules of other axes")
    elif values[0] not in case.answers:
        yield Fault(told_of.lines["answers"], f"answers lacks {values[0]}, the reference of {case.asks}", either(values))
    seen = {repr(plain(Due())): ""}
    for value, due in case.answers.items():
        first = seen.setdefault(repr(plain(due)), value)
        if first not in ("", value):
            yield Fault(lines[value], f"the answers {first} and {value} coincide", "an input that tells them apart")
