"""What else is made of rows: Markdown, tables, a badge, and the matrix, each true to the rows and safe to be shown."""

import csv
import json
import re
from dataclasses import replace
from importlib import util

import pandas as pd
import pytest
from typer import Typer
from typer.testing import CliRunner

from poolparity.cases.judge.answer import Answer
from poolparity.reports.cli.report import report
from poolparity.reports.formats import table_files
from poolparity.reports.formats.badge import make_badge
from poolparity.reports.formats.formats import FORMATS, SUFFIXES, find_format, select_cases, write_report
from poolparity.reports.formats.markdown import format_markdown
from poolparity.reports.formats.table_files import write_csv, write_parquet
from poolparity.reports.page.pairs import Pairs
from poolparity.reports.rows.records import BadRows, Rows, Unwritable


@pytest.fixture
def rows(keep, make, make_claim, answers):
    answers_by_target = {"torch": answers["agrees"], "jax": answers["differs"]}
    return keep((make(), answers_by_target), (make("other"), {"torch": answers["rejects"]}), (make_claim("upheld"), answers_by_target))


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Runs the command in a folder of its own, where `keep` has left rows.jsonl."""
    monkeypatch.chdir(tmp_path)
    app = Typer(pretty_exceptions_enable=False)
    app.command()(report)
    return lambda *arguments: CliRunner().invoke(app, arguments)


def test_a_line_for_each_row(rows, tmp_path):
    write_csv(rows, tmp_path / "rows.csv", "en")
    table = pd.read_csv(tmp_path / "rows.csv")
    assert len(table) == len(rows.rows)
    assert table["verdict"].to_list() == [row["verdict"] for row in rows.rows]
    assert [json.loads(item) for item in table["got"].dropna()] == [row["got"] for row in rows.rows if row["got"] is not None]


def test_no_spreadsheet_reckons_with_a_message(keep, make, tmp_path):
    rows = keep((make(), {"torch": Answer("rejects", detail="=HYPERLINK(1)\x1b[1m")}))
    write_csv(rows, tmp_path / "rows.csv", "en")
    details = pd.read_csv(tmp_path / "rows.csv")["detail"].dropna()
    assert any("HYPERLINK" in item for item in details)
    assert not [item for item in details if item.startswith(table_files.FORMULA) or "\x1b" in item]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_column_of_a_csv_begins_with_a_formula(keep, make, tmp_path, start):
    text = f"{start}HYPERLINK(1)"
    rows = keep((replace(make(file=text)), {text: Answer("rejects", detail=text)}), code=text, known_entry=text)
    for row in rows.rows:
        row.update(answer=text, versions={text: text})
    for line in rows.cases.values():
        line.update(layer=text, op=text, tier=text, kind="conformance")
    write_csv(rows, tmp_path / "rows.csv", "en")
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as stream:
        [head, *lines] = csv.reader(stream)
    assert {"case", "target", "layer", "answer", "detail", "code", "known", "op"} <= {*head}
    assert sum("HYPERLINK" in cell for cell in lines[0]) >= 8
    assert not [cell for line in lines for cell in line if cell.startswith(table_files.FORMULA)]


@pytest.mark.skipif(not util.find_spec("pyarrow"), reason="Parquet needs PyArrow: pip install 'poolparity[parquet]'")
def test_parquet_holds_what_the_csv_does(rows, tmp_path):
    write_csv(rows, tmp_path / "rows.csv", "en")
    write_parquet(rows, tmp_path / "rows.parquet", "en")
    one, other = pd.read_csv(tmp_path / "rows.csv"), pd.read_parquet(tmp_path / "rows.parquet")
    assert one.columns.to_list() == other.columns.to_list()
    assert one["case"].to_list() == other["case"].to_list()


@pytest.mark.skipif(not util.find_spec("pyarrow"), reason="Parquet needs PyArrow: pip install 'poolparity[parquet]'")
def test_every_text_of_a_parquet_file_is_printable(keep, make, answers, tmp_path):
    rows = keep((make("name\x1b[1m\u202e"), {"tar\x07get": answers["agrees"]}))
    write_parquet(rows, tmp_path / "rows.parquet", "en")
    texts = [cell for cell in pd.read_parquet(tmp_path / "rows.parquet").to_numpy().ravel() if isinstance(cell, str)]
    assert "tar\\x07get" in texts
    assert not [text for text in texts if re.search("[\x00-\x08\x0e-\x1f\u202e]", text)]


def test_without_pyarrow_it_says_what_to_install(rows, tmp_path, monkeypatch):
    monkeypatch.setattr(table_files, "find_spec", lambda name: None)
    with pytest.raises(Unwritable, match=r"rows.parquet: writing Parquet needs PyArrow.*pip install 'poolparity\[parquet\]'"):
        write_parquet(rows, tmp_path / "rows.parquet", "en")


def test_the_summary_leads_with_what_nobody_expected(rows):
    text = format_markdown(rows)
    assert text.index("Not in the ledger") < text.index("Differences by cause") < text.index("| Target |")
    assert "- jax: differs: specs/max\\_pool/pairs.yaml::right" in text


def test_nothing_in_the_summary_is_markup_of_others(keep, make):
    hostile = replace(make("a|b <img src=x> [x](y) `c` @d"))
    text = format_markdown(keep((hostile, {"tor|ch <b>": Answer("rejects", detail="no")})))
    assert "<" not in text.replace("&lt;", "")
    assert "tor\\|ch &lt;b&gt;" in text
    assert "\\[x\\](y) \\`c\\` \\@d" in text


def test_a_badge_is_what_shields_io_takes(rows, keep, make, answers):
    assert make_badge(rows) == {
        "schemaVersion": 1,
        "label": "pooling parity",
        "message": "40.0% of 5 answers, 3 unexpected",
        "color": "red",
    }
    right = make(), {"torch": answers["agrees"]}
    assert make_badge(keep(right)) == {
        "schemaVersion": 1,
        "label": "pooling parity",
        "message": "100% of 1 answers",
        "color": "brightgreen",
    }
    assert make_badge(keep(right, whole=False))["message"] == "100% of 1 answers, partial"
    assert make_badge(keep(right, whole=False))["color"] == "orange"


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_run_is_an_error_in_every_format(form, tmp_path):
    with pytest.raises(BadRows, match="nothing was measured"):
        write_report(Rows(header={"record": "header"}, whole=True), tmp_path / "file", form, "en")


def test_every_format_has_a_suffix():
    assert {*SUFFIXES.values()} == {*FORMATS}


def test_a_suffix_that_names_no_format_is_refused(tmp_path):
    with pytest.raises(Unwritable, match=r"report.pdf: unknown suffix '.pdf'; expected one of .html, .md"):
        find_format(tmp_path / "report.pdf")


def test_the_command_writes_several_files_at_once(rows, command, tmp_path):
    names = ["page.html", "deep/summary.md", "rows.csv", "badge.json", "matrix.txt"]
    process = command("rows.jsonl", *(part for name in names for part in ("--output", name)))
    assert process.exit_code == 0, process.output
    assert all((tmp_path / name).stat().st_size for name in names)
    assert "report: deep/summary.md" in process.stdout


def test_one_format_for_several_files_is_refused(rows, command):
    process = command("rows.jsonl", "--format", "csv", "--output", "a", "--output", "b")
    assert isinstance(process.exception, Unwritable)
    assert "--format csv with 2 outputs" in str(process.exception)


def test_the_matrix_is_printed_where_no_file_is_named(rows, command, tmp_path):
    process = command("rows.jsonl", "--format", "terminal")
    assert "agreeing/attempted" in process.stdout
    assert not (tmp_path / "report.html").exists()


def test_some_cases_alone(rows):
    assert [*select_cases(rows, ["*::other", "*::right"]).cases] == ["specs/max_pool/pairs.yaml::right", "specs/max_pool/pairs.yaml::other"]
    with pytest.raises(
        BadRows, match=r"--case nothing: no such case in these rows; expected an id such as specs/max_pool/pairs.yaml::right"
    ):
        select_cases(rows, ["nothing"])


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 2, "pairs": [1], "ports": [1], "layers": [1]}'])
def test_a_file_that_is_no_table_of_pairs_is_refused(text, tmp_path):
    (tmp_path / "pairs.json").write_text(text, encoding="utf-8")
    with pytest.raises(Unwritable, match=r"pairs.json: not a table of pairs; expected a file written by `poolparity port --table"):
        Pairs.read(tmp_path / "pairs.json")
