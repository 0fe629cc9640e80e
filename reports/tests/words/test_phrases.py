"""The table of axes in words: every value has its own, and causes are joined into sentences."""

from poolparity.cases.model.rules import AXES
from poolparity.reports.words.phrases import alternatives, axis_title, in_words, phrase, short_word


def test_no_two_values_have_the_same_phrase_and_no_two_axes_the_same_title():
    phrases = [value.phrase for axis in AXES.values() for value in axis.values.values()]
    titles = [axis.title for axis in AXES.values()]
    assert len(set(phrases)) == len(phrases)
    assert len(set(titles)) == len(titles)


def test_the_values_of_an_axis_have_different_short_words():
    assert all(len({value.short for value in axis.values.values()}) == len(axis.values) > 1 for axis in AXES.values())


def test_a_value_that_is_not_in_the_table_is_named():
    assert phrase("nan", "positional") == "nan is positional"
    assert short_word("nan", "unexplained") == "unexplained"
    assert axis_title("no_axis") == "no_axis"


def test_changes_are_joined_and_alternatives_listed():
    one, two = {"axis": "stride_default", "value": "one"}, {"axis": "include_default", "value": "valid"}
    assert in_words([one, two]) == "strides by one where no stride is given and leaves padding out of the average by default"
    assert alternatives([[one], [two]]) == "strides by one where no stride is given, or leaves padding out of the average by default"
    assert (alternatives([]), alternatives(None)) == ("", "unexplained")
