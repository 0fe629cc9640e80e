"""The workflows for a user's repository are such as GitHub takes; one says what changed, the other what a search found since the last time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

WORKFLOW = Path(__file__).parents[2] / ".ci" / "workflow.yml"
NIGHTLY = WORKFLOW.with_name("nightly.yml")
JOBS = [job for file in (WORKFLOW, NIGHTLY) for job in yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"].values()]
STEPS = {step["name"]: step for job in JOBS for step in job["steps"] if "name" in step}
RARE = Path(__file__).parent / "support" / "rare.py"


def test_the_workflow_is_valid(tmp_path):
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    assert subprocess.run([*check, WORKFLOW, NIGHTLY], capture_output=True).returncode == 0
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(WORKFLOW.read_text(encoding="utf-8").replace("runs-on", "runs_on"), encoding="utf-8")
    assert subprocess.run([*check, wrong], capture_output=True).returncode == 1


@pytest.fixture
def step(tmp_path):
    """Runs a step's commands where `poolparity` is ours, and `gh` keeps what it was told."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (
        ("poolparity", f"exec {sys.executable} -c 'from poolparity.reports.cli import main; main()' \"$@\""),
        ("gh", 'printf \'%s\\n\' "$*" >>asked; [ "$1" != run ] || [ ! -e known ] || echo 7'),
    ):
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o700)

    def run(name, **more):
        text = STEPS[name]["run"]
        surroundings = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": "summary.md", **more}
        return subprocess.run(["bash", "-e", "-c", text], cwd=tmp_path, env=surroundings, capture_output=True, text=True)

    return run


@pytest.fixture
def rows(keep_rows, make, answers, tmp_path):
    """Makes the rows of two runs, of which the second has a framework more."""
    for folder, after in (("before/rows", "agrees"), ("rows", "differs")):
        (tmp_path / folder).mkdir(parents=True)
        keep_rows("torch", (make(), {"torch": answers[after]}), version="2.0").rename(tmp_path / folder / "torch.jsonl")
    keep_rows("jax", (make(), {"jax": answers["agrees"]})).rename(tmp_path / "rows" / "jax.jsonl")
    return tmp_path


@pytest.mark.parametrize(
    ("own_repository", "questions"), [("true", "pr comment 7 --edit-last --create-if-none --body-file diff.md\n"), ("false", None)]
)
def test_what_changed_is_reported_where_it_may_be_and_stops_the_pull_request(step, rows, own_repository, questions):
    ended = step("Say what changed", NUMBER="7", OURS=own_repository)
    assert (ended.returncode, ended.stderr) == (1, "")
    text = (rows / "diff.md").read_text(encoding="utf-8")
    assert text == (rows / "summary.md").read_text(encoding="utf-8")
    assert text.startswith("### poolparity: 1 answer compared: 1 with a different verdict, 1 newly answered")
    assert ((rows / "asked").read_text() if own_repository == "true" else None) == questions


def test_what_did_not_change_lets_the_pull_request_through(step, rows):
    shutil.copy(rows / "rows" / "torch.jsonl", rows / "before" / "rows" / "torch.jsonl")
    assert step("Say what changed", NUMBER="7", OURS="true").returncode == 0


@pytest.mark.parametrize("known_files", [True, False])
def test_what_the_main_branch_answered_is_fetched_if_it_was_ever_asked(step, tmp_path, known_files):
    if known_files:
        (tmp_path / "known").touch()
    assert step("Fetch what the main branch answered", GITHUB_WORKFLOW="poolparity", GITHUB_BASE_REF="main").returncode == 0
    questions = (tmp_path / "asked").read_text().splitlines()
    assert questions[0].startswith("run list --workflow poolparity --branch main --event push --status success --limit 1")
    assert questions[1:] == (["run download 7 --name poolparity --dir before"] if known_files else [])


def test_all_that_was_kept_becomes_one_report(step, rows):
    ended = step("Put it into one report")
    assert ended.returncode == 0, ended.stderr
    assert (rows / "report.html").stat().st_size > 0


@pytest.mark.process
def test_a_nightly_search_reports_what_is_new_since_the_last_one(step, tmp_path):
    options = f"--adapter {RARE} --target rare+channels --op global_max_pool --ignore-ledger --seed 4 --examples 1"
    first = step("Search", OPTIONS=options)
    assert first.returncode == 1, first.stderr
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "## What happens" in summary
    assert {path.suffix for path in (tmp_path / "finds").iterdir() if path.is_file()} == {".json", ".yaml", ".md"}
    second = step("Search", OPTIONS=options)
    assert (second.returncode, "0 new" in second.stdout) == (0, True), second.stdout + second.stderr
    assert (tmp_path / "summary.md").read_text(encoding="utf-8") == summary
    report = [
        *STEPS["Put all finds into one report"]["run"].partition(" || ")[0].split(),
        "--adapter",
        str(RARE),
        "--target",
        "rare+channels",
    ]
    command = [sys.executable, "-c", "from poolparity.reports.cli import main; main()", *report[1:]]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert (tmp_path / "finds.html").stat().st_size > 0
    assert "rare+channels" in ended.stdout + ended.stderr
