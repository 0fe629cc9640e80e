"""Plans: which poolings and steps a target may run to give the source's answer.

A plan becomes a `Placement`, one pooling of the target with padding and picking, and then a list of verbs that an adapter
translates. The verbs of most plans are the same for every size, for they contain formulas of the sizes. Those of a plan that
is `bound` to the shape of a case differ from size to size.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from ...adapters.contract import Ask, Ref, Verb
from ...cases.model.arithmetic import lowest, result_dtype
from ...cases.model.formula import Amount, Size, substitute
from ...cases.model.inputs import INTEGERS, dtype_of
from ...cases.model.pool import ADAPTIVE, GLOBAL, UNPOOLING, UPSAMPLING, WINDOWED, Pool, Refused
from ...cases.model.rules import Rules
from ...cases.oracle.layout import layout
from ...cases.oracle.lowering import Amounts, LoweredPool, lower_pool
from ...cases.sizes.lower import lower_for_every_size
from .samples import LOW_PRECISION
from .unpooling import PLACED, RENUMBERED, unpooling_verbs

STATED, PADDED, SLICED, BINNED, SUMMED, REPEATED = "stated", "padded", "sliced", "binned", "summed", "repeated"
"""Ways to write a pooling for every size: with its own parameters; on cells padded beforehand; as a reduction over slices, one
for each cell of a window; bin by bin; as the sum of the powers of all cells; every cell repeated, axis by axis."""
WHOLE = "whole"
"""The equivalent pooling of an adaptive one with a single bin, or of a global one: a global one that states whether it keeps its axes."""
LAID_OUT, PICKED, BOUND = "laid out", "picked", "bound"
"""Ways that are bound to one shape: on cells padded beforehand; on cells padded and picked; another pooling with the same windows."""

X, Y = Ref("x"), Ref("y")
Verbs = tuple[Verb, ...]


@dataclass(frozen=True)
class Placement:
    """One pooling of the target that covers the cells of the source's windows: `pool`, after the padding and picking of `low` if given.

    `shape` is the shape of the final answer if it has to be reshaped. A pooling `in_slices` reduces slices, one for each cell of a
    window, `bins` are the numbers of bins along the spatial axes of an adaptive pooling, and `factors` how often cells are repeated.
    """

    pool: Pool
    low: LoweredPool | None = None
    shape: tuple[Amount, ...] | None = None
    in_slices: bool = False
    bins: tuple[int, ...] = ()
    factors: tuple[int, ...] = ()


@dataclass(frozen=True)
class Plan:
    """One way to write a pooling under some rules, in every shape; `fixes` names what else is corrected.

    `way` is one of the constants above, or the name of an equivalent pooling (see `list_equivalents`).
    """

    pool: Pool
    rules: Rules
    way: str
    fixes: tuple[str, ...] = ()

    @property
    def bound(self) -> bool:
        """Whether the verbs depend on the sizes of the input."""
        return self.way in (LAID_OUT, PICKED) or self.way.startswith(BOUND)

    def verbs(self, ask: Ask) -> Verbs:
        """The plan as verbs on an input in the target's layout; raises Refused if the shape does not allow it."""
        if self.pool.op in UNPOOLING:
            return unpooling_verbs(self.pool, self.way, self.rules, ask)
        return write_verbs(self.placement(ask), self.fixes, self.rules, ask)

    def placement(self, ask: Ask) -> Placement:
        """The pooling of the target in the shape of a case."""
        match self.way:
            case "stated":
                return Placement(self.pool)
            case "padded" | "sliced":
                low = place_sizes(lower_for_every_size(self.pool, ask.rank, self.rules), ask)
                return Placement(remaining_pool(low), low, in_slices=self.way == SLICED)
            case "binned":
                return Placement(self.pool, bins=self.pool.output_size or ())
            case "repeated":
                return Placement(self.pool, factors=self.pool.kernel or ())
            case "summed":
                return Placement(self.pool, shape=shape_without_axes(self.pool, ask, self.rules), bins=(1,) * ask.rank)
        return self.bound_placement(ask) if self.bound else Placement(self.equivalent(ask.rank))

    def equivalent(self, rank: int) -> Pool:
        """The other pooling with the same windows that the way names."""
        pools = dict(list_equivalents(self.pool, rank, self.rules))
        if self.way not in pools:
            raise Refused(f"{self.pool} has no equivalent {self.way!r}; expected one of {', '.join(pools) or 'none'}")
        return pools[self.way]

    def bound_placement(self, ask: Ask) -> Placement:
        """The pooling of the target for the very sizes of a case."""
        sizes = tuple(ask.shape[axis] for axis in ask.spatial)
        low = lower_pool(self.pool, sizes, self.rules, pick=self.way == PICKED)
        if self.way in (LAID_OUT, PICKED):
            return Placement(remaining_pool(low), low, shape_without_axes(self.pool, ask, self.rules))
        pools = dict(bound_equivalents(self.pool, low, sizes, self.rules))
        if self.way not in pools:
            raise Refused(f"{self.pool} has other windows on {sizes} cells than in the requested shape; expected the same")
        return Placement(pools[self.way])


