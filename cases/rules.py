"""The choices a pooling's caller leaves open, or frameworks make on their own: one axis each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Literal, get_args, get_type_hints


@dataclass(frozen=True, kw_only=True)
class Rules:
    """One value for each axis; the defaults are the definition and, where it is silent, torch."""

    # What is left open by the caller.
    stride_default: Literal["window", "one"] = "window"
    include_default: Literal["padded", "valid"] = "padded"
    keepdims_default: Literal["kept", "dropped"] = "kept"

    # Where windows stand.
    same_amount: Literal["minimal", "half_window", "unclamped"] = "minimal"
    same_split: Literal["high", "low"] = "high"
    same_dilation: Literal["effective", "ignored"] = "effective"
    ceil_window: Literal["clipped", "kept"] = "clipped"
    size_division: Literal["floor", "trunc_kernel", "trunc_stride"] = "floor"
    adaptive_bins: Literal["overlapping", "disjoint"] = "overlapping"

    # What is refused.
    pad_limit: Literal["half_window", "below_window", "none"] = "half_window"
    size_zero: Literal["reject", "empty"] = "reject"
    size_negative: Literal["reject", "empty"] = "reject"

    # What an average sums, and what it divides by.
    overhang: Literal["excluded", "counted"] = "excluded"
    average_pad: Literal["absent", "edge", "edge_if_uneven"] = "absent"
    empty_average: Literal["nan", "zero"] = "nan"

    # What a maximum makes of windows without a number.
    pad_value: Literal["excluded", "zero"] = "excluded"
    empty_max: Literal["minus_inf", "lowest", "zero", "nan"] = "minus_inf"
    all_minus_inf: Literal["minus_inf", "lowest"] = "minus_inf"
    nan: Literal["propagate", "ignore", "ignore_else_nan", "seeded", "restart"] = "propagate"
    zero_sign: Literal["first", "positive", "last"] = "first"

    # LP of negative numbers.
    lp_sign: Literal["signed", "absolute"] = "signed"


REFERENCE = Rules()


@cache
def axes() -> dict[str, tuple[str, ...]]:
    """Every axis with its values, the reference first."""
    hints = get_type_hints(Rules)
    return {
        field.name: tuple(sorted(get_args(hints[field.name]), key=lambda value: value != getattr(REFERENCE, field.name)))
        for field in fields(Rules)
    }
