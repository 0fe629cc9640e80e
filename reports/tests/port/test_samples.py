"""The inputs of `port` and `explain`: within the range and the precision of their type, and telling for windows of every size."""

from dataclasses import replace

import numpy as np
import pytest

from poolparity.adapters.contract import Ask
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.model.inputs import PRECISION, dtype_of
from poolparity.cases.model.pool import FIRST, LAST, Pool
from poolparity.reports.port.request import read_source
from poolparity.reports.port.samples import (
    HALF,
    LOW_PRECISION,
    NUMBERS,
    Draft,
    make_samples,
    planes_of_integers,
    samples_of_shape,
    shrink,
)

FOUND = find_targets()
GLOBAL = Pool(op="global_avg_pool", keepdims=True)
SHAPES = [(1, 64, 64, 64), (1, 1, 256, 256), (2, 3, 7, 7), (1, 3, 90_000), (1, 2, 8, 40, 40)]


@pytest.mark.parametrize("dtype", PRECISION)
@pytest.mark.parametrize("shape", SHAPES)
def test_ordinary_numbers_stay_in_the_range_of_their_type_and_so_do_the_averages_of_a_window(shape, dtype):
    ask = Ask(GLOBAL, shape, dtype)
    samples = [sample for sample in (*make_samples(shrink(ask)), *samples_of_shape(ask)) if sample.kind in (NUMBERS, HALF)]
    for sample in samples:
        assert np.isfinite(sample.tensor.value.astype("float64")).all()
        if dtype in LOW_PRECISION:
            assert np.abs(sample.tensor.value.astype("float64")).max() < 32


@pytest.mark.parametrize("dtype", LOW_PRECISION)
@pytest.mark.parametrize("layout", [FIRST, LAST])
def test_integers_of_low_precision_are_exact_and_differ_in_a_plane_and_between_planes(dtype, layout):
    draft = Draft((2, 3, 8, 8) if layout == FIRST else (2, 8, 8, 3), dtype, layout, True, 9)
    levels = 1 << PRECISION[dtype]
    numbers = planes_of_integers(draft, 0, levels)
    assert (numbers.astype(dtype_of(dtype)).astype("int64") == numbers).all()
    assert 0 <= numbers.min() <= numbers.max() < levels
    planes = numbers if layout == FIRST else np.moveaxis(numbers, -1, 1)
    assert {len(np.unique(plane)) for plane in planes.reshape(6, 64)} == {64}
    means = planes.mean((2, 3))
    assert np.abs(np.diff(means.ravel())).min() > 0.05 * means.max()


def test_large_planes_of_low_precision_repeat_as_few_numbers_as_they_must():
    draft = Draft((1, 1, 32, 32), "bfloat16", FIRST, False, 9)
    assert len(np.unique(planes_of_integers(replace(draft, shape=(1, 32, 32)), 0, 256))) == 128


@pytest.mark.parametrize("dtype", PRECISION)
def test_some_numbers_are_like_activations(dtype):
    ask = Ask(GLOBAL, (1, 4, 64, 64), dtype)
    samples = [sample for sample in (*make_samples(shrink(ask)), *samples_of_shape(ask)) if sample.kind == NUMBERS]
    zeros = [(sample.tensor.value == 0).mean() for sample in samples if (sample.tensor.value >= 0).all()]
    assert any(0.4 < part < 0.6 for part in zeros)
    assert any((sample.tensor.value < 0).any() and (sample.tensor.value > 0).any() for sample in samples)
    assert {sample.differentiable for sample in samples} == {True, False}


def test_the_requested_shape_comes_last_and_is_printed_as_it_is_made():
    [*_, last] = samples_of_shape(Ask(GLOBAL, (1, 2, 30, 40), "float16"))
    array = eval(last.tensor.expression, {"numpy": np})
    assert (array == last.tensor.value).all()
    assert array.dtype == last.tensor.value.dtype
    assert last.tensor.shape == (1, 2, 30, 40)


@pytest.mark.parametrize("dtype", PRECISION)
@pytest.mark.parametrize("window", [2, 3, 5, 7, 14, 28])
def test_windows_of_every_size_that_are_moved_by_a_cell_show_in_every_type(window, dtype):
    shape = (1, 4, 2 * window + 5, 2 * window + 5)
    source = read_source(f"torch.nn.AvgPool2d({window}, stride={window}, count_include_pad=False)", shape, dtype, FOUND)
    [low, high] = [replace(source, ask=replace(source.ask, pool=with_padding(source.pool, sides))) for sides in ((1, 0), (0, 1))]
    samples = [sample for sample in make_samples(source.small) if sample.kind == NUMBERS]
    for part in (False, True):
        shares = [(~source.tolerance(s).same(low.apply_rules(s), high.apply_rules(s))).mean() for s in samples if s.is_held_back is part]
        assert max(shares) > 0.5


def with_padding(pool, sides):
    """The pooling with its padding on the given sides of both axes."""
    return replace(pool, padding=(sides, sides))
