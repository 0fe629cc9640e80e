"""Which axes can matter: what an input and a pooling must have for a choice on an axis to change the answer.

The search for causes tries only the axes that can matter. An axis that is ruled out here changes nothing,
whatever the values of the other axes are; a doubtful one counts as relevant.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

import numpy as np

from ..model.arithmetic import FLOAT32, Array, is_floating
from ..model.inputs import CELL_LIMIT, stored_cells
from ..model.pool import ADAPTIVE, GLOBAL, INT32, LAST, WINDOWED, Pool


@dataclass(frozen=True, eq=False)
class Facts:
    """What decides whether an axis can matter.

    `located` and `differentiated` say whether indices and a gradient are wanted, `masked` whether a mask may leave cells out.
    """

    x: Array
    pool: Pool
    batched: bool = True
    located: bool = True
    differentiated: bool = True
    masked: bool = False

    @cached_property
    def cells(self) -> Array:
        """The cells of the input, without those that repeat others in memory."""
        return stored_cells(self.x)

    @cached_property
    def planes(self) -> tuple[int, int]:
        """The numbers of batches and of channels."""
        channel = -1 if self.pool.data_format == LAST else int(self.batched)
        return (len(self.x) if self.batched else 1), self.x.shape[channel]

    @cached_property
    def spatial(self) -> tuple[int, ...]:
        """The number of cells along each spatial axis."""
        shape: tuple[int, ...] = self.x.shape[self.batched :]
        return shape[:-1] if self.pool.data_format == LAST else shape[1:]

    @cached_property
    def slides(self) -> bool:
        """Whether a kernel slides over the input; that of a convolution may be known only from its weights."""
        return self.pool.op in (*WINDOWED, "conv")

    @cached_property
    def same(self) -> bool:
        """Whether the padding may be SAME."""
        return self.slides and (self.pool.padding in ("same", "same_lower") or self.open)

    @cached_property
    def open(self) -> bool:
        """Whether the padding of a convolution is left open."""
        return self.pool.op == "conv" and self.pool.padding is None

    @cached_property
    def has_holes(self) -> bool:
        """Whether windows have holes."""
        return any(step > 1 for step in self.pool.dilation or ())

    @cached_property
    def spans(self) -> tuple[int, ...]:
        """The cells that a window spans along each axis."""
        kernel = self.pool.kernel or ()
        return tuple((taps - 1) * step + 1 for taps, step in zip(kernel, self.pool.dilation or repeat(1), strict=False))

    @cached_property
    def stated_padding(self) -> tuple[tuple[int, int], ...]:
        """The padding of each axis in cells, none if it has a name."""
        return self.pool.padding if isinstance(self.pool.padding, tuple) else ((0, 0),) * len(self.spans)

    @cached_property
    def short(self) -> bool:
        """Whether a window may not fit, or only beyond the input."""
        if not self.slides or self.pool.kernel is None:
            return self.slides
        if self.same and (not self.open or 0 in self.spatial or self.has_holes):
            return 0 in self.spatial or self.has_holes
        axes = zip(self.spatial, self.spans, self.stated_padding, strict=False)
        return any(n + low + high < span or n + low <= 0 for n, span, (low, high) in axes)

    @cached_property
    def shrinks_below_zero(self) -> bool:
        """Whether an up-sampling states a negative size or factor."""
        return self.pool.op == "upsample_nearest" and min(self.pool.output_size or self.pool.kernel or (0,)) < 0

    @cached_property
    def all_cells(self) -> bool:
        """Whether a global pooling takes whole planes, with the channels perhaps, where another rule says which axes those are."""
        return self.pool.op in GLOBAL

    @cached_property
    def hangs(self) -> bool:
        """Whether a window may have positions beyond the padding."""
        return self.slides and (bool(self.pool.ceil_mode) or self.short)

    @cached_property
    def pads(self) -> bool:
        """Whether a window may have positions in padding."""
        return self.slides and self.pool.pads()

    @cached_property
    def hollow(self) -> bool:
        """Whether a window may hold no cell."""
        far = any(pad >= taps for pads, taps in zip(self.stated_padding, self.pool.kernel or (), strict=False) for pad in pads)
        return 0 in self.spatial or far or (self.pads and self.has_holes) or self.hangs

    @cached_property
    def fractions(self) -> bool:
        """Whether the input has a floating-point type."""
        return is_floating(self.x.dtype)

    @cached_property
    def passes_fractions(self) -> bool:
        """Whether the second of two passes may get numbers of a floating-point type, from averages of integers in the first."""
        return not self.fractions and self.pool.op == "adaptive_avg_pool" and len(self.spatial) > 1

    @cached_property
    def nan(self) -> bool:
        """Whether the input has NaN."""
        return self.fractions and bool(np.isnan(self.cells).any())

    @cached_property
    def negative(self) -> bool:
        """Whether the sign of a number is set."""
        return bool(np.signbit(self.cells.astype("float64")).any())

    @cached_property
    def zeros(self) -> bool:
        """Whether the input has negative zeros."""
        return self.fractions and bool(np.signbit(self.cells[self.cells == 0]).any())

    @cached_property
    def alike(self) -> bool:
        """Whether two cells are equal; of a large input that is not looked into."""
        return self.x.size > CELL_LIMIT or np.unique(self.x.astype("float64")).size < self.x.size

    @cached_property
    def needs_positions(self) -> bool:
        """Whether the position of a maximum is wanted; the gradient of a norm with an infinite p needs one too."""
        return (self.pool.kind == "max" and (self.located or self.differentiated)) or (self.pool.p == math.inf and self.differentiated)

    @cached_property
    def nothing(self) -> bool:
        """Whether a window with cells may hold no number above -inf."""
        return self.nan or (self.fractions and bool((self.cells == -np.inf).any()))

    @cached_property
    def passes_show(self) -> bool:
        """Whether it shows that axes are pooled one after another: in rounded averages, or where a maximum depends on the order of a search."""
        return self.pool.kind == "avg" or self.nothing or self.zeros or (self.needs_positions and self.alike)

    @cached_property
    def counts(self) -> bool:
        """Whether an average divides by a number of positions."""
        return self.pool.kind == "avg" and self.pool.divisor_override is None


TESTS: dict[str, Callable[[Facts], bool]] = {
    "explicit_padding": lambda facts: facts.pool.op in WINDOWED and any(pad for pads in facts.stated_padding for pad in pads),
    "same_padding": lambda facts: facts.same and facts.pool.op in WINDOWED,
    "pad_limit": lambda facts: facts.pool.op in WINDOWED and any(pad for pads in facts.stated_padding for pad in pads),
    "size_zero": lambda facts: facts.short,
    "size_negative": lambda facts: facts.short or facts.shrinks_below_zero,
    "empty_input": lambda facts: 0 in facts.x.shape[facts.batched :],
    "small_input": lambda facts: facts.short or any(n < span for n, span in zip(facts.spatial, facts.spans, strict=False)),
    "element_type": lambda facts: facts.x.dtype != FLOAT32,
    "parameter_limit": lambda facts: facts.pool.op in WINDOWED and max(facts.pool.sizes, default=0) > INT32,
    "sample_limit": lambda facts: facts.pool.op == "fractional_max_pool",
    "stride_default": lambda facts: facts.pool.stride is None and facts.pool.op in (*WINDOWED, "max_unpool"),
    "padding_default": lambda facts: facts.open,
    "same_amount": lambda facts: facts.same,
    "same_split": lambda facts: facts.same,
    "same_dilation": lambda facts: facts.same and facts.has_holes,
    "ceil_window": lambda facts: facts.slides and bool(facts.pool.ceil_mode),
    "named_ceil": lambda facts: facts.slides and isinstance(facts.pool.padding, str) and bool(facts.pool.ceil_mode),
    "size_division": lambda facts: facts.short and (not facts.pool.ceil_mode or isinstance(facts.pool.padding, str)),
    "adaptive_bins": lambda facts: (
        facts.pool.op in ADAPTIVE
        and (
            (facts.pool.kind == "max" and (facts.pool.output_size or (0,))[-1] == 1)
            or any(size > 0 and (n < size or n % size) for n, size in zip(facts.spatial, facts.pool.output_size or (), strict=False))
        )
    ),
    "adaptive_passes": lambda facts: facts.pool.op in ADAPTIVE and len(facts.spatial) > 1 and facts.passes_show,
    "reduced_axes": lambda facts: facts.pool.op in GLOBAL and len(facts.spatial) != 2,
    "keepdims_default": lambda facts: facts.pool.op in GLOBAL and facts.pool.keepdims is None,
    "sample_order": lambda facts: facts.pool.op == "fractional_max_pool" and len(facts.spatial) > 1,
    "nearest": lambda facts: facts.pool.op == "upsample_nearest" and facts.pool.output_size is not None,
    "flatten_order": lambda facts: facts.pool.op == "flatten" and facts.pool.data_format != LAST,
    "include_default": lambda facts: facts.counts and facts.pool.count_include_pad is None and (facts.pads or facts.hangs),
    "overhang": lambda facts: facts.counts and facts.pool.count_include_pad is not False and facts.hangs,
    "average_pad": lambda facts: facts.pool.kind == "avg" and facts.pads,
    "empty_average": lambda facts: facts.counts and (facts.hollow or facts.masked),
    "pad_value": lambda facts: facts.pool.kind == "max" and facts.pads,
    "empty_max": lambda facts: facts.pool.kind == "max" and facts.hollow,
    "all_minus_inf": lambda facts: facts.pool.kind == "max" and facts.nothing,
    "nan": lambda facts: facts.pool.kind == "max" and facts.nan,
    "zero_sign": lambda facts: facts.pool.kind == "max" and facts.zeros,
    "nan_index": lambda facts: facts.needs_positions and facts.nan,
    "tie": lambda facts: facts.needs_positions and (facts.pool.kind == "lp" or facts.alike or facts.nothing or facts.pads or facts.hollow),
    "scan_order": lambda facts: (
        facts.needs_positions
        and facts.pool.kind == "max"
        and (len(facts.spatial) > 1 or facts.all_cells)
        and (facts.alike or facts.nothing or facts.pads)
    ),
    "pad_candidate": lambda facts: facts.pool.kind == "max" and facts.needs_positions and facts.pads and facts.nothing,
    "all_minus_inf_index": lambda facts: facts.pool.kind == "max" and facts.needs_positions and facts.nothing,
    "index_base": lambda facts: ((facts.pool.kind == "max" and facts.located) or facts.pool.op == "max_unpool") and max(facts.planes) > 1,
    "index_planes": lambda facts: facts.pool.kind == "max" and facts.located and max(facts.planes) > 1,
    "index_tap": lambda facts: facts.pool.kind == "max" and facts.located,
    "empty_index": lambda facts: facts.pool.kind == "max" and facts.located and (facts.hollow or facts.pads or facts.nothing),
    "empty_gradient": lambda facts: facts.pool.kind == "max" and facts.differentiated and (facts.hollow or facts.pads or facts.nothing),
    "lp_sign": lambda facts: facts.pool.kind == "lp" and facts.negative,
    "lp_partial": lambda facts: facts.pool.kind == "lp" and facts.hangs,
    "cast": lambda facts: facts.x.dtype.itemsize == 8 or (facts.fractions and facts.x.dtype != FLOAT32) or facts.passes_fractions,
    "accumulator": lambda facts: facts.pool.kind in ("avg", "lp") or facts.pool.op == "conv",
    "sum_order": lambda facts: facts.pool.kind in ("avg", "lp") and (max(facts.spatial) > 32 or len(facts.spatial) > 1 or facts.all_cells),
    "division": lambda facts: facts.pool.kind == "avg",
    "result_dtype": lambda facts: facts.fractions or facts.passes_fractions,
    "integer_average": lambda facts: facts.pool.kind in ("avg", "lp") and not facts.fractions,
}


def relevant(axis: str, x: Array, pool: Pool, *, batched: bool = True, located: bool = True, differentiated: bool = True) -> bool:
    """Whether an axis can change the output, the indices if `located`, or the gradient if `differentiated`."""
    return TESTS[axis](Facts(x, pool, batched, located, differentiated))


def relevant_axes(facts: Facts) -> tuple[str, ...]:
    """The axes that can matter, in the order of the table of axes."""
    return tuple(axis for axis, test in TESTS.items() if test(facts))
