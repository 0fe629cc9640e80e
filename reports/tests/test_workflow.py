"""The workflow for a user's repository is one that GitHub takes, and its last step says what changed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

WORKFLOW = Path(__file__).parents[2] / ".ci" / "workflow.yml"
JOBS = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
STEPS = {step["name"]: step for job in JOBS.values() for step in job["steps"] if "name" in step}


def test_the_workflow_is_valid(tmp_path):
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    assert subprocess.run([*check, WORKFLOW], capture_output=True).returncode == 0
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
