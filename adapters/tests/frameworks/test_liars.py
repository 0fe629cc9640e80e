"""The judge is proven: liars who follow one wrong rule are caught and named by the core tier, all others are caught."""

import sys
from pathlib import Path

import numpy as np
import pytest
from support.bugs import BUGS, answer_with_bug
from support.followers import FOLLOWERS, answer_under

from poolparity.adapters.targets.find import find_targets, layers_of
from poolparity.cases.judge.answer import AGREES
from poolparity.cases.judge.cause import CauseSearch, add_causes
from poolparity.cases.judge.judge import judge
from poolparity.cases.judge.readings import readings
from poolparity.cases.judge.sensitivity import possible_changes
from poolparity.cases.model.rules import AXIS_VALUES
from poolparity.cases.read.check import find_spec_files
from poolparity.cases.read.spec import read_spec

pytestmark = pytest.mark.slow

SPECS = Path(__file__).parents[3] / "specs"


@pytest.fixture(scope="session")
def core():
    """The cases of the default tier that the oracle can be asked."""
    core_cases = [
        case for path in find_spec_files([SPECS]) for case in read_spec(path, layers_of(find_targets()), tiers=("smoke", "core")).cases
    ]
    return [case for case in core_cases if questions_of(case)]


def questions_of(case):
    """Whether the oracle can be asked for what is due of a case: not for what a document says in error, nor for what only a layer's text says."""
    has_stated_type = case.due.output_dtype not in (None, case.input.dtype) and case.spelling
    return not (case.waiting or case.as_written or case.stands == "contradicted" or case.kind == "observe" or has_stated_type)


def judge_case(case, answer_pool):
    """The findings on a liar, who answers to the case and to what its `equals` asks."""
    answer, separate_answers = answer_pool(case.pool)
    return judge(case, answer, answer_pool(case.due.equals)[0] if case.due.equals else None, separate_answers)


def judge_with_causes(case, answer_pool):
    """The findings on a liar, with their causes."""
    return add_causes(case, judge_case(case, answer_pool), *answer_pool(case.pool))


def wrong(case, findings):
    """The findings that tell a liar from an honest target: what does not agree, and the wrong answer of a probe."""
    return [
        finding
        for finding in findings
        if finding.verdict != AGREES or (finding.probe_value and finding.probe_value != getattr(case.reference, case.asks))
    ]


def causes(case, findings):
    """The single changes of rules that each explain all that is wrong with an answer."""
    causes_of_findings = [
        readings(case)[finding.probe_value] if finding.probe_value else [(one["axis"], one["value"]) for [one] in single(finding)]
        for finding in findings
    ]
    return set.intersection(*map(set, causes_of_findings))


def single(finding):
    return [cause for cause in finding.cause or () if len(cause) == 1]


@pytest.fixture(scope="session")
def causes_by_change(core):
    """For each wrong rule the cases that its follower answers otherwise than is due, with the causes that are found."""
    followers = {(axis, value): {} for axis, values in AXIS_VALUES.items() for value in values}
    for case in core:
        of_answer = {}
        for change in possible_changes(CauseSearch(case), case.wants("gradient")):
            answers = {pool: answer_under(case, [change], pool) for pool in asked_pools(case)}
            key = tuple(map(bits, answers.values()))
            if key not in of_answer:  # many changes make no difference to a case, or the same one
                lies = wrong(case, judge_with_causes(case, answers.__getitem__))
                of_answer[key] = causes(case, lies) if lies else None
            if of_answer[key] is not None:
                followers[change][case.id] = of_answer[key]
    return followers


def asked_pools(case):
    """The poolings that a liar is asked for: the case's, and what its `equals` asks."""
    return [case.pool, case.due.equals] if case.due.equals else [case.pool]


def bits(answers):
    """All that is judged of an answer, to compare it by."""
    answer, separate_answers = answers
    arrays = {"y": answer.output, **answer.extra}
    array_bytes = [(name, array.dtype.str, array.shape, array.tobytes()) for name, array in arrays.items() if array is not None]
    return (
        answer.outcome,
        answer.detail,
        answer.parameters,
        *array_bytes,
        *((name, bits((separate_answer, {}))) for name, separate_answer in separate_answers.items()),
    )


