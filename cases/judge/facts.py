"""What of a question decides whether a choice can matter; each errs on the side of yes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

import numpy as np

from ..model.arithmetic import Array, floating
from ..model.pool import LAST, WINDOWED, Pool


@dataclass(frozen=True, eq=False)
class Facts:
    """What decides whether an axis can matter; `located` and `differentiated` say whether indices and a gradient are asked for."""

    x: Array
    pool: Pool
    batched: bool = True
    located: bool = True
    differentiated: bool = True

    @cached_property
    def planes(self) -> tuple[int, int]:
        """How many batches and channels there are."""
        channel = -1 if self.pool.data_format == LAST else int(self.batched)
        return (len(self.x) if self.batched else 1), self.x.shape[channel]

    @cached_property
    def spatial(self) -> tuple[int, ...]:
        """The cells along each spatial axis."""
        shape: tuple[int, ...] = self.x.shape[self.batched :]
        return shape[:-1] if self.pool.data_format == LAST else shape[1:]

    @cached_property
    def kind(self) -> str:
        """What is made of a window: 'max', 'avg', 'lp', or nothing of the kind."""
        return next((kind for kind in ("max", "avg", "lp") if self.pool.op.endswith(f"{kind}_pool")), "")

    @cached_property
    def slides(self) -> bool:
        """Whether a kernel slides over the input; a convolution's may be that of its weights."""
        return self.pool.op in (*WINDOWED, "conv")

    @cached_property
    def same(self) -> bool:
        """Whether padding is left to SAME."""
        return self.slides and (self.pool.padding in ("same", "same_lower") or self.open)

    @cached_property
    def open(self) -> bool:
        """Whether the padding is left to what a convolution does without."""
        return self.pool.op == "conv" and self.pool.padding is None

    @cached_property
    def dilated(self) -> bool:
        """Whether a window has holes."""
        return any(step > 1 for step in self.pool.dilation or ())

    @cached_property
    def spans(self) -> tuple[int, ...]:
        """The cells a window spans along each axis."""
        kernel = self.pool.kernel or ()
        return tuple((taps - 1) * step + 1 for taps, step in zip(kernel, self.pool.dilation or repeat(1), strict=False))

    @cached_property
    def stated(self) -> tuple[tuple[int, int], ...]:
        """The padding of each axis in cells, none where it has a name."""
        return self.pool.padding if isinstance(self.pool.padding, tuple) else ((0, 0),) * len(self.spans)

    @cached_property
    def short(self) -> bool:
        """Whether a window may not fit, or only beyond the input."""
        if not self.slides or self.pool.kernel is None:
            return self.slides
        if self.same:
            return 0 in self.spatial or self.dilated
        axes = zip(self.spatial, self.spans, self.stated, strict=False)
        return any(n + low + high < span or n + low <= 0 for n, span, (low, high) in axes)

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
        far = any(pad >= taps for pads, taps in zip(self.stated, self.pool.kernel or (), strict=False) for pad in pads)
        return 0 in self.spatial or far or (self.pads and self.dilated) or self.hangs

    @cached_property
    def fractions(self) -> bool:
        """Whether the input's type has fractions."""
        return floating(self.x.dtype)

    @cached_property
    def nan(self) -> bool:
        """Whether there is NaN."""
        return self.fractions and bool(np.isnan(self.x).any())

    @cached_property
    def negative(self) -> bool:
        """Whether a sign bit is set somewhere."""
        return bool(np.signbit(self.x.astype("float64")).any())

    @cached_property
    def zeros(self) -> bool:
        """Whether there are negative zeros."""
        return self.fractions and bool(np.signbit(self.x[self.x == 0]).any())

    @cached_property
    def alike(self) -> bool:
        """Whether two cells are equal."""
        return np.unique(self.x.astype("float64")).size < self.x.size

    @cached_property
    def searched(self) -> bool:
        """Whether it is asked where a maximum is; a norm whose p is infinite has one too, and a gradient."""
        return (self.kind == "max" and (self.located or self.differentiated)) or (self.pool.p == math.inf and self.differentiated)

    @cached_property
    def nothing(self) -> bool:
        """Whether a window that has cells may hold no number above -inf."""
        return self.nan or (self.fractions and bool((self.x == -np.inf).any()))

    @cached_property
    def counts(self) -> bool:
        """Whether an average divides by a count of positions."""
        return self.kind == "avg" and self.pool.divisor_override is None
