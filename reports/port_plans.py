"""Plans: what could be written around a pooling, or instead of one, to get the source's answer; the fewest steps first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from ..adapters import Ask, Ref, Verb
from ..cases.arithmetic import answering, lowest
from ..cases.inputs import dtype_of
from ..cases.layout import layout
from ..cases.lowered import Lowered, lowered
from ..cases.pool import Pool
from ..cases.refused import Refused
from ..cases.rules import Rules

Verbs = tuple[Verb, ...]
X, Y = Ref("x"), Ref("y")


@dataclass(frozen=True)
class Geometry:
    """How the cells of windows come under one pooling of the target: `pool`, after padding and picking as `low` has it if given.

    `shape` is what the answer is brought to in the end, if that is needed.
    """

    pool: Pool
    low: Lowered | None = None
    shape: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Plan:
    """One way to write a pooling under some rules, in every shape: `way` names a respelling of it, or else how its cells are laid out.

    `mended` names what is mended besides.
    """

    pool: Pool
    rules: Rules
    way: str
    mended: tuple[str, ...] = ()

    def verbs(self, ask: Ask) -> Verbs:
        """The plan as verbs on an input as the target arranges it; raises Refused where the shape does not allow it."""
        return written(self, self.geometry(ask), ask)

    def geometry(self, ask: Ask) -> Geometry:
        """The geometry in the shape of a case."""
        if self.way == STATED:
            return Geometry(self.pool)
        sizes = tuple(ask.shape[axis] for axis in ask.spatial)
        low = lowered(self.pool, sizes, self.rules, pick=self.way == PICKED)
        if self.way in (LAID_OUT, PICKED):
            return Geometry(inner(low), low, dropped(self.pool, ask, self.rules))
        found = dict(respelled(self.pool, low, sizes, self.rules))
        if self.way not in found:
            raise Refused(f"{self.pool} has no such windows on {sizes} cells; the asked shape's were expected")
        return Geometry(found[self.way])


STATED, LAID_OUT, PICKED = "stated", "laid out", "picked"


def plans(pool: Pool, rules: Mapping[str, str], ask: Ask) -> list[Plan]:
    """All plans for a pooling with nothing mended that an average's type does not need, those of fewer verbs first."""
    return sorted(every(pool.without("data_format"), Rules(**rules), ask), key=lambda plan: len(plan.verbs(ask)))  # type: ignore[arg-type]


def every(pool: Pool, rules: Rules, ask: Ask) -> Iterator[Plan]:
    """All of them, the pooling itself first."""
    yield Plan(pool, rules, STATED)
    sizes = tuple(ask.shape[axis] for axis in ask.spatial)
    try:
        low, picked = lowered(pool, sizes, rules), lowered(pool, sizes, rules, pick=True)
    except Refused:
        return
    ways = [way for way, each in respelled(pool, low, sizes, rules) if each != pool]
    yield from (Plan(pool, rules, way) for way in ways)
    laid = [LAID_OUT] if low == picked else [LAID_OUT, PICKED]
    yield from (Plan(pool, rules, way) for way in laid)
    if low.kind == "avg":
        yield from (Plan(pool, rules, way, ("typed",)) for way in (STATED, *ways, *laid))
    if low.kind == "lp":
        yield from (Plan(pool, rules, LAID_OUT, mended) for mended in (("signed",), ("rescaled",), ("signed", "rescaled")))


def respelled(pool: Pool, low: Lowered, sizes: tuple[int, ...], rules: Rules) -> Iterator[tuple[str, Pool]]:
    """Other poolings with the very same windows: padding in cells or by a name, ceil_mode for cells beyond it, or the whole input's."""
    if low.picks:
        return
    include = low.include if low.kind == "avg" and low.padded else None
    bare = replace(inner(low), op=f"{low.kind}_pool", p=pool.p, count_include_pad=include)
    if low.kind == "avg" and low.divisor not in (low.taps, None):
        yield "divisor", replace(bare, padding=low.pads, divisor_override=low.divisor, count_include_pad=None)
    lower = tuple((side, side) for side, _ in low.pads)
    spelled = {
        "cells": replace(bare, padding=low.pads if low.padded else "valid"),
        "same": replace(bare, padding="same", count_include_pad=None),
        "same, told": replace(bare, padding="same"),
        "same_lower": replace(bare, padding="same_lower"),
        "ceil": replace(bare, padding=lower if low.padded else "valid", ceil_mode=True),
    }
    windows = [axis.windows for axis in layout(sizes, pool, rules)]
    yield from ((way, each) for way, each in spelled.items() if alike(each, windows, sizes))
    if low.kernel == sizes and not low.padded and pool.op.startswith("adaptive"):
        yield "whole", Pool(op=f"global_{low.kind}_pool", keepdims=True)


def alike(pool: Pool, windows: list[tuple[range, ...]], sizes: tuple[int, ...]) -> bool:
    """Whether a pooling has these windows."""
    try:
        return [axis.windows for axis in layout(sizes, pool, Rules(pad_limit="none"))] == windows
    except Refused:
        return False


