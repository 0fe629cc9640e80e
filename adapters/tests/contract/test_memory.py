"""Arrangements in memory: the cells stay as they are, and lie as the name says."""

import numpy as np
import pytest

from poolparity.adapters.contract.memory import ARRANGEMENTS
from poolparity.adapters.worker.steps import ready, run
from poolparity.cases.model.case import MEMORY

X = np.arange(2 * 3 * 4 * 5, dtype="float32").reshape(2, 3, 4, 5)
ORDER = {"transposed": (0, 1, 2, 3), "channels_last": (1, 3, 2, 0), "strided": (3, 2, 1, 0), "offset": (3, 2, 1, 0)}
"""The axes by increasing stride."""


@pytest.mark.parametrize("name", MEMORY)
def test_an_arrangement_changes_no_cell_and_lies_as_its_name_says(name):
    scope = {"x": X.copy()}
    run(ready(ARRANGEMENTS[name]), scope)
    x = scope["x"]
    np.testing.assert_array_equal(x, X)
    assert tuple(np.argsort(x.strides)) == ORDER[name]
    assert min(x.strides) == X.itemsize * (2 if name == "strided" else 1)
    assert (x.base is not None) is (name != "transposed")


def test_every_arrangement_has_steps():
    assert set(ARRANGEMENTS) == set(MEMORY)
