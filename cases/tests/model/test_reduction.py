"""A reduction is a pooling by its axes and the rank of its array."""

from itertools import combinations

import pytest

from poolparity.cases.model.pool import FIRST, LAST
from poolparity.cases.model.reduction import PooledAxes, find_pooled_axes


@pytest.mark.parametrize(
    ("axes", "ndim", "expected"),
    [
        ((2, 3), 4, PooledAxes(FIRST, 2)),
        ((-2, -1), 4, PooledAxes(FIRST, 2)),
        ([-1, 2], 4, PooledAxes(FIRST, 2)),
        ((1, 2), 4, PooledAxes(LAST, 2)),
        ((-3, -2), 4, PooledAxes(LAST, 2)),
        ((2, 3, 4), 5, PooledAxes(FIRST, 3)),
        ((1, 2, 3), 5, PooledAxes(LAST, 3)),
        ((2, 3), None, PooledAxes(FIRST, 2)),
        ((-1, -2), None, PooledAxes(FIRST, 2)),
        ((1, 2), None, PooledAxes(LAST, 2)),
        ((2, 3, 4), None, PooledAxes(FIRST, 3)),
    ],
)
def test_all_axes_but_batch_and_channels_are_the_spatial_ones(axes, ndim, expected):
    assert find_pooled_axes(axes, ndim) == expected


@pytest.mark.parametrize(
    ("axes", "ndim"),
    [
        (1, 3),  # tokens of (batch, tokens, features), as every vision transformer has them
        (-1, 3),  # features, as a layer normalisation
        (1, 4),  # channels, as a spatial attention
        (-1, 4),
        ((1, 2, 3), 4),  # channels too
        ((0, 2, 3), 4),  # the batch too, as a batch normalisation
        ((1, 3), 4),  # no layout
        ((2, 3), 5),  # frames are left
        ((1, 2), 3),  # tokens and features
        ((), 4),
        (None, 4),
        ((2, 2), 4),
        ((2, 9), 4),
        ((True, 2), 4),
        (("2", 3), 4),
        ((2, 3, 4, 5), 6),  # no framework pools four axes
    ],
)
def test_other_axes_are_no_pooling(axes, ndim):
    assert find_pooled_axes(axes, ndim) is None


@pytest.mark.parametrize(
    ("axes", "ndim", "expected"),
    [
        (1, 3, PooledAxes(LAST, 1)),
        ([-1], 3, PooledAxes(FIRST, 1)),
        (2, None, PooledAxes(FIRST, 1)),
        ((1, 2), 3, PooledAxes(FIRST, 2, batched=False)),
        ((0, 1), 3, PooledAxes(LAST, 2, batched=False)),
        ((0, 2), 3, None),
        (1, 4, None),
    ],
)
def test_a_declared_pooling_may_have_one_axis_or_no_batch(axes, ndim, expected):
    assert find_pooled_axes(axes, ndim, is_declared=True) == expected


@pytest.mark.parametrize("ndim", [3, 4, 5])
def test_at_most_two_sets_of_axes_of_an_array_with_a_batch_axis_are_poolings(ndim):
    sets = [axes for count in range(1, ndim + 1) for axes in combinations(range(ndim), count)]
    readings = {axes: reading for axes in sets if (reading := find_pooled_axes(axes, ndim, is_declared=True)) and reading.batched}
    assert readings == {
        tuple(range(2, ndim)): PooledAxes(FIRST, ndim - 2),
        tuple(range(1, ndim - 1)): PooledAxes(LAST, ndim - 2),
    }
    assert all(reading.ndim == ndim for reading in readings.values())