def inner(low: Lowered) -> Pool:
    """What a target's pooling has left to do once cells are padded and picked."""
    op = "max_pool" if low.kind == "max" else "avg_pool"
    return Pool(op=op, kernel=low.kernel, stride=low.stride, padding="valid", dilation=None if max(low.dilation) == 1 else low.dilation)


def dropped(pool: Pool, ask: Ask, rules: Rules) -> tuple[int, ...] | None:
    """The shape of an answer that lacks the spatial axes, None where it has them."""
    keeps = rules.keepdims_default == "kept" if pool.keepdims is None else pool.keepdims
    if keeps or not pool.op.startswith("global"):
        return None
    return tuple(size for axis, size in enumerate(ask.shape) if axis not in ask.spatial)


def written(plan: Plan, geometry: Geometry, ask: Ask) -> Verbs:
    """A plan as verbs."""
    low = geometry.low
    before, after, wide = list[Verb](), list[Verb](), "cast" in plan.mended
    dtype = "float32" if wide else ask.dtype
    x = X
    if wide:
        before.append(Verb("wide", "cast", (x, dtype)))
        x = Ref("wide")
    if "drop_nan" in plan.mended:
        before += [Verb("is_nan", "isnan", (x,)), Verb("numbers", "where", (Ref("is_nan"), -np.inf, x))]
        x = Ref("numbers")
    value = 0.0 if low and low.kind != "max" else -np.inf
    if low and low.kind == "lp":
        before += powers(plan, ask, x)
        x = Ref("powers")
    core = pooled(geometry, x, value, "y", ask, dtype)
    if low and low.kind == "avg":
        after += corrected(low, geometry, ask, dtype)
    if low and low.kind == "lp":
        after += rooted(plan, low, geometry, ask, dtype)
    for mend in ("nothing", "lowest", "keep_nan"):
        if mend in plan.mended:
            after += MENDS[mend](geometry, X, ask, dtype)
    if wide or "typed" in plan.mended:
        after.append(Verb("y", "cast", (Y, answering(dtype_of(ask.dtype), plan.rules, exact=False).name)))
    if geometry.shape:
        after.append(Verb("y", "reshape", (Y, geometry.shape)))
    return (*before, *core, *after)


def pooled(geometry: Geometry, x: Ref, value: float, result: str, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that pool an array, its padding filled with a value."""
    if geometry.low is None:
        return [Verb(result, "pool", (x, geometry.pool, dtype))]
    verbs, x = laid(geometry.low, x, value, ask)
    return [*verbs, Verb(result, "pool", (x, geometry.pool, dtype))]


def laid(low: Lowered, x: Ref, value: float, ask: Ask, pads: tuple[tuple[int, int], ...] | None = None) -> tuple[list[Verb], Ref]:
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


def corrected(low: Lowered, geometry: Geometry, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that make of an average over all taps one over those that count."""
    if low.divisor is not None:
        return [] if low.divisor == low.taps else [Verb("y", "multiply", (Y, low.taps / low.divisor))]
    return [*share(low, geometry, ask, dtype), Verb("y", "divide", (Y, Ref("share")))]


def share(low: Lowered, geometry: Geometry, ask: Ask, dtype: str) -> list[Verb]:
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


def powers(plan: Plan, ask: Ask, x: Ref) -> list[Verb]:
    """The verbs that raise cells to the norm's power."""
    p = float(ask.pool.p or 2.0)
    if "signed" in plan.mended:
        return [Verb("powers", "power", (x, p))]
    return [Verb("magnitudes", "absolute", (x,)), Verb("powers", "power", (Ref("magnitudes"), p))]


def rooted(plan: Plan, low: Lowered, geometry: Geometry, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that make a norm of an average of powers."""
    scaled = [*share(low, geometry, ask, dtype), Verb("y", "divide", (Y, Ref("share")))] if "rescaled" in plan.mended else []
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

MENDING = {"NaN": ("keep_nan", "drop_nan", "nothing", "lowest"), "infinities": ("nothing", "lowest")}
"""What may mend a maximum of each kind of input."""

AT_ODDS = ({"keep_nan", "drop_nan"}, {"nothing", "lowest"}, {"cast", "typed"})


def mended(plan: Plan, kind: str, dtype: str, failing: Iterable[str]) -> Iterator[Plan]:
    """The plan with something mended that may help with the failing kinds of input, the fewest things first."""
    options = [mend for each in failing for mend in MENDING.get(each, ())] if kind == "max" else []
    options += ["cast"] if dtype in ("float16", "bfloat16") else []
    options = list(dict.fromkeys(options))
    for count in range(1, min(len(options), 3) + 1):
        for some in combinations(options, count):
            if not any(odds <= set(some) for odds in AT_ODDS):
                yield replace(plan, mended=(*plan.mended, *some))
