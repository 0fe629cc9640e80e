"""The vectorised oracle: the same outcomes as the oracle's, by a derivation of its own, many windows at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..model.arithmetic import Array, answering, check_fractions
from ..model.outcome import NOTHING, Operation, Outcome, Question, carried_out
from ..model.pool import ADAPTIVE, GLOBAL, WINDOWED, Pool
from ..model.refused import Refused
from ..model.rules import REFERENCE, Rules
from .layout import lines_of, placed
from .lines import Line
from .maximum import values
from .norms import norm_gradient, norms
from .other_ops import convolved, flattened, kept, unpooled, upsampled
from .positions import encoded, places, scattered, shared
from .sums import average_gradient, averages


def pooled(question: Question) -> Outcome:
    """Pool every plane with the same windows."""
    lines = lines_of(question)
    if "max" in question.pool.op:
        return maximum(question, lines)
    check_fractions(question.x.dtype, question.rules)
    average = question.pool.op.endswith("avg_pool")
    if (question.pool.divisor_override if average else question.pool.p) == 0:
        raise Refused(f"{question.pool.op} cannot have {'a divisor' if average else 'a p'} of 0")
    y = (averages if average else norms)(question, lines)
    seed = question.seed(y.shape)
    return Outcome(y, gradient=None if seed is None else (average_gradient if average else norm_gradient)(question, lines, seed))


def maximum(question: Question, lines: Sequence[Line]) -> Outcome:
    """The maximum of every window."""
    x, rules = question.x, question.rules
    y = values(x, lines, rules)
    seed, one = question.seed(y.shape), rules.tie in ("first", "last")
    where = places(x, lines, rules) if question.located or (seed is not None and one) else None
    gradient = None
    if seed is not None:
        gradient = scattered(where, x.shape, seed) if one and where else shared(x, y, seed, lines, rules)
    indices = encoded(where, x.shape, rules) if question.located and where else None
    return Outcome(y.astype(answering(x.dtype, rules, exact=True), copy=False), indices, gradient)


def fractional(question: Question) -> Outcome:
    """Pool every plane with windows of its own; all planes are pooled with them, and one is kept."""
    sizes, lines_at = placed(question)
    x = question.x
    y = np.empty((*x.shape[:2], *sizes), answering(x.dtype, question.rules, exact=True))
    indices, gradient, seed = np.empty(y.shape, "int64"), np.zeros(x.shape), question.seed(y.shape)
    for plane in np.ndindex(x.shape[:2]):
        found = maximum(question, lines_at(plane))
        y[plane] = found.output[plane]
        if found.indices is not None:
            indices[plane] = found.indices[plane]
        if found.gradient is not None:
            gradient[plane] = found.gradient[plane]
    return Outcome(y, indices if question.located else None, None if seed is None else gradient)


OPERATIONS: Mapping[str, Operation] = {
    **dict.fromkeys((*WINDOWED, *GLOBAL, *ADAPTIVE), pooled),
    "fractional_max_pool": fractional,
    "max_unpool": unpooled,
    "upsample_nearest": upsampled,
    "conv": convolved,
    "flatten": flattened,
    "input": kept,
}


def oracle(x: Array, pool: Pool, rules: Rules = REFERENCE, batched: bool = True, extra: Mapping[str, Array] = NOTHING) -> Array:
    """The output of one operation; see `outcome`."""
    return outcome(x, pool, rules, batched=batched, extra=extra, located=False).output


def outcome(x: Array, pool: Pool, rules: Rules = REFERENCE, *, batched: bool = True,
            cotangent: Array | None = None, extra: Mapping[str, Array] = NOTHING, located: bool = True) -> Outcome:  # fmt: skip
    """What `poolparity.cases.oracle.outcome` gives for the same arguments."""
    return carried_out(OPERATIONS[pool.op], x, pool, rules, batched, cotangent, extra, located)
