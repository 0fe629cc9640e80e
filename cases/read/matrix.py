"""A matrix: one case for each combination of parameters that can be done."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

from ..model.arithmetic import is_floating
from ..model.case import Case
from ..model.inputs import Array
from ..model.mistake import Fault
from ..model.pool import Refused
from ..oracle.definition import oracle
from .arrays import like_output, sized, tensor
from .case import ORACLE, Draft, case_of, parameter
from .located import Map

LIMIT = 4096
"""No matrix has more combinations."""

ABOUT_ARRAYS = ("dtype", "data_format")
"""Parameters that decide how the arrays of a case are read."""


def spread(case: Case, draft: Draft) -> Iterator[Case]:
    """The case, or one for each combination of its matrix, whose answers the oracle gives; raises `Fault`."""
    matrix = draft.told.get("matrix")
    if matrix is None or case.waiting:
        yield alone(case, draft)
        return
    check(case, draft, matrix)
    place = case.id.rpartition("::")[0]
    base_of = cache(lambda *values: case_of(varied(draft, dict(zip(ABOUT_ARRAYS, values, strict=True))), place, case.file))
    empty = True
    for values in product(*matrix.values()):
        stated = dict(zip(matrix, values, strict=True))
        base = base_of(*(stated.get(name) for name in ABOUT_ARRAYS))
        if base and (found := done(combined(base, stated), draft)):
            empty = False
            yield found
    if empty:
        raise Fault(draft.told.lines["matrix"], "no combination of matrix can be done", "values that fit the input")


def alone(case: Case, draft: Draft) -> Case:
    """The case without a matrix; raises `Fault` where the oracle is to give what it refuses."""
    cotangent = draft.told.get("with", {}).get("cotangent", [])
    if not case.due.from_oracle and not like_output(cotangent):
        return case
    if found := done(case, draft):
        return found
    raise Fault(case.line, f"the oracle refuses the case {draft.name}", "an operation that can be done")


def check(case: Case, draft: Draft, matrix: Map) -> None:
    """Refuse a matrix that cannot be spread."""
    if (count := math.prod(map(len, matrix.values()))) > LIMIT:
        raise Fault(draft.told.lines["matrix"], f"matrix has {count} combinations", f"at most {LIMIT}")
    for name in matrix:
        if name in draft.told or name in draft.told.get("pool", {}):
            raise Fault(matrix.lines[name], f"{name} in matrix and in the case", "it in one of them")
        if case.asks and name != "dtype":
            raise Fault(matrix.lines[name], f"{name} in the matrix of a probe", "dtype alone, for the answers are written out")
    for name in ("indices", "gradient"):
        if case.due.has(name) and name not in case.due.from_oracle:
            raise Fault(draft.told.lines[name], f"{name} beside matrix", f"the word {ORACLE}, for each combination has its own")


def varied(draft: Draft, stated: Mapping[str, str | None]) -> Draft:
    """The same case with these keys, where they are stated."""
    told = Map(draft.told.line)
    told.update(draft.told)
    told.lines.update(draft.told.lines)
    for name, value in stated.items():
        if value is not None:
            told[name], told.lines[name] = value, told["matrix"].lines[name]
    return replace(draft, told=told)


def combined(case: Case, stated: Mapping[str, Any]) -> Case:
    """The case with these parameters, under a name that tells them."""
    values = {name: parameter(name, value) for name, value in stated.items() if name not in ABOUT_ARRAYS}
    suffix = "".join(f"-{name}={spelled(value)}" for name, value in stated.items())
    return replace(case, id=case.id + suffix, pool=replace(case.pool, **values))


def spelled(value: Any) -> str:
    """A value as it stands in a case's name."""
    if value is None:
        return "open"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "x".join(map(sides if isinstance(value[0], list) else str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def sides(pair: list[int]) -> str:
    """A padding's low and high side, once if they are alike."""
    low, high = pair
    return str(low) if low == high else f"{low}_{high}"


def done(case: Case, draft: Draft) -> Case | None:
    """The case with its cotangent, if the oracle does the operation under the rules of the case."""
    shape = shape_of(case)
    spec = draft.told.get("with", {}).get("cotangent", [])
    if shape is None or ("gradient" in case.due.from_oracle and not is_floating(case.input.value.dtype)):
        return None
    if not like_output(spec):
        return case
    made = tensor("cotangent", draft.told["with"].lines["cotangent"], sized(spec, shape), case.input.dtype)
    return replace(case, extra={**case.extra, "cotangent": made})


def shape_of(case: Case) -> tuple[int, ...] | None:
    """The shape of the output, None where the oracle refuses the operation."""
    arrays = {"x": case.input.value, **{name: each.value for name, each in case.extra.items()}}
    arrays = {name: arranged(name, each, case) for name, each in arrays.items() if name != "cotangent"}
    try:
        found = oracle(arrays.pop("x"), replace(case.pool, data_format=case.layout), case.reference, extra=arrays)
    except Refused:
        return None
    return (len(case.input.value), *found.shape[1:]) if case.batched else found.shape[1:]


def arranged(name: str, array: Array, case: Case) -> Array:
    """A further input, or the input itself, as a batch of no samples: what can be done with them can be done with many."""
    if name == "weights":
        return array
    batch = array if case.batched else array[None]
    return batch if case.pool.op == "max_unpool" else batch[:0]  # where a sample is put decides whether that can be done
