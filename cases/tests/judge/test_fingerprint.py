"""Fingerprints: what observations have in common, told apart by as few keys of the context as will do."""

import pytest

from poolparity.cases.judge.fingerprint import ASKED, EXPLAINED, HELD, UNEXPLAINED, Context, Observation, Rival, fit_fingerprint
from poolparity.cases.judge.readings import readings

HERE = {"op": "max_pool", "dtype": "float32", "rank": 2, "asked": "output", "padding": ""}


def observation(values, axis="nan", case="one", weight=ASKED, rivals=(), **context):
    return Observation(axis, frozenset(values.split("|")), Context(**{**HERE, **context}), case, weight, rivals)


def parts(*observations, axis="nan"):
    """Each part of an axis as its values, and the places where it holds, without the names of their keys."""
    axis_values = fit_fingerprint(observations).axes[axis]
    return {"|".join(part.words(axis)): {tuple(value for _, value in place) for place in part.cases_by_place} for part in axis_values.parts}


def keys(*observations):
    return fit_fingerprint(observations).axes["nan"].keys


def test_what_is_the_same_everywhere_stands_once():
    assert parts(observation("ignore"), observation("ignore", dtype="float16", rank=3), observation("ignore", op="global_max_pool")) == {
        "ignore": {()}
    }


def test_what_several_cases_leave_is_what_all_of_them_do():
    assert parts(
        observation("ignore|ignore_else_nan"), observation("ignore|seeded", dtype="float64"), observation("ignore|restart", rank=1)
    ) == {"ignore": {()}}


def test_what_no_case_tells_apart_is_reported_in_the_order_of_the_axis():
    assert parts(observation("restart|ignore|seeded"), observation("restart|ignore")) == {"ignore|restart": {()}}


def test_the_fewest_keys_tell_contexts_apart():
    observations = [
        observation("ignore", dtype="float16", rank=1),
        observation("propagate", rank=1),
        observation("ignore", dtype="float16"),
        observation("propagate"),
    ]
    assert keys(*observations) == ("dtype",)
    assert parts(*observations) == {"ignore": {("float16",)}, "propagate": {("float32",)}}


def test_operations_are_distinguished_before_types():
    assert keys(observation("ignore"), observation("propagate", op="global_max_pool", dtype="float64", rank=1)) == ("op",)


@pytest.mark.parametrize("key", ["op", "dtype", "rank", "asked", "padding"])
def test_every_key_may_tell_contexts_apart(key):
    other = {"op": "global_max_pool", "dtype": "float64", "rank": 1, "asked": "indices", "padding": "counted"}[key]
    assert keys(observation("ignore"), observation("propagate", **{key: other})) == (key,)


def test_two_keys_tell_contexts_apart_where_one_does_not():
    observations = [
        observation("ignore"),
        observation("propagate", rank=3),
        observation("propagate", dtype="float64"),
        observation("propagate", dtype="float64", rank=3),
    ]
    assert keys(*observations) == ("dtype", "rank")
    assert parts(*observations)["ignore"] == {("float32", 2)}


def test_a_place_where_two_values_are_left_is_no_exception():
    observations = [
        observation("ignore"),
        observation("ignore", rank=1),
        observation("propagate", rank=3),
        observation("ignore|propagate|restart", rank=4),
    ]
    assert parts(*observations) == {"ignore": {(2,), (1,), (4,)}, "propagate": {(3,)}}


def test_a_part_has_a_case_for_each_of_its_places():
    fit = fit_fingerprint(
        [observation("ignore", case="a"), observation("propagate", case="b", rank=3), observation("ignore", case="c", rank=1)]
    ).axes["nan"]
    assert {case for part in fit.parts for case in part.cases_by_place.values()} == {"a", "b", "c"}


def test_an_unexplained_answer_is_a_value_of_its_own_and_comes_last():
    axis_fit = fit_fingerprint([observation(UNEXPLAINED), observation(UNEXPLAINED, rank=1), observation("ignore", rank=3)]).axes["nan"]
    assert [part.words("nan") for part in axis_fit.parts] == [("ignore",), (UNEXPLAINED,)]


def test_cases_that_contradict_each_other_in_one_context_are_reported_by_their_names():
    axis_fit = fit_fingerprint([observation("ignore", case="a"), observation("propagate", case="b"), observation("ignore", rank=1)]).axes[
        "nan"
    ]
    assert [(part.values, set(part.cases_by_place.values())) for part in axis_fit.torn] == [({"ignore"}, {"a"}), ({"propagate"}, {"b"})]
    assert [part.values for part in axis_fit.parts] == [{"ignore"}]


def test_a_probe_overrules_a_cause_and_a_cause_what_was_held_to():
    assert parts(observation("ignore"), observation("propagate", weight=EXPLAINED), observation("restart", weight=HELD)) == {"ignore": {()}}
    assert parts(observation("propagate", weight=EXPLAINED), observation("restart", weight=HELD)) == {"propagate": {()}}