def generate_plans(pool: Pool, rules: Rules, ask: Ask) -> Iterator[Plan]:
    """All plans for a pooling with only those fixes that its type requires, those for every size first."""
    ways = [*ways_for_every_size(pool, rules, ask.rank), *ways_for_one_size(pool, rules, ask)]
    yield from (Plan(pool, rules, way) for way in ways)
    if pool.kind == "avg":
        yield from (Plan(pool, rules, way, ("typed",)) for way in ways)
    if ask.dtype in LOW_PRECISION and pool.op not in UNPOOLING:
        yield from (Plan(pool, rules, way, ("cast",)) for way in ways)
    if pool.kind == "lp":
        padded = [way for way in ways if way in (PADDED, SLICED, LAID_OUT)]
        yield from (Plan(pool, rules, way, fixes) for way in padded for fixes in (("signed",), ("rescaled",), ("signed", "rescaled")))


def ways_for_every_size(pool: Pool, rules: Rules, rank: int) -> Iterator[str]:
    """The ways to write a pooling that do not depend on the sizes of the input."""
    if pool.op in UPSAMPLING:
        yield from (STATED, REPEATED) if pool.kernel else (STATED,)
        return
    if pool.op in UNPOOLING:
        yield from (STATED, RENUMBERED, PLACED)
        return
    if pool.op not in GLOBAL or pool.keepdims is not None:  # else "whole" states what becomes of the axes
        yield STATED
    yield from (way for way, other in list_equivalents(pool, rank, rules) if other != pool)
    if pool.op in ADAPTIVE and pool.output_size:
        yield BINNED
    if pool.op in GLOBAL and pool.kind == "lp":
        yield SUMMED
    try:
        low = lower_for_every_size(pool, rank, rules)
    except Refused:
        return
    yield PADDED
    if max(low.dilation) > 1:
        yield SLICED


def ways_for_one_size(pool: Pool, rules: Rules, ask: Ask) -> Iterator[str]:
    """The ways to write a pooling for the very sizes of a case."""
    if pool.op in (*UPSAMPLING, *UNPOOLING):
        return
    sizes = tuple(ask.shape[axis] for axis in ask.spatial)
    try:
        low, low_with_picks = lower_pool(pool, sizes, rules), lower_pool(pool, sizes, rules, pick=True)
    except Refused:
        return
    yield from (way for way, other in bound_equivalents(pool, low, sizes, rules) if other != pool)
    yield LAID_OUT
    if low != low_with_picks:
        yield PICKED


def place_sizes(low: LoweredPool, ask: Ask) -> LoweredPool:
    """The steps of a pooling with the sizes of the spatial axes as those of the input `x`."""

    def place(amount: Amount) -> Amount:
        return substitute(amount, lambda leaf: Size("x", ask.spatial[leaf.axis]) if isinstance(leaf, Size) else leaf)

    pads, counted_pads = (tuple((place(low), place(high)) for low, high in sides) for sides in (low.pads, low.counted_pads))
    return replace(low, pads=pads, counted_pads=counted_pads)


FIXES_BY_KIND = {"NaN": ("keep_nan", "drop_nan", "nothing", "lowest"), "infinities": ("nothing", "lowest")}
"""The fixes of a maximum that may help with a kind of input."""

CONFLICTS = ({"keep_nan", "drop_nan"}, {"nothing", "lowest"}, {"cast", "typed"})
"""Fixes that exclude each other."""


