"""The set of answers that lose NaN by its position."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolparity.cases.oracle import oracle
from poolparity.cases.pool import Pool
from poolparity.cases.positional import admitted
from poolparity.cases.rules import Rules, axes

NAN, INF = float("nan"), float("inf")
POOL = Pool(op="max_pool", kernel=(3,))


def plane(cells):
    return np.array([[cells]], "float32")


@pytest.mark.parametrize(
    ("got", "due"),
    [
        ([NAN, 6], True),
        ([1, 6], True),
        ([2, 6], True),
        ([-INF, 6], True),
        ([float(np.finfo("float32").min), 6], True),
        ([6, 6], False),
        ([NAN, 5], False),
        ([NAN, NAN], False),
        ([NAN], False),
    ],
)
def test_a_window_with_nan_may_give_any_of_its_cells(got, due):
    assert admitted(plane(got), plane([1, NAN, 2, 4, 5, 6]), POOL) is due


def test_only_a_maximum_loses_nan():
    x = plane([1, NAN, 2])
    assert not admitted(oracle(x, Pool(op="avg_pool", kernel=(3,))), x, Pool(op="avg_pool", kernel=(3,)))


@given(
    st.lists(st.sampled_from([1.0, 2.0, NAN, -INF]), min_size=4, max_size=12),
    st.sampled_from(axes()["nan"]),
    st.booleans(),
    st.sampled_from([Pool(op="max_pool", kernel=(2,), stride=(1,), padding="same"), Pool(op="global_max_pool", keepdims=False)]),
)
def test_the_set_holds_what_every_rule_gives(cells, rule, last, pool):
    x = plane(cells)
    if last:
        x, pool = np.moveaxis(x, 1, -1), Pool(op=pool.op, data_format="channels_last", **pool.stated())
    for batched in (True, False):
        each = x if batched else x[0]
        assert admitted(oracle(each, pool, Rules(nan=rule), batched), each, pool, batched=batched)
