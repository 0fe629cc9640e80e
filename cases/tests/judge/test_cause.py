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


def answer(example: Case, **rules: str) -> Answer:
    try:
        return Answer("accepts", outcome(example.input.value, example.pool, Rules(**rules)).output)
    except Crashed:
        return Answer("crashes", detail="the worker was killed by SIGFPE")
    except Refused as error:
        return Answer("rejects", detail=str(error))


def causes(example: Case, reply: Answer) -> list:
    """The causes of the findings that do not agree, which all are the same."""
    findings = add_causes(example, judge(example, reply), reply, {})
    causes_of_findings = [finding.cause for finding in findings if finding.verdict != AGREES]
    assert causes_of_findings
    assert all(cause == causes_of_findings[0] for cause in causes_of_findings)
    return causes_of_findings[0]


def changes(**rules: str) -> list[dict[str, str]]:
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
        (Pool(op="upsample_nearest", output_size=(-1,)), LINE, {"size_negative": "empty"}),
        (Pool(op="max_pool", kernel=(3,), stride=(3,)), [[[NAN, 1, 2, 4, NAN, 3]]], {"nan": "seeded"}),
        (Pool(op="max_pool", kernel=(2,), stride=(2,)), [[[-INF, -INF, 1, 2]]], {"all_minus_inf": "lowest"}),
        (Pool(op="max_pool", kernel=(2,), stride=(2,)), [[[-0.0, 0.0, 0.0, -0.0]]], {"zero_sign": "positive"}),
        (Pool(op="global_avg_pool"), [[[3, 7, 1], [9, 4, 6]]], {"keepdims_default": "dropped"}),
        (Pool(op="adaptive_avg_pool", output_size=(4,)), LINE, {"adaptive_bins": "disjoint"}),
        (Pool(op="lp_pool", kernel=(2,), stride=(2,), p=1.0), [[[-3, 1, 2, -4]]], {"lp_sign": "absolute"}),
        (Pool(op="max_pool", kernel=(3,), padding="same"), LINE, {"stride_default": "one"}),
        (Pool(op="max_pool", kernel=(2,), stride=(1,), padding="same"), LINE, {"same_padding": "reject"}),
        (Pool(op="max_pool", kernel=(2,), stride=(1 << 31,)), LINE, {"parameter_limit": "crash"}),
        (Pool(op="adaptive_max_pool", output_size=(1,)), LINE, {"adaptive_bins": "crash_for_one"}),
        (Pool(op="max_pool", kernel=(2,), stride=(2,), padding="valid", ceil_mode=True), [[[1, 5, 2, 4, 3]]], {"named_ceil": "ignored"}),
        (Pool(op="max_pool", kernel=(2,), stride=(2,), padding="valid", ceil_mode=True), [[[1, 5, 2, 4, 3]]], {"named_ceil": "reject"}),
        (Pool(op="global_max_pool"), [[[1, 5], [7, 2]]], {"reduced_axes": "last_two"}),
    ],
)  # fmt: skip
def test_the_rule_that_an_answer_follows_is_its_cause(pool, cells, rules):
    example = case(pool, cells)
    if "size" in next(iter(rules)) or "pad_limit" in rules:
        example = case(pool, cells, from_oracle=(), invalid=True)
    assert causes(example, answer(example, **rules)) == [changes(**rules)]


def test_two_rules_are_found_together():
    example = case(Pool(op="avg_pool", kernel=(3,), padding=((1, 1),)), LINE)
    assert causes(example, answer(example, stride_default="one", include_default="valid")) == [
        changes(stride_default="one", include_default="valid")
    ]


@pytest.mark.parametrize(
    "rules",
    [
        {"stride_default": "one", "integer_average": "promote64", "division": "reciprocal"},
        {"stride_default": "one", "integer_average": "promote64", "accumulator": "input", "division": "reciprocal"},
    ],
)
def test_many_rules_are_found_by_the_shape_the_type_and_the_values_in_turn(rules):
    pool = Pool(op="avg_pool", kernel=(3, 3), padding=((0, 1), (1, 0)), ceil_mode=False, count_include_pad=False)
    example = case(pool, np.random.default_rng(1).permutation(60).reshape(1, 2, 5, 6).tolist(), "int8")
    assert causes(example, answer(example, **rules)) == [changes(**rules)]


def test_rules_that_alter_the_shape_one_after_another_are_found_among_many():
    pool = Pool(op="max_pool", kernel=(1, 3), padding="same_lower", dilation=(2, 2), ceil_mode=False)
    example = Case(id="a::b", pool=pool, input=distinct([2, 2, 6, 7], 0, "float32"), due=Due(from_oracle=("output", "indices")))
    other = outcome(example.input.value, pool, Rules(stride_default="one", same_dilation="ignored"))
    reply = Answer("accepts", other.output, extra={"indices": other.indices})
    assert reply.output.shape == (2, 2, 6, 5)
    assert causes(example, reply) == [changes(stride_default="one", same_dilation="ignored")]