def plans_with_fixes(plan: Plan, op_kind: str, dtype: str, failing: Iterable[str]) -> Iterator[Plan]:
    """The plan with fixes that may help with the failing kinds of input, the fewest fixes first."""
    options = [fix for kind in failing for fix in FIXES_BY_KIND.get(kind, ())] if op_kind == "max" else []
    options += ["cast"] if dtype in LOW_PRECISION else []
    options = list(dict.fromkeys(options))
    for count in range(1, min(len(options), 3) + 1):
        for fixes in combinations(options, count):
            if not any(conflict <= set(fixes) for conflict in CONFLICTS):
                yield replace(plan, fixes=(*plan.fixes, *fixes))


def list_equivalents(pool: Pool, rank: int, rules: Rules) -> Iterator[tuple[str, Pool]]:
    """Other poolings that may have the same windows on every size, or on many: see `ranges` for which they do."""
    if pool.op in GLOBAL:
        keeps = rules.keepdims_default == "kept" if pool.keepdims is None else pool.keepdims
        adaptive = f"adaptive_{pool.kind}_pool"
        yield WHOLE, replace(pool, keepdims=keeps)
        if keeps and adaptive in ADAPTIVE:
            yield "adaptive", Pool(op=adaptive, output_size=(1,) * rank)
    if pool.op in ADAPTIVE and pool.output_size == (1,) * rank:
        yield WHOLE, Pool(op=f"global_{pool.kind}_pool", keepdims=True)
    if pool.op not in WINDOWED:
        return
    try:
        low = lower_for_every_size(pool, rank, rules)
    except Refused:
        return
    pads = tuple((before, after) for before, after in low.pads if isinstance(before, int) and isinstance(after, int))
    constant = len(pads) == rank
    include = low.include if low.kind == "avg" and low.has_padding else None
    bare = replace(remaining_pool(low), op=pool.op, p=pool.p, count_include_pad=include)
    if low.kind == "avg" and constant and low.divisor not in (low.taps, None):
        yield "divisor", replace(bare, padding=pads, divisor_override=low.divisor, count_include_pad=None)
    if constant:
        yield "cells", replace(bare, padding=pads if low.has_padding else "valid")
    yield "same", replace(bare, padding="same", count_include_pad=None)
    yield "same, with include", replace(bare, padding="same")
    yield "same_lower", replace(bare, padding="same_lower")
    if pool.ceil_mode and isinstance(pool.padding, tuple):
        symmetric = tuple((max(0, before), max(0, before)) for before, _ in pool.padding)
        yield "ceil", replace(bare, padding=symmetric, ceil_mode=True)
    elif pool.ceil_mode or pool.padding in ("same", None, "valid"):
        yield "ceil", replace(bare, padding="valid", ceil_mode=True, count_include_pad=None)
    yield "bare", replace(bare, padding="valid", count_include_pad=None)


def bound_equivalents(pool: Pool, low: LoweredPool, sizes: tuple[int, ...], rules: Rules) -> Iterator[tuple[str, Pool]]:
    """Other poolings with the same windows on an input of these sizes: with padding in cells, or the windows of adaptive bins."""
    if low.picks:
        return
    pads = tuple((before, after) for before, after in low.pads if isinstance(before, int) and isinstance(after, int))
    include = low.include if low.kind == "avg" and low.has_padding else None
    bare = replace(remaining_pool(low), op=f"{low.kind}_pool", p=pool.p, count_include_pad=include)
    if low.kind == "avg" and low.divisor not in (low.taps, None):
        yield f"{BOUND} divisor", replace(bare, padding=pads, divisor_override=low.divisor, count_include_pad=None)
    cells = replace(bare, padding=pads if low.has_padding else "valid")
    windows = [axis.windows for axis in layout(sizes, pool, rules)]
    if has_windows(cells, windows, sizes):
        yield f"{BOUND} cells", cells


def has_windows(pool: Pool, windows: Sequence[Sequence[range]], sizes: tuple[int, ...]) -> bool:
    """Whether a pooling has these windows on an input of these sizes."""
    try:
        return [axis.windows for axis in layout(sizes, pool, Rules(pad_limit="none"))] == windows
    except Refused:
        return False


def remaining_pool(low: LoweredPool) -> Pool:
    """The pooling that is left once cells are padded and picked."""
    op = "max_pool" if low.kind == "max" else "avg_pool"
    return Pool(op=op, kernel=low.kernel, stride=low.stride, padding="valid", dilation=None if max(low.dilation) == 1 else low.dilation)


def shape_without_axes(pool: Pool, ask: Ask, rules: Rules) -> tuple[Amount, ...] | None:
    """The shape of an answer that lacks the spatial axes, in terms of that of the input; None if it has them."""
    keeps = rules.keepdims_default == "kept" if pool.keepdims is None else pool.keepdims
    if keeps or not pool.op.startswith("global"):
        return None
    return tuple(Size("x", axis) for axis in range(len(ask.shape)) if axis not in ask.spatial)


