"""What an average sums, in which order and type, and what it divides by."""

import numpy as np
import pytest

from poolparity.cases.model.pool import Pool
from poolparity.cases.model.rules import Rules
from poolparity.cases.oracle.average import block_slices, sum_in_blocks
from poolparity.cases.oracle.definition import oracle, outcome


@pytest.mark.parametrize(("n", "block_lengths"), [
    (1, [1]), (31, [31]), (32, [32]),
    (33, [17, 16]), (63, [32, 31]), (64, [32, 32]), (65, [17, 32, 16]), (95, [32, 32, 31]), (96, [32, 32, 32]), (100, [18, 32, 32, 18]),
])  # fmt: skip
def test_blocks_cover_every_cell_once(n, block_lengths):
    slices = block_slices(n)
    assert [cell for block in slices for cell in range(n)[block]] == list(range(n))
    assert [len(range(n)[block]) for block in slices] == block_lengths


def average(x, kernel, dtype="float16", **rules):
    x = np.array(x, dtype)[None, None]
    return oracle(x, Pool(op="avg_pool", kernel=kernel, stride=kernel), Rules(accumulator="input", **rules)).ravel().tolist()


@pytest.mark.parametrize(("n", "sequential", "in_blocks"), [(32, 2048, 2048), (33, 2048, 2064), (64, 2048, 2080), (65, 2048, 2096)])
def test_ones_behind_a_number_that_swallows_them(n, sequential, in_blocks):
    x = [2048] + [1] * (n - 1)
    assert average(x, (n,)) == [np.float16(sequential) / np.float16(n)]
    assert average(x, (n,), sum_order="blocks32") == [np.float16(in_blocks) / np.float16(n)]


def test_blocks_are_those_of_windows_over_the_whole_input_alone():
    x = [2048] + [1] * 65
    assert average(x, (64,), sum_order="blocks32") == [np.float16(2048) / np.float16(64)]


def test_blocks_of_two_axes():
    x = np.ones((33, 33))
    x[0, 0] = 2048
    rows = np.float16(0)
    for block in (x[:17, :17], x[:17, 17:], x[17:, :17], x[17:, 17:]):
        part = np.float16(0)
        for cell in block.astype("float16").ravel():
            part = np.float16(part + cell)
        rows = np.float16(rows + part)
    assert average(x, (33, 33), sum_order="blocks32") == [rows / np.float16(33 * 33)]


def test_blocks_of_blocks():
    x = [2048] + [1] * 1055  # 33 blocks of 32, summed again in blocks
    sums = [2048] + [32] * 32
    first, second = sum(sums[:17]), sum(sums[17:])
    assert average(x, (1056,), sum_order="blocks32") == [np.float16(first + second) / np.float16(1056)]


def test_blocks_of_blocks_keep_their_axes():
    x = np.zeros((33, 32 * 17), "float16")
    x[0, ::32] = x[-1, ::32] = 1
    x[0, 0] = 2048  # swallows the sums of 33 other blocks, one after another
    assert sum_in_blocks(x) == 2048


@pytest.mark.parametrize(("padding", "rule", "due"), [
    (((1, 1),), "edge", [4, 6, 8]), (((1, 1),), "edge_if_uneven", [5, 6, 7]),
    (((0, 1),), "edge", [6, 8]), (((0, 1),), "edge_if_uneven", [6, 8]), (((0, 1),), "absent", [6, 7]),
])  # fmt: skip
def test_edges_stand_for_padding(padding, rule, due):
    x, rules = np.array([[[3.0, 6, 9]]]), Rules(average_pad=rule)
    pool = Pool(op="avg_pool", kernel=(3,), stride=(1,), padding=padding, count_include_pad=False)
    expected = [4.5 if value == 5 else 7.5 if value == 7 else value for value in due]
    assert oracle(x, pool, rules).ravel().tolist() == expected


def test_a_reciprocal_is_rounded_before_it_is_used():
    x = np.array([[[1, 2, 2]]], "float32")
    pool = Pool(op="avg_pool", kernel=(3,), stride=(3,))
    third = np.float32(1) / np.float32(3)
    rules = Rules(accumulator="float32", division="reciprocal")
    assert oracle(x, pool, rules).item() == np.float32(5) * third
    assert oracle(x, pool, rules).item() != oracle(x, pool, Rules(accumulator="float32")).item()


def test_windows_that_hold_nothing_give_no_gradient():
    x = np.array([[[3.0]]])
    pool = Pool(op="avg_pool", kernel=(2,), stride=(1,), padding=((2, 0),), count_include_pad=False)
    rules = Rules(pad_limit="none")
    result = outcome(x, pool, rules, cotangent=np.array([[[5.0, 7.0]]]))
    assert np.isnan(result.output[0, 0, 0])
    assert result.gradient.tolist() == [[[7.0]]]


@pytest.mark.parametrize(("divisor", "due"), [(None, [2.5]), (1, [5.0]), (-2, [-2.5])])
def test_the_gradient_is_divided_as_the_average_is(divisor, due):
    x = np.array([[[1.0, 4.0]]])
    pool = Pool(op="avg_pool", kernel=(2,), stride=(2,), divisor_override=divisor)
    result = outcome(x, pool, cotangent=np.array([[[2.0]]]))
    assert result.output.ravel().tolist() == due
    assert result.gradient.ravel().tolist() == [2.0 / (divisor or 2)] * 2