def test_a_shape_that_a_rule_gives_explains_no_other_values():
    example = case(Pool(op="avg_pool", kernel=(3,), padding=((1, 1),), count_include_pad=False), LINE, "int8")
    reply = answer(example, stride_default="one", integer_average="promote64")
    assert causes(example, Answer("accepts", reply.output + np.arange(6))) is None


def test_what_opens_the_way_comes_before_what_is_computed():
    example = case(
        Pool(op="avg_pool", kernel=(3,), stride=(1,), padding=((2, 2),)), LINE, from_oracle=(), output=np.zeros((1, 1, 8), "float32")
    )
    first_causes = causes(example, answer(example, pad_limit="none", include_default="valid"))
    assert changes(pad_limit="none", include_default="valid") in first_causes
    assert {frozenset(change["axis"] for change in cause) for cause in first_causes} == {frozenset({"pad_limit", "include_default"})}


def test_an_answer_that_no_rule_gives_is_unexplained():
    example = case(Pool(op="max_pool", kernel=(2,), stride=(2,)), LINE)
    assert causes(example, Answer("accepts", np.array([[[7, 9, 5]]], "float32"))) is None


def test_an_answer_of_the_right_values_in_the_wrong_type_is_unexplained():
    example = case(Pool(op="max_pool", kernel=(2,), stride=(2,)), LINE)
    assert causes(example, Answer("accepts", np.array([[[7, 9, 6]]], "int32"))) is None


def test_what_the_rules_of_the_case_give_is_no_cause_of_theirs():
    example = case(Pool(op="max_pool", kernel=(2,), stride=(2,)), LINE, from_oracle=(), output=np.array([[[7, 9, 5]]], "float32"))
    assert causes(example, Answer("accepts", np.array([[[7, 9, 6]]], "float32"))) is None


def test_a_refusal_that_was_not_due_is_explained():
    example = Case(
        id="a::b",
        pool=Pool(op="max_pool", kernel=(2,), stride=(2,)),
        input=distinct([1, 1, 4], 0, "int64"),
        due=Due(from_oracle=("output",)),
    )
    assert causes(example, Answer("rejects", detail="TypeError: int64")) == [changes(element_type="reject")]


def gradient_case(cells) -> Case:
    extra = {"cotangent": literal([[[1, 10]]], "float32")}
    pool = Pool(op="max_pool", kernel=(2,), stride=(2,))
    return Case(id="a::b", pool=pool, input=literal(cells, "float32"), extra=extra, due=Due(from_oracle=("output", "indices", "gradient")))


@pytest.mark.parametrize("tie", ["last", "split", "all"])
def test_a_gradient_is_explained_apart(tie):
    example = gradient_case([[[5, 5, 1, 2]]])
    right = outcome(example.input.value, example.pool)
    reply = Answer("accepts", right.output, extra={"indices": right.indices})
    other = outcome(example.input.value, example.pool, Rules(tie=tie), cotangent=example.extra["cotangent"].value)
    separate_answers = {"gradient": Answer("accepts", extra={"gradient": other.gradient})}
    findings = {
        finding.attribute: finding
        for finding in add_causes(example, judge(example, reply, None, separate_answers), reply, separate_answers)
    }
    assert findings["values"].cause == findings["indices"].cause == []
    assert findings["gradient"].cause == [changes(tie=tie)]


@pytest.mark.parametrize(
    "rules", [{"index_planes": "left_out"}, {"index_tap": "output"}, {"index_planes": "left_out", "index_tap": "output"}]
)
def test_indices_that_are_counted_otherwise_are_explained(rules):
    pool = Pool(op="max_pool", kernel=(2, 3), stride=(1, 1))
    example = Case(id="a::b", pool=pool, input=distinct([1, 2, 4, 7], 0, "float32"), due=Due(from_oracle=("output", "indices")))
    other = outcome(example.input.value, pool, Rules(**rules))
    assert causes(example, Answer("accepts", other.output, extra={"indices": other.indices})) == [changes(**rules)]


