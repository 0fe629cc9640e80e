"""A windowed pooling as padding and windows that fit, stated by formulas that are valid for every size of the input."""

from __future__ import annotations

import math
from functools import lru_cache

from ..model.formula import Amount, Size, at_least
from ..model.pool import WINDOWED, Pool, Refused
from ..model.rules import Rules
from ..oracle.layout import check_ranks, padding_of_axes, require_parameter, strides_and_dilations
from ..oracle.lowering import LoweredPool
from .axis_windows import windows_of_pool


@lru_cache(maxsize=512)
def lower_for_every_size(pool: Pool, rank: int, rules: Rules) -> LoweredPool:
    """The steps of a pooling whose padding is constant or a formula of the sizes, `Size("", axis)`; raises Refused if there are none."""
    if pool.op not in WINDOWED:
        raise Refused(f"{pool} has no window that slides; expected one")
    check_ranks(pool, rank)
    kernel = require_parameter(pool, "kernel")
    strides, dilations = strides_and_dilations(pool, rules)
    stated_pads = [
        stated_padding(side, Size("", axis), taps, (taps - 1) * dilation + 1, stride, rules)
        for axis, (side, taps, stride, dilation) in enumerate(
            zip(padding_of_axes(pool, rank, rules), kernel, strides, dilations, strict=True)
        )
    ]
    pads = tuple(
        (low, high + overhang(high, (taps - 1) * dilation + 1, stride, rules) if pool.ceil_mode else high)
        for (low, high), taps, stride, dilation in zip(stated_pads, kernel, strides, dilations, strict=True)
    )
    include = rules.include_default == "padded" if pool.count_include_pad is None else pool.count_include_pad
    counted_pads = pads if rules.overhang == "counted" else tuple(stated_pads)
    return LoweredPool(
        pool.kind, kernel, strides, dilations, pads, counted_pads, (None,) * rank, include, constant_divisor(pool, rank, include, rules)
    )


def stated_padding(padding: str | tuple[int, int], size: Amount, taps: int, span: int, stride: int, rules: Rules) -> tuple[Amount, Amount]:
    """The (low, high) padding of an axis as stated, or as SAME computes it; raises Refused if it is negative."""
    if isinstance(padding, tuple):
        if min(padding) < 0:
            raise Refused(f"padding is {padding}; expected no cropping")
        return padding
    if padding == "valid":
        return 0, 0
    if rules.same_dilation == "reject" and span > taps:
        raise Refused("SAME together with a dilation")
    if rules.same_dilation == "ignored_with_zeros" and span > taps:
        raise Refused("SAME that leaves zeros where no window fits")
    span = span if rules.same_dilation == "effective" else taps
    total: Amount = span - 1 if rules.same_amount == "half_window" or stride == 1 else -size % stride + (span - stride)
    if span < stride and not isinstance(total, int):
        if rules.same_amount != "minimal":
            raise Refused("SAME may crop; expected no cropping")
        total = at_least(total, 0)
    lower = (padding == "same_lower") != (rules.same_split == "low")
    low = (total + 1) // 2 if lower else total // 2
    return low, total - low


def overhang(high: Amount, span: int, stride: int, rules: Rules) -> Amount:
    """The further padding on the high side with which sizes that are rounded down are as those that `ceil_mode` rounds up.

    With `e` more cells the number of windows is `floor((room + e) / stride) + 1`: rounded up for `e = stride - 1`; and for
    `e = span - high - 1` the number of those that start before the padding on the high side. A rule that drops the others
    takes the smaller one.
    """
    if not isinstance(high, int):  # that of SAME, with which the last window ends where the padding does
        if span < stride:
            raise Refused("ceil_mode with a SAME that pads nothing; expected one of the two")
        return 0
    if rules.ceil_window != "clipped":
        return stride - 1
    extra = min(stride - 1, span - high - 1)
    if high + extra < 0:
        raise Refused("ceil_mode drops windows inside the input; expected none dropped")
    return extra


def constant_divisor(pool: Pool, rank: int, include: bool, rules: Rules) -> int | None:
    """What an average divides by if that is the same for every window and size, else None."""
    if pool.kind != "avg" or pool.divisor_override is not None:
        return pool.divisor_override
    full_pool = pool if pool.count_include_pad is not None else Pool(**{**vars(pool), "count_include_pad": include})
    divisors = list[int]()
    for axis in range(rank):
        windows = windows_of_pool(full_pool, axis, rules)
        covers = [cover for n in range(1, windows.horizon + 2 * windows.period) if (cover := windows.at(n))]
        counts = {cover.counts(i) for cover in covers for i in range(cover.axis.size)}
        if len(counts) != 1:
            return None
        divisors += counts
    return math.prod(divisors)
