"""Versions of one target stand side by side: those of several interpreters in one run, and those of several files."""

import json
import subprocess
import sys

import pytest

from poolparity.reports.fingerprint.files import read_files
from poolparity.reports.ledger.suite import SPECS
from poolparity.reports.page.page import render_page
from poolparity.reports.rows.records import BadRows
from poolparity.reports.rows.tables import targets

COMMAND = [sys.executable, "-c", "from poolparity.reports.cli import main; main()", "run"]
CASE = f"{SPECS / 'max_pool' / 'axes.yaml'}::channels_first"


def test_two_interpreters_of_one_target_stand_side_by_side_without_their_paths(interpreter, tmp_path):
    questions = [argument for version in ("2.9", "2.10") for argument in ("--target", f"numpy@{interpreter(version)}")]
    outputs = [tmp_path / "rows.jsonl", tmp_path / "report.html"]
    ended = subprocess.run(
        [*COMMAND, CASE, *questions, "--rows", "rows.jsonl", "--report", "report.html"], cwd=tmp_path, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    rows = [row for row in map(json.loads, outputs[0].read_text(encoding="utf-8").splitlines()) if row["record"] == "row"]
    assert {row["target"]: row["versions"] for row in rows} == {"numpy@2.9": {"numpy": "2.9"}, "numpy@2.10": {"numpy": "2.10"}}
    assert {row["verdict"] for row in rows} == {"agrees"}
    heads = [line.split() for line in ended.stdout.splitlines() if "numpy" in line or "2.9" in line]
    assert heads == [["numpy", "numpy"], ["spec", "file", "2.9", "2.10"]]
    for name in ("numpy@2.9", "numpy@2.10"):
        assert name in outputs[1].read_text(encoding="utf-8")
    assert str(tmp_path) not in outputs[1].read_text(encoding="utf-8") + json.dumps(rows)


def test_files_of_several_versions_become_one_with_the_versions_in_the_names(keep_rows, make, answers):
    cases_and_answers = [(make(), {"jax": answers["agrees"], "torch": answers["agrees"]})]
    files = [
        keep_rows("new", *cases_and_answers, version="0.10"),
        keep_rows("old", *cases_and_answers, version="0.9"),
        keep_rows("newest", (make(), {"jax": answers["differs"]}), version="1.0"),
    ]
    rows = read_files(files)
    assert targets(rows) == ["jax@0.9", "jax@0.10", "jax@1.0", "torch@0.9", "torch@0.10"]
    assert rows.whole
    assert "jax@0.10" in render_page(rows)


def test_a_name_that_stands_for_one_version_stays(keep_rows, make, answers):
    files = [keep_rows("jax", (make(), {"jax": answers["agrees"]})), keep_rows("torch", (make(), {"torch@2.0": answers["agrees"]}))]
    assert targets(read_files(files)) == ["jax", "torch@2.0"]


def test_a_folder_stands_for_its_files(keep_rows, make, answers, tmp_path):
    folder = tmp_path / "kept"
    folder.mkdir()
    for version in ("0.9", "0.10"):
        keep_rows("jax", (make(), {"jax": answers["agrees"]}), version=version).rename(folder / f"{version}.jsonl")
    assert targets(read_files([folder])) == ["jax@0.9", "jax@0.10"]


def test_a_folder_without_rows_is_reported(tmp_path):
    with pytest.raises(BadRows) as error_info:
        read_files([tmp_path])
    assert str(error_info.value) == f"{tmp_path}: no file of rows in this folder; expected at least one .jsonl or .jsonl.gz"