def test_what_overrules_nothing_narrows():
    assert parts(observation("ignore|seeded"), observation("seeded", weight=HELD)) == {"seeded": {()}}


def test_what_was_held_to_counts_where_nothing_else_is_known():
    assert parts(observation("ignore", weight=HELD)) == {"ignore": {()}}
    assert parts(observation("ignore", weight=HELD, rank=1), observation("propagate")) == {"propagate": {()}}
    assert not fit_fingerprint([observation("ignore", weight=HELD), observation("propagate", weight=HELD)]).axes["nan"].parts


def test_an_answer_that_another_rule_gives_as_well_says_nothing_where_that_rule_is_known_to_hold():
    rival = Rival("accumulator", "float32", "input")
    blocks = observation("blocks32", axis="sum_order", rivals=(rival,), dtype="bfloat16")
    assert parts(blocks, axis="sum_order") == {"blocks32": {()}}
    assert parts(blocks, observation("input", axis="accumulator"), axis="sum_order") == {"blocks32": {()}}
    assert parts(blocks, observation("input|float32", axis="accumulator"), axis="sum_order") == {"blocks32": {()}}
    assert "sum_order" not in fit_fingerprint([blocks, observation("float32", axis="accumulator")]).axes


def change(axis, value):
    return [{"axis": axis, "value": value}]


def test_of_alternatives_those_that_fit_are_left():
    fit = fit_fingerprint([observation("float32", axis="accumulator"), observation("divide", axis="division")])
    context = Context(**HERE)
    all_three = [change("accumulator", "float32"), change("accumulator", "input"), change("division", "reciprocal")]
    assert fit.likely(all_three, context) == [change("accumulator", "float32")]
    assert fit.likely(all_three[1:], context) == all_three[1:]
    assert fit.likely([*all_three[1:], change("cast", "float32")], context) == [change("cast", "float32")]


def test_alternatives_are_distinguished_in_the_same_context_alone():
    fit = fit_fingerprint([observation("ignore"), observation("propagate", dtype="float64")])
    both = [change("nan", "ignore"), change("nan", "propagate")]
    assert fit.likely(both, Context(**HERE)) == both[:1]
    assert fit.likely(both, Context(**{**HERE, "dtype": "float64"})) == both[1:]
    assert fit.likely(both, Context(**{**HERE, "dtype": "float16"})) == both


def test_all_changes_of_a_cause_must_fit():
    fit = fit_fingerprint([observation("ignore"), observation("divide", axis="division")])
    one, other = change("nan", "ignore") + change("division", "reciprocal"), change("nan", "ignore") + change("division", "divide")
    assert fit.likely([one, other], Context(**HERE)) == [other]


PROBE = """
    asks: nan
    op: max_pool
    input: [[[.nan, 1, 3, 2]]]
    pool: {kernel: [4]}
    answers: {propagate: [[[.nan]]], ignore: [[[3]]]}
"""
ORDER = """
    asks: sum_order
    op: avg_pool
    dtype: bfloat16
    input: {full: [1, 1, 512], value: 1}
    pool: {kernel: [512], stride: [512]}
    rules: {accumulator: input}
    answers: {sequential: [[[0.5]]], blocks32: [[[1]]]}
"""


def test_an_answer_may_mean_every_value_that_gives_it(case):
    values = readings(case(PROBE))
    assert values["propagate"] == [("nan", "propagate"), ("nan", "seeded")]
    assert values["ignore"][0] == ("nan", "ignore")
    assert set(values["ignore"][1:]) == {("nan", "ignore_else_nan"), ("nan", "restart"), ("nan", "columns_restart"), ("nan", "lanes4")}


def test_an_answer_may_mean_another_choice_where_the_probe_pins_one(case):
    values = readings(case(ORDER))
    assert values["sequential"] == [("sum_order", "sequential"), ("sum_order", "rows")]  # a line is one row
    assert set(values["blocks32"]) == {("sum_order", "blocks32"), ("accumulator", "float64"), ("accumulator", "float32")}


def test_what_is_no_probe_means_nothing(case):
    assert readings(case("{op: max_pool, input: [[[1, 2]]], pool: {kernel: [2]}, output: [[[2]]]}")) == {}


def test_what_is_about_a_type_says_nothing_of_another():
    fit = fit_fingerprint([observation("reject", axis="element_type", dtype="int64")])
    assert fit.axes["element_type"].keys == ("op", "dtype")
    assert fit.at("element_type", Context(**{**HERE, "dtype": "int64"})) == {"reject"}
    assert not fit.at("element_type", Context(**HERE))
    assert not fit.at("element_type", Context(**{**HERE, "op": "avg_pool", "dtype": "int64"}))
