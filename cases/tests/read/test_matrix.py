"""A matrix: its cases, their names, and what the oracle answers."""

import numpy as np
import pytest

from poolparity.cases.judge.judge import AGREES, DIFFERS, Answer, due_of, judge
from poolparity.cases.model.pool import FIRST, LAST, Pool
from poolparity.cases.oracle.definition import oracle, outcome


def cases_of(spec, keys):
    spec_file = spec(f"cases:\n  one: {{{keys}}}")
    assert spec_file.mistakes == ()
    return {case.name: case for case in spec_file.cases}


def test_names_tell_the_parameters_in_the_order_of_the_file(spec):
    padding = "padding: [valid, same, [[1, 1], [0, 1]], [[0, 0], [0, 0]]]"
    cases = cases_of(
        spec, f"op: max_pool, input: {{arange: [1, 1, 4, 4]}}, matrix: {{{padding}, kernel: [[2, 2]], ceil_mode: [true, null]}}"
    )
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
    cases = cases_of(
        spec, "op: lp_pool, input: {arange: [1, 1, 4]}, matrix: {kernel: [[2], [5]], padding: [valid, [[2, 2]]], p: [0, 1.5, .inf]}"
    )
    assert list(cases) == ["one-kernel=2-padding=valid-p=1.5", "one-kernel=2-padding=valid-p=inf", "one-kernel=5-padding=2-p=1.5",
                           "one-kernel=5-padding=2-p=inf"]  # fmt: skip


def test_rules_decide_what_is_refused_and_what_is_answered(spec):
    keys = (
        "op: max_pool, input: {arange: [1, 1, 4]}, matrix: {kernel: [[2]], padding: [[[2, 2]]]}, rules: {pad_limit: none, empty_max: zero}"
    )
    [case] = cases_of(spec, keys).values()
    assert case.reference_due.from_oracle == ("output",)
    due = np.array([[[0, 1, 3, 0]]], "float32")
    assert {finding.verdict for finding in judge(case, Answer("accepts", due))} == {AGREES}
    assert DIFFERS in {finding.verdict for finding in judge(case, Answer("accepts", due + 1))}


def test_types_and_formats_are_read_anew(spec):
    cases = cases_of(spec, "op: max_pool, input: {arange: [1, 2, 3]}, pool: {kernel: [2]}, "
                       "matrix: {dtype: [int8, null], data_format: [channels_first, channels_last, null]}")  # fmt: skip
    formats_of_cases = [(case.input.dtype, case.pool.data_format, case.layout) for case in cases.values()]
    formats = [(FIRST, FIRST), (LAST, LAST), (None, FIRST)]
    assert formats_of_cases == [(dtype, data_format, layout) for dtype in ("int8", "float32") for data_format, layout in formats]
    last = cases["one-dtype=int8-data_format=channels_last"]
    [values] = [finding for finding in judge(last, Answer("accepts", last.input.value[:, 1:])) if finding.attribute == "values"]
    assert values.verdict == AGREES


def test_every_case_of_a_matrix_is_due_what_the_oracle_says(spec):
    cases = cases_of(
        spec, "op: avg_pool, input: {normal: [1, 2, 5, 5]}, matrix: {kernel: [[2, 2], [3, 3]], stride: [[1, 1], [2, 3], null]}"
    )
    assert len(cases) == 6
    for case in cases.values():
        [values] = [
            finding for finding in judge(case, Answer("accepts", oracle(case.input.value, case.pool))) if finding.attribute == "values"
        ]
        assert values.verdict == AGREES
        assert case.kind == "conformance"
    assert len({case.hash for case in cases.values()}) == 6


def test_indices_and_gradients_are_the_oracles(spec):
    cases = cases_of(spec, "op: max_pool, input: {distinct: [2, 3, 4, 5]}, with: {cotangent: {distinct: output, start: 1}}, indices: oracle, "
                       "gradient: oracle, matrix: {kernel: [[2, 2], [3, 2]], data_format: [channels_first, channels_last]}")  # fmt: skip
    assert len(cases) == 4
    for case in cases.values():
        assert case.attributes == ("acceptance", "shape", "values", "dtype", "indices", "gradient")
        pool, cotangent = case.stated_pool, case.extra["cotangent"].value
        due = outcome(case.input.value, pool, cotangent=cotangent)
        assert sorted(cotangent.ravel().tolist()) == list(range(1, due.output.size + 1))
        assert np.array_equal(due_of(case, "indices", None), due.indices)
        assert np.array_equal(due_of(case, "gradient", None), due.gradient)


