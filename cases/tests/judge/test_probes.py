"""Probes and the judge: every answer that a probe names, refusals included."""

import numpy as np
import pytest

from poolparity.cases.judge.answer import AGREES, DIFFERS, REJECTS, Answer
from poolparity.cases.judge.judge import judge

SPLIT = """
    asks: same_split
    op: max_pool
    input: [[[1, 2, 3, 4]]]
    pool: {kernel: [2], stride: [1], padding: same}
    answers: {high: [[[2, 3, 4, 4]]], low: [[[1, 2, 3, 4]]]}
"""
SIZE = """
    asks: size_zero
    op: max_pool
    input: [[[1, 2]]]
    pool: {kernel: [3], stride: [1]}
    answers: {reject: {raises: invalid}, empty: {output_shape: [1, 1, 0]}}
"""
LIMIT = """
    asks: pad_limit
    op: max_pool
    input: [[[1, 2]]]
    pool: {kernel: [3], stride: [1], padding: [[2, 1]]}
    rules: {empty_max: zero}
    answers: {below_window: [[[1, 2, 2]]], half_window: {raises: invalid}}
"""


def accepts(cells):
    return Answer("accepts", np.array(cells, "float32"))


def findings(case, answer):
    return {finding.attribute: (finding.verdict, finding.cause) for finding in judge(case, answer)}


def cause_of(axis, value):
    return [[{"axis": axis, "value": value}]]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([[[2, 3, 4, 4]]], (AGREES, [])),
        ([[[1, 2, 3, 4]]], (DIFFERS, cause_of("same_split", "low"))),
        ([[[4, 3, 2, 1]]], (DIFFERS, None)),
    ],
)
def test_an_output_is_named(case, cells, expected):
    assert findings(case(SPLIT), accepts(cells))["values"] == expected


def test_a_refusal_where_one_is_due(case):
    assert findings(case(SIZE), Answer("rejects")) == {"acceptance": (AGREES, [])}


def test_an_answer_where_a_refusal_is_due(case):
    assert findings(case(SIZE), accepts(np.empty((1, 1, 0)))) == {"acceptance": (REJECTS, cause_of("size_zero", "empty"))}
    assert findings(case(SIZE), accepts([[[2]]])) == {"acceptance": (REJECTS, None)}


def test_a_value_that_answers_where_the_reference_refuses(case):
    assert findings(case(LIMIT), Answer("rejects")) == {"acceptance": (AGREES, [])}
    assert findings(case(LIMIT), accepts([[[1, 2, 2]]])) == {"acceptance": (REJECTS, cause_of("pad_limit", "below_window"))}


def test_a_refusal_of_what_the_reference_answers(case):
    parsed_case = case("""
        asks: element_type
        op: max_pool
        input: [[[true, false]]]
        dtype: bool
        pool: {kernel: [2]}
        answers: {accept: [[[true]]], reject: {raises: invalid}}
    """)
    probe_verdict = (REJECTS, cause_of("element_type", "reject"))
    assert findings(parsed_case, Answer("rejects")) == {"acceptance": probe_verdict, "shape": probe_verdict, "values": probe_verdict}
    assert findings(case(SPLIT), Answer("rejects"))["values"] == (REJECTS, None)


def test_answers_that_rounding_parts(case):
    parsed_case = case("""
        asks: division
        op: avg_pool
        input: [[[1, 2, 2]]]
        pool: {kernel: [3]}
        rules: {accumulator: float32}
        answers: {divide: [[[1.6666666]]], reciprocal: [[[1.6666667]]]}
    """)
    below, above, next_above = np.float32(1.6666666), np.float32(1.6666667), np.nextafter(np.float32(1.6666667), np.float32(2))
    assert np.nextafter(below, np.float32(2)) == above
    assert findings(parsed_case, accepts([[[below]]]))["values"] == (AGREES, [])
    assert findings(parsed_case, accepts([[[above]]]))["values"] == (DIFFERS, cause_of("division", "reciprocal"))
    assert findings(parsed_case, accepts([[[next_above]]]))["values"] == (DIFFERS, None)
    assert [judge(parsed_case, accepts([[[got]]]))[2].probe_value for got in (below, above, next_above)] == ["divide", "reciprocal", None]


def test_answers_that_rounding_does_not_part(case):
    parsed_case = case("""
        asks: accumulator
        op: avg_pool
        dtype: bfloat16
        input: [[[256, 1, 1, 1]]]
        pool: {kernel: [4]}
        rules: {cast: none}
        answers: {float64: [[[65]]], input: [[[64]]]}
    """)
    got = [Answer("accepts", np.array([[[value]]], parsed_case.input.value.dtype)) for value in (65, 64.5, 64, 63)]
    assert [judge(parsed_case, answer)[2].probe_value for answer in got] == ["float64", None, "input", None]


def test_a_named_answer_is_reported_with_every_attribute(case):
    parsed_case = case(SPLIT)
    by_attribute = {finding.attribute: finding for finding in judge(parsed_case, accepts([[[1, 2, 3, 4]]]))}
    assert {(finding.probe_value, finding.detail) for finding in by_attribute.values()} == {("low", "same_split: low")}
    assert {name: finding.cause for name, finding in by_attribute.items()} == {
        "acceptance": [], "shape": [], "dtype": [], "values": cause_of("same_split", "low"),
    }  # fmt: skip


def test_an_answer_within_rounding_of_one_that_is_named(case):
    parsed_case = case("""
        asks: include_default
        op: avg_pool
        input: [[[5, 5]]]
        pool: {kernel: [3], stride: [2], padding: [[1, 0]]}
        answers: {padded: [[[3.3333333]]], valid: [[[5]]]}
    """)
    near = np.nextafter(np.float32(10 / 3), np.float32(4))
    findings = judge(parsed_case, accepts([[[near]]]))
    assert {(finding.verdict, finding.probe_value) for finding in findings} == {(AGREES, "padded")}


def test_a_gradient_that_is_asked_apart_is_named(case):
    parsed_case = case("""
        asks: tie
        op: max_pool
        input: [[[7, 7]]]
        pool: {kernel: [2], stride: [2]}
        with: {cotangent: [[[2]]]}
        answers: {first: {gradient: [[[2, 0]]]}, split: {gradient: [[[1, 1]]]}}
    """)
    for cells, name in (([[[2, 0]]], "first"), ([[[1, 1]]], "split"), ([[[0, 2]]], None)):
        gradient = {"gradient": Answer("accepts", extra={"gradient": np.array(cells, "float32")})}
        findings = judge(parsed_case, accepts([[[7]]]), separate_answers=gradient)
        assert {finding.probe_value for finding in findings} == {name}
        assert findings[-1].cause == {"first": [], "split": cause_of("tie", "split"), None: None}[name]


def test_a_shape_inferred_wrongly_is_no_work_of_the_asked_axis(case):
    inferred_answers = {"inferred_shape": Answer("accepts", extra={"inferred_shape": np.array([1, 1, 9])})}
    *others, shape = judge(case(SPLIT), accepts([[[2, 3, 4, 4]]]), separate_answers=inferred_answers)
    assert {(finding.verdict, finding.probe_value) for finding in others} == {(AGREES, "high")}
    assert (shape.attribute, shape.verdict, shape.probe_value, shape.cause) == ("inferred_shape", DIFFERS, "high", None)
