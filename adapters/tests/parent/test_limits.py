"""The limits of a worker, from the numbers of options."""

import sys

import pytest

from poolparity.adapters.parent.limits import MEBIBYTE, Limits


@pytest.mark.parametrize("mebibytes", [1e30, sys.float_info.max])
def test_a_limit_of_memory_beyond_all_machines_is_none(mebibytes):
    assert Limits.of(mebibytes=mebibytes).memory == Limits.of(mebibytes=1 << 43).memory >= 1 << 60


def test_a_limit_that_is_not_given_is_the_usual_one():
    assert Limits.of() == Limits()
    assert Limits.of(1.5, 2.5, 0.5) == Limits(case=1.5, start=2.5, memory=MEBIBYTE // 2)
