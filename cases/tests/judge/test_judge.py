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
def judged(spec):
    """Judges an answer to the case that these keys make: attribute, verdict, due, got, detail and cause of each finding."""

    def judged(keys, answer, other=None, further=None):
        found = spec(f"cases:\n  one: {keys}\n")
        assert found.mistakes == ()
        findings = judge(found.cases[0], answer, other, further or {})
        return [(each.attribute, each.verdict, plain(each.due), plain(each.got), each.detail, each.cause) for each in findings]

    return judged


def plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value


def accepts(cells, dtype="float32", **more):
    return Answer("accepts", np.array(cells, dtype), **more)


GIVEN = [[[5.0, 4.0]]]


def test_what_is_as_due_agrees(judged):
    assert judged(OUTPUT, accepts(GIVEN, detail="filled in")) == [
        ("acceptance", AGREES, "accepts", "accepts", "filled in", []),
        ("shape", AGREES, (1, 1, 2), (1, 1, 2), "", []),
        ("values", AGREES, GIVEN, GIVEN, "", []),
        ("dtype", AGREES, "float32", "float32", "", []),
    ]


def test_everything_is_compared(judged):
    answer = accepts(GIVEN, parameters=0, extra={"indices": np.array([[[1, 3]]])})
    gradient = {"gradient": Answer("accepts", extra={"gradient": np.array([[[0, 10, 0, 20]]], "float32")})}
    found = judged(EVERYTHING, answer, further=gradient)
    assert [(attribute, verdict) for attribute, verdict, *_ in found] == [
        (name, AGREES) for name in ("acceptance", "shape", "values", "dtype", "indices", "gradient", "parameters")
    ]
    assert found[4][2:] == ([[[1, 3]]], [[[1, 3]]], "", [])
    assert found[5][2:] == ([[[0.0, 10.0, 0.0, 20.0]]], [[[0.0, 10.0, 0.0, 20.0]]], "", [])
    assert found[6][2:] == (0, 0, "", [])


def test_each_attribute_differs_by_itself(judged):
    answer = accepts(GIVEN, "float64", parameters=3, extra={"indices": np.array([[[0, 3]]])})
    gradient = {"gradient": Answer("accepts", extra={"gradient": np.array([[[0, 10, 21, 20]]], "float32")})}
    found = {name: rest for name, *rest in judged(EVERYTHING, answer, further=gradient)}
    assert found["acceptance"][0] == found["shape"][0] == found["values"][0] == AGREES
    assert found["dtype"] == [DIFFERS, "float32", "float64", "got dtype float64, expected float32", None]
    assert found["indices"] == [DIFFERS, [[[1, 3]]], [[[0, 3]]], "1 of 2 cells differ, first at [0, 0, 0]: got 0, expected 1", None]
    assert found["gradient"][0] == DIFFERS
    assert found["gradient"][3:] == ["1 of 4 cells differ, first at [0, 0, 2]: got 21.0, expected 0.0", None]
    assert found["parameters"] == [DIFFERS, 0, 3, "got parameters 3, expected 0", None]


def test_cells_that_differ_are_counted_and_the_first_is_told(judged):
    [*_, values, _] = judged(OUTPUT, accepts([[[5, 7]]]))
    assert values == ("values", DIFFERS, GIVEN, [[[5.0, 7.0]]], "1 of 2 cells differ, first at [0, 0, 1]: got 7.0, expected 4.0", None)
    [*_, values, _] = judged(OUTPUT, accepts([[[np.nan, 7]]]))
    assert values[4] == "2 of 2 cells differ, first at [0, 0, 0]: got nan, expected 5.0"


def test_another_shape_is_told(judged):
    _, shape, values, _ = judged(OUTPUT, accepts([[[5]]]))
    assert shape == ("shape", DIFFERS, (1, 1, 2), (1, 1, 1), "got shape (1, 1, 1), expected (1, 1, 2)", None)
    assert values == ("values", DIFFERS, GIVEN, [[[5.0]]], "got shape (1, 1, 1), expected (1, 1, 2)", None)