def write_verbs(placement: Placement, fixes: Collection[str], rules: Rules, ask: Ask) -> Verbs:
    """A placement as verbs, with fixes; the rules decide the type of the answer."""
    low = placement.low
    before, after, wide = list[Verb](), list[Verb](), "cast" in fixes
    dtype = "float32" if wide else ask.dtype
    x = X
    if wide:
        before.append(Verb("wide", "cast", (x, dtype)))
        x = Ref("wide")
    if "drop_nan" in fixes:
        before += [Verb("is_nan", "isnan", (x,)), Verb("numbers", "where", (Ref("is_nan"), -np.inf, x))]
        x = Ref("numbers")
    least = -np.inf if dtype not in INTEGERS else float(lowest(dtype_of(dtype)))
    value = 0.0 if low and low.kind != "max" else least
    norm = low.kind == "lp" if low else placement.pool.kind == "lp" and bool(placement.bins)
    if norm:
        before += raise_to_power(fixes, ask, x)
        x = Ref("powers")
    core = pool_verbs(placement, x, value, "y", ask, dtype)
    if low and low.kind == "avg":
        after += correct_divisor(low, placement, ask, dtype)
    if norm:
        after += take_root(fixes, low, placement, ask, dtype)
    for fix in ("nothing", "lowest", "keep_nan"):
        if fix in fixes:
            after += FIXES_OF_MAXIMA[fix](placement, X, ask, dtype)
    if wide or "typed" in fixes:
        after.append(Verb("y", "cast", (Y, result_dtype(dtype_of(ask.dtype), rules, exact=False).name)))
    if placement.shape:
        after.append(Verb("y", "reshape", (Y, placement.shape)))
    return (*before, *core, *after)