def is_named(causes_by_change, change):
    """The wrong rules that all answers of a follower fit: what its causes share, but for what would have changed answers of it that are due."""
    lies = causes_by_change[change]
    shared_changes = set.intersection(*lies.values()) if lies else set()
    return {other for other in shared_changes if causes_by_change[other].keys() <= lies.keys()}


def test_who_follows_a_wrong_rule_is_caught_and_named(causes_by_change, capsys):
    caught_changes = [change for change in FOLLOWERS if causes_by_change[change]]
    named_changes = [change for change in FOLLOWERS if is_named(causes_by_change, change) == {change}]
    with capsys.disabled():
        sys.stdout.write(
            f"\n  followers of a wrong rule: caught {len(caught_changes)} of {len(FOLLOWERS)}, named {len(named_changes)} of {len(FOLLOWERS)}\n"
        )
    assert [change for change in FOLLOWERS if change not in caught_changes] == []
    assert {change: is_named(causes_by_change, change) for change in FOLLOWERS if change not in named_changes} == {}


def test_the_truth_is_believed(core):
    assert [case.id for case in core if wrong(case, judge_case(case, lambda pool, case=case: answer_under(case, pool=pool)))] == []


@pytest.fixture(scope="session")
def buggy(core):
    """For each classic bug the cases of which it does not make the truth, the findings on what it makes of them, and that itself."""
    answers_by_bug = {bug: {} for bug in BUGS}
    for case in (case for case in core if not case.due.equals):
        truth = answer_under(case)
        for bug in BUGS:
            lie = answer_with_bug(case, bug)
            if not is_same(case, truth, lie):
                answers_by_bug[bug][case.id] = case, judge_case(case, lambda _, lie=lie: lie), lie
    return answers_by_bug


def is_same(case, one, other):
    """Whether all that is compared of two answers is nearly the same."""
    (true, true_parts), (false, lied_apart) = one, other
    if "accepts" not in (true.outcome, false.outcome) or true.outcome != false.outcome:
        return true.outcome == false.outcome
    compared_attributes = [name for name in ("shape", "values", "dtype") if name in case.attributes]
    if not compared_attributes and not true.extra and not true_parts:
        return True
    pairs = [(true.output, false.output)] if "values" in case.attributes else []
    pairs += [(true.extra[name], false.extra.get(name)) for name in true.extra]
    pairs += [(true_parts[name].extra[name], lied_apart[name].extra[name]) for name in true_parts if name in lied_apart]
    is_dtype_kept = "dtype" not in compared_attributes or true.output.dtype == false.output.dtype
    return (
        is_dtype_kept
        and ("shape" not in compared_attributes or true.output.shape == false.output.shape)
        and all(near(*pair) for pair in pairs)
    )


def near(one, other):
    """Whether two arrays differ by rounding at most."""
    left, right = one.astype("float64"), other.astype("float64")
    return left.shape == right.shape and np.allclose(left, right, rtol=0.05, atol=0, equal_nan=True)


def test_classic_bugs_are_caught_and_never_agree(buggy, capsys):
    ids_that_agree = {bug: [case.id for case, findings, _ in lies.values() if not wrong(case, findings)] for bug, lies in buggy.items()}
    with capsys.disabled():
        sys.stdout.write(
            f"\n  classic bugs: caught {sum(map(bool, buggy.values()))} of {len(BUGS)}, in {sum(map(len, buggy.values()))} answers\n"
        )
    assert [bug for bug in BUGS if not buggy[bug]] == []
    assert {bug: ids for bug, ids in ids_that_agree.items() if ids} == {}


@pytest.mark.parametrize("bug", BUGS)
def test_no_rule_explains_all_that_a_bug_does(buggy, bug):
    shared_explanations = None
    for case, findings, lie in buggy[bug].values():
        explanations = causes(case, wrong(case, add_causes(case, findings, *lie)))
        shared_explanations = explanations if shared_explanations is None else shared_explanations & explanations
        if not shared_explanations:
            return
    assert shared_explanations == set()
