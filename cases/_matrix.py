"""A matrix: one case for each combination of parameters that can be done."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

from ._case import Draft, case_of, parameter
from ._lines import Map
from ._sense import spatial_of
from .case import Case
from .layout import layout
from .mistake import Fault, either
from .pool import ADAPTIVE, GLOBAL, WINDOWED
from .refused import Refused

LIMIT = 4096
"""No matrix has more combinations."""

ABOUT_ARRAYS = ("dtype", "data_format")
"""Parameters that decide how the arrays of a case are read."""


def spread(case: Case, draft: Draft) -> Iterator[Case]:
    """The case, or one for each combination of its matrix, whose answers the oracle gives; raises `Fault`."""
    matrix = draft.told.get("matrix")
    if matrix is None or case.waiting:
        yield case
        return
    check(case, draft, matrix)
    place = case.id.rpartition("::")[0]
    base_of = cache(lambda *values: case_of(varied(draft, dict(zip(ABOUT_ARRAYS, values, strict=True))), place, case.file))
    empty = True
    for values in product(*matrix.values()):
        stated = dict(zip(matrix, values, strict=True))
        base = base_of(*(stated.get(name) for name in ABOUT_ARRAYS))
        if base and possible(found := combined(base, stated)):
            empty = False
            yield found
    if empty:
        raise Fault(draft.told.lines["matrix"], "no combination of matrix can be done", "values that fit the input")


def check(case: Case, draft: Draft, matrix: Map) -> None:
    """Refuse a matrix that cannot be spread."""
    if case.pool.op not in (*WINDOWED, *GLOBAL, *ADAPTIVE):
        raise Fault(draft.told.lines["matrix"], f"matrix of {case.pool.op}", either((*WINDOWED, *GLOBAL, *ADAPTIVE)))
    if (count := math.prod(map(len, matrix.values()))) > LIMIT:
        raise Fault(draft.told.lines["matrix"], f"matrix has {count} combinations", f"at most {LIMIT}")
    for name in matrix:
        if name in draft.told or name in draft.told.get("pool", {}):
            raise Fault(matrix.lines[name], f"{name} in matrix and in the case", "it in one of them")


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


def possible(case: Case) -> bool:
    """Whether the oracle does the operation under the rules of the case."""
    try:
        layout(spatial_of(case), case.pool, case.reference)
    except Refused:
        return False
    return case.pool.p is None or case.pool.p > 0
