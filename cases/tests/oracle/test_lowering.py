"""A pooling laid out by hand gives what the pooling itself gives: padded, picked and pooled by plain NumPy."""

import numpy as np
import pytest

from poolparity.cases.fast.vectorised import outcome
from poolparity.cases.model.inputs import distinct
from poolparity.cases.model.pool import Pool, Refused
from poolparity.cases.model.rules import Rules
from poolparity.cases.oracle.lowering import lower_pool

WINDOWS = {
    "padded": Pool(op="max_pool", kernel=(3, 2), stride=(2, 1), padding=((1, 1), (0, 1))),
    "ceil": Pool(op="max_pool", kernel=(3, 3), stride=(2, 2), padding=((1, 1), (1, 1)), ceil_mode=True),
    "dilated": Pool(op="max_pool", kernel=(3, 2), stride=(2, 1), padding=((1, 1), (1, 0)), dilation=(2, 3)),
    "same": Pool(op="avg_pool", kernel=(3, 4), stride=(2, 3), padding="same"),
    "same_lower": Pool(op="avg_pool", kernel=(2, 2), stride=(1, 1), padding="same_lower"),
    "counted": Pool(op="avg_pool", kernel=(3, 3), stride=(2, 2), padding=((1, 1), (1, 1)), ceil_mode=True, count_include_pad=True),
    "left out": Pool(op="avg_pool", kernel=(3, 3), stride=(2, 2), padding=((1, 1), (1, 1)), ceil_mode=True, count_include_pad=False),
    "dilated average": Pool(
        op="avg_pool", kernel=(2, 2), stride=(1, 2), padding=((1, 0), (0, 1)), dilation=(3, 2), count_include_pad=False
    ),
    "divisor": Pool(op="avg_pool", kernel=(2, 2), stride=(2, 2), padding=((1, 1), (0, 0)), divisor_override=7),
    "bins": Pool(op="adaptive_avg_pool", output_size=(3, 5)),
    "even bins": Pool(op="adaptive_max_pool", output_size=(2, 4)),
    "more bins than cells": Pool(op="adaptive_max_pool", output_size=(11, 3)),
    "whole": Pool(op="global_avg_pool"),
}
SHAPES = (2, 2, 8, 9), (1, 3, 7, 8)


@pytest.mark.parametrize("pick", [False, True], ids=["slid", "picked"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", WINDOWS)
def test_the_layout_gives_what_the_pooling_gives(name, shape, pick):
    pool, rules = WINDOWS[name], Rules(pad_limit="none")
    x = -1 - distinct(shape, 0, "float64").value
    low = lower_pool(pool, shape[2:], rules, pick=pick)
    assert not pick or set(low.dilation) == {1}
    due = outcome(x, pool, rules, located=False).output
    np.testing.assert_allclose(apply_lowered(x, low), due, rtol=1e-12)


def apply_lowered(x, low):
    """A layout carried out."""
    fill = -np.inf if low.kind == "max" else 0.0
    y = pool(laid(x, low, low.pads, fill), low, np.max if low.kind == "max" else np.mean)
    if low.kind == "max":
        return y
    if low.divisor is not None:
        return y * low.taps / low.divisor
    counted_padding = low.counted_pads if low.include else ((0, 0), (0, 0))
    ones = np.pad(np.ones_like(x), ((0, 0), (0, 0), *counted_padding), constant_values=1.0)
    rest = tuple((low_ - a, high - b) for (low_, high), (a, b) in zip(low.pads, counted_padding, strict=True))
    return y / pool(laid(ones, low, rest, 0.0), low, np.mean)


def laid(x, low, pads, fill):
    x = np.pad(x, ((0, 0), (0, 0), *pads), constant_values=fill)
    for axis, gather in enumerate(low.gathers, 2):
        x = x if gather is None else np.take(x, gather.positions, axis)
    return x


def pool(x, low, reduce):
    spans = [(taps - 1) * step + 1 for taps, step in zip(low.kernel, low.dilation, strict=True)]
    views = np.lib.stride_tricks.sliding_window_view(x, spans, (2, 3))
    strides, steps = ([slice(None, None, size) for size in sizes] for sizes in (low.stride, low.dilation))
    return reduce(views[:, :, strides[0], strides[1], steps[0], steps[1]], axis=(4, 5))


def test_even_bins_are_windows_that_slide():
    low = lower_pool(Pool(op="adaptive_avg_pool", output_size=(3, 2)), (7, 6), Rules())
    assert (low.kernel, low.stride, low.picks) == ((3, 3), (2, 3), False)


def test_a_pooling_without_windows_is_refused():
    with pytest.raises(Refused, match="expected a pooling with at least one window"):
        lower_pool(Pool(op="max_pool", kernel=(5,)), (4,), Rules(size_zero="empty"))
    with pytest.raises(Refused, match="has no windows of its own"):
        lower_pool(Pool(op="flatten"), (4,), Rules())
    with pytest.raises(Refused, match="has outputs without a window"):
        lower_pool(Pool(op="avg_pool", kernel=(2,), dilation=(2,), padding="same"), (4,), Rules(same_dilation="ignored_with_zeros"))
