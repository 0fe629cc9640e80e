"""What a caller states of one pooling operation, and the errors for an operation that cannot be done."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

Axes = tuple[int, ...]
Pads = tuple[tuple[int, int], ...]

WINDOWED = ("max_pool", "avg_pool", "lp_pool")
GLOBAL = ("global_max_pool", "global_avg_pool", "global_lp_pool")
ADAPTIVE = ("adaptive_max_pool", "adaptive_avg_pool")
UPSAMPLING = ("upsample_nearest",)
UNPOOLING = ("max_unpool",)
PORTED = WINDOWED + GLOBAL + ADAPTIVE + UPSAMPLING + UNPOOLING
"""The operations that `port` moves between frameworks."""
EXPLAINED = (*PORTED, "fractional_max_pool")
"""The operations that `explain` explains."""
OTHERS = ("max_unpool", "fractional_max_pool", "upsample_nearest", "conv", "flatten", "input")
OPS = WINDOWED + GLOBAL + ADAPTIVE + OTHERS

INT32 = (1 << 31) - 1
"""The largest integer of 32 bits."""

FIRST, LAST = FORMATS = ("channels_first", "channels_last")


class Refused(ValueError):
    """The operation cannot be done as stated: its parameters, its inputs or a rule do not allow it."""


class Crashed(Refused):
    """The operation cannot be done as stated, and by the rules in force it ends the process."""


@dataclass(frozen=True, kw_only=True)
class Pool:
    """One operation with the parameters that its caller states; None marks a parameter that is left open.

    `kernel`, `stride`, `dilation` and `output_size` hold one integer for each spatial axis;
    `padding` is 'valid', 'same', 'same_lower' or one (low, high) pair for each spatial axis.
    """

    op: str
    kernel: Axes | None = None
    stride: Axes | None = None
    padding: str | Pads | None = None
    dilation: Axes | None = None
    ceil_mode: bool | None = None
    count_include_pad: bool | None = None
    divisor_override: int | None = None
    p: float | None = None
    output_size: Axes | None = None
    keepdims: bool | None = None
    data_format: str | None = None

    def __str__(self) -> str:
        return f"{self.op}({', '.join(f'{name}={value}' for name, value in self.stated_parameters().items())})"

    @property
    def kind(self) -> str:
        """How a window is reduced: 'max', 'avg' or 'lp'; empty for an operation that reduces no windows."""
        return next((kind for kind in ("max", "avg", "lp") if self.op.endswith(f"{kind}_pool")), "")

    @property
    def sizes(self) -> Axes:
        """The entries of the kernel, the stride and the dilation, as far as they are stated."""
        return tuple(size for entries in (self.kernel, self.stride, self.dilation) for size in entries or ())

    def stated_parameters(self) -> dict[str, Any]:
        """The parameters that the caller states, in the order of the fields."""
        pairs = ((name, getattr(self, name)) for name in PARAMETERS)
        return {name: value for name, value in pairs if value is not None}

    def without(self, *names: str) -> Pool:
        """The same operation with these parameters left open."""
        blanks: dict[str, Any] = dict.fromkeys(names)
        return replace(self, **blanks)

    def pads(self) -> bool:
        """Whether a window may include positions outside of the input."""
        if self.padding in (None, "valid"):
            return False
        return isinstance(self.padding, str) or any(low or high for low, high in self.padding)

    def neutral(self, name: str) -> bool:
        """Whether the stated value of a parameter has no effect, so that a target needs no counterpart for it."""
        value = getattr(self, name)
        match name:
            case "dilation":
                return all(step == 1 for step in value)
            case "padding":
                return not self.pads()
            case "ceil_mode":
                return value is False
            case "count_include_pad":
                return not self.pads()
        return False


PARAMETERS = tuple(field.name for field in fields(Pool)[1:])
