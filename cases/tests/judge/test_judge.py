"""The judge, attribute by attribute: the verdict, both sides, the words and the causes of each finding."""

import numpy as np
import pytest

from poolparity.cases.judge.answer import AGREES, CRASHES, DIFFERS, NOT_RUN, REJECTS, TIMES_OUT, UNSUPPORTED, Answer
from poolparity.cases.judge.judge import judge
from poolparity.cases.judge.tolerance import EXACT

PLAIN = "{op: max_pool, input: [[[1, 5, 2, 4]]], pool: {kernel: [2], stride: [2]}, "
OUTPUT = PLAIN + "output: [[[5, 4]]]}"
EVERYTHING = (
    PLAIN
    + "output: [[[5, 4]]], output_dtype: float32, indices: [[[1, 3]]], with: {cotangent: [[[10, 20]]]}, gradient: [[[0, 10, 0, 20]]], parameters: 0}"
)
INVALID = PLAIN + "raises: invalid}"
OBSERVE = "{op: max_pool, input: [[[1, 5, 2, 4]]], pool: {kernel: [2], padding: [[2, 2]]}}"
EQUALS = PLAIN + "equals: {op: avg_pool, pool: {kernel: [2], stride: [2]}}}"


@pytest.fixture
def judge_keys(spec):
    """Judges an answer to the case that these keys make: attribute, verdict, due, got, detail and cause of each finding."""

    def judge_answer(keys, answer, other=None, separate_answers=None):
        spec_file = spec(f"cases:\n  one: {keys}\n")
        assert spec_file.mistakes == ()
        findings = judge(spec_file.cases[0], answer, other, separate_answers or {})
        return [
            (finding.attribute, finding.verdict, plain(finding.due), plain(finding.got), finding.detail, finding.cause)
            for finding in findings
        ]

    return judge_answer


def plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value


def accepts(cells, dtype="float32", **more):
    return Answer("accepts", np.array(cells, dtype), **more)


GIVEN = [[[5.0, 4.0]]]


def test_what_is_as_due_agrees(judge_keys):
    assert judge_keys(OUTPUT, accepts(GIVEN, detail="filled in")) == [
        ("acceptance", AGREES, "accepts", "accepts", "filled in", []),
        ("shape", AGREES, (1, 1, 2), (1, 1, 2), "", []),
        ("values", AGREES, GIVEN, GIVEN, "", []),
        ("dtype", AGREES, "float32", "float32", "", []),
    ]


def test_everything_is_compared(judge_keys):
    answer = accepts(GIVEN, parameters=0, extra={"indices": np.array([[[1, 3]]])})
    gradient = {"gradient": Answer("accepts", extra={"gradient": np.array([[[0, 10, 0, 20]]], "float32")})}
    findings = judge_keys(EVERYTHING, answer, separate_answers=gradient)
    assert [(attribute, verdict) for attribute, verdict, *_ in findings] == [
        (name, AGREES) for name in ("acceptance", "shape", "values", "dtype", "indices", "gradient", "parameters")
    ]
    assert findings[4][2:] == ([[[1, 3]]], [[[1, 3]]], "", [])
    assert findings[5][2:] == ([[[0.0, 10.0, 0.0, 20.0]]], [[[0.0, 10.0, 0.0, 20.0]]], "", [])
    assert findings[6][2:] == (0, 0, "", [])


def test_each_attribute_differs_by_itself(judge_keys):
    answer = accepts(GIVEN, "float64", parameters=3, extra={"indices": np.array([[[0, 3]]])})
    gradient = {"gradient": Answer("accepts", extra={"gradient": np.array([[[0, 10, 21, 20]]], "float32")})}
    by_attribute = {name: rest for name, *rest in judge_keys(EVERYTHING, answer, separate_answers=gradient)}
    assert by_attribute["acceptance"][0] == by_attribute["shape"][0] == by_attribute["values"][0] == AGREES
    assert by_attribute["dtype"] == [DIFFERS, "float32", "float64", "got dtype float64, expected float32", None]
    assert by_attribute["indices"] == [DIFFERS, [[[1, 3]]], [[[0, 3]]], "1 of 2 cells differ, first at [0, 0, 0]: got 0, expected 1", None]
    assert by_attribute["gradient"][0] == DIFFERS
    assert by_attribute["gradient"][3:] == ["1 of 4 cells differ, first at [0, 0, 2]: got 21.0, expected 0.0", None]
    assert by_attribute["parameters"] == [DIFFERS, 0, 3, "got parameters 3, expected 0", None]


