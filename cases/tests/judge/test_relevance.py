"""An axis that is said not to matter does not; and those that are left are few."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.drawn import questions, rules, rules_near_reference

from poolparity.cases.fast.vectorised import outcome
from poolparity.cases.judge.relevance import TESTS, Facts, relevant, relevant_axes
from poolparity.cases.model.pool import Pool, Refused
from poolparity.cases.model.rules import AXIS_VALUES


def parts_of_result(question, rules, with_indices, seed):
    """Everything an oracle says of a question, as bytes."""
    x, pool, extra, batched = question
    try:
        result = outcome(x, pool, rules, batched=batched, extra=extra, located=with_indices, cotangent=seed)
    except Refused as refusal:
        return type(refusal)
    parts = (result.output, result.indices, result.gradient)
    return [
        None
        if part is None
        else (part.dtype, part.shape, np.where(part != part, part.dtype.type(0), part).tobytes(), (part != part).tobytes())
        for part in parts
    ]


def cotangent(question, rules):
    """A cotangent of a question's output, None where there is no gradient."""
    x, pool, extra, batched = question
    if x.dtype.kind not in "fV":
        return None
    try:
        y = outcome(x, pool, rules, batched=batched, extra=extra, located=False).output
    except Refused:
        return None
    return (np.arange(y.size) % 5 - 1.0).reshape(y.shape).astype(x.dtype)


@pytest.mark.slow
@settings(max_examples=300)
@given(questions(), rules_near_reference() | rules, st.booleans(), st.booleans())
def test_what_is_ruled_out_changes_nothing(question, rules, with_indices, differentiated):
    x, pool, extra, batched = question
    seed = cotangent(question, rules) if differentiated else None
    facts = Facts(x, pool, batched, with_indices, seed is not None, "mask" in extra)
    due = parts_of_result(question, rules, with_indices, seed)
    # A type that is refused matters, but float32 is taken everywhere.
    for axis in set(AXIS_VALUES) - set(relevant_axes(facts)) - {"element_type"}:
        for value in AXIS_VALUES[axis]:
            assert parts_of_result(question, rules.but(**{axis: value}), with_indices, seed) == due, (axis, value)


def plain(shape=(1, 1, 4, 4), dtype="float32"):
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype) + 1


@pytest.mark.parametrize(
    ("pool", "due"),
    [
        (Pool(op="max_pool", kernel=(2, 2), stride=(2, 2)), {"index_tap"}),
        (Pool(op="max_pool", kernel=(2, 2)), {"index_tap", "stride_default"}),
        (
            Pool(op="max_pool", kernel=(2, 2), stride=(1, 1), padding="same"),
            {"same_padding", "same_amount", "same_split", "pad_value", "tie", "scan_order", "index_tap", "empty_index", "empty_gradient"},
        ),
        (Pool(op="avg_pool", kernel=(2, 2), stride=(2, 2)), {"accumulator", "sum_order", "division"}),
        (Pool(op="global_max_pool", keepdims=True), {"index_tap"}),
        (Pool(op="adaptive_avg_pool", output_size=(2, 2)), {"accumulator", "sum_order", "division", "adaptive_passes"}),
        (Pool(op="adaptive_avg_pool", output_size=(3, 2)), {"accumulator", "sum_order", "division", "adaptive_passes", "adaptive_bins"}),
        (Pool(op="adaptive_avg_pool", output_size=(0, 2)), {"accumulator", "sum_order", "division", "adaptive_passes"}),
    ],
)
def test_few_axes_are_left(pool, due):
    assert set(relevant_axes(Facts(plain(), pool))) == due | {"result_dtype"}


def test_an_axis_of_gradients_does_not_matter_to_values():
    x, pool = np.ones((1, 1, 4), "float32"), Pool(op="max_pool", kernel=(2,), stride=(2,))
    assert relevant("tie", x, pool)
    assert not relevant("tie", x, pool, located=False, differentiated=False)


def test_every_axis_has_its_test():
    assert list(TESTS) == list(AXIS_VALUES)