def test_findings_on_cells_hold_the_tolerance(spec):
    [case] = spec("cases:\n  one: {op: avg_pool, input: [[[1, 2, 2]]], pool: {kernel: [3]}, output: [[[1.6666666]]]}").cases
    by_name = {each.attribute: each for each in judge(case, accepts([[[1.6666666]]]))}
    assert by_name["values"].tolerance.ulp == 5
    assert by_name["shape"].tolerance is None
    [whole] = spec(f"cases:\n  one: {OUTPUT}").cases
    for cells in ([[[5, 7]]], [[[5]]]):
        values = {each.attribute: each for each in judge(whole, accepts(cells))}["values"]
        assert values.tolerance is EXACT


def test_a_refusal_where_an_answer_was_due(judged):
    assert judged(OUTPUT, Answer("rejects", detail="ValueError: no")) == [
        ("acceptance", REJECTS, "accepts", "rejects", "ValueError: no", None),
        ("shape", REJECTS, (1, 1, 2), None, "ValueError: no", None),
        ("values", REJECTS, GIVEN, None, "ValueError: no", None),
        ("dtype", REJECTS, "float32", None, "ValueError: no", None),
    ]


def test_an_answer_where_a_refusal_was_due(judged):
    assert judged(INVALID, accepts(GIVEN, detail="well")) == [("acceptance", REJECTS, "rejects", "accepts", "well", None)]
    assert judged(INVALID, Answer("rejects", detail="no")) == [("acceptance", AGREES, "rejects", "rejects", "no", [])]


@pytest.mark.parametrize("outcome", [CRASHES, TIMES_OUT, UNSUPPORTED, NOT_RUN])
def test_without_an_answer_every_attribute_has_that_verdict(judged, outcome):
    found = judged(OUTPUT, Answer(outcome, detail="so it is"))
    assert found == [
        ("acceptance", outcome, "accepts", None, "so it is", None),
        ("shape", outcome, (1, 1, 2), None, "so it is", None),
        ("values", outcome, GIVEN, None, "so it is", None),
        ("dtype", outcome, "float32", None, "so it is", None),
    ]


def test_gradients_may_be_as_far_off_as_rounding_takes_them(judged):
    keys = "{op: avg_pool, input: [[[1, 2, 2]]], pool: {kernel: [3]}, with: {cotangent: [[[1]]]}, gradient: [[[0.33333334, 0.33333334, 0.33333334]]]}"
    third = np.float32(1) / np.float32(3)
    for got, verdict in ((third, AGREES), (np.nextafter(third, np.float32(1)), AGREES), (np.float32(0.3334), DIFFERS)):
        further = {"gradient": accepts([], extra={"gradient": np.array([[[third, got, third]]], "float32")})}
        assert judged(keys, accepts([[[1.6666666]]]), further=further)[-1][:2] == ("gradient", verdict)


def test_layers_whose_parameters_cannot_be_counted(judged):
    found = {name: rest for name, *rest in judged(PLAIN + "parameters: 0}", accepts(GIVEN))}
    assert found["parameters"] == [
        UNSUPPORTED,
        0,
        None,
        "the target has no layer for this operation, so there are no parameters to count",
        None,
    ]


def test_indices_that_were_not_given(judged):
    found = {name: rest for name, *rest in judged(PLAIN + "output: [[[5, 4]]], indices: [[[1, 3]]]}", accepts(GIVEN))}
    assert found["indices"] == [DIFFERS, [[[1, 3]]], None, "the target gave no indices", None]


