"""Strategies that draw any question there is: an input, a pooling, what else it needs, and rules."""

import ml_dtypes
import numpy as np
from hypothesis import strategies as st

from poolparity.cases.model.pool import ADAPTIVE, GLOBAL, OPS, WINDOWED, Pool
from poolparity.cases.model.rules import AXIS_VALUES, Rules

NAN, INF = float("nan"), float("inf")
FLOATS = ("float16", ml_dtypes.bfloat16, "float32", "float64")
INTEGERS = ("int8", "uint8", "int32", "int64", "bool")
SPECIAL = (NAN, INF, -INF, -0.0, 0.0, 1.0, -3.0, 60000.0, 3e38, 2.0**25)

rules = st.builds(Rules, **{axis: st.sampled_from(values) for axis, values in AXIS_VALUES.items() if axis != "element_type"})
"""Any combination of rules, the reference being likelier on each axis."""


@st.composite
def rules_near_reference(draw):
    """The reference rules but for at most three axes."""
    axes = draw(st.lists(st.sampled_from([axis for axis in AXIS_VALUES if axis != "element_type"]), max_size=3, unique=True))
    return Rules(**{axis: draw(st.sampled_from(AXIS_VALUES[axis])) for axis in axes})


@st.composite
def inputs(draw, rank):
    """An array of any type, (batch, channels, *spatial), often with special values."""
    planes, cells = (
        st.sampled_from([1, 1, 2, 2, 2, 2, 0]),
        st.sampled_from([1, 2, 3, 4, 5, 6, 3, 4, 5, 0] if rank < 3 else [1, 2, 3, 4, 2, 3, 0]),
    )
    shape = draw(st.tuples(planes, planes, *[cells] * rank))
    if draw(st.integers(0, 9)) == 0:
        shape = (1, 1, draw(st.integers(30, 70)), *[1] * (rank - 1))
    dtype = np.dtype(draw(st.sampled_from(FLOATS + INTEGERS)))
    random = np.random.default_rng(draw(st.integers(0, 2**16)))
    if dtype.kind in "iu":
        whole = np.iinfo(dtype)
        low, high = draw(st.sampled_from([(-3 if whole.min else 0, 4), (whole.min, whole.max)]))
        return random.integers(low, high, shape, dtype, endpoint=True)
    if dtype.kind == "b":
        return random.integers(0, 2, shape).astype(bool)
    x = draw(st.sampled_from([random.standard_normal(shape) * 4, random.integers(-2, 3, shape).astype("float64")]))
    special = draw(st.lists(st.sampled_from(SPECIAL), max_size=3))
    for value in special:
        x[random.random(shape) < draw(st.sampled_from([0.1, 0.5]))] = value
    with np.errstate(over="ignore"):
        return x.astype(dtype)


@st.composite
def pools(draw, rank, op):
    """A pooling with any parameters, meaningless ones among them."""
    entries = st.tuples(*[st.integers(1, 4)] * rank)
    pairs = st.tuples(*[st.tuples(st.integers(-1, 4), st.integers(-1, 4))] * rank)
    options = {"data_format": st.sampled_from([None, "channels_first", "channels_last"])}
    if op in (*WINDOWED, "conv", "fractional_max_pool", "max_unpool", "upsample_nearest"):
        options["kernel"] = entries
    if op in (*WINDOWED, "conv", "max_unpool"):
        options |= {"stride": st.none() | entries, "padding": st.sampled_from([None, "valid", "same", "same_lower"]) | pairs}
    if op in (*WINDOWED, "conv"):
        options |= {"dilation": st.none() | entries, "ceil_mode": st.none() | st.booleans()}
    if op == "avg_pool":
        options |= {"count_include_pad": st.none() | st.booleans(), "divisor_override": st.sampled_from([None, None, 1, 3, -2])}
    if "lp" in op:
        options["p"] = st.sampled_from([None, 1.0, 2.0, 3.0, 0.5, -1.0, INF])
    if op in GLOBAL:
        options["keepdims"] = st.none() | st.booleans()
    if op in (*ADAPTIVE, "fractional_max_pool", "upsample_nearest", "max_unpool"):
        options["output_size"] = entries if op in (*ADAPTIVE, "fractional_max_pool") else st.none() | entries
    return draw(st.builds(Pool, op=st.just(op), **options))


@st.composite
def questions(draw, ops=st.sampled_from(WINDOWED * 4 + GLOBAL + ADAPTIVE * 2 + OPS)):
    """An input, a pooling of it, and what else it needs."""
    rank, op = draw(st.integers(1, 3)), draw(ops)
    x, pool = draw(inputs(rank)), draw(pools(rank, op))
    random, extra = np.random.default_rng(draw(st.integers(0, 99))), {}
    if op == "max_unpool":
        extra["indices"] = random.integers(0, draw(st.integers(1, 60)), x.shape)
    if op == "fractional_max_pool":
        extra["samples"] = random.random((*x.shape[:2], rank)).astype(draw(st.sampled_from(["float32", "float64"])))
    if op == "global_avg_pool" and draw(st.booleans()):
        extra["mask"] = random.integers(0, 2, (len(x), *x.shape[2:])).astype(bool)
    if op == "conv":
        channels = draw(st.sampled_from([1, x.shape[1]]))
        weights = random.integers(-2, 3, (draw(st.integers(1, 2)) * max(x.shape[1], 1), channels, *pool.kernel))
        extra["weights"] = weights.astype(x.dtype)
    if pool.data_format == "channels_last":
        x = np.moveaxis(x, 1, -1)
        extra = {name: np.moveaxis(array, 1, -1) if name == "indices" else array for name, array in extra.items()}
    if len(x) == 1 and draw(st.booleans()):
        return x[0], pool, {name: array if name == "weights" else array[0] for name, array in extra.items()}, False
    return x, pool, extra, True
