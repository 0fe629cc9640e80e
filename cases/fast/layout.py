"""The positions of windows, derived a second time.

Nothing here is taken from the oracle's arithmetic, so that an error in one of the two shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..model.operation import Problem
from ..model.pool import Crashed, Pool, Refused
from ..model.rules import Rules
from .lines import WindowLine, ceil_div


def lines_of(problem: Problem) -> list[WindowLine]:
    """The windows along each spatial axis; raises Refused if there are none."""
    pool, rules, spatial = problem.pool, problem.rules, problem.x.shape[2:]
    check_entries(pool, len(spatial))
    if pool.op.startswith("global"):
        reduced_count = 2 if rules.reduced_axes == "last_two" else len(spatial)
        single_cells = [WindowLine(n, range(n), [1] * n) for n in spatial[:-reduced_count]]
        return [*single_cells, *(WindowLine(n, range(1), [n]) for n in spatial[-reduced_count:])]
    if pool.op.startswith("adaptive"):
        crashes = rules.adaptive_bins == "crash_for_one" and pool.kind == "max" and 0 not in problem.x.shape
        if crashes and require_value(pool.output_size)[-1:] == (1,):
            raise Crashed("a single bin on the last axis")
        return [adaptive_line(n, size, rules) for n, size in zip(spatial, require_value(pool.output_size), strict=True)]
    return [sliding_line(n, axis, pool, rules) for axis, n in enumerate(spatial)]


def check_entries(pool: Pool, rank: int) -> None:
    """Raise Refused for parameters without exactly one entry for each spatial axis."""
    for name in ("kernel", "stride", "padding", "dilation", "output_size"):
        value = getattr(pool, name)
        if isinstance(value, tuple) and len(value) != rank:
            raise Refused(f"{name} has {len(value)} entries; expected {rank}")


def require_value(value: Any) -> Any:
    """The value of a parameter; raises Refused if it is left open."""
    if value is None:
        raise Refused("a parameter is missing; expected the kernel or the output size")
    return value


def adaptive_line(n: int, size: int, rules: Rules) -> WindowLine:
    """The bins of an adaptive pooling along an axis."""
    if size < 1 or (rules.adaptive_bins == "disjoint" and size > n):
        raise Refused(f"{n} cells cannot fill {size} bins")
    if rules.adaptive_bins == "disjoint":
        taps = [len(part) for part in np.array_split(np.arange(n), size)]
        return WindowLine(n, [sum(taps[:i]) for i in range(size)], taps)
    if n and n % size == 0:
        return WindowLine(n, list(range(0, n, n // size)), [n // size] * size)
    starts = [math.floor(i * n / size) for i in range(size)]
    return WindowLine(n, starts, [ceil_div((i + 1) * n, size) - start for i, start in enumerate(starts)])


def sliding_line(n: int, axis: int, pool: Pool, rules: Rules) -> WindowLine:
    """The windows that slide along an axis."""
    kernel = require_value(pool.kernel)[axis]
    stride = pool.stride[axis] if pool.stride else default_stride(kernel, rules)
    dilation = pool.dilation[axis] if pool.dilation else 1
    if min(kernel, stride, dilation) < 1:
        raise Refused(f"kernel, stride and dilation are {kernel}, {stride} and {dilation}; expected at least 1")
    if rules.parameter_limit != "none" and pool.op != "conv" and not all(size < 2**31 for size in pool.sizes):
        raise (Refused if rules.parameter_limit == "int32" else Crashed)("a kernel, a stride or a dilation has more than 32 bits")
    span = kernel + (kernel - 1) * (dilation - 1)
    if span > n and rules.small_input == "reject":
        raise Refused(f"{n} cells are fewer than a window of {span}")
    low, high = padding_of(n, axis, kernel, span, stride, pool, rules)
    size = count_fitting(n + low + high - span, stride, n + low, rounds_up(pool, rules), rules)
    zeros = rules.same_dilation == "ignored_with_zeros" and span != kernel and is_same(pool, rules)
    if size == 0 and rules.size_zero == "crash" and not zeros:
        raise Crashed("no window fits")
    if size <= 0 and (rules.size_zero if size == 0 else rules.size_negative) == "reject" and not zeros:
        raise Refused(f"{size} windows fit")
    size = max(size, 0)
    vacant = max(math.ceil(n / stride) - size, 0) if zeros else 0
    return WindowLine(n, range(-low, stride * size - low, stride), [kernel] * size, dilation, low, high, vacant)


def is_same(pool: Pool, rules: Rules) -> bool:
    """Whether the padding is that of SAME, stated or by default."""
    by_default = pool.op == "conv" and rules.padding_default == "same"
    return by_default if pool.padding is None else pool.padding in ("same", "same_lower")


def rounds_up(pool: Pool, rules: Rules) -> bool:
    """Whether the number of windows is rounded up; raises Refused where that is not taken beside a named padding."""
    if not pool.ceil_mode or not isinstance(pool.padding, str):
        return bool(pool.ceil_mode)
    if rules.named_ceil == "reject":
        raise Refused("ceil_mode and a named padding; expected either alone")
    return rules.named_ceil == "rounds_up"


def default_stride(kernel: int, rules: Rules) -> int:
    """The stride of a window that states none; raises Refused where the rules want one."""
    if rules.stride_default == "reject":
        raise Refused("the stride is missing")
    return kernel if rules.stride_default == "window" else 1


def padding_of(n: int, axis: int, kernel: int, span: int, stride: int, pool: Pool, rules: Rules) -> tuple[int, int]:
    """The cells of padding before and after an axis."""
    if pool.padding == "valid" or (pool.padding is None and not (pool.op == "conv" and rules.padding_default == "same")):
        return 0, 0
    if pool.padding is None or isinstance(pool.padding, str):
        if rules.same_padding == "reject":
            raise Refused("SAME; expected another padding")
        if span != kernel and rules.same_dilation == "reject":
            raise Refused("SAME with a dilation; expected either alone")
        return same_padding(n, span if rules.same_dilation == "effective" else kernel, stride, pool.padding == "same_lower", rules)
    low, high = pool.padding[axis]
    if (low or high) and rules.explicit_padding == "reject":
        raise Refused(f"padding is {low} and {high}; expected none")
    limit = {"half_window": kernel / 2, "below_window": kernel - 1, "none": math.inf}[rules.pad_limit]
    if max(low, high) > limit or (min(low, high) < 0 and rules.pad_limit != "none"):
        raise Refused(f"padding is {low} and {high}; expected at most {limit}")
    return low, high


def same_padding(n: int, span: int, stride: int, lower: bool, rules: Rules) -> tuple[int, int]:
    """The padding of SAME: what the last window lacks, which starts at the last stride inside the input."""
    shortfall = span - (n % stride or stride)
    if shortfall < 0 and rules.same_amount == "reject_negative":
        raise Refused(f"SAME lacks {shortfall} cells")
    total = {"minimal": max(shortfall, 0), "half_window": span - 1}.get(rules.same_amount, shortfall)
    halves = math.trunc(total / 2), math.trunc((total + 1) / 2)
    low = halves[lower ^ (rules.same_split == "low")]
    return low, total - low


def count_fitting(room: int, stride: int, end: int, ceil: bool, rules: Rules) -> int:
    """The number of windows that fit; zero or less if the first one does not."""
    moves = room / stride
    if ceil:
        size = math.ceil(moves) + 1
        return size - (rules.ceil_window == "clipped" and stride * (size - 1) >= end)
    return {"floor": math.floor(moves) + 1, "trunc_kernel": math.trunc(moves) + 1}.get(rules.size_division, math.trunc(moves + 1))


def fractional_lines(problem: Problem) -> tuple[tuple[int, ...], Callable[[tuple[int, ...]], list[WindowLine]]]:
    """The sizes of a fractional pooling, and a function that gives the windows of a plane."""
    x, pool, samples = problem.x, problem.pool, problem.require("samples")
    check_entries(pool, x.ndim - 2)
    sizes, kernel = require_value(pool.output_size), require_value(pool.kernel)
    less = problem.rules.sample_limit == "below_input"
    fits = all(k > 0 < size and size + k - 1 <= n - less for n, k, size in zip(x.shape[2:], kernel, sizes, strict=True))
    if samples.shape != (*x.shape[:2], x.ndim - 2) or not fits:
        raise Refused(f"{sizes} windows of {kernel} with samples of shape {samples.shape} do not fit an input of {x.shape}")
    axes = list(zip(x.shape[2:], kernel, sizes, strict=True))
    flip = slice(None, None, -1 if problem.rules.sample_order == "reversed" else 1)
    return sizes, lambda plane: [fractional_line(*axis, sample) for axis, sample in zip(axes, samples[plane][flip], strict=True)]


def fractional_line(n: int, kernel: int, size: int, sample: Any) -> WindowLine:
    """The windows of one axis of one plane: whole steps at a pace that need not be whole, with the last window at the edge."""
    number_type = sample.dtype.type
    pace = number_type(n - kernel) / number_type(size - 1) if size > 1 else number_type(0)
    starts = np.trunc((np.arange(size - 1, dtype=sample.dtype) + sample) * pace).astype(int) - int(sample * pace)
    return WindowLine(n, [*starts.tolist(), n - kernel], [kernel] * size)
