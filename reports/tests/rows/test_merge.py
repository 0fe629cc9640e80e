"""Files of rows become one: shards and environments, each row once, and nothing that contradicts itself."""

import json
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from poolparity.cases.model.case import Due
from poolparity.reports.cli import app
from poolparity.reports.fingerprint.files import read_files
from poolparity.reports.page.page import render_page
from poolparity.reports.rows.merge import merge_runs
from poolparity.reports.rows.reader import read_rows
from poolparity.reports.rows.records import SCHEMA, BadRows
from poolparity.reports.rows.writer import write_rows
from poolparity.reports.terminal.summary import PARTIAL

pytestmark = pytest.mark.slow

VALID = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
TWIN = str(Path(__file__).parents[1] / "support" / "twin.py")


def command(*arguments):
    return CliRunner().invoke(app, [str(item) for item in arguments])


def content(path):
    """The case lines and rows of a file, without time and without an order."""
    lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return sorted(json.dumps({**line, "seconds": 0}, sort_keys=True) for line in lines if line["record"] in ("case", "row"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run of the smoke tier, and the same in three shares."""
    folder = tmp_path_factory.mktemp("runs")
    questions = ("run", "--tier", "smoke", "--adapter", TWIN, "--target", "numpy", "--target", "twin")
    for name, more in (("whole", ()), *((f"share{number}", ("--shard", f"{number}/3")) for number in (1, 2, 3))):
        process = command(*questions, *more, "--rows", folder / f"{name}.jsonl")
        assert process.exit_code in (0, 1), process.output  # the ledger knows nothing of the second target's probes
    return folder


def test_shares_merge_to_the_whole_run(runs, tmp_path):
    process = command("merge", *(runs / f"share{number}.jsonl" for number in (3, 1, 2)), "-o", tmp_path / "out.jsonl")
    assert process.exit_code == 0, process.output
    whole = read_rows(runs / "whole.jsonl")
    assert process.output == f"rows: {tmp_path / 'out.jsonl'}: {len(whole.cases)} cases on 2 targets, {len(whole.rows)} rows\n"
    assert content(tmp_path / "out.jsonl") == content(runs / "whole.jsonl")
    assert read_rows(tmp_path / "out.jsonl").whole
    assert list(tmp_path.iterdir()) == [tmp_path / "out.jsonl"]


def test_shares_are_disjoint_and_alike_in_size(runs):
    shares = [set(read_rows(runs / f"share{number}.jsonl").cases) for number in (1, 2, 3)]
    assert sum(map(len, shares)) == len(set.union(*shares)) == len(read_rows(runs / "whole.jsonl").cases)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_every_line_of_a_merged_file_is_as_the_schema_says(runs, tmp_path):
    command("merge", runs / "share1.jsonl", runs / "share2.jsonl", "-o", tmp_path / "two.jsonl")
    command("merge", tmp_path / "two.jsonl", runs / "share3.jsonl", "-o", tmp_path / "out.jsonl")
    lines = list(map(json.loads, (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()))
    assert [error.message for line in lines for error in VALID.iter_errors(line)] == []
    headers = [json.loads((runs / f"share{number}.jsonl").read_text(encoding="utf-8").splitlines()[0]) for number in (1, 2, 3)]
    assert lines[0]["runs"] == headers
    assert lines[0]["platform"] == headers[0]["platform"]


def test_what_is_there_twice_is_kept_once(runs, tmp_path):
    process = command("merge", runs / "whole.jsonl", runs / "whole.jsonl", runs / "share1.jsonl", "-o", tmp_path / "out.jsonl")
    assert process.exit_code == 0, process.output
    assert content(tmp_path / "out.jsonl") == content(runs / "whole.jsonl")


def test_a_file_may_take_the_place_of_one_that_it_is_made_of(runs, tmp_path):
    out = tmp_path / "out.jsonl"
    out.write_bytes((runs / "share1.jsonl").read_bytes())
    assert command("merge", out, runs / "share2.jsonl", runs / "share3.jsonl", "-o", out).exit_code == 0
    assert content(out) == content(runs / "whole.jsonl")


def test_with_a_part_of_a_run_the_whole_is_partial_and_half_answers_are_left_out(runs, tmp_path):
    data = (runs / "share1.jsonl").read_bytes()
    lines = data.splitlines(keepends=True)
    cut = next(at for at, line in enumerate(lines) if at > 50 and json.loads(line).get("last") is False) + 1
    (tmp_path / "cut.jsonl").write_bytes(b"".join(lines[:cut]))
    process = command("merge", tmp_path / "cut.jsonl", runs / "share2.jsonl", "-o", tmp_path / "out.jsonl")
    assert PARTIAL in process.output
    rows_read = read_rows(tmp_path / "out.jsonl")
    assert not rows_read.whole
    half = json.loads(lines[cut - 1])
    assert not [row for row in rows_read.rows if (row["case"], row["target"]) == (half["case"], half["target"])]
    assert "partial" in render_page(rows_read).casefold()


def test_rows_of_several_environments_merge(keep_rows, make, answers, tmp_path):
    files = [
        keep_rows("torch", (make(), {"torch": answers["agrees"]})),
        keep_rows("jax", (make(), {"jax": answers["differs"]}), version="0.10"),
        keep_rows("older", (make(), {"jax": answers["agrees"]}), version="0.9"),
    ]
    write_rows(read_files(files), tmp_path / "out.jsonl")
    assert {row["target"]: row["verdict"] for row in read_rows(tmp_path / "out.jsonl").rows if row["attribute"] == "values"} == {
        "torch": "agrees",
        "jax@0.9": "agrees",
        "jax@0.10": "differs",
    }


def refusal_of(*paths):
    with pytest.raises(BadRows) as error_info:
        read_files(paths)
    return str(error_info.value)


def test_two_versions_of_a_case_are_refused(keep_rows, make, answers):
    one, other = (
        keep_rows("one", (make(), {"torch": answers["agrees"]})),
        keep_rows("other", (make(due=(5, 3)), {"jax": answers["agrees"]})),
    )
    assert refusal_of(one, other) == (
        f"{other}: {make().id} has two hashes, {make(due=(5, 3)).hash} here and {make().hash} in {one}: these are two versions of the "
        "case; expected rows of one version of each case, from runs of the same specs"
    )


def test_rows_of_one_version_that_contradict_each_other_are_refused(keep_rows, make, answers):
    one, other = keep_rows("one", (make(), {"torch": answers["agrees"]})), keep_rows("other", (make(), {"torch": answers["differs"]}))
    assert refusal_of(one, other) == (
        f"{other}: {make().id} on torch (torch 1.0), values by call: the verdict is differs here and agrees in {one}; "
        "expected the same of one version, so one of the two was run on another machine or is wrong"
    )


PROBE = {"due": Due(), "asks": "tie", "answers": {"first": Due(output=np.array([[[5, 4]]], "float32"))}}


@pytest.mark.parametrize(("answers_given", "probe", "key", "value"), [
    ("agrees", {}, "got", {"dtype": "float32", "shape": [1, 1, 2], "data": [[[5.0, 4.5]]]}),
    ("agrees", {}, "due", None),
    ("differs", {}, "cause", [[{"axis": "tie", "value": "all"}]]),
    ("differs", {}, "consistent_with", [[{"axis": "tie", "value": "all"}]]),
    ("differs", PROBE, "answer", "first"),
])  # fmt: skip
def test_whatever_was_found_must_be_the_same(keep_rows, make, answers, answers_given, probe, key, value):
    def edit(row):
        if row["attribute"] == "values":
            row[key] = value

    one = keep_rows("one", (make(**probe), {"torch": answers[answers_given]}))
    other = keep_rows("other", (make(**probe), {"torch": answers[answers_given]}), edit=edit)
    assert f"the {key} is " in refusal_of(one, other)


@pytest.mark.parametrize(("key", "value"), [("seconds", 7.0), ("detail", "worded otherwise"), ("known", "it is so"), ("code", "other")])
def test_time_and_wording_may_differ(keep_rows, make, answers, key, value):
    one = keep_rows("one", (make(), {"torch": answers["agrees"]}))
    other = keep_rows("other", (make(), {"torch": answers["agrees"]}), edit=lambda row: row.update({key: value}))
    assert read_files([one, other]).rows == read_rows(one).rows


def test_the_header_names_all_that_there_was(keep, make, answers, tmp_path):
    runs = []
    for name, features in (("Linux", ["avx", "avx2", "fma"]), ("Plan9", ["avx2", "fma"])):
        left_out = [{"target": item, "why": f"{item} is left out"} for item in ("torch", "flax") if item[0] != name[0].lower()]
        header = {"platform": name, "cpu_features": features, "started": f"2026-01-0{len(runs) + 1}", "left_out": left_out}
        runs.append((tmp_path, keep((make(), {"torch" if name == "Linux" else "jax": answers["agrees"]}), header=header)))
    header = merge_runs(runs).header
    assert (header["platform"], header["cpu_features"], header["started"]) == ("Linux; Plan9", ["avx2", "fma"], "2026-01-01")
    assert [item["target"] for item in header["left_out"]] == ["flax"]
    assert len(header["runs"]) == 2
