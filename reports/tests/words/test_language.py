"""The report's languages: no text is missing, none is left over, and what is filled in has its place in each."""

import re

import pytest
from support.messages import TEMPLATES, messages

from poolparity.reports.fingerprint.fingerprint import derive_fingerprints
from poolparity.reports.page.page import render_page
from poolparity.reports.words.language import CODES, gettext, load_language, ngettext, use_language
from poolparity.reports.words.phrases import phrase

OTHERS = [name for name in CODES if name != "en"]
PLACES = re.compile(r"%\(\w+\)s|\{\d\}|</?\w+>")


def last(text):
    return text if isinstance(text, str) else text[-1]


@pytest.mark.parametrize("name", OTHERS)
def test_no_text_is_missing_and_none_is_left_over(name):
    assert {*load_language(name).texts} == {*map(last, messages())}


@pytest.mark.parametrize("name", OTHERS)
def test_every_text_is_translated_with_everything_that_is_filled_in(name):
    for text, translation in load_language(name).texts.items():
        assert translation
        assert sorted(PLACES.findall(translation)) == sorted(PLACES.findall(text)), text


def test_templates_hand_over_texts_of_their_own_alone():
    """What is handed to `_` is markup as it stands; anything else would not be escaped."""
    calls = [call for path in TEMPLATES for call in re.findall(r"\b(?:_|ngettext)\((.)", path.read_text(encoding="utf-8"))]
    assert len(calls) > 100
    assert {*calls} == {'"'}


def test_a_language_is_spoken_for_a_while():
    with use_language("zh"):
        assert gettext("agrees") == "一致"
        assert ngettext("%(num)s case", "%(num)s cases", 1) == "%(num)s 个用例"
        assert gettext("what nobody translated") == "what nobody translated"
    assert gettext("agrees") == "agrees"
    assert [ngettext("a case", "cases", count) for count in (0, 1, 2)] == ["cases", "a case", "cases"]


def test_a_page_in_chinese_says_so_and_holds_its_texts(keep, make, answers):
    answers_by_target = {"torch": answers["agrees"], "jax": answers["differs"]}
    text = render_page(keep((make(), answers_by_target)), "zh")
    assert '<html lang="zh-Hans">' in text
    assert "池化兼容性报告" in text
    assert "All cases" not in text


def test_rules_are_reported_in_the_language_that_is_spoken(keep, make, answers):
    with use_language("zh"):
        rows = keep((make(), {"torch": answers["differs"]}))
        assert derive_fingerprints(rows)
        assert phrase("tie", "split") == "相等的值平分梯度"