def test_gradients_are_left_out_where_there_are_none(spec):
    keys = "with: {cotangent: {full: output, value: 1}}, gradient: oracle"
    cases = cases_of(
        spec, f"op: avg_pool, input: {{arange: [1, 1, 4]}}, pool: {{kernel: [2]}}, {keys}, matrix: {{dtype: [int8, float16, float64]}}"
    )
    assert [case.extra["cotangent"].dtype for case in cases.values()] == ["float16", "float64"]


def test_one_case_may_have_the_oracles_gradient(spec):
    spec_file = spec("cases:\n  one: {op: avg_pool, batched: false, input: {arange: [2, 6]}, pool: {kernel: [3]}, output: [[1, 4], [7, 10]], "
                 "with: {cotangent: {arange: output}}, gradient: oracle}")  # fmt: skip
    assert spec_file.mistakes == ()
    assert np.array_equal(
        due_of(spec_file.cases[0], "gradient", None), np.array([0, 1, 2, 3], "float32").repeat(3).reshape(2, 6) / np.float32(3)
    )


def test_the_oracle_says_of_which_type_an_answer_is(spec):
    keys = "op: avg_pool, input: {arange: [1, 1, 4]}, pool: {kernel: [2]}, rules: {integer_average: promote32}"
    types = {
        name: due_of(case, "dtype", None) for name, case in cases_of(spec, f"{keys}, matrix: {{dtype: [int8, bfloat16, float64]}}").items()
    }
    assert types == {"one-dtype=int8": "float32", "one-dtype=bfloat16": "bfloat16", "one-dtype=float64": "float64"}


@pytest.mark.parametrize(("keys", "count"), [
    ("op: conv, input: {arange: [1, 2, 5]}, with: {weights: {arange: [3, 2, 3]}}, matrix: {stride: [[1], [2], [0]], padding: [valid, same]}", 4),
    ("op: upsample_nearest, input: {arange: [1, 2, 5]}, matrix: {kernel: [[2], [3], [0]]}", 2),
    ("op: max_unpool, input: [[[7]]], with: {indices: [[[2]]]}, matrix: {kernel: [[2], [3], [4]]}", 2),
    ("op: flatten, input: {arange: [1, 2, 2]}, matrix: {dtype: [int8, float16], data_format: [channels_last]}", 2),
    ("op: fractional_max_pool, dtype: int8, input: {arange: [1, 1, 6]}, with: {samples: [[[0.5]]]}, matrix: {kernel: [[2]], output_size: [[3]]}", 1),
    ("op: fractional_max_pool, input: {arange: [1, 1, 6]}, with: {samples: [[[0.5]]]}, matrix: {kernel: [[2]], output_size: [[3], [7]]}", 1),
])  # fmt: skip
def test_every_operation_has_matrices(spec, keys, count):
    assert len(cases_of(spec, keys)) == count


def test_a_probe_spans_types(spec):
    keys = "op: max_pool, input: [[[7, 7]]], pool: {kernel: [2]}, asks: tie, answers: {first: {indices: [[[0]]]}, last: {indices: [[[1]]]}}"
    cases = cases_of(spec, f"{keys}, matrix: {{dtype: [int8, float16]}}")
    assert [case.input.dtype for case in cases.values()] == ["int8", "float16"]
    assert {case.kind for case in cases.values()} == {"probe"}


def test_a_waiting_matrix_is_one_case(spec):
    [case] = cases_of(spec, "op: conv, input: {arange: [1, 1, 4]}, matrix: {stride: [[1], [2]]}, waiting: for convolutions").values()
    assert case.name == "one"


def test_the_oracle_answers_with_the_weights_of_the_case(spec):
    [case] = cases_of(spec, "op: conv, input: {arange: [1, 1, 4]}, with: {weights: [[[1, 2]]]}, matrix: {stride: [[1]]}").values()
    assert due_of(case, "values", None).tolist() == [[[2, 5, 8]]]


def test_a_cotangent_is_of_no_account_where_no_gradient_is_due(spec):
    keys = "op: max_pool, dtype: int8, input: [[[1, 2, 3, 4]]], with: {cotangent: [[[1]]]}, matrix: {kernel: [[2]], stride: [[2]]}"
    [case] = cases_of(spec, keys).values()
    assert due_of(case, "values", None).tolist() == [[[2, 4]]]


def test_the_oracle_answers_in_the_layout_of_a_layer(spec):
    layer = "layer: 'keras.layers.MaxPooling1D(2)', input: [[[1, 8], [4, 5]]], output: [[[4, 8]]]"
    [case] = cases_of(spec, f"{layer}, with: {{cotangent: [[[6, 7]]]}}, gradient: oracle").values()
    assert due_of(case, "gradient", None).tolist() == [[[0, 7], [6, 0]]]
