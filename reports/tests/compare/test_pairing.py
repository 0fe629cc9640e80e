"""The poolings of two models become pairs by what they compute and the shapes that they take."""

import pytest

from poolparity.adapters.contract.model_files import Pooling
from poolparity.adapters.targets.find import find_targets
from poolparity.reports.compare.compare import read_pooling
from poolparity.reports.compare.pairing import pair_poolings

FOUND = find_targets()
MAX = "torch.nn.MaxPool2d(kernel_size={})"
AVERAGE = "torch.nn.AvgPool2d(kernel_size={})"


def pool(place, text, *shape, **more):
    """A pooling of a model."""
    return read_pooling(Pooling(place, text, shape or None, "float32", **more), FOUND)


def names(pairing):
    """The names of the pairs, and of the poolings without a partner."""
    pairs = [(one.pooling.place, other.pooling.place) for one, other in pairing.pairs]
    return pairs, *([one.pooling.place for one in only] for only in (pairing.only_first, pairing.only_second))


def test_branches_in_another_order_find_their_partners():
    first = [
        pool("max", MAX.format(2), 1, 3, 8, 8),
        pool("average", AVERAGE.format(2), 1, 3, 8, 8),
        pool("end", AVERAGE.format(2), 1, 3, 4, 4),
    ]
    second = [pool("1", AVERAGE.format(2), 1, 3, 8, 8), pool("2", MAX.format(2), 1, 3, 8, 8), pool("3", AVERAGE.format(2), 1, 3, 4, 4)]
    assert names(pair_poolings(first, second)) == ([("max", "2"), ("average", "1"), ("end", "3")], [], [])


def test_equal_poolings_are_paired_in_the_order_of_the_graphs_and_the_rest_is_left():
    first = [pool(name, MAX.format(2), 1, 3, 8, 8) for name in "abc"]
    second = [pool(name, MAX.format(2), 1, 3, 8, 8) for name in "xy"] + [pool("z", AVERAGE.format(2), 1, 3, 9, 9)]
    assert names(pair_poolings(first, second)) == ([("a", "x"), ("b", "y")], ["c"], ["z"])


def test_a_pooling_is_paired_by_its_window_before_one_with_another_window():
    first = [pool("two", MAX.format(2), 1, 3, 8, 8), pool("three", MAX.format(3), 1, 3, 8, 8)]
    second = [pool("3", MAX.format(3), 1, 3, 8, 8), pool("4", MAX.format(4), 1, 3, 8, 8)]
    assert names(pair_poolings(first, second)) == ([("two", "4"), ("three", "3")], [], [])


def test_layouts_open_sizes_and_ways_of_writing_do_not_matter():
    first = [pool("x", "torch.nn.AdaptiveAvgPool2d(output_size=[1, 1])", 1, 5, 8, 9), pool("y", MAX.format(2), 1, 4, None, None)]
    layers = "keras.layers.{}(data_format='channels_last')"
    second = [pool("m", layers.format("MaxPooling2D"), None, 6, 6, 4), pool("g", layers.format("GlobalAveragePooling2D"), None, 8, 9, 5)]
    assert names(pair_poolings(first, second)) == ([("x", "g"), ("y", "m")], [], [])


@pytest.mark.parametrize("other", ["torch.ops.aten.fractional_max_pool2d.default()", MAX.format(2)])
def test_what_cannot_be_compared_is_paired_with_its_like_alone(other):
    first = [pool("own", "torch.ops.aten.fractional_max_pool2d.default()", 1, 3, 8, 8, problem="not supported")]
    problem = "not supported" if "fractional" in other else ""
    paired_names = names(pair_poolings(first, [pool("other", other, 1, 3, 9, 9, problem=problem)]))
    assert paired_names == (([("own", "other")], [], []) if problem else ([], ["own"], ["other"]))
