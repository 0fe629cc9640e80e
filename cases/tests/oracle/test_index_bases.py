"""Indices as a target counts them, and as positions in planes."""

import numpy as np
import pytest

from poolparity.cases.model.case import Case, Due
from poolparity.cases.model.inputs import arange
from poolparity.cases.model.pool import LAST, Pool
from poolparity.cases.oracle.index_bases import indices_to_positions

CASE = Case(
    id="indices", pool=Pool(op="max_pool", kernel=(2, 2), stride=(2, 2)), input=arange((2, 4, 4, 3), "float32"), layout=LAST, due=Due()
)


def test_indices_that_count_channels_last_become_positions():
    indices = np.array([0, 1, 2, 6, 7, 8]).reshape(1, 1, 2, 3).repeat(2, axis=0)
    positions = indices_to_positions(indices, CASE, "channels_last")
    assert positions[1].tolist() == [[[0, 0, 0], [2, 2, 2]]]


@pytest.mark.parametrize("shape", [(2, 2, 2, 21), (1, 2, 2, 3), (2, 2, 6), (2, 1, 2, 2, 3), ()])
@pytest.mark.parametrize("base", ["tensor", "channels_last", "channels_last_batch"])
def test_indices_of_another_shape_than_the_input_stay_as_they_are(shape, base):
    indices = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    assert indices_to_positions(indices, CASE, base) is indices
