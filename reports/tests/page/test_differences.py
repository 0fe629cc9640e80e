"""Differences by cause."""

import pytest

from poolparity.cases.model.case import Due
from poolparity.reports.page.page import render_page
from poolparity.reports.rows.differences import differences
from poolparity.reports.words.phrases import UNSTEADY, phrase

LOW = [[{"axis": "same_split", "value": "low"}]]
EITHER = [*LOW, [{"axis": "same_amount", "value": "unclamped"}]]
POSITIONAL = [[{"axis": "nan", "value": "positional"}]]


@pytest.fixture
def causes_and_cases(keep, make, answers):
    """Tells differences by cause, of rows of which each target's causes are told."""

    def causes_of_rows(causes, answer="differs", **more):
        rows = keep((make(**more), dict.fromkeys(causes, answers[answer])))
        for row in rows.rows:
            if row["verdict"] != "agrees":
                row.update(causes[row["target"]])
        return [(difference.cause, difference.cases) for difference in differences(rows)]

    return causes_of_rows


CASE = "specs/max_pool/pairs.yaml::right"


def test_targets_whose_answers_have_one_cause_stand_together(causes_and_cases):
    low = phrase("same_split", "low")
    assert causes_and_cases({"a": {"cause": LOW}, "b": {"cause": LOW}}) == [(low, {"a": [CASE], "b": [CASE]})]


def test_what_nothing_explains_is_first_then_what_fits_a_set_then_what_is_most_frequent(causes_and_cases):
    causes = {
        "a": {"cause": EITHER}, "b": {"cause": LOW}, "c": {"cause": LOW}, "d": {"consistent_with": POSITIONAL}, "e": {},
        "f": {"unsteady": True},
    }  # fmt: skip
    causes_in_order = [cause for cause, _ in causes_and_cases(causes)]
    assert causes_in_order[:3] == ["unexplained", UNSTEADY, "consistent with: nan is positional"]
    assert causes_in_order[3:] == [phrase("same_split", "low"), f"{phrase('same_split', 'low')}, or {phrase('same_amount', 'unclamped')}"]


def test_numbers_that_are_others_each_time_are_counted_apart(keep, make, answers):
    rows = keep((make(), dict.fromkeys("ab", answers["differs"])))
    for row in rows.rows:
        row.update({"known": "It reads memory that nothing wrote."} if row["verdict"] != "agrees" else {})
        row.update({"unsteady": True} if (row["target"], row["attribute"]) == ("a", "values") else {})
    unexplained, unsteady = differences(rows)
    assert (unexplained.unexplained, unexplained.unsteady, unexplained.cases) == (True, False, {"b": [CASE]})
    assert (unsteady.unexplained, unsteady.unsteady, unsteady.cases) == (False, True, {"a": [CASE]})
    text = render_page(rows)
    assert "<b>1</b> difference that no rule explains" in text
    assert "<b>1</b> difference whose numbers change when it is asked for again" in text
    assert unsteady.reasons == unexplained.reasons == {"It reads memory that nothing wrote.": 1}
    assert text.count("<li>It reads memory that nothing wrote.") == 2


def test_a_refusal_is_one_difference(causes_and_cases):
    assert causes_and_cases({"a": {}}, answer="rejects") == [("unexplained", {"a": [CASE]})]


@pytest.mark.parametrize("answer", ["agrees", "unsupported", "not_run", "times_out"])
def test_what_is_no_difference_or_is_not_looked_into_has_no_cause(causes_and_cases, answer):
    assert causes_and_cases({"a": {}}, answer=answer) == []


def test_a_claim_that_is_contradicted_is_not_looked_into(keep, make_claim, answers):
    assert differences(keep((make_claim("contradicted"), {"a": answers["differs"]}))) == []


def test_the_answer_to_a_probe_is_no_difference(keep, make, answers):
    probe = make(asks="same_split", answers={"high": Due(output=answers["agrees"].output), "low": Due(output=answers["differs"].output)})
    assert differences(keep((probe, {"a": answers["differs"]}))) == []


def test_the_page_lists_them_and_each_number_leads_to_the_cases(keep, make, answers):
    text = render_page(keep((make(), {"a": answers["differs"]})))
    section = text[text.index('id="differences"') : text.index('id="cases"')]
    assert "unexplained" in section
    assert 'href="#cause=unexplained&amp;target=a"' in section


def test_without_differences_the_page_says_so(keep, make, answers):
    assert "None: all answers are as expected." in render_page(keep((make(), {"a": answers["agrees"]})))
