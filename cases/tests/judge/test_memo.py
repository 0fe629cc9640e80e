"""What is kept of results, and what is not."""

from dataclasses import dataclass

import numpy as np
import pytest

from poolparity.cases.judge import memo


@dataclass(frozen=True)
class Result:
    output: np.ndarray


@pytest.fixture
def results(monkeypatch):
    """A function whose results are kept up to ten kilobytes, and the numbers of cells that it was called with."""
    monkeypatch.setattr(memo, "LIMIT", 10_000)
    calls = []

    @memo.keep_results
    def make(cells):
        calls.append(cells)
        if cells < 0:
            raise ValueError(cells)
        return Result(np.zeros(cells, "uint8"))

    return make, calls


def test_a_result_is_worked_out_once(results):
    make, calls = results
    assert make(100) is make(100)
    assert calls == [100]


def test_the_oldest_results_go_when_their_bytes_are_more_than_the_limit(results):
    make, calls = results
    for cells in (4000, 4001, 4002, 4002, 4000):
        make(cells)
    assert calls == [4000, 4001, 4002, 4000]


def test_a_result_beyond_the_limit_is_returned_and_drops_no_other(results):
    make, calls = results
    make(100)
    assert make(20_000).output.size == 20_000
    make(100)
    make(20_000)
    assert calls == [100, 20_000, 20_000]


def test_an_error_is_not_kept(results):
    make, calls = results
    for _ in range(2):
        with pytest.raises(ValueError, match="-1"):
            make(-1)
    assert calls == [-1, -1]
