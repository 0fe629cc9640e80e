"""Window arithmetic: the positions of windows along one axis, in integers alone.

Positions are those of the input, so that padding has negative positions on the low side and
positions from n on the high side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import eq
from typing import overload

from ..model.pool import Crashed, Refused
from ..model.rules import Rules

LISTED = 1 << 12
"""Axes with more windows than this compute each one when it is asked for, so that any size can be laid out."""


class ComputedWindows(Sequence[range]):
    """The windows of an axis, each computed when it is asked for."""

    def __init__(self, size: int, window: Callable[[int], range]) -> None:
        self.size, self.window = size, window

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> range: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[range]: ...
    def __getitem__(self, index: int | slice) -> range | Sequence[range]:
        at = range(self.size)[index]
        return self.window(at) if isinstance(at, int) else tuple(map(self.window, at))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    def __hash__(self) -> int:
        return self.size


def make_windows(size: int, window: Callable[[int], range]) -> Sequence[range]:
    """`size` windows, from a function that gives each by its number."""
    return tuple(map(window, range(size))) if size <= LISTED else ComputedWindows(size, window)


@dataclass(frozen=True)
class Axis:
    """The windows along one spatial axis of `n` cells, each the range of its positions.

    `low` and `high` are the padding on either side; where one is negative, windows start that many
    cells inside the input, or end there. `vacant` outputs follow those of the windows; they have no window, and are zero.
    """

    n: int
    windows: Sequence[range]
    low: int = 0
    high: int = 0
    vacant: int = 0

    @property
    def size(self) -> int:
        """The number of windows along this axis."""
        return len(self.windows)

    @property
    def outputs(self) -> int:
        """The size of the output along this axis."""
        return self.size + self.vacant

    def cells(self, index: int) -> range:
        """The positions of a window inside the input."""
        return positions_between(self.windows[index], 0, self.n)

    def padded_positions(self, index: int) -> range:
        """The positions of a window inside the input or its padding."""
        return positions_between(self.windows[index], min(0, -self.low), max(self.n, self.n + self.high))


def positions_between(window: range, first: int, stop: int) -> range:
    """The positions of a window from `first` to before `stop`."""
    begin, end = (max(-((window.start - edge) // window.step), 0) for edge in (first, stop))
    return window[begin:end]


def sliding_windows(n: int, kernel: int, stride: int, dilation: int, padding: str | tuple[int, int], ceil: bool, rules: Rules) -> Axis:
    """The windows that slide over `n` cells and their padding; raises Refused if there are none."""
    for name, value in (("kernel", kernel), ("stride", stride), ("dilation", dilation)):
        check_positive(name, value)
    span = (kernel - 1) * dilation + 1
    if rules.small_input == "reject" and n < span:
        raise Refused(f"a window that spans {span} cells is larger than an axis of {n}")
    low, high = padding_cells(n, kernel, span, stride, padding, rules)
    size, vacant = count_windows(n + low + high - span, stride, n + low, ceil, rules), 0
    if rules.same_dilation == "ignored_with_zeros" and isinstance(padding, str) and padding != "valid" and span > kernel:
        size = max(size, 0)
        vacant = max(-(-n // stride) - size, 0)
    else:
        size = checked_count(size, n, span, rules)
    starts = range(-low, size * stride - low, stride)
    return Axis(n, make_windows(size, lambda i: range(starts[i], starts[i] + span, dilation)), low, high, vacant)


def check_positive(name: str, value: int) -> None:
    """Raise Refused for a parameter below one."""
    if value < 1:
        raise Refused(f"{name} is {value}; expected at least 1")


def padding_cells(n: int, kernel: int, span: int, stride: int, padding: str | tuple[int, int], rules: Rules) -> tuple[int, int]:
    """The (low, high) padding of an axis, as stated or as SAME computes it."""
    if isinstance(padding, tuple):
        check_padding(padding, kernel, rules)
        return padding
    if padding == "valid":
        return 0, 0
    if rules.same_padding == "reject":
        raise Refused(f"padding is {padding}; expected padding in cells or none")
    if rules.same_dilation == "reject" and span > kernel:
        raise Refused(f"padding is {padding} and the window is dilated to {span} cells; expected only one of the two")
    return same_pads(n, span if rules.same_dilation == "effective" else kernel, stride, padding == "same_lower", rules)


def check_padding(padding: tuple[int, int], kernel: int, rules: Rules) -> None:
    """Raise Refused for padding that the rules do not allow: negative, above the limit, or any."""
    if rules.explicit_padding == "reject" and any(padding):
        raise Refused(f"padding is {padding}; expected a name or none")
    if rules.pad_limit == "none":
        return
    limit = kernel // 2 if rules.pad_limit == "half_window" else kernel - 1
    for side, pad in zip(("low", "high"), padding, strict=True):
        if not 0 <= pad <= limit:
            raise Refused(f"padding is {pad} on the {side} side; a window of {kernel} allows 0 to {limit}")


def same_pads(n: int, span: int, stride: int, lower: bool, rules: Rules) -> tuple[int, int]:
    """The (low, high) padding with which windows that span this many cells give an output of ceil(n / stride)."""
    total = (-(-n // stride) - 1) * stride + span - n
    if rules.same_amount == "minimal":
        total = max(total, 0)
    elif rules.same_amount == "half_window":
        total = span - 1
    elif rules.same_amount == "reject_negative" and total < 0:
        raise Refused(f"SAME would pad by {total}: a stride of {stride} over {n} cells leaves some out of every window")
    odd_cell_low = lower if rules.same_split == "high" else not lower
    low = divide_towards_zero(total + odd_cell_low, 2)
    return low, total - low


def count_windows(room: int, stride: int, end: int, ceil: bool, rules: Rules) -> int:
    """The number of windows where the first one can move by `room` cells; zero or less if it does not fit.

    `end` is where the padding on the high side begins, counted from the start of the first window.
    """
    if ceil:
        size = -(-room // stride) + 1
        return size - 1 if rules.ceil_window == "clipped" and (size - 1) * stride >= end else size
    if rules.size_division == "trunc_kernel":
        return divide_towards_zero(room, stride) + 1
    if rules.size_division == "trunc_stride":
        return divide_towards_zero(room + stride, stride)
    return room // stride + 1


def divide_towards_zero(dividend: int, divisor: int) -> int:
    """An integer division that rounds towards zero, as in C."""
    return dividend // divisor if dividend >= 0 else -(-dividend // divisor)


def checked_count(size: int, n: int, span: int, rules: Rules) -> int:
    """The number of windows, zero where an empty output is allowed; raises Refused or Crashed otherwise."""
    rule = rules.size_zero if size == 0 else rules.size_negative
    if size > 0 or rule == "empty":
        return max(size, 0)
    failure = Crashed if rule == "crash" else Refused
    raise failure(f"a window that spans {span} cells does not fit on an axis of {n}: the size would be {size}")


def each_cell(n: int) -> Axis:
    """Windows of one cell each, with which an axis stays as it is."""
    return Axis(n, make_windows(n, lambda i: range(i, i + 1)))


def adaptive_windows(n: int, size: int, rules: Rules) -> Axis:
    """The bins of an adaptive pooling, which divides `n` cells among `size` outputs."""
    check_positive("output_size", size)
    if rules.adaptive_bins != "disjoint":
        return Axis(n, make_windows(size, lambda i: range(i * n // size, -(-(i + 1) * n // size))))
    if size > n:
        raise Refused(f"output_size is {size}; {n} cells fill at most {n} disjoint bins")
    wide, rest = divmod(n, size)
    return Axis(n, make_windows(size, lambda i: range(i * wide + min(i, rest), (i + 1) * wide + min(i + 1, rest))))
