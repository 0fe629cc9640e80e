"""ADDING_A_COLUMN.md is followed: one definition is all that a column of the report needs."""

import base64
import gzip
import json
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from poolparity.reports import page as package
from poolparity.reports.page import columns, table
from poolparity.reports.page.columns import CASE_COLUMNS, LEVELS, Column
from poolparity.reports.page.page import render_page
from poolparity.reports.words.language import mark

STEPS = (Path(package.__file__).parents[1] / "ADDING_A_COLUMN.md").read_text(encoding="utf-8")


def read_block(language):
    """The code block of a language, without the indentation of its step."""
    [block] = re.findall(rf"^   ```{language}\n(.*?)^   ```$", STEPS, re.DOTALL | re.MULTILINE)
    return re.sub("^   ", "", block, flags=re.MULTILINE)


@pytest.fixture
def column(monkeypatch):
    """The column of the page, added to the table."""
    column = eval(read_block("python"), {"Column": Column, "mark": mark})
    levels = {**LEVELS, "cases": (*CASE_COLUMNS, column)}
    for function in (table.build_table, table.list_filters):
        monkeypatch.setattr(function, "__defaults__", (levels,))
    return column


def read_table(text):
    """The data of the table that a page contains."""
    [packed_text] = re.findall(r'<script type="application/octet-stream" id="packed">(.*?)</script>', text)
    return json.loads(gzip.decompress(base64.b64decode(packed_text)))


def test_a_column_is_in_the_data_the_heading_and_the_filters(column, keep, make, answers):
    text = render_page(keep((make(), {"torch": answers["agrees"]})))
    data = read_table(text)
    assert data["columns"][-1] == {"key": "layout", "title": "Layout", "width": 120}
    assert data["cases"]["layout"] == {"names": ["channels_first"], "codes": [0]}
    assert "layout" in data["filters"]["cases"]
    [choice] = re.findall(r'<label title="([^"]*)">Layout <select name="layout">(.*?)</select>', text)
    assert choice[0] == "the order of the input&#39;s axes"
    assert '<option value="channels_first">channels first</option>' in choice[1]


def test_without_it_the_page_has_no_such_column(keep, make, answers):
    text = render_page(keep((make(), {"torch": answers["agrees"]})))
    assert "layout" not in read_table(text)["cases"]
    assert 'name="layout"' not in text


def test_the_translations_of_the_steps_are_those_that_the_column_needs(column, tmp_path):
    (tmp_path / "zh.po").write_text(read_block("po"), encoding="utf-8")
    with (tmp_path / "zh.po").open("rb") as stream:
        translations = {message.id: message.string for message in read_po(stream, locale="zh") if message.id}
    assert {*translations} == {column.heading, column.hint}
    assert all(translations.values())


def test_the_tuples_and_files_that_the_steps_name_exist():
    assert all(hasattr(columns, name) for name in re.findall(r"`(\w+_COLUMNS|AnswerLine|FindingLine|Column)`", STEPS))
    root = Path(package.__file__).parents[2]
    assert all((root / path).exists() for path in re.findall(r"reports/[\w/.]+\w", STEPS))


def test_every_column_has_a_key_of_its_own_within_its_level():
    for level in LEVELS.values():
        keys = [column.key for column in level]
        assert len(keys) == len(set(keys))
