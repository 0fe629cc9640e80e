"""A matrix: its cases, their names, and what the oracle answers."""

import numpy as np

from poolparity.cases.judge import AGREES, DIFFERS, Answer, judge
from poolparity.cases.oracle import oracle
from poolparity.cases.pool import FIRST, LAST, Pool


def made(spec, keys):
    found = spec(f"cases:\n  one: {{{keys}}}")
    assert found.mistakes == ()
    return {case.name: case for case in found.cases}


def test_names_tell_the_parameters_in_the_order_of_the_file(spec):
    padding = "padding: [valid, same, [[1, 1], [0, 1]], [[0, 0], [0, 0]]]"
    cases = made(spec, f"op: max_pool, input: {{arange: [1, 1, 4, 4]}}, matrix: {{{padding}, kernel: [[2, 2]], ceil_mode: [true, null]}}")
    assert list(cases) == [
        "one-padding=valid-kernel=2x2-ceil_mode=true",
        "one-padding=valid-kernel=2x2-ceil_mode=open",
        "one-padding=same-kernel=2x2-ceil_mode=true",
        "one-padding=same-kernel=2x2-ceil_mode=open",
        "one-padding=1x0_1-kernel=2x2-ceil_mode=true",
        "one-padding=1x0_1-kernel=2x2-ceil_mode=open",
        "one-padding=0x0-kernel=2x2-ceil_mode=true",
        "one-padding=0x0-kernel=2x2-ceil_mode=open",
    ]
    assert cases["one-padding=1x0_1-kernel=2x2-ceil_mode=open"].pool == Pool(op="max_pool", kernel=(2, 2), padding=((1, 1), (0, 1)))


def test_combinations_that_the_oracle_refuses_are_left_out(spec):
    cases = made(
        spec, "op: lp_pool, input: {arange: [1, 1, 4]}, matrix: {kernel: [[2], [5]], padding: [valid, [[2, 2]]], p: [0, 1.5, .inf]}"
    )
    assert list(cases) == ["one-kernel=2-padding=valid-p=1.5", "one-kernel=2-padding=valid-p=inf", "one-kernel=5-padding=2-p=1.5",
                           "one-kernel=5-padding=2-p=inf"]  # fmt: skip


def test_rules_decide_what_is_refused_and_what_is_answered(spec):
    keys = (
        "op: max_pool, input: {arange: [1, 1, 4]}, matrix: {kernel: [[2]], padding: [[[2, 2]]]}, rules: {pad_limit: none, empty_max: zero}"
    )
    [case] = made(spec, keys).values()
    assert case.expected.from_oracle
    due = np.array([[[0, 1, 3, 0]]], "float32")
    assert {finding.verdict for finding in judge(case, Answer("accepts", due))} == {AGREES}
    assert DIFFERS in {finding.verdict for finding in judge(case, Answer("accepts", due + 1))}


def test_types_and_formats_are_read_anew(spec):
    cases = made(spec, "op: max_pool, input: {arange: [1, 2, 3]}, pool: {kernel: [2]}, "
                       "matrix: {dtype: [int8, null], data_format: [channels_first, channels_last, null]}")  # fmt: skip
    told = [(case.input.dtype, case.pool.data_format, case.layout) for case in cases.values()]
    formats = [(FIRST, FIRST), (LAST, LAST), (None, FIRST)]
    assert told == [(dtype, stated, layout) for dtype in ("int8", "float32") for stated, layout in formats]
    last = cases["one-dtype=int8-data_format=channels_last"]
    [values] = [finding for finding in judge(last, Answer("accepts", last.input.value[:, 1:])) if finding.attribute == "values"]
    assert values.verdict == AGREES


def test_every_case_of_a_matrix_is_due_what_the_oracle_says(spec):
    cases = made(spec, "op: avg_pool, input: {normal: [1, 2, 5, 5]}, matrix: {kernel: [[2, 2], [3, 3]], stride: [[1, 1], [2, 3], null]}")
    assert len(cases) == 6
    for case in cases.values():
        [values] = [each for each in judge(case, Answer("accepts", oracle(case.input.value, case.pool))) if each.attribute == "values"]
        assert values.verdict == AGREES
        assert case.kind == "conformance"
    assert len({case.hash for case in cases.values()}) == 6


def test_a_waiting_matrix_is_one_case(spec):
    [case] = made(spec, "op: conv, input: {arange: [1, 1, 4]}, matrix: {stride: [[1], [2]]}, waiting: for convolutions").values()
    assert case.name == "one"
