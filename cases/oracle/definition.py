"""The oracle: every operation by its definition, one output cell after another.

Slow on purpose. Padding is skipped and never filled, sums are in float64 (those of integers exact),
and every choice that the caller leaves open comes from `rules`.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..model.arithmetic import Array
from ..model.operation import NOTHING, Operation, Result, run_operation
from ..model.pool import ADAPTIVE, GLOBAL, WINDOWED, Pool
from ..model.rules import REFERENCE, Rules
from .convolution import convolve
from .masked import average_kept
from .other_ops import copy_input, flatten, unpool, upsample
from .pooling import pool_fractional, pool_planes

OPERATIONS: Mapping[str, Operation] = {
    **dict.fromkeys((*WINDOWED, *GLOBAL, *ADAPTIVE), pool_planes),
    "global_avg_pool": lambda problem: (average_kept if "mask" in problem.extra else pool_planes)(problem),
    "fractional_max_pool": pool_fractional,
    "max_unpool": unpool,
    "upsample_nearest": upsample,
    "conv": convolve,
    "flatten": flatten,
    "input": copy_input,
}


def oracle(x: Array, pool: Pool, rules: Rules = REFERENCE, batched: bool = True, extra: Mapping[str, Array] = NOTHING) -> Array:
    """The output of one operation; see `outcome`."""
    return outcome(x, pool, rules, batched=batched, extra=extra, located=False).output


def outcome(x: Array, pool: Pool, rules: Rules = REFERENCE, *, batched: bool = True,
            cotangent: Array | None = None, extra: Mapping[str, Array] = NOTHING, located: bool = True) -> Result:  # fmt: skip
    """Do one operation; find the maxima if `located`, and the gradient of the input if a cotangent of the output is given.

    `x` is (batch, channels, *spatial), or (batch, *spatial, channels) if `pool.data_format` says so,
    without the batch axis unless `batched`. `extra` holds further inputs of some operations:
    `indices` of the input's shape, `samples` (batch, channels, spatial axes), `weights` (filters,
    channels of a group, *kernel), `mask` (batch, *spatial), true where a cell is kept. Raises `Refused` for an operation that cannot be done.
    """
    return run_operation(OPERATIONS[pool.op], x, pool, rules, batched, cotangent, extra, located)
