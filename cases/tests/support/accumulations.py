"""Sums as frameworks add them up: one after another, in pairs, in blocks, in lanes, and in float32."""

import numpy as np


def add_one_by_one(x, dtype):
    """The sums of rows, one number after another."""
    total = np.zeros(len(x), dtype)
    for column in x.astype(dtype).T:
        total = (total + column).astype(dtype)
    return total


def add_in_pairs(x, dtype):
    """The sums of rows, neighbours first."""
    x = x.astype(dtype)
    while x.shape[1] > 1:
        x = np.pad(x, [(0, 0), (0, x.shape[1] % 2)])
        x = (x[:, ::2] + x[:, 1::2]).astype(dtype)
    return x[:, 0]


def add_in_blocks(x, dtype, block=32):
    """The sums of rows in blocks, and of the blocks' sums likewise."""
    while x.shape[1] > 1:
        x = np.stack([add_one_by_one(x[:, start : start + block], dtype) for start in range(0, x.shape[1], block)], 1)
    return x[:, 0]


def add_in_lanes(x, dtype, lanes=8):
    """The sums of rows in vector lanes, and of the lanes one by one."""
    x = np.pad(x, [(0, 0), (0, -x.shape[1] % lanes)])
    return add_one_by_one(np.stack([add_one_by_one(x[:, lane::lanes], dtype) for lane in range(lanes)], 1), dtype)


def add_in_float32(x, dtype):
    """The sums of rows in float32, or in the type itself if that is wider."""
    return add_one_by_one(x, np.result_type(dtype, np.float32))


SUMS = {
    "one_by_one": add_one_by_one,
    "pairs": add_in_pairs,
    "blocks": add_in_blocks,
    "lanes": add_in_lanes,
    "float32": add_in_float32,
}


def average(x, dtype, add):
    """The averages of rows by a way to add, in the type of the rows."""
    with np.errstate(over="ignore", invalid="ignore"):
        total = add(x, dtype)
        return (total / total.dtype.type(x.shape[1])).astype(dtype)
