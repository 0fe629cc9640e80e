"""When an axis can matter: what an input and a pooling must have for a choice on it to change the answer.

A search for causes tries an axis only where it can. What is ruled out here changes nothing,
whatever is chosen on the other axes.
"""

from __future__ import annotations

from collections.abc import Callable

from ..model.arithmetic import FLOAT32, Array
from ..model.pool import ADAPTIVE, GLOBAL, LAST, WINDOWED, Pool
from .facts import Facts

TESTS: dict[str, Callable[[Facts], bool]] = {
    "explicit_padding": lambda facts: facts.pool.op in WINDOWED and any(pad for pads in facts.stated for pad in pads),
    "pad_limit": lambda facts: facts.pool.op in WINDOWED and any(pad for pads in facts.stated for pad in pads),
    "size_zero": lambda facts: facts.short,
    "size_negative": lambda facts: facts.short,
    "empty_input": lambda facts: 0 in facts.x.shape[facts.batched :],
    "small_input": lambda facts: facts.short or any(n < span for n, span in zip(facts.spatial, facts.spans, strict=False)),
    "element_type": lambda facts: facts.x.dtype != FLOAT32,
    "sample_limit": lambda facts: facts.pool.op == "fractional_max_pool",
    "stride_default": lambda facts: (
        facts.pool.stride is None and facts.pool.op in (*WINDOWED, "max_unpool") and max(facts.pool.kernel or (2,)) > 1
    ),
    "padding_default": lambda facts: facts.open,
    "same_amount": lambda facts: facts.same,
    "same_split": lambda facts: facts.same,
    "same_dilation": lambda facts: facts.same and facts.dilated,
    "ceil_window": lambda facts: facts.slides and bool(facts.pool.ceil_mode),
    "size_division": lambda facts: facts.short and not facts.pool.ceil_mode,
    "adaptive_bins": lambda facts: (
        facts.pool.op in ADAPTIVE
        and any(size > 0 and (n < size or n % size) for n, size in zip(facts.spatial, facts.pool.output_size or (), strict=False))
    ),
    "keepdims_default": lambda facts: facts.pool.op in GLOBAL and facts.pool.keepdims is None,
    "sample_order": lambda facts: facts.pool.op == "fractional_max_pool" and len(facts.spatial) > 1,
    "nearest": lambda facts: facts.pool.op == "upsample_nearest" and facts.pool.output_size is not None,
    "flatten_order": lambda facts: facts.pool.op == "flatten" and facts.pool.data_format != LAST,
    "include_default": lambda facts: facts.counts and facts.pool.count_include_pad is None and (facts.pads or facts.hangs),
    "overhang": lambda facts: facts.counts and facts.pool.count_include_pad is not False and facts.hangs,
    "average_pad": lambda facts: facts.kind == "avg" and facts.pads,
    "empty_average": lambda facts: facts.counts and facts.hollow,
    "pad_value": lambda facts: facts.kind == "max" and facts.pads,
    "empty_max": lambda facts: facts.kind == "max" and facts.hollow,
    "all_minus_inf": lambda facts: facts.kind == "max" and facts.nothing,
    "nan": lambda facts: facts.kind == "max" and facts.nan,
    "zero_sign": lambda facts: facts.kind == "max" and facts.zeros,
    "nan_index": lambda facts: facts.searched and facts.nan,
    "tie": lambda facts: facts.searched and (facts.kind == "lp" or facts.alike or facts.nothing or facts.pads),
    "pad_candidate": lambda facts: facts.kind == "max" and facts.searched and facts.pads and facts.nothing,
    "all_minus_inf_index": lambda facts: facts.kind == "max" and facts.searched and facts.nothing,
    "index_base": lambda facts: ((facts.kind == "max" and facts.located) or facts.pool.op == "max_unpool") and max(facts.planes) > 1,
    "empty_index": lambda facts: facts.kind == "max" and facts.located and (facts.hollow or facts.pads or facts.nothing),
    "lp_sign": lambda facts: facts.kind == "lp" and facts.negative,
    "lp_partial": lambda facts: facts.kind == "lp" and facts.hangs,
    "cast": lambda facts: facts.x.dtype.itemsize == 8 or (facts.fractions and facts.x.dtype != FLOAT32),
    "accumulator": lambda facts: facts.kind in ("avg", "lp") or facts.pool.op == "conv",
    "sum_order": lambda facts: facts.kind in ("avg", "lp") and max(facts.spatial) > 32,
    "division": lambda facts: facts.kind == "avg",
    "result_dtype": lambda facts: facts.fractions,
    "integer_average": lambda facts: facts.kind in ("avg", "lp") and not facts.fractions,
}


def relevant(axis: str, x: Array, pool: Pool, *, batched: bool = True, located: bool = True, differentiated: bool = True) -> bool:
    """Whether a choice on an axis can change what is asked for: the output, indices if `located`, a gradient if `differentiated`."""
    return TESTS[axis](Facts(x, pool, batched, located, differentiated))


def relevant_axes(facts: Facts) -> tuple[str, ...]:
    """The axes that can matter, in the order of `rules.axes`."""
    return tuple(axis for axis, test in TESTS.items() if test(facts))