def test_an_observation_agrees_with_whatever_is_done(judged):
    assert judged(OBSERVE, accepts(GIVEN, detail="well")) == [
        ("acceptance", AGREES, None, "accepts", "well", []),
        ("shape", AGREES, None, (1, 1, 2), "", []),
        ("values", AGREES, None, GIVEN, "", []),
    ]
    assert judged(OBSERVE, Answer("rejects", detail="no")) == [("acceptance", AGREES, None, "rejects", "no", [])]
    assert judged(OBSERVE, Answer("crashes", detail="SIGFPE")) == [("acceptance", CRASHES, "accepts", None, "SIGFPE", None)]


@pytest.mark.parametrize(("inferred", "verdict", "detail"), [
    ([1, 1, 2], AGREES, ""),
    ([-1, 1, 2], AGREES, "1 of 3 sizes are unknown"),
    ([-1, -1, -1], AGREES, "3 of 3 sizes are unknown"),
    ([1, 1, 3], DIFFERS, "inferred shape (1, 1, 3), expected (1, 1, 2)"),
    ([-1, 1, 3], DIFFERS, "inferred shape (-1, 1, 3), expected (1, 1, 2)"),
    ([1, 2], DIFFERS, "inferred shape (1, 2), expected (1, 1, 2)"),
])  # fmt: skip
def test_shapes_that_are_inferred(judged, inferred, verdict, detail):
    further = {"inferred_shape": Answer("accepts", extra={"inferred_shape": np.array(inferred)})}
    *_, found = judged(OUTPUT, accepts(GIVEN), further=further)
    assert found == ("inferred_shape", verdict, (1, 1, 2), tuple(inferred), detail, [] if verdict == AGREES else None)


def test_what_is_asked_apart_may_fail_apart(judged):
    further = {"gradient": Answer("rejects", detail="no gradient"), "inferred_shape": Answer("unsupported", detail="no inference")}
    answer = accepts(GIVEN, parameters=0, extra={"indices": np.array([[[1, 3]]])})
    found = {name: rest for name, *rest in judged(EVERYTHING, answer, further=further)}
    assert found["gradient"][::3] == [REJECTS, "no gradient"]
    assert found["inferred_shape"] == [UNSUPPORTED, (1, 1, 2), None, "no inference", None]
    assert found["values"][0] == AGREES


def test_another_operation_on_the_same_target_is_what_is_due(judged):
    assert judged(EQUALS, accepts(GIVEN), accepts(GIVEN)) == [
        ("acceptance", AGREES, "accepts", "accepts", "", []),
        ("shape", AGREES, (1, 1, 2), (1, 1, 2), "", []),
        ("values", AGREES, GIVEN, GIVEN, "", []),
    ]
    assert judged(EQUALS, accepts([[[5, 3]]]), accepts(GIVEN))[2] == (
        "values", DIFFERS, GIVEN, [[[5.0, 3.0]]], "1 of 2 cells differ, first at [0, 0, 1]: got 3.0, expected 4.0", None)  # fmt: skip
    assert [each[1] for each in judged(EQUALS, accepts([[[5, 4, 3]]]), accepts(GIVEN))] == [AGREES, DIFFERS, DIFFERS]


@pytest.mark.parametrize("outcome", [REJECTS, UNSUPPORTED, CRASHES])
def test_where_the_other_operation_cannot_be_had_nothing_is_compared(judged, outcome):
    found = judged(EQUALS, accepts(GIVEN), Answer(outcome, detail="no average"))
    assert {(verdict, detail) for _, verdict, _, _, detail, _ in found} == {(outcome, "avg_pool(kernel=(2,), stride=(2,)): no average")}
    alone = judged(EQUALS, Answer(outcome, detail="no maximum"))
    assert [each[:3] for each in alone] == [("acceptance", outcome, "accepts"), ("shape", outcome, None), ("values", outcome, None)]
    both = judged(EQUALS, Answer("rejects", detail="no maximum"), Answer(outcome, detail="no average"))
    assert {(verdict, detail) for _, verdict, _, _, detail, _ in both} == {(REJECTS, "no maximum")}
