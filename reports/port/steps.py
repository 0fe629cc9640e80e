"""What is written around a pooling: padding, picking, the correction of divisors, norms, and what mends special numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np

from ...adapters.contract import Ask, Ref, Verb
from ...cases.model.arithmetic import lowest, result_dtype
from ...cases.model.inputs import dtype_of
from ...cases.model.rules import Rules
from ...cases.oracle.lowering import LoweredPool
from .geometry import Geometry

Verbs = tuple[Verb, ...]
X, Y = Ref("x"), Ref("y")


def written(geometry: Geometry, mended: Collection[str], rules: Rules, ask: Ask) -> Verbs:
    """A geometry as verbs, with what is mended besides; under the rules that tell the answer's type."""
    low = geometry.low
    before, after, wide = list[Verb](), list[Verb](), "cast" in mended
    dtype = "float32" if wide else ask.dtype
    x = X
    if wide:
        before.append(Verb("wide", "cast", (x, dtype)))
        x = Ref("wide")
    if "drop_nan" in mended:
        before += [Verb("is_nan", "isnan", (x,)), Verb("numbers", "where", (Ref("is_nan"), -np.inf, x))]
        x = Ref("numbers")
    value = 0.0 if low and low.kind != "max" else -np.inf
    if low and low.kind == "lp":
        before += powers(mended, ask, x)
        x = Ref("powers")
    core = pooled(geometry, x, value, "y", ask, dtype)
    if low and low.kind == "avg":
        after += corrected(low, geometry, ask, dtype)
    if low and low.kind == "lp":
        after += rooted(mended, low, geometry, ask, dtype)
    for mend in ("nothing", "lowest", "keep_nan"):
        if mend in mended:
            after += MENDS[mend](geometry, X, ask, dtype)
    if wide or "typed" in mended:
        after.append(Verb("y", "cast", (Y, result_dtype(dtype_of(ask.dtype), rules, exact=False).name)))
    if geometry.shape:
        after.append(Verb("y", "reshape", (Y, geometry.shape)))
    return (*before, *core, *after)


def pooled(geometry: Geometry, x: Ref, value: float, result: str, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that pool an array, its padding filled with a value."""
    if geometry.low is None:
        return [Verb(result, "pool", (x, geometry.pool, dtype))]
    verbs, x = laid(geometry.low, x, value, ask)
    return [*verbs, Verb(result, "pool", (x, geometry.pool, dtype))]


def laid(low: LoweredPool, x: Ref, value: float, ask: Ask, pads: tuple[tuple[int, int], ...] | None = None) -> tuple[list[Verb], Ref]:
    """The verbs that pad an array, by all its padding or some, and pick its cells; and what they leave."""
    verbs, pads = [], low.pads if pads is None else pads
    name = "padded" if x in (X, Ref("wide"), Ref("numbers"), Ref("powers")) else f"{x.name}_padded"
    if any(side for sides in pads for side in sides):
        verbs.append(Verb(name, "pad", (x, everywhere(pads, ask), value)))
        x = Ref(name)
    for axis, picked in zip(ask.spatial, low.picked, strict=True):
        if picked:
            verbs.append(Verb(name.replace("padded", "picked"), "take", (x, axis, picked)))
            x = Ref(name.replace("padded", "picked"))
    return verbs, x


def everywhere(pads: tuple[tuple[int, int], ...], ask: Ask) -> tuple[tuple[int, int], ...]:
    """Padding of the spatial axes amid none of the others."""
    sides = dict(zip(ask.spatial, pads, strict=True))
    return tuple(sides.get(axis, (0, 0)) for axis in range(len(ask.shape)))


def corrected(low: LoweredPool, geometry: Geometry, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that make of an average over all taps one over those that count."""
    if low.divisor is not None:
        return [] if low.divisor == low.taps else [Verb("y", "multiply", (Y, low.taps / low.divisor))]
    return [*share(low, geometry, ask, dtype), Verb("y", "divide", (Y, Ref("share")))]


def share(low: LoweredPool, geometry: Geometry, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that find which part of each window counts: the same pooling of ones, and of ones in that padding which counts."""
    verbs, ones = [Verb("ones", "ones", (X,))], Ref("ones")
    if dtype != ask.dtype:
        verbs.append(Verb("ones", "cast", (ones, dtype)))
    rest = low.pads
    if low.include and any(side for sides in low.counted for side in sides):
        verbs.append(Verb("counted", "pad", (ones, everywhere(low.counted, ask), 1.0)))
        ones = Ref("counted")
        rest = tuple((low_ - a, high - b) for (low_, high), (a, b) in zip(low.pads, low.counted, strict=True))
    more, ones = laid(low, ones, 0.0, ask, rest)
    return [*verbs, *more, Verb("share", "pool", (ones, geometry.pool, dtype))]


def powers(mended: Collection[str], ask: Ask, x: Ref) -> list[Verb]:
    """The verbs that raise cells to the norm's power."""
    p = float(ask.pool.p or 2.0)
    if "signed" in mended:
        return [Verb("powers", "power", (x, p))]
    return [Verb("magnitudes", "absolute", (x,)), Verb("powers", "power", (Ref("magnitudes"), p))]


def rooted(mended: Collection[str], low: LoweredPool, geometry: Geometry, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that make a norm of an average of powers."""
    scaled = [*share(low, geometry, ask, dtype), Verb("y", "divide", (Y, Ref("share")))] if "rescaled" in mended else []
    p = float(ask.pool.p or 2.0)
    return [*scaled, Verb("y", "multiply", (Y, float(low.taps))), Verb("y", "power", (Y, 1 / p))]


def holding(name: str, mark: Verb, geometry: Geometry, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that find the windows with a marked cell: the maximum of ones for marked cells and zeros for others is above zero."""
    marks = Verb(f"{name}_marks", "cast", (Ref(mark.result), dtype))
    found = pooled(geometry, Ref(marks.result), 0.0, f"{name}_found", ask, dtype)
    return [mark, marks, *found, Verb(f"holds_{name}", "above", (Ref(f"{name}_found"), 0.0))]


def keep_nan(geometry: Geometry, x: Ref, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that make NaN the maximum of a window that holds it."""
    verbs = holding("nan", Verb("is_nan", "isnan", (x,)), geometry, ask, dtype)
    return [*verbs, Verb("y", "where", (Ref("holds_nan"), np.nan, Y))]


def nothing(geometry: Geometry, x: Ref, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that make -inf the maximum of a window that holds nothing larger."""
    verbs = holding("more", Verb("is_more", "above", (x, -np.inf)), geometry, ask, dtype)
    return [*verbs, Verb("y", "where", (Ref("holds_more"), Y, -np.inf))]


def least(geometry: Geometry, x: Ref, ask: Ask, dtype: str) -> list[Verb]:
    """The verb that makes the lowest finite number of -inf."""
    return [Verb("y", "at_least", (Y, float(lowest(dtype_of(dtype)))))]


MENDS: Mapping[str, Callable[[Geometry, Ref, Ask, str], list[Verb]]] = {"keep_nan": keep_nan, "nothing": nothing, "lowest": least}