def test_a_gradient_is_refused_for_an_output_that_the_cotangent_does_not_fit():
    cells = [[[3, 1], [2, 4]]]
    example = Case(id="a::b", pool=Pool(op="global_max_pool"), input=literal(cells, "float32"),
                   extra={"cotangent": literal([[[1], [2]]], "float32")}, due=Due(from_oracle=("output", "gradient")))  # fmt: skip
    refusal = Answer("rejects", detail="ValueError: the cotangent has another shape")
    reply = Answer("accepts", np.array([[4]], "float32"))
    findings = add_causes(example, judge(example, reply, None, {"gradient": refusal}), reply, {"gradient": refusal})
    assert {tuple(finding.cause[0][0].items()) for finding in findings if finding.verdict != AGREES} == {
        (("axis", "reduced_axes"), ("value", "last_two"))
    }


@pytest.mark.parametrize(("dtype", "others"), [("float32", []), ("float16", [changes(element_type="reject")])])
def test_a_gradient_is_refused_for_axes_that_the_output_lacks_and_the_cotangent_has(dtype, others):
    example = Case(id="a::b", pool=Pool(op="global_avg_pool"), input=literal([[[3, 1], [2, 4]]], dtype),
                   extra={"cotangent": literal([[[1], [2]]], dtype)}, due=Due(from_oracle=("output", "gradient")))  # fmt: skip
    refusal = Answer("rejects", detail="ValueError: the cotangent has another shape")
    reply = answer(example, keepdims_default="dropped")
    findings = add_causes(example, judge(example, reply, None, {"gradient": refusal}), reply, {"gradient": refusal})
    causes_by_attribute = {finding.attribute: finding.cause for finding in findings if finding.verdict != AGREES}
    dropped = changes(keepdims_default="dropped")
    assert causes_by_attribute == {"shape": [dropped], "values": [dropped], "gradient": [dropped, *others]}


def test_what_a_probe_tells_apart_is_explained_within_its_own_tolerance():
    cells = [[[[8388608, 8388609], [8388609, 8388612]]]]
    example = Case(id="a::b", pool=Pool(op="adaptive_avg_pool", output_size=(1, 1)), input=literal(cells, "float32"), asks="accumulator",
                   answers={"float64": Due(output=np.array([[[[8388610]]]], "float32")),
                            "input": Due(output=np.array([[[[8388608]]]], "float32"))})  # fmt: skip
    assert changes(adaptive_passes="in_turn") in causes(example, Answer("accepts", np.array([[[[8388609]]]], "float32")))


def refused_gradient(cells, padding, dtype, is_accepted):
    """The cause of a gradient that is refused, where the pooling itself is taken or not."""
    extra = {"cotangent": literal([[[1, 10]]], "float32")}
    pool = Pool(op="max_pool", kernel=(2,), stride=(2,), padding=padding)
    example = Case(id="a::b", pool=pool, input=literal(cells, dtype), extra=extra, due=Due(from_oracle=("output", "gradient")))
    refusal = Answer("rejects", detail="ValueError: no")
    reply = Answer("accepts", outcome(example.input.value, pool).output) if is_accepted else refusal
    findings = add_causes(example, judge(example, reply, None, {"gradient": refusal}), reply, {"gradient": refusal})
    [finding] = [finding for finding in findings if finding.attribute == "gradient"]
    return finding.cause


def test_a_gradient_alone_is_refused_for_its_type_and_not_for_what_the_pooling_takes():
    padded, plain = ([[[5, 6]]], ((1, 1),)), ([[[5, 6, 1, 2]]], ((0, 0),))
    assert refused_gradient(*padded, "float32", is_accepted=True) is None
    assert refused_gradient(*padded, "float32", is_accepted=False) == [changes(explicit_padding="reject")]
    assert refused_gradient(*plain, "float16", is_accepted=True) == [changes(element_type="reject")]
    assert refused_gradient(*padded, "float16", is_accepted=True) == [changes(element_type="reject")]


def test_nan_that_is_dropped_by_its_place_is_consistent_and_not_explained():
    example = case(Pool(op="max_pool", kernel=(3,), stride=(3,)), [[[NAN, 1, 2, 4, NAN, 3, 4, 1, NAN]]])
    reply = Answer("accepts", np.array([[[2, NAN, 4]]], "float32"))
    [finding] = [finding for finding in add_causes(example, judge(example, reply), reply, {}) if finding.attribute == "values"]
    assert (finding.cause, finding.consistent) == (None, [[{"axis": "nan", "value": "positional"}]])


def test_a_cell_that_is_none_of_its_window_s_is_consistent_with_nothing():
    example = case(Pool(op="max_pool", kernel=(3,), stride=(3,)), [[[NAN, 1, 2, 4, NAN, 3]]])
    reply = Answer("accepts", np.array([[[7, 4]]], "float32"))
    assert [finding.consistent for finding in add_causes(example, judge(example, reply), reply, {}) if finding.attribute == "values"] == [
        []
    ]