def test_cells_that_differ_are_counted_and_the_first_is_reported(judge_keys):
    [*_, values, _] = judge_keys(OUTPUT, accepts([[[5, 7]]]))
    assert values == ("values", DIFFERS, GIVEN, [[[5.0, 7.0]]], "1 of 2 cells differ, first at [0, 0, 1]: got 7.0, expected 4.0", None)
    [*_, values, _] = judge_keys(OUTPUT, accepts([[[np.nan, 7]]]))
    assert values[4] == "2 of 2 cells differ, first at [0, 0, 0]: got nan, expected 5.0"


def test_another_shape_is_reported(judge_keys):
    _, shape, values, _ = judge_keys(OUTPUT, accepts([[[5]]]))
    assert shape == ("shape", DIFFERS, (1, 1, 2), (1, 1, 1), "got shape (1, 1, 1), expected (1, 1, 2)", None)
    assert values == ("values", DIFFERS, GIVEN, [[[5.0]]], "got shape (1, 1, 1), expected (1, 1, 2)", None)


def test_findings_on_cells_hold_the_tolerance(spec):
    [case] = spec("cases:\n  one: {op: avg_pool, input: [[[1, 2, 2]]], pool: {kernel: [3]}, output: [[[1.6666666]]]}").cases
    by_name = {finding.attribute: finding for finding in judge(case, accepts([[[1.6666666]]]))}
    assert by_name["values"].tolerance.ulp == 5
    assert by_name["shape"].tolerance is None
    [whole] = spec(f"cases:\n  one: {OUTPUT}").cases
    for cells in ([[[5, 7]]], [[[5]]]):
        values = {finding.attribute: finding for finding in judge(whole, accepts(cells))}["values"]
        assert values.tolerance is EXACT


def test_a_refusal_where_an_answer_was_due(judge_keys):
    assert judge_keys(OUTPUT, Answer("rejects", detail="ValueError: no")) == [
        ("acceptance", REJECTS, "accepts", "rejects", "ValueError: no", None),
        ("shape", REJECTS, (1, 1, 2), None, "ValueError: no", None),
        ("values", REJECTS, GIVEN, None, "ValueError: no", None),
        ("dtype", REJECTS, "float32", None, "ValueError: no", None),
    ]


def test_an_answer_where_a_refusal_was_due(judge_keys):
    assert judge_keys(INVALID, accepts(GIVEN, detail="well")) == [("acceptance", REJECTS, "rejects", "accepts", "well", None)]
    assert judge_keys(INVALID, Answer("rejects", detail="no")) == [("acceptance", AGREES, "rejects", "rejects", "no", [])]


@pytest.mark.parametrize("outcome", [CRASHES, TIMES_OUT, UNSUPPORTED, NOT_RUN])
def test_without_an_answer_every_attribute_has_that_verdict(judge_keys, outcome):
    findings = judge_keys(OUTPUT, Answer(outcome, detail="so it is"))
    assert findings == [
        ("acceptance", outcome, "accepts", None, "so it is", None),
        ("shape", outcome, (1, 1, 2), None, "so it is", None),
        ("values", outcome, GIVEN, None, "so it is", None),
        ("dtype", outcome, "float32", None, "so it is", None),
    ]


def test_gradients_may_be_as_far_off_as_rounding_takes_them(judge_keys):
    keys = "{op: avg_pool, input: [[[1, 2, 2]]], pool: {kernel: [3]}, with: {cotangent: [[[1]]]}, gradient: [[[0.33333334, 0.33333334, 0.33333334]]]}"
    third = np.float32(1) / np.float32(3)
    for got, verdict in ((third, AGREES), (np.nextafter(third, np.float32(1)), AGREES), (np.float32(0.3334), DIFFERS)):
        separate_answers = {"gradient": accepts([], extra={"gradient": np.array([[[third, got, third]]], "float32")})}
        assert judge_keys(keys, accepts([[[1.6666666]]]), separate_answers=separate_answers)[-1][:2] == ("gradient", verdict)


def test_layers_whose_parameters_cannot_be_counted(judge_keys):
    by_attribute = {name: rest for name, *rest in judge_keys(PLAIN + "parameters: 0}", accepts(GIVEN))}
    assert by_attribute["parameters"] == [
        UNSUPPORTED,
        0,
        None,
        "the target has no layer for this operation, so there are no parameters to count",
        None,
    ]


