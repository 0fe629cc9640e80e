"""Causes: every rule that an answer follows is found again, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from poolparity.cases.judge.answer import AGREES, Answer
from poolparity.cases.judge.cause import add_causes
from poolparity.cases.judge.judge import judge
from poolparity.cases.model.case import Case, Due
from poolparity.cases.model.inputs import distinct, literal
from poolparity.cases.model.pool import Crashed, Pool, Refused
from poolparity.cases.model.rules import Rules
from poolparity.cases.oracle.definition import outcome

NAN, INF = float("nan"), float("inf")
LINE = [[[3, 7, 1, 9, 4, 6]]]


def case(pool: Pool, cells, dtype: str = "float32", **due) -> Case:
    due = {"from_oracle": ("output",), **due}
    return Case(id="a::b", pool=pool, input=literal(cells, dtype), due=Due(**due))


def answer(asked: Case, **rules: str) -> Answer:
    try:
        return Answer("accepts", outcome(asked.input.value, asked.pool, Rules(**rules)).output)
    except Crashed:
        return Answer("crashes", detail="the worker was killed by SIGFPE")
    except Refused as error:
        return Answer("rejects", detail=str(error))


def causes(asked: Case, given: Answer) -> list:
    """The causes of the findings that do not agree, which all are the same."""
    findings = add_causes(asked, judge(asked, given), given, {})
    found = [each.cause for each in findings if each.verdict != AGREES]
    assert found
    assert all(cause == found[0] for cause in found)
    return found[0]


def named(**rules: str) -> list[dict[str, str]]:
    return [{"axis": axis, "value": value} for axis, value in rules.items()]


SLIDING = {"op": "avg_pool", "kernel": (3,), "stride": (2,)}


@pytest.mark.parametrize(
    ("pool", "cells", "rules"),
    [
        (Pool(op="max_pool", kernel=(2,)), LINE, {"stride_default": "one"}),
        (Pool(op="max_pool", kernel=(2,), stride=(3,), padding=((1, 1),), ceil_mode=True), [[[1, 5, 2, 4, 3]]], {"ceil_window": "kept"}),
        (Pool(**SLIDING, padding=((1, 1),)), LINE, {"include_default": "valid"}),
        (Pool(**SLIDING, padding=((1, 1),), ceil_mode=True), LINE, {"overhang": "counted"}),
        (Pool(op="max_pool", kernel=(2,), stride=(1,), padding="same"), LINE, {"same_split": "low"}),
        (Pool(op="max_pool", kernel=(3,), stride=(1,), padding=((3, 3),)), LINE, {"pad_limit": "none"}),
        (Pool(op="max_pool", kernel=(7,), stride=(1,)), LINE, {"size_zero": "empty"}),
        (Pool(op="max_pool", kernel=(7,), stride=(1,)), LINE, {"size_zero": "crash"}),
        (Pool(op="max_pool", kernel=(9,), stride=(1,)), LINE, {"size_negative": "empty"}),
        (Pool(op="max_pool", kernel=(3,), stride=(3,)), [[[NAN, 1, 2, 4, NAN, 3]]], {"nan": "seeded"}),
        (Pool(op="max_pool", kernel=(2,), stride=(2,)), [[[-INF, -INF, 1, 2]]], {"all_minus_inf": "lowest"}),
        (Pool(op="max_pool", kernel=(2,), stride=(2,)), [[[-0.0, 0.0, 0.0, -0.0]]], {"zero_sign": "positive"}),
        (Pool(op="global_avg_pool"), LINE, {"keepdims_default": "dropped"}),
        (Pool(op="adaptive_avg_pool", output_size=(4,)), LINE, {"adaptive_bins": "disjoint"}),
        (Pool(op="lp_pool", kernel=(2,), stride=(2,), p=1.0), [[[-3, 1, 2, -4]]], {"lp_sign": "absolute"}),
        (Pool(op="max_pool", kernel=(3,), padding="same"), LINE, {"stride_default": "one"}),
    ],
)  # fmt: skip
def test_the_rule_that_an_answer_follows_is_its_cause(pool, cells, rules):
    asked = case(pool, cells)
    if "size" in next(iter(rules)) or "pad_limit" in rules:
        asked = case(pool, cells, from_oracle=(), invalid=True)
    assert causes(asked, answer(asked, **rules)) == [named(**rules)]


def test_two_rules_are_found_together():
    asked = case(Pool(op="avg_pool", kernel=(3,), padding=((1, 1),)), LINE)
    assert causes(asked, answer(asked, stride_default="one", include_default="valid")) == [
        named(stride_default="one", include_default="valid")
    ]


def test_what_opens_the_way_comes_before_what_is_computed():
    asked = case(
        Pool(op="avg_pool", kernel=(3,), stride=(1,), padding=((2, 2),)), LINE, from_oracle=(), output=np.zeros((1, 1, 8), "float32")
    )
    found = causes(asked, answer(asked, pad_limit="none", include_default="valid"))
    assert named(pad_limit="none", include_default="valid") in found
    assert {frozenset(change["axis"] for change in cause) for cause in found} == {frozenset({"pad_limit", "include_default"})}


def test_an_answer_that_no_rule_gives_is_unexplained():
    asked = case(Pool(op="max_pool", kernel=(2,), stride=(2,)), LINE)
    assert causes(asked, Answer("accepts", np.array([[[7, 9, 5]]], "float32"))) is None


def test_an_answer_of_the_right_values_in_the_wrong_type_is_unexplained():
    asked = case(Pool(op="max_pool", kernel=(2,), stride=(2,)), LINE)
    assert causes(asked, Answer("accepts", np.array([[[7, 9, 6]]], "int32"))) is None


def test_what_the_rules_of_the_case_give_is_no_cause_of_theirs():
    asked = case(Pool(op="max_pool", kernel=(2,), stride=(2,)), LINE, from_oracle=(), output=np.array([[[7, 9, 5]]], "float32"))
    assert causes(asked, Answer("accepts", np.array([[[7, 9, 6]]], "float32"))) is None


def test_a_refusal_that_was_not_due_is_explained():
    asked = Case(
        id="a::b",
        pool=Pool(op="max_pool", kernel=(2,), stride=(2,)),
        input=distinct([1, 1, 4], 0, "int64"),
        due=Due(from_oracle=("output",)),
    )
    assert causes(asked, Answer("rejects", detail="TypeError: int64")) == [named(element_type="reject")]


def gradient_case(cells) -> Case:
    extra = {"cotangent": literal([[[1, 10]]], "float32")}
    pool = Pool(op="max_pool", kernel=(2,), stride=(2,))
    return Case(id="a::b", pool=pool, input=literal(cells, "float32"), extra=extra, due=Due(from_oracle=("output", "indices", "gradient")))


@pytest.mark.parametrize("tie", ["last", "split", "all"])
def test_a_gradient_is_explained_apart(tie):
    asked = gradient_case([[[5, 5, 1, 2]]])
    right = outcome(asked.input.value, asked.pool)
    given = Answer("accepts", right.output, extra={"indices": right.indices})
    other = outcome(asked.input.value, asked.pool, Rules(tie=tie), cotangent=asked.extra["cotangent"].value)
    further = {"gradient": Answer("accepts", extra={"gradient": other.gradient})}
    findings = {each.attribute: each for each in add_causes(asked, judge(asked, given, None, further), given, further)}
    assert findings["values"].cause == findings["indices"].cause == []
    assert findings["gradient"].cause == [named(tie=tie)]


def refused_gradient(cells, padding, dtype, taken):
    """The cause of a gradient that is refused, where the pooling itself is taken or not."""
    extra = {"cotangent": literal([[[1, 10]]], "float32")}
    pool = Pool(op="max_pool", kernel=(2,), stride=(2,), padding=padding)
    asked = Case(id="a::b", pool=pool, input=literal(cells, dtype), extra=extra, due=Due(from_oracle=("output", "gradient")))
    refused = Answer("rejects", detail="ValueError: no")
    given = Answer("accepts", outcome(asked.input.value, pool).output) if taken else refused
    findings = add_causes(asked, judge(asked, given, None, {"gradient": refused}), given, {"gradient": refused})
    [found] = [each for each in findings if each.attribute == "gradient"]
    return found.cause


def test_a_gradient_alone_is_refused_for_its_type_and_not_for_what_the_pooling_takes():
    padded, plain = ([[[5, 6]]], ((1, 1),)), ([[[5, 6, 1, 2]]], ((0, 0),))
    assert refused_gradient(*padded, "float32", taken=True) is None
    assert refused_gradient(*padded, "float32", taken=False) == [named(explicit_padding="reject")]
    assert refused_gradient(*plain, "float16", taken=True) == [named(element_type="reject")]
    assert refused_gradient(*padded, "float16", taken=True) == [named(element_type="reject")]


def test_nan_that_is_dropped_by_its_place_is_consistent_and_not_explained():
    asked = case(Pool(op="max_pool", kernel=(3,), stride=(3,)), [[[NAN, 1, 2, 4, NAN, 3, 4, 1, NAN]]])
    given = Answer("accepts", np.array([[[2, NAN, 4]]], "float32"))
    [found] = [each for each in add_causes(asked, judge(asked, given), given, {}) if each.attribute == "values"]
    assert (found.cause, found.consistent) == (None, [[{"axis": "nan", "value": "positional"}]])


def test_a_cell_that_is_none_of_its_window_s_is_consistent_with_nothing():
    asked = case(Pool(op="max_pool", kernel=(3,), stride=(3,)), [[[NAN, 1, 2, 4, NAN, 3]]])
    given = Answer("accepts", np.array([[[7, 4]]], "float32"))
    assert [each.consistent for each in add_causes(asked, judge(asked, given), given, {}) if each.attribute == "values"] == [[]]