def pool_verbs(placement: Placement, x: Ref, value: float, result: str, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that pool an array, its padding filled with a value."""
    kind = placement.pool.kind
    if placement.factors:
        repeats = [(count, axis) for count, axis in zip(placement.factors, ask.spatial, strict=True) if count > 1]
        return [
            Verb(result, "repeat", (Ref(result) if number else x, *each)) for number, each in enumerate(repeats or [(1, ask.spatial[0])])
        ]
    if placement.bins:
        return pool_axes("bins", result, x, [(axis, (bins, kind)) for axis, bins in zip(ask.spatial, placement.bins, strict=True)])
    if placement.low is None:
        return [Verb(result, "pool", (x, placement.pool, dtype))]
    verbs, x = pad_and_pick(placement.low, x, value, ask)
    return [*verbs, *pool_padded(placement, x, result, ask, dtype)]


def pool_padded(placement: Placement, x: Ref, result: str, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that pool an array that is padded and picked."""
    if not placement.in_slices or placement.low is None:
        return [Verb(result, "pool", (x, placement.pool, dtype))]
    low = placement.low
    windows = zip(ask.spatial, low.kernel, low.dilation, low.stride, strict=True)
    return pool_axes(
        "slices", result, x, [(axis, (*window, placement.pool.kind)) for axis, *window in windows if tuple(window) != (1, 1, 1)]
    )


def pool_axes(name: str, result: str, x: Ref, axes: Sequence[tuple[int, tuple[object, ...]]]) -> list[Verb]:
    """The verbs that pool the axes of an array one after another, each with the verb's further arguments."""
    return [Verb(result, name, (x if number == 0 else Ref(result), axis, *further)) for number, (axis, further) in enumerate(axes)]


def pad_and_pick(low: LoweredPool, x: Ref, value: float, ask: Ask, pads: Amounts | None = None) -> tuple[list[Verb], Ref]:
    """The verbs that pad an array, by all its padding or by `pads`, and pick its cells; and a reference to the result."""
    verbs, pads = [], low.pads if pads is None else pads
    name = "padded" if x in (X, Ref("wide"), Ref("numbers"), Ref("powers")) else f"{x.name}_padded"
    if any(side for sides in pads for side in sides):
        verbs.append(Verb(name, "pad", (x, padding_of_all_axes(pads, ask), value)))
        x = Ref(name)
    for axis, gather in zip(ask.spatial, low.gathers, strict=True):
        if gather:
            verbs.append(Verb(name.replace("padded", "picked"), "take", (x, axis, gather)))
            x = Ref(name.replace("padded", "picked"))
    return verbs, x


def padding_of_all_axes(pads: Amounts, ask: Ask) -> Amounts:
    """Padding of the spatial axes, with none of the others."""
    sides = dict(zip(ask.spatial, pads, strict=True))
    return tuple(sides.get(axis, (0, 0)) for axis in range(len(ask.shape)))


def correct_divisor(low: LoweredPool, placement: Placement, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that turn an average over all taps into one over those that count."""
    if low.divisor is not None:
        return [] if low.divisor == low.taps else [Verb("y", "multiply", (Y, low.taps / low.divisor))]
    return [*counted_share(low, placement, ask, dtype), Verb("y", "divide", (Y, Ref("share")))]


def counted_share(low: LoweredPool, placement: Placement, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that compute which part of each window counts: the same pooling of ones, padded with ones where padding counts."""
    verbs, ones = [Verb("ones", "ones", (X,))], Ref("ones")
    if dtype != ask.dtype:
        verbs.append(Verb("ones", "cast", (ones, dtype)))
    other_pads = low.pads
    if low.include and any(side for sides in low.counted_pads for side in sides):
        verbs.append(Verb("counted", "pad", (ones, padding_of_all_axes(low.counted_pads, ask), 1.0)))
        ones = Ref("counted")
        other_pads = tuple((before - a, after - b) for (before, after), (a, b) in zip(low.pads, low.counted_pads, strict=True))
    further_verbs, ones = pad_and_pick(low, ones, 0.0, ask, other_pads)
    return [*verbs, *further_verbs, *pool_padded(placement, ones, "share", ask, dtype)]


def raise_to_power(fixes: Collection[str], ask: Ask, x: Ref) -> list[Verb]:
    """The verbs that raise cells to the norm's power."""
    p = float(ask.pool.p or 2.0)
    if "signed" in fixes:
        return [Verb("powers", "power", (x, p))]
    return [Verb("magnitudes", "absolute", (x,)), Verb("powers", "power", (Ref("magnitudes"), p))]


def take_root(fixes: Collection[str], low: LoweredPool | None, placement: Placement, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that turn an average of powers into a norm, or their sum if nothing was lowered."""
    if low is None:
        return [Verb("y", "power", (Y, 1 / float(ask.pool.p or 2.0)))]
    scaling_verbs = [*counted_share(low, placement, ask, dtype), Verb("y", "divide", (Y, Ref("share")))] if "rescaled" in fixes else []
    p = float(ask.pool.p or 2.0)
    return [*scaling_verbs, Verb("y", "multiply", (Y, float(low.taps))), Verb("y", "power", (Y, 1 / p))]


def find_windows_with(name: str, mark: Verb, placement: Placement, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that find the windows with a marked cell: the maximum of ones for marked cells and zeros for others is above zero."""
    marks = Verb(f"{name}_marks", "cast", (Ref(mark.result), dtype))
    maxima = pool_verbs(placement, Ref(marks.result), 0.0, f"{name}_found", ask, dtype)
    return [mark, marks, *maxima, Verb(f"holds_{name}", "above", (Ref(f"{name}_found"), 0.0))]


def keep_nan(placement: Placement, x: Ref, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that make NaN the maximum of a window that holds it."""
    verbs = find_windows_with("nan", Verb("is_nan", "isnan", (x,)), placement, ask, dtype)
    return [*verbs, Verb("y", "where", (Ref("holds_nan"), np.nan, Y))]


def keep_minus_infinity(placement: Placement, x: Ref, ask: Ask, dtype: str) -> list[Verb]:
    """The verbs that make -inf the maximum of a window that holds nothing larger."""
    verbs = find_windows_with("more", Verb("is_more", "above", (x, -np.inf)), placement, ask, dtype)
    return [*verbs, Verb("y", "where", (Ref("holds_more"), Y, -np.inf))]


def replace_minus_infinity(placement: Placement, x: Ref, ask: Ask, dtype: str) -> list[Verb]:
    """The verb that replaces -inf by the lowest finite number."""
    return [Verb("y", "at_least", (Y, float(lowest(dtype_of(dtype)))))]


FIXES_OF_MAXIMA: Mapping[str, Callable[[Placement, Ref, Ask, str], list[Verb]]] = {
    "keep_nan": keep_nan,
    "nothing": keep_minus_infinity,
    "lowest": replace_minus_infinity,
}
