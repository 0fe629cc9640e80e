"""Expanding a matrix: one case for each valid combination of parameters."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

from ..fast.vectorised import oracle
from ..model.arithmetic import is_floating
from ..model.case import Case
from ..model.inputs import Array
from ..model.mistake import Fault
from ..model.pool import Refused
from .arrays import build_tensor, has_output_shape, with_shape
from .case import ORACLE, Draft, build_case, freeze_parameter
from .located import Map

LIMIT = 4096
"""The largest number of combinations of a matrix."""

ABOUT_ARRAYS = ("dtype", "data_format")
"""Parameters that change how the arrays of a case are read."""


def expand_matrix(case: Case, draft: Draft) -> Iterator[Case]:
    """The case, or one for each combination of its matrix that the oracle accepts; raises Fault."""
    matrix = draft.mapping.get("matrix")
    if matrix is None or case.waiting:
        draft.budget.spend(case, case.line)
        yield complete_single_case(case, draft)
        return
    check_matrix(case, draft, matrix)
    place = case.id.rpartition("::")[0]
    base_of = cache(lambda *values: build_case(with_keys(draft, dict(zip(ABOUT_ARRAYS, values, strict=True))), place, case.file))
    combinations = []
    for values in product(*matrix.values()):
        values_by_key = dict(zip(matrix, values, strict=True))
        if base := base_of(*(values_by_key.get(name) for name in ABOUT_ARRAYS)):
            combinations.append(with_parameters(base, values_by_key))
            draft.budget.spend(combinations[-1], draft.mapping.lines["matrix"])
    empty = True
    for combination in combinations:
        if completed_case := complete_case(combination, draft):
            empty = False
            yield completed_case
    if empty:
        raise Fault(draft.mapping.lines["matrix"], "no combination of the matrix is valid", "values that fit the input")


def complete_single_case(case: Case, draft: Draft) -> Case:
    """A case without a matrix; raises Fault where the oracle refuses an operation whose answer it has to compute."""
    cotangent = draft.mapping.get("with", {}).get("cotangent", [])
    if not case.due.from_oracle and not has_output_shape(cotangent):
        return case
    if completed_case := complete_case(case, draft):
        return completed_case
    raise Fault(case.line, f"the oracle refuses the operation of the case {draft.name}", "a valid operation")


def check_matrix(case: Case, draft: Draft, matrix: Map) -> None:
    """Raise Fault where a matrix cannot be expanded."""
    if (count := math.prod(map(len, matrix.values()))) > LIMIT:
        raise Fault(draft.mapping.lines["matrix"], f"matrix has {count} combinations", f"at most {LIMIT}")
    for name in matrix:
        if name in draft.mapping or name in draft.mapping.get("pool", {}):
            raise Fault(matrix.lines[name], f"{name} in matrix and in the case", "it in only one of them")
        if case.asks and name != "dtype":
            raise Fault(matrix.lines[name], f"{name} in the matrix of a probe", "only dtype, because the answers are written out")
    for name in ("indices", "gradient"):
        if case.due.has(name) and name not in case.due.from_oracle:
            raise Fault(draft.mapping.lines[name], f"{name} beside matrix", f"the word {ORACLE}, because it differs for each combination")


def with_keys(draft: Draft, combination: Mapping[str, str | None]) -> Draft:
    """A draft with these values in place of its own; None leaves a key as it is."""
    mapping = Map(draft.mapping.line)
    mapping.update(draft.mapping)
    mapping.lines.update(draft.mapping.lines)
    for name, value in combination.items():
        if value is not None:
            mapping[name], mapping.lines[name] = value, mapping["matrix"].lines[name]
    return replace(draft, mapping=mapping)


def with_parameters(case: Case, combination: Mapping[str, Any]) -> Case:
    """A case with these parameters, which its name states."""
    values = {name: freeze_parameter(name, value) for name, value in combination.items() if name not in ABOUT_ARRAYS}
    suffix = "".join(f"-{name}={format_value(value)}" for name, value in combination.items())
    return replace(case, id=case.id + suffix, pool=replace(case.pool, **values))


def format_value(value: Any) -> str:
    """A value as a case's name states it."""
    if value is None:
        return "open"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "x".join(map(format_padding if isinstance(value[0], list) else str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def format_padding(pair: list[int]) -> str:
    """The padding of an axis: one number if both sides are equal."""
    low, high = pair
    return str(low) if low == high else f"{low}_{high}"


def complete_case(case: Case, draft: Draft) -> Case | None:
    """The case with its cotangent; None where the oracle refuses the operation, or a gradient of integers is due."""
    shape = infer_output_shape(case)
    spec = draft.mapping.get("with", {}).get("cotangent", [])
    if shape is None or ("gradient" in case.due.from_oracle and not is_floating(case.input.value.dtype)):
        return None
    if not has_output_shape(spec):
        return case
    cotangent = build_tensor("cotangent", draft.mapping["with"].lines["cotangent"], with_shape(spec, shape), case.input.dtype)
    return replace(case, extra={**case.extra, "cotangent": cotangent})


def infer_output_shape(case: Case) -> tuple[int, ...] | None:
    """The shape of the output by the oracle; None where it refuses the operation."""
    arrays = {"x": case.input.value, **{name: tensor.value for name, tensor in case.extra.items()}}
    arrays = {name: as_small_batch(name, array, case) for name, array in arrays.items() if name != "cotangent"}
    try:
        output = oracle(arrays.pop("x"), case.stated_pool, case.reference, extra=arrays)
    except Refused:
        return None
    return (len(case.input.value), *output.shape[1:]) if case.batched else output.shape[1:]


def as_small_batch(name: str, array: Array, case: Case) -> Array:
    """An array of a case as a batch without samples, which is enough to know the shape of the output."""
    if name == "weights":
        return array
    batch = array if case.batched else array[None]
    return batch if case.pool.op == "max_unpool" else batch[:0]  # whether an unpooling is valid depends on the indices of each sample
