"""Checking what is due in a case: its shapes, its further inputs, and the answers of a probe."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.case import BATCH_IN_INDEX, GRADIENT_OPERATION, Case, Due, as_json
from ..model.mistake import Fault, join_with_or, quote
from ..model.pool import GLOBAL
from ..model.rules import AXIS_VALUES
from .located import Map

BELONGS = {"weights": "conv", "indices": "max_unpool", "samples": "fractional_max_pool", "mask": "global_avg_pool"}
"""The operation that takes each further input; a cotangent belongs to a gradient."""


def check_expectations(case: Case, mapping: Map) -> Iterator[Fault]:
    """Faults of what is due in a case; a contradicted claim may state any output."""
    if case.stands != "contradicted":
        yield from check_shapes(case, case.due, mapping)
    for value, due in case.answers.items():
        answer = mapping["answers"][value]
        yield from check_shapes(case, due, answer) if isinstance(answer, Map) else check_rank(case, due, mapping["answers"], value)
    yield from check_extra_inputs(case, mapping)
    yield from check_gradient(case, mapping)
    if case.asks and not mapping.lacks_invalid("answers", "rules"):
        yield from check_probe(case, mapping)


def check_shapes(case: Case, due: Due, mapping: Map) -> Iterator[Fault]:
    """Parts of an answer whose shapes do not fit the input or each other."""
    yield from check_rank(case, due, mapping, "output")
    shape = due.output_shape if due.output is None else due.output.shape
    parts = (
        ("output_shape", due.output_shape, shape, "the output"),
        ("indices", due.indices if due.indices is None else due.indices.shape, shape, "the output"),
        ("gradient", due.gradient if due.gradient is None else due.gradient.shape, case.input.shape, "the input"),
    )
    for key, got, expected, source in parts:
        if None not in (got, expected) and got != expected:
            yield Fault(mapping.lines[key], f"{key} has the shape {quote(got)}", f"{quote(expected)}, the shape of {source}")


def check_rank(case: Case, due: Due, mapping: Map, key: str) -> Iterator[Fault]:
    """An output with a number of axes that the operation cannot have."""
    ranks = possible_ranks(case)
    shape, key = (due.output_shape, "output_shape") if due.output is None else (due.output.shape, key)
    if ranks and shape is not None and len(shape) not in ranks:
        axes = join_with_or(map(str, sorted(ranks)))
        yield Fault(
            mapping.lines[key], f"{key} has the shape {quote(shape)}", f"{axes} axes, because the input has {len(case.input.shape)}"
        )


def possible_ranks(case: Case) -> set[int]:
    """The numbers of axes that the answer of a case may have; empty where any is valid."""
    rank, spatial = len(case.input.shape), case.rank
    if case.pool.op in ("flatten", "input") or case.asks == "reduced_axes":
        return set()
    if case.pool.op not in GLOBAL:
        return {rank}
    return {None: {rank, rank - spatial}, True: {rank}, False: {rank - spatial}}[case.pool.keepdims]


def check_extra_inputs(case: Case, mapping: Map) -> Iterator[Fault]:
    """Further inputs that the operation does not take."""
    ops = {case.pool.op, case.due.equals.op if case.due.equals else None}
    for key in case.extra:
        if key in BELONGS and BELONGS[key] not in ops:
            yield Fault(mapping["with"].lines[key], f"{case.pool.op} takes no {key}", f"{key} only with {BELONGS[key]}")


def check_gradient(case: Case, mapping: Map) -> Iterator[Fault]:
    """A gradient that is due without a cotangent, and an entry for gradients or indices of which none is due."""
    attribute = {GRADIENT_OPERATION: "gradient", BATCH_IN_INDEX: "indices"}.get(case.entry)
    if attribute and not case.wants(attribute):
        yield Fault(
            mapping.lines["entry"], f"entry is {case.entry}, and no {attribute} is due", f"{attribute} that are due, or another entry"
        )
    if "cotangent" in mapping.get("with", ()) or mapping.lacks_invalid("with"):
        return
    for key, dues in (("gradient", [case.due]), ("answers", case.answers.values())):
        if any(due.has("gradient") for due in dues):
            yield Fault(mapping.lines[key], "a gradient without a cotangent", "a cotangent in with: the gradient of the output")


def check_probe(case: Case, mapping: Map) -> Iterator[Fault]:
    """Faults of the answers of a probe, which have to tell the values of its axis apart."""
    assert case.asks
    values, lines = AXIS_VALUES[case.asks], mapping["answers"].lines
    for value in case.answers:
        if value not in values:
            yield Fault(lines[value], f"{quote(value)} is not a value of {case.asks}", join_with_or(values))
    if case.asks in case.rules:
        yield Fault(mapping["rules"].lines[case.asks], f"rules pins {case.asks}, which the case asks for", "rules of other axes")
    elif values[0] not in case.answers:
        yield Fault(mapping.lines["answers"], f"no answer for {values[0]}, the reference value of {case.asks}", join_with_or(values))
    names_by_answer = {repr(as_json(Due())): ""}
    for value, due in case.answers.items():
        first = names_by_answer.setdefault(repr(as_json(due)), value)
        if first not in ("", value):
            yield Fault(lines[value], f"the answers {first} and {value} are equal", "an input for which they differ")
