"""The choices a pooling's caller leaves open, or frameworks make on their own: one axis each."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, Literal, get_args, get_type_hints


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """What is refused."""

    # Whether a window may be given padding in cells; zero is none.
    explicit_padding: Literal["accept", "reject"] = "accept"
    # The most padding on either side of a window, dilation apart.
    pad_limit: Literal["half_window", "below_window", "none"] = "half_window"
    # What a window that does not fit comes to, as the size of the answer: none, or even less.
    size_zero: Literal["reject", "empty", "crash"] = "reject"
    size_negative: Literal["reject", "empty"] = "reject"
    # What becomes of an input without channels or cells; an empty batch is no problem.
    empty_input: Literal["accept", "reject"] = "accept"
    # What becomes of an input smaller than its window, padding apart.
    small_input: Literal["accept", "reject"] = "accept"
    # Whether the operation takes the type of the input at all.
    element_type: Literal["accept", "reject"] = "accept"
    # How far the windows of a fractional pooling must fit: into the input, or into one cell less.
    sample_limit: Literal["input", "below_input"] = "input"


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """Where windows stand, and what shape the answer has."""

    stride_default: Literal["window", "one"] = "window"
    # The padding of a convolution when none is given.
    padding_default: Literal["valid", "same"] = "valid"
    # What SAME pads in all: as little as covers the input, as much as a stride of one needs, or the
    # exact amount, which may be negative: that crops, or is refused.
    same_amount: Literal["minimal", "half_window", "unclamped", "reject_negative"] = "minimal"
    # Where the odd cell of SAME goes; for SAME_LOWER it goes to the other side.
    same_split: Literal["high", "low"] = "high"
    # What SAME pads for where a window is dilated: what it spans, or its taps alone; or nothing, for both together are refused.
    same_dilation: Literal["effective", "ignored", "reject"] = "effective"
    # With ceil_mode, whether the last window may start in the padding on the high side.
    ceil_window: Literal["clipped", "kept"] = "clipped"
    # How sizes are rounded where the window does not fit.
    size_division: Literal["floor", "trunc_kernel", "trunc_stride"] = "floor"
    adaptive_bins: Literal["overlapping", "disjoint"] = "overlapping"
    keepdims_default: Literal["kept", "dropped"] = "kept"
    # Which spatial axis the first sample of a fractional pooling is for.
    sample_order: Literal["axes", "reversed"] = "axes"
    # Where up-sampling to a given size looks for the nearest cell: under the corner of the new one, or its middle.
    nearest: Literal["corner", "middle"] = "corner"
    # In which order cells are laid flat.
    flatten_order: Literal["written", "channels_last"] = "written"


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What is made of the cells of a window."""

    # What an average divides by, and what it sums where the window hangs over the edge.
    include_default: Literal["padded", "valid"] = "padded"
    overhang: Literal["excluded", "counted"] = "excluded"
    average_pad: Literal["absent", "edge", "edge_if_uneven"] = "absent"
    empty_average: Literal["nan", "zero"] = "nan"

    # What a maximum is where cells are few or alike.
    pad_value: Literal["excluded", "zero"] = "excluded"
    empty_max: Literal["minus_inf", "lowest", "zero", "nan"] = "minus_inf"
    all_minus_inf: Literal["minus_inf", "lowest"] = "minus_inf"
    nan: Literal["propagate", "ignore", "ignore_else_nan", "seeded", "restart", "columns_restart", "lanes4"] = "propagate"
    zero_sign: Literal["first", "positive", "last"] = "first"

    # Where a maximum was found, and where its gradient goes.
    nan_index: Literal["last", "first", "ignore", "seeded", "restart"] = "last"
    tie: Literal["first", "last", "split", "all"] = "first"
    pad_candidate: Literal["no", "yes"] = "no"
    all_minus_inf_index: Literal["found", "empty"] = "found"
    index_base: Literal["plane", "tensor", "channels_last", "channels_last_batch"] = "plane"
    empty_index: Literal["window_start", "minus_one", "zero", "minus_one_each"] = "window_start"

    # What a norm makes of negative numbers, and of a window that hangs over the edge.
    lp_sign: Literal["signed", "absolute"] = "signed"
    lp_partial: Literal["absent", "rescaled"] = "absent"

    # In which type, how and in which order numbers are added up and divided.
    cast: Literal["none", "float32", "bits32"] = "none"
    accumulator: Literal["float64", "float32", "input"] = "float64"
    sum_order: Literal["sequential", "blocks32"] = "sequential"
    division: Literal["divide", "reciprocal"] = "divide"
    result_dtype: Literal["input", "at_least_float32", "at_least_float64"] = "input"
    integer_average: Literal["truncate", "floor", "half_even", "promote32", "promote64", "reject"] = "truncate"


@dataclass(frozen=True, kw_only=True)
class Rules(Numbers, Geometry, Acceptance):
    """One value for each axis; the defaults are the definition and, where it is silent, torch."""

    def but(self, **choices: str) -> Rules:
        """The same rules with other choices on some axes."""
        changes: dict[str, Any] = choices
        return replace(self, **changes)


REFERENCE = Rules()


@cache
def axes() -> dict[str, tuple[str, ...]]:
    """Every axis with its values, the reference first; what is refused comes before the rest."""
    hints = get_type_hints(Rules)
    return {
        field.name: tuple(sorted(get_args(hints[field.name]), key=lambda value: value != getattr(REFERENCE, field.name)))
        for field in fields(Rules)
    }
