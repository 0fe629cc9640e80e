"""Rules in words: every value of every axis has some, and no two the same."""

from __future__ import annotations

from poolparity.cases.judge.words import PHRASES, alternatives, in_words
from poolparity.cases.model.rules import axes


def test_every_value_of_every_axis_has_words_of_its_own():
    assert set(PHRASES) == {(axis, value) for axis, values in axes().items() for value in values}
    assert len(set(PHRASES.values())) == len(PHRASES)


def test_changes_are_joined_and_alternatives_told_apart():
    one, two = {"axis": "stride_default", "value": "one"}, {"axis": "include_default", "value": "valid"}
    assert in_words([one, two]) == (
        "strides by one where no stride is given and leaves padding out of the average unless told otherwise"
    )  # fmt: skip
    assert alternatives([[one], [two]]) == (
        "strides by one where no stride is given, or leaves padding out of the average unless told otherwise"
    )  # fmt: skip
    assert (alternatives([]), alternatives(None)) == ("", "unexplained")
