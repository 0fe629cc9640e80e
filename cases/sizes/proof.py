"""For which sizes of an axis two layers place the same windows, for every size at once.

Claim. Let two layers place windows along an axis of `n` cells, and let `P` be a common multiple of their periods. If their
windows are the same, or differ, for all sizes from the smallest to `start + 2 * P`, then for `n >= start` whether they are the
same depends on the remainder of `n` by `P` alone, so that these sizes decide about all.

1. *Sliding windows.* A layer's windows are given by its window, stride and dilation, which are constant, its padding on the
   low side, and their number. The padding is constant, or for SAME a function of `n` modulo the stride once it is not cut off
   at zero, which is a matter of that remainder too. The number of windows is `(n + padding - span) / stride + 1`, rounded up
   or down, and what `ceil_mode` drops depends on the remainder. So `n -> n + P` leaves the low side as it is and adds
   `P / stride` windows: the low side's windows stay, the high side's move by `P`, and more of the middle ones come in between.
   Above `start`, which exceeds both spans, all padding and two periods together, no window touches both edges, and at least
   two windows of each layer touch none. The cells of those determine stride, window and dilation (of a window of several
   cells), their places the low side's padding, and the rest the number. So the windows are the same if and only if these
   numbers are, and the numbers are the same at `n` if and only if they are at `n + P`. What an average counts depends on the
   distance from the nearer edge in the same way.
2. *Adaptive bins.* With `k` bins, bin `i` begins at `floor(i * n / k)` and ends at `ceil((i + 1) * n / k)`; for `n + k` both are
   larger by `i` and `i + 1`. Disjoint bins have ends `i * (n // k) + min(i, n % k)`, which grow in the same way. So two such
   layers with the same `k` agree at `n` if and only if they do at `n + k`. The whole axis is one bin.
3. *Up-sampling.* By a factor `k`, place `i` is taken from cell `i // k`, or from the nearest to its middle, which is the same:
   both do not depend on `n`, and `n + 1` cells have `k` places more. To `k` places, place `i` is taken from cell
   `floor(i * n / k)` or `floor((2 * i + 1) * n / (2 * k))`; for `n + 2 * k` both are larger by a constant, `2 * i` or `2 * i + 1`.
4. *Un-pooling.* An axis has `(n - 1) * stride - padding + kernel` places, or a stated number, and every cell goes to the place
   that its index names, whatever `n` is. Two linear functions are equal for all sizes if and only if they are for two. A stated
   number of places takes no more cells than these, and `start` is beyond them.
5. *Bins and sliding windows.* The number of bins is constant, that of sliding windows grows: above `start` they differ.

The sizes below `start` are compared one by one. The second period is not needed for the claim; it is compared all the same,
and `agreeing_sizes` raises `AssertionError` if it contradicts the first, which would be an error in `horizon` or `period`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from .axis_windows import AxisWindows
from .size_set import SizeSet

MAX_SIZES = 2048
"""Sizes that are compared at most."""


@dataclass(frozen=True)
class AxisRange:
    """The sizes of an axis for which two layers `agree`, among those that the first one accepts (`possible`).

    A whole window of the first one fits into axes of `fitting` cells or more.
    """

    agree: SizeSet
    possible: SizeSet
    fitting: int = 1

    @property
    def sizes_with_window(self) -> SizeSet:
        """The possible sizes into which a window fits."""
        return self.possible - SizeSet.only(range(1, self.fitting))

    @property
    def sizes_to_describe(self) -> SizeSet:
        """The sizes beside which those that agree are described: those into which a window fits, or all if they agree on none of these."""
        return self.sizes_with_window if self.agree & self.sizes_with_window else self.possible

    @property
    def everywhere(self) -> bool:
        """Whether they agree on every possible size into which a window fits."""
        return self.sizes_with_window <= self.agree

    @property
    def tight(self) -> bool:
        """Whether they agree on sizes into which a window fits, and differ on others, which the first one accepts."""
        return bool(self.agree & self.sizes_with_window) and not self.possible <= (
            self.agree | SizeSet.where(lambda n: n >= self.fitting, self.fitting, 1)
        )


@lru_cache(maxsize=1024)
def agreeing_sizes(first: AxisWindows, second: AxisWindows) -> AxisRange | None:
    """The sizes for which two layers place the same windows; None if too many sizes would have to be compared."""
    period = math.lcm(first.period, second.period)
    start = first.horizon + second.horizon + 2 * period
    if start + 2 * period > MAX_SIZES:
        return None
    possible, agree = set[int](), set[int]()
    for n in range(1, start + 2 * period):
        cover = first.at(n)
        if cover is None:
            continue
        possible.add(n)
        other = second.at(n)
        if other is not None and cover.same_as(other):
            agree.add(n)
    for n in range(start, start + period):
        for sizes in (possible, agree):
            assert (n in sizes) == (n + period in sizes), f"{first} and {second} are not periodic by {period} from {start}: {n}"
    agreeing_set, accepted_set = (SizeSet.where(sizes.__contains__, start, period) for sizes in (agree, possible))
    return AxisRange(agreeing_set, accepted_set, first.fitting)
