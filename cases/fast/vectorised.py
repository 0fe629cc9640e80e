"""The vectorised oracle: the same results by an independent derivation, for many windows at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..model.arithmetic import Array, check_fractions, result_dtype
from ..model.operation import NOTHING, Operation, Problem, Result, run_operation
from ..model.pool import ADAPTIVE, GLOBAL, WINDOWED, Pool, Refused
from ..model.rules import REFERENCE, Rules
from .layout import fractional_lines, lines_of
from .lines import Select, WindowLine
from .masked import average_kept
from .maximum import window_maxima
from .norms import norm_gradient, norms
from .other_ops import convolve, copy_input, flatten, unpool, upsample
from .positions import encode, follow, maximum_places, name_empty, scatter_gradient, share_gradient, spill_gradient
from .sums import average_gradient, averages


def pool_planes(problem: Problem) -> Result:
    """Pool every plane with the same windows."""
    lines = lines_of(problem)
    in_turn = problem.pool.op in ADAPTIVE and problem.rules.adaptive_passes == "in_turn" and 0 not in problem.x.shape[2:]
    return pool_in_turn(problem, lines) if in_turn else pool_beside_zeros(problem, lines)


def pool_beside_zeros(problem: Problem, lines: Sequence[WindowLine]) -> Result:
    """Pool every plane with these windows; outputs that have none are zero, with an index of -1."""
    if not any(line.vacant for line in lines):
        return pool_lines(problem, lines)
    shape = (*problem.x.shape[:2], *(line.size + line.vacant for line in lines))
    inside: Select = (..., *(slice(line.size) for line in lines))
    cotangent = problem.cotangent_for(shape)
    part = pool_lines(replace(problem, cotangent=None if cotangent is None else cotangent[inside]), lines)
    y = np.zeros(shape, part.output.dtype)
    y[inside] = part.output
    indices = None if part.indices is None else np.full(shape, -1, part.indices.dtype)
    if indices is not None:
        indices[inside] = part.indices
    return Result(y, indices, part.gradient)


def pool_lines(problem: Problem, lines: Sequence[WindowLine]) -> Result:
    """Pool every plane with these windows."""
    if problem.pool.kind == "max":
        return pool_maximum(problem, lines)
    check_fractions(problem.x.dtype, problem.rules)
    average = problem.pool.kind == "avg"
    if (problem.pool.divisor_override if average else problem.pool.p) == 0:
        raise Refused(f"{problem.pool.op} cannot have {'a divisor' if average else 'a p'} of 0")
    y = (averages if average else norms)(problem, lines)
    cotangent = problem.cotangent_for(y.shape)
    return Result(y, gradient=None if cotangent is None else (average_gradient if average else norm_gradient)(problem, lines, cotangent))


def pool_in_turn(problem: Problem, lines: Sequence[WindowLine]) -> Result:
    """Pool along the first axis, then the result along the second, and so on; positions and gradients go back the same way."""
    steps = []
    for axis, line in enumerate(lines):
        step = replace(problem, cotangent=None, located=False)
        one_axis = [line if other == axis else WindowLine(n, [*range(n)], [1] * n) for other, n in enumerate(problem.x.shape[2:])]
        steps.append((step, one_axis))
        problem = replace(problem, x=pool_lines(step, one_axis).output)
    gradient, places = problem.cotangent_for(problem.x.shape), None
    for step, one_axis in reversed(steps):
        if gradient is not None:
            gradient = pool_lines(replace(step, cotangent=gradient), one_axis).gradient
        if problem.located and problem.pool.kind == "max":
            before = maximum_places(step.x, one_axis, problem.rules)
            places = before if places is None else follow(places, before)
    x = steps[0][0].x
    return Result(problem.x, encode(name_empty(places, lines, problem.rules), lines, x.shape, problem.rules) if places else None, gradient)


def pool_maximum(problem: Problem, lines: Sequence[WindowLine]) -> Result:
    """The maximum of every window, with its index and gradient."""
    x, rules = problem.x, problem.rules
    y = window_maxima(x, lines, rules)
    cotangent, one = problem.cotangent_for(y.shape), rules.tie in ("first", "last")
    places = maximum_places(x, lines, rules) if problem.located or (cotangent is not None and one) else None
    gradient = None
    if cotangent is not None:
        gradient = scatter_gradient(places, x.shape, cotangent) if one and places else share_gradient(x, y, cotangent, lines, rules)
        if one and places and rules.empty_gradient == "window_start":
            gradient += spill_gradient(places, lines, x.shape, cotangent)
    indices = encode(places, lines, x.shape, rules) if problem.located and places else None
    return Result(y.astype(result_dtype(x.dtype, rules, exact=True), copy=False), indices, gradient)


def pool_fractional(problem: Problem) -> Result:
    """Pool every plane with its own windows; each set of windows pools all planes, and one of these is kept."""
    sizes, lines_at = fractional_lines(problem)
    x = problem.x
    y = np.empty((*x.shape[:2], *sizes), result_dtype(x.dtype, problem.rules, exact=True))
    indices, gradient, cotangent = np.empty(y.shape, "int64"), np.zeros(x.shape), problem.cotangent_for(y.shape)
    for plane in np.ndindex(x.shape[:2]):
        result = pool_maximum(problem, lines_at(plane))
        y[plane] = result.output[plane]
        if result.indices is not None:
            indices[plane] = result.indices[plane]
        if result.gradient is not None:
            gradient[plane] = result.gradient[plane]
    return Result(y, indices if problem.located else None, None if cotangent is None else gradient)


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
    """The same as `poolparity.cases.oracle.outcome` for the same arguments."""
    return run_operation(OPERATIONS[pool.op], x, pool, rules, batched, cotangent, extra, located)
