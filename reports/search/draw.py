"""Hypothesis strategies that draw questions; what is drawn first is the simplest, so that shrinking leads to it.

A fault that needs several values at once is met as often as the product of their shares. So each parameter is drawn by its kinds
(dilations of 3, padding that is uneven ...), none of which is rare, and extreme values, which are mostly refused, are kept to questions of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from ...adapters.contract import Adapter
from ...cases.model.case import FUNCTION, MEMORY
from ...cases.model.inputs import INTEGERS, PRECISION, whole_range
from ...cases.model.mistake import Fault
from ...cases.model.pool import ADAPTIVE, FIRST, GLOBAL, LAST, OPS, WINDOWED, Pool
from ...cases.read.arrays import is_held_by
from .question import Cells, Question

Draw = Callable[..., Any]

WRITTEN = 1 << 10
"""An input of at most so many cells may be written out, with special values among them."""
PATTERN = 64
"""So many of the cells that are written out are drawn one by one; the others repeat them."""
SPECIAL = (math.nan, math.inf, -math.inf, -0.0, 0.1, -1.5, 65504.0, 3e38, 1e-40)
FEW = (
    (1, 2), (0.0, -0.0), (math.nan, 1, 2), (-math.inf, -1), (math.nan, -math.inf), (-0.0, 0.0, -1), (math.inf, -math.inf, 1),
    (-math.inf, math.nan, 1),
)  # fmt: skip
"""Numbers of which an input may consist alone, so that windows have equal maxima, zeros of both signs, or nothing but infinities and NaN."""
EXTREME = (0, -1, 100, 255, (1 << 15) - 1, 1 << 16, 1 << 30, (1 << 31) - 1, 1 << 31, (1 << 63) - 1)
"""Numbers at which sizes overflow, or which mean nothing; a spec has extents of 64 bits."""
SHARES = {**dict.fromkeys(OPS, 1), **dict.fromkeys((*ADAPTIVE, *GLOBAL), 2), **dict.fromkeys(WINDOWED, 6)}
"""How often an operation is asked, compared with the others; windows have the most parameters, and most of them are no answer."""
EXTREME_SHARE = 12
"""One of so many questions has extreme parameters, and in such a question one of `EXTREME_ODDS` parameters is extreme."""
EXTREME_ODDS = 3
DTYPES = ("float32",) * 3 + ("float64", "float16", "bfloat16", "int8", "uint8", "int32", "int64", "int16", "bool")
PADDINGS = (None, "even", "uneven", "same", "uneven", "even", "same_lower", "valid")
PADDED: tuple[Callable[[int], int], ...] = (*(lambda taps: taps // 2,) * 6, lambda taps: taps - 1, lambda taps: taps + 1)
"""The most padding on a side for the taps of a window: half of them, at times so many that some frameworks refuse them."""
STEP_KINDS = (None, 1, 2, 3, "each")
"""Kinds of strides and dilations: left open, the same along every axis, or one for each."""
SIZES = (9, 12, 16, 17, 24, 32, 33, 64, 65, 0)
LARGE_TAPS = 9
"""Taps of a large window, which has so many cells that the order in which they are added up matters."""
LARGEST_SPAN = 64
"""A window over more cells does not get an input that it fits."""
BATCHES = (1, 1, 1, 1, 0, 1, 2, 2, 3)
CHANNELS = (1, 1, 1, 2, 3, 4, 5, 7, 0, 8, 16, 17, 32, 33, 64)
SAMPLES = (0.5, 0.0, 0.25, 0.75)
"""Where a fractional window lies, one number for each axis, which all planes share."""


@dataclass(frozen=True)
class Scope:
    """What may be asked: operations with the ranks that a target has, and those with a function of their own."""

    ranks: dict[str, tuple[int, ...]]
    functions: frozenset[str] = frozenset()


def find_scope(adapters: Iterable[Adapter], ops: Sequence[str] = ()) -> Scope:
    """What at least one of some adapters has a form for, of all operations or of those given."""
    adapters = list(adapters)
    ranks = {
        op: tuple(rank for rank in (1, 2, 3) if any(op in adapter.forms or f"{op}{rank}" in adapter.forms for adapter in adapters))
        for op in OPS
        if not ops or op in ops
    }
    functions = {op for op in ranks if any(op in adapter.function_forms for adapter in adapters)}
    return Scope({op: op_ranks for op, op_ranks in ranks.items() if op_ranks and op != "input"}, frozenset(functions))


@st.composite
def questions(draw: Draw, scope: Scope) -> Question:
    """Any question within a scope that is not too much work."""
    op = draw(st.sampled_from([op for op in scope.ranks for _ in range(SHARES[op])]))
    rank = draw(st.sampled_from(scope.ranks[op]))
    dtype = draw(st.sampled_from(DTYPES))
    batched = draw(st.integers(0, 11)) != 11
    last = draw(st.integers(0, 4)) == 4
    planes = ((draw(st.sampled_from(BATCHES)),) if batched else ()), (draw(st.sampled_from(CHANNELS)),)
    extreme = draw(st.integers(1, EXTREME_SHARE)) == EXTREME_SHARE
    pool = draw(pools(op, rank, LAST if last else draw(st.sampled_from((None, None, None, FIRST))), extreme=extreme))
    spatial = draw(spatial_sizes(pool, rank))
    shape = (*planes[0], *spatial, *planes[1]) if last else (*planes[0], *planes[1], *spatial)
    assume(math.prod(shape) <= 1 << 14)
    maximum = pool.kind == "max"
    floating = dtype in PRECISION
    question = Question(
        pool, draw(cells(shape, dtype)), dtype, LAST if last else FIRST, batched,
        memory=draw(st.sampled_from(("",) * 12 + MEMORY)),
        entry=draw(st.sampled_from(("", "", "", FUNCTION))) if op in scope.functions else "",
        located=maximum and draw(st.booleans()),
        cotangent=draw(cotangents(dtype)) if floating and op != "flatten" else None,
        extra=draw(extras(pool, shape, rank, dtype, planes[1][0])),
    )  # fmt: skip
    try:
        assume(question.case)
    except Fault:
        assume(False)
    return question


@st.composite
def pools(draw: Draw, op: str, rank: int, data_format: str | None, *, extreme: bool) -> Pool:
    """A pooling with every parameter stated or left open."""

    def each(least: int, most: int) -> tuple[int, ...]:
        return tuple(draw(sizes(least, most, extreme=extreme)) for _ in range(rank))

    def steps(most: int) -> tuple[int, ...] | None:
        kind = draw(st.sampled_from(STEP_KINDS))
        return each(1, most) if kind == "each" or (kind and extreme) else (kind,) * rank if kind else None

    values: dict[str, Any] = {}
    if op in WINDOWED or op in ("fractional_max_pool", "max_unpool") or (op == "upsample_nearest" and draw(st.booleans())):
        values["kernel"] = each(1, LARGE_TAPS if rank < 3 and draw(st.integers(0, 7)) == 7 else 4)
    if op in (*WINDOWED, "conv", "max_unpool"):
        values["stride"] = steps(4)
        values["padding"] = draw(paddings(rank, values.get("kernel"), allow_names=op != "max_unpool", extreme=extreme))
    if op in (*WINDOWED, "conv"):
        values["dilation"] = steps(3)
    if op in (*ADAPTIVE, "fractional_max_pool") or (op == "upsample_nearest" and "kernel" not in values):
        values["output_size"] = each(1, 6)
    if op == "max_unpool" and draw(st.booleans()):
        values["output_size"] = each(1, 9)
    values |= {name: draw(choice) for name, choice in CHOICES.items() if takes(op, name)}
    return Pool(op=op, data_format=data_format, **values)


@st.composite
def spatial_sizes(draw: Draw, pool: Pool, rank: int) -> tuple[int, ...]:
    """The sizes of the spatial axes: mostly so many cells that a window fits and some are left, at times a few cells fewer."""
    share = draw(st.integers(0, 11))
    if pool.op in (*WINDOWED, "conv") and share < 10:
        kernel, dilation = pool.kernel or (2,) * rank, pool.dilation or (1,) * rank
        spans = (max((taps - 1) * step + 1, 1) for taps, step in zip(kernel, dilation, strict=True))
        more = st.integers(0, 7 if rank < 3 else 3) if share < 8 else st.integers(-3, 1)
        return tuple(max((span if span <= LARGEST_SPAN else 1) + draw(more), 1) for span in spans)
    return tuple(draw(st.one_of(st.integers(1, 8), st.sampled_from(SIZES)) if rank < 3 else st.integers(1, 6)) for _ in range(rank))


CHOICES: dict[str, st.SearchStrategy[Any]] = {
    "ceil_mode": st.sampled_from((None, None, False, True)),
    "count_include_pad": st.sampled_from((None, False, True)),
    "divisor_override": st.sampled_from((*(None,) * 8, 2, 3, 5, 1, -2, 0)),
    "p": st.sampled_from((None, 2.0, 1.0, 3.0, 0.5, 2.5)),
    "keepdims": st.sampled_from((None, True, False)),
}
"""Parameters that are one value."""


def takes(op: str, name: str) -> bool:
    """Whether an operation has a parameter that is one value."""
    match name:
        case "ceil_mode":
            return op in WINDOWED
        case "p":
            return op.endswith("lp_pool")
        case "keepdims":
            return op in GLOBAL
    return op == "avg_pool"


@st.composite
def sizes(draw: Draw, least: int, most: int, *, extreme: bool) -> int:
    """A number of cells, which may be an extreme one."""
    extreme = extreme and draw(st.integers(1, EXTREME_ODDS)) == EXTREME_ODDS
    return int(draw(st.sampled_from(EXTREME)) if extreme else draw(st.integers(least, most)))


@st.composite
def paddings(draw: Draw, rank: int, kernel: tuple[int, ...] | None, *, allow_names: bool, extreme: bool) -> Any:
    """A padding: left open, by name, or in cells, of which some frameworks take no more than half a window, others less than a window."""
    kind = draw(st.sampled_from([kind for kind in PADDINGS if allow_names or kind in (None, "even", "uneven")]))
    if kind not in ("even", "uneven"):
        return kind
    limit = PADDED[draw(st.integers(0, len(PADDED) - 1))]
    limits = [3 if kernel is None else min(max(limit(taps), 0), LARGE_TAPS) for taps in kernel or (3,) * rank]
    lows = [draw(st.integers(0, most)) for most in limits]
    shifts = [draw(st.integers(1, most)) if kind == "uneven" and most else 0 for most in limits]
    pairs = [(low, (low + shift) % (most + 1)) for low, shift, most in zip(lows, shifts, limits, strict=True)]
    if extreme and draw(st.booleans()):
        pairs[0] = draw(st.sampled_from(((-1, 0), (0, -1), (100, 0), (0, 100), (-3, -3))))
    return tuple(pairs)


@st.composite
def cells(draw: Draw, shape: tuple[int, ...], dtype: str) -> Cells:
    """The cells of an input: all different, alike, of two or three values, or special ones among others."""
    count = math.prod(shape)
    low, high = whole_range(dtype)
    kind = draw(st.sampled_from(("distinct", "distinct", "special", "few", "few", "full", "normal")))
    if kind in ("special", "few") and 0 < count <= WRITTEN:
        values = palette(dtype) if kind == "special" else st.sampled_from(draw(st.sampled_from(few_values(dtype))))
        length = min(count, PATTERN)
        pattern = draw(st.lists(values, min_size=length, max_size=length))
        return Cells("cells", shape, cells=tuple(islice(cycle(pattern), count)))
    if kind == "normal" and dtype in PRECISION:
        return Cells("normal", shape, seed=draw(st.integers(0, 3)))
    if kind == "full" or count > high - max(low, -high):
        return Cells("full", shape, value=draw(palette(dtype)))
    start = draw(st.sampled_from((1, -(count // 2), -count)))
    start = start if low <= start and start + count - 1 <= high else max(low, high - count)
    return Cells("distinct", shape, seed=draw(st.integers(0, 3)), start=start)


def palette(dtype: str) -> st.SearchStrategy[Any]:
    """Numbers that a type holds, ordinary ones first."""
    if dtype == "bool":
        return st.booleans()
    low, high = whole_range(dtype)
    whole = st.integers(max(low, -4), 4)
    if dtype in INTEGERS:
        return st.one_of(whole, st.sampled_from((low, high)))
    return st.one_of(whole, whole, st.sampled_from([value for value in SPECIAL if not math.isfinite(value) or is_held_by(value, dtype)]))


def few_values(dtype: str) -> list[tuple[Any, ...]]:
    """The values of inputs of a type that have few; of a floating type also numbers whose sum in that type loses the smaller one."""
    low, high = whole_range(dtype)
    if dtype == "bool":
        return [(False, True)]
    if dtype in INTEGERS:
        return [(1, 2), (low, high), (high, high - 1, 0)]
    whole = 1 << PRECISION[dtype]
    return [*FEW, (1, whole), (1, whole, -whole)]


@st.composite
def cotangents(draw: Draw, dtype: str) -> Cells | None:
    """None where no gradient is asked for, or the gradient of the output, in whatever shape that has."""
    kind = draw(st.sampled_from((None, None, "full", "distinct")))
    if kind is None:
        return None
    return Cells("full", value=1) if kind == "full" or dtype in ("bfloat16", "float16") else Cells("distinct", seed=1, start=1)


@st.composite
def extras(draw: Draw, pool: Pool, shape: tuple[int, ...], rank: int, dtype: str, channels: int) -> dict[str, Cells]:
    """The further inputs of an operation."""
    if pool.op == "conv":
        kernel = tuple(draw(st.integers(1, 3)) for _ in range(rank))
        groups = draw(st.sampled_from((1, 1, max(channels, 1))))
        filters = groups * draw(st.sampled_from((1, 2, 3)))
        return {"weights": Cells("full", (filters, max(channels, 1) // groups, *kernel), value=1)}
    if pool.op == "max_unpool":
        return {"indices": Cells("arange", shape, start=draw(st.integers(0, 2)))}
    if pool.op == "fractional_max_pool":
        batch = shape[0] if len(shape) == rank + 2 else 1
        samples = tuple(draw(st.sampled_from(SAMPLES)) for _ in range(rank))
        alike = Cells("full", (batch, channels, rank), value=samples[0])
        differ = len(set(samples)) > 1 and batch * channels
        return {"samples": replace(alike, maker="cells", cells=samples * batch * channels) if differ else alike}
    return {}
