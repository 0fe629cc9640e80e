"""Pictures of windows: none for windows of no positions, and none for windows of more positions than can be drawn."""

import numpy as np
import pytest

from poolparity.cases.model.pool import Pool
from poolparity.cases.model.rules import REFERENCE
from poolparity.reports.page.window_pictures import WINDOW_LIMIT, AnswerArray, draw_window

WIDE = WINDOW_LIMIT + 1


@pytest.mark.parametrize(
    ("plane", "pool", "is_drawn"),
    [
        ((3,), Pool(op="global_max_pool", keepdims=True), True),
        ((2, 3), Pool(op="global_avg_pool", keepdims=True), True),
        ((0,), Pool(op="global_max_pool", keepdims=True), False),
        ((1, 0), Pool(op="global_avg_pool", keepdims=True), False),
        ((0, 2), Pool(op="global_max_pool", keepdims=True), False),
        ((WIDE,), Pool(op="max_pool", kernel=(WIDE,), stride=(1,)), False),
        ((WIDE,), Pool(op="max_pool", kernel=(2,), stride=(WIDE,)), True),
    ],
)
def test_a_window_is_drawn_if_it_has_positions_and_not_too_many(plane, pool, is_drawn):
    output = np.zeros((1, 1, *[1] * len(plane)), "float32")
    picture = draw_window(AnswerArray(None, output, REFERENCE), np.zeros(plane, "float32"), pool, (0,) * output.ndim)
    assert (picture is not None) == is_drawn
