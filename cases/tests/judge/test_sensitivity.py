"""What alters an answer: the wrong rules that a case tells from the right ones."""

import pytest

from poolparity.cases.judge.sensitivity import altering_changes, count_distinct


@pytest.mark.parametrize(("keys", "due"), [
    ("op: max_pool, input: [[[1, 5, 2, 4]]], pool: {kernel: [2], stride: [2]}, output: [[[5, 4]]]", set()),
    ("op: max_pool, input: [[[1, 5, 2, 4]]], pool: {kernel: [2]}, output: [[[5, 4]]]", {("stride_default", "one"), ("stride_default", "reject")}),
    ("op: max_pool, input: [[[4, 5, 2, 4]]], pool: {kernel: [2]}, output_shape: [1, 1, 2]", {("stride_default", "one"), ("stride_default", "reject")}),
    ("op: max_pool, input: [[[1, 2, 3, 4]]], pool: {kernel: [2], stride: [1], padding: same}, output: [[[2, 3, 4, 4]]]", {("same_split", "low")}),
    ("op: max_pool, input: [[[-1, -2]]], pool: {kernel: [2], stride: [1], padding: [[1, 0]]}, output: [[[-1, -1]]]", {("pad_value", "zero")}),
    ("op: avg_pool, input: [[[3, 6, 9]]], pool: {kernel: [3], stride: [1], padding: [[1, 1]], count_include_pad: true}, output: [[[3, 6, 5]]]",
     {("average_pad", "edge")}),
    ("op: max_pool, input: [[[1, 2]]], pool: {kernel: [3], stride: [3]}, raises: invalid",
     {("size_zero", "empty"), ("size_zero", "crash"), ("size_division", "trunc_kernel")}),
    ("op: max_pool, input: [[[7, 7]]], pool: {kernel: [2], stride: [2]}, output: [[[7]]]", set()),
    ("op: max_pool, input: [[[7, 7]]], pool: {kernel: [2], stride: [2]}, output: [[[7]]], indices: [[[0]]]", {("tie", "last")}),
    ("op: max_pool, input: [[[7, 7]]], pool: {kernel: [2], stride: [2]}, output: [[[7]]], with: {cotangent: [[[1]]]}, gradient: [[[1, 0]]]",
     {("tie", "last"), ("tie", "split"), ("tie", "all")}),
    ("op: max_pool, input: [[[7, 7]]], pool: {kernel: [2]}, equals: {op: avg_pool, pool: {kernel: [2]}}", set()),
    ("op: max_pool, input: [[[7, 7]]], pool: {kernel: [2]}, waiting: for a reason", set()),
])  # fmt: skip
def test_the_changes_that_alter_what_is_due(spec, keys, due):
    [parsed_case] = spec(f"cases:\n  one: {{{keys}}}").cases
    assert {
        change
        for change in altering_changes(parsed_case)
        if change[0] not in ("explicit_padding", "same_padding", "result_dtype", "size_negative")
    } == due


def test_rounding_alters_an_answer_only_where_it_is_asked_for(spec):
    keys = "op: avg_pool, input: [[[1, 2, 2]]], pool: {kernel: [3], stride: [3]}, rules: {accumulator: float32}"
    [plain] = spec(f"cases:\n  one: {{{keys}, output: [[[1.6666666]]]}}").cases
    question = "asks: division, answers: {divide: [[[1.6666666]]], reciprocal: [[[1.6666667]]]}"
    [probe] = spec(f"cases:\n  one: {{{keys}, {question}}}").cases
    assert ("division", "reciprocal") not in altering_changes(plain)
    assert ("division", "reciprocal") in altering_changes(probe)


def test_the_base_of_an_index_matters_only_where_it_is_asked_for(spec):
    keys = "op: max_pool, input: [[[1, 2], [3, 4]]], pool: {kernel: [2], stride: [2]}"
    [plain] = spec(f"cases:\n  one: {{{keys}, output: [[[2], [4]]], indices: [[[1], [1]]]}}").cases
    [probe] = spec(
        f"cases:\n  one: {{{keys}, asks: index_base, answers: {{plane: {{indices: [[[1], [1]]]}}, tensor: {{indices: [[[1], [3]]]}}}}}}"
    ).cases
    assert {axis for axis, _ in altering_changes(plain)} <= {"result_dtype", "index_planes"}
    assert {axis for axis, _ in altering_changes(probe)} == {"index_base", "index_planes"}


def test_cases_that_nothing_tells_apart_count_once(spec):
    cases = spec("""
        op: max_pool
        cases:
          one: {input: [[[1, 2]]], pool: {kernel: [2], stride: [2]}, output: [[[2]]]}
          the_same: {input: [[[3, 4]]], pool: {kernel: [2], stride: [2]}, output: [[[4]]]}
          of_another_size: {input: [[[3, 4]]], pool: {kernel: [1], stride: [1]}, output: [[[3, 4]]]}
          of_another_type: {dtype: float64, input: [[[3, 4]]], pool: {kernel: [2], stride: [2]}, output: [[[4]]]}
          told_apart: {input: [[[.nan, 4]]], pool: {kernel: [2], stride: [2]}, output: [[[.nan]]]}
    """).cases
    assert len(cases) == 5
    assert count_distinct(cases) == 4
