"""Window arithmetic: sizes, starts and padding along one axis, in integers alone.

A pooling in n dimensions is this arithmetic once for each spatial axis. Positions are those of
the input, so that padding has negative positions on the low side and positions from n up on the
high side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .pool import Pool
from .rules import Rules


class Refused(ValueError):
    """The operation cannot be done as stated."""


@dataclass(frozen=True)
class Axis:
    """The windows along one spatial axis of `n` cells, `size` of them."""

    n: int
    kernel: int
    stride: int
    dilation: int
    low: int
    high: int
    size: int

    def taps(self, index: int) -> range:
        """All positions of a window, padding and overhang included."""
        start = index * self.stride - self.low
        return range(start, start + self.kernel * self.dilation, self.dilation)

    def cells(self, index: int) -> list[int]:
        """The positions of a window that are cells of the input."""
        return [position for position in self.taps(index) if 0 <= position < self.n]

    def padded(self, index: int) -> int:
        """How many positions of a window lie in the input or its padding, not beyond."""
        return sum(-self.low <= position < self.n + self.high for position in self.taps(index))


def effective(kernel: int, dilation: int) -> int:
    """The cells a dilated window spans."""
    return (kernel - 1) * dilation + 1


def same_pads(n: int, kernel: int, stride: int, lower: bool, rules: Rules) -> tuple[int, int]:
    """The (low, high) padding of SAME for a window that spans `kernel` cells."""
    size = -(-n // stride)
    total = (size - 1) * stride + kernel - n
    if rules.same_amount == "minimal":
        total = max(total, 0)
    elif rules.same_amount == "half_window":
        total = kernel - 1
    odd_low = lower if rules.same_split == "high" else not lower
    low = int((total + odd_low) / 2)
    return low, total - low


def length(axis_span: int, kernel: int, stride: int, low: int, n: int, ceil: bool, rules: Rules) -> int:
    """How many windows fit on `axis_span` cells, padding included; may be zero or negative."""
    room = axis_span - kernel
    if ceil:
        size = -(-room // stride) + 1
        if rules.ceil_window == "clipped" and (size - 1) * stride >= n + low:
            size -= 1
        return size
    if rules.size_division == "trunc_kernel":
        return int(room / stride) + 1
    if rules.size_division == "trunc_stride":
        return int((room + stride) / stride)
    return room // stride + 1


def axis(n: int, kernel: int, stride: int, dilation: int, padding: str | tuple[int, int], ceil: bool,
         rules: Rules) -> Axis:
    """Lay out the windows along one axis, or raise Refused."""
    for name, value in (("kernel", kernel), ("stride", stride), ("dilation", dilation)):
        if value < 1:
            raise Refused(f"{name} is {value}; it must be at least 1")
    span = effective(kernel, dilation)
    if isinstance(padding, str):
        if padding == "valid":
            low, high = 0, 0
        else:
            known = span if rules.same_dilation == "effective" else kernel
            low, high = same_pads(n, known, stride, padding == "same_lower", rules)
    else:
        low, high = padding
        check_padding(low, high, kernel, rules)
    size = length(n + low + high, span, stride, low, n, ceil, rules)
    return Axis(n, kernel, stride, dilation, low, high, check_size(size, n, span, rules))


def check_padding(low: int, high: int, kernel: int, rules: Rules) -> None:
    """Refuse padding that is negative or over the limit."""
    limit = {"half_window": kernel // 2, "below_window": kernel - 1, "none": None}[rules.pad_limit]
    for side, pad in (("low", low), ("high", high)):
        if limit is not None and not 0 <= pad <= limit:
            raise Refused(f"padding of {pad} on the {side} side; a window of {kernel} allows 0 to {limit}")


def check_size(size: int, n: int, span: int, rules: Rules) -> int:
    """The number of windows, zero included where that is allowed, or Refused."""
    rule = rules.size_zero if size == 0 else rules.size_negative
    if size > 0 or rule == "empty":
        return max(size, 0)
    raise Refused(f"a window spanning {span} cells does not fit on an axis of {n}: {size} windows")


def layout(shape: Sequence[int], pool: Pool, rules: Rules) -> tuple[Axis, ...]:
    """Lay out the windows of a max, average or LP pooling over the spatial `shape`."""
    if pool.kernel is None:
        raise Refused(f"{pool.op} needs a kernel")
    ones = (1,) * len(shape)
    stride = pool.stride or (pool.kernel if rules.stride_default == "window" else ones)
    padding = pool.padding or "valid"
    sides = (padding,) * len(shape) if isinstance(padding, str) else padding
    parts = zip(shape, pool.kernel, stride, pool.dilation or ones, sides, strict=True)
    return tuple(axis(*part, bool(pool.ceil_mode), rules) for part in parts)


def bins(n: int, size: int, rules: Rules) -> list[range]:
    """The cells behind each of the `size` outputs of an adaptive pooling over `n` cells."""
    if size < 1:
        raise Refused(f"output_size is {size}; it must be at least 1")
    if rules.adaptive_bins == "overlapping":
        return [range(i * n // size, -(-(i + 1) * n // size)) for i in range(size)]
    if size > n:
        raise Refused(f"{n} cells cannot be dealt out to {size} disjoint bins")
    wide, rest = divmod(n, size)
    edges = [i * wide + min(i, rest) for i in range(size + 1)]
    return [range(low, high) for low, high in zip(edges, edges[1:], strict=False)]