def test_indices_that_were_not_given(judge_keys):
    by_attribute = {name: rest for name, *rest in judge_keys(PLAIN + "output: [[[5, 4]]], indices: [[[1, 3]]]}", accepts(GIVEN))}
    assert by_attribute["indices"] == [DIFFERS, [[[1, 3]]], None, "the target gave no indices", None]


def test_an_observation_agrees_with_whatever_is_done(judge_keys):
    assert judge_keys(OBSERVE, accepts(GIVEN, detail="well")) == [
        ("acceptance", AGREES, None, "accepts", "well", []),
        ("shape", AGREES, None, (1, 1, 2), "", []),
        ("values", AGREES, None, GIVEN, "", []),
    ]
    assert judge_keys(OBSERVE, Answer("rejects", detail="no")) == [("acceptance", AGREES, None, "rejects", "no", [])]
    assert judge_keys(OBSERVE, Answer("crashes", detail="SIGFPE")) == [("acceptance", CRASHES, "accepts", None, "SIGFPE", None)]


@pytest.mark.parametrize(("sizes", "verdict", "detail"), [
    ([1, 1, 2], AGREES, ""),
    ([-1, 1, 2], AGREES, "1 of 3 sizes are unknown"),
    ([-1, -1, -1], AGREES, "3 of 3 sizes are unknown"),
    ([1, 1, 3], DIFFERS, "inferred shape (1, 1, 3), expected (1, 1, 2)"),
    ([-1, 1, 3], DIFFERS, "inferred shape (-1, 1, 3), expected (1, 1, 2)"),
    ([1, 2], DIFFERS, "inferred shape (1, 2), expected (1, 1, 2)"),
])  # fmt: skip
def test_shapes_that_are_inferred(judge_keys, sizes, verdict, detail):
    separate_answers = {"inferred_shape": Answer("accepts", extra={"inferred_shape": np.array(sizes)})}
    *_, last_finding = judge_keys(OUTPUT, accepts(GIVEN), separate_answers=separate_answers)
    assert last_finding == ("inferred_shape", verdict, (1, 1, 2), tuple(sizes), detail, [] if verdict == AGREES else None)


def test_what_is_asked_apart_may_fail_apart(judge_keys):
    separate_answers = {"gradient": Answer("rejects", detail="no gradient"), "inferred_shape": Answer("unsupported", detail="no inference")}
    answer = accepts(GIVEN, parameters=0, extra={"indices": np.array([[[1, 3]]])})
    by_attribute = {name: rest for name, *rest in judge_keys(EVERYTHING, answer, separate_answers=separate_answers)}
    assert by_attribute["gradient"][::3] == [REJECTS, "no gradient"]
    assert by_attribute["inferred_shape"] == [UNSUPPORTED, (1, 1, 2), None, "no inference", None]
    assert by_attribute["values"][0] == AGREES


def test_another_operation_on_the_same_target_is_what_is_due(judge_keys):
    assert judge_keys(EQUALS, accepts(GIVEN), accepts(GIVEN)) == [
        ("acceptance", AGREES, "accepts", "accepts", "", []),
        ("shape", AGREES, (1, 1, 2), (1, 1, 2), "", []),
        ("values", AGREES, GIVEN, GIVEN, "", []),
    ]
    assert judge_keys(EQUALS, accepts([[[5, 3]]]), accepts(GIVEN))[2] == (
        "values", DIFFERS, GIVEN, [[[5.0, 3.0]]], "1 of 2 cells differ, first at [0, 0, 1]: got 3.0, expected 4.0", None)  # fmt: skip
    assert [finding[1] for finding in judge_keys(EQUALS, accepts([[[5, 4, 3]]]), accepts(GIVEN))] == [AGREES, DIFFERS, DIFFERS]


@pytest.mark.parametrize("outcome", [REJECTS, UNSUPPORTED, CRASHES])
def test_where_the_other_operation_cannot_be_had_nothing_is_compared(judge_keys, outcome):
    findings = judge_keys(EQUALS, accepts(GIVEN), Answer(outcome, detail="no average"))
    assert {(verdict, detail) for _, verdict, _, _, detail, _ in findings} == {(outcome, "avg_pool(kernel=(2,), stride=(2,)): no average")}
    alone = judge_keys(EQUALS, Answer(outcome, detail="no maximum"))
    assert [finding[:3] for finding in alone] == [("acceptance", outcome, "accepts"), ("shape", outcome, None), ("values", outcome, None)]
    both = judge_keys(EQUALS, Answer("rejects", detail="no maximum"), Answer(outcome, detail="no average"))
    assert {(verdict, detail) for _, verdict, _, _, detail, _ in both} == {(REJECTS, "no maximum")}
