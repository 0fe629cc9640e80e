"""The steps of "Add a case" in specs/README.md, followed in a copy with NumPy as the only target."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "specs" / "README.md").read_text(encoding="utf-8")
STEPS = PAGE.partition("## Add a case\n")[2].partition("\n## ")[0]
SPEC = "specs/max_pool/last_window.yaml"


@pytest.fixture
def checkout(tmp_path):
    """A copy of the project whose specs and ledger may be changed, and which is imported in place of this one."""
    copy = tmp_path / "poolparity"
    for name in ("adapters", "specs"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    for name in ("cases", "reports", "conftest.py", "tox.ini"):
        (copy / name).symlink_to(ROOT / name)
    return copy


@pytest.fixture
def follow(checkout):
    """Runs a command of the page, on NumPy alone, and returns its exit status and output."""

    def run(command):
        program, *arguments = command.split()
        module = {"pytest": ["pytest", "-p", "no:cacheprovider"], "poolparity": ["poolparity.reports.cli"]}[program]
        runs = program == "pytest" or arguments[0] == "run"
        if runs and "--target" not in arguments:
            arguments += ["--target", "numpy"]
        start = "import sys; from poolparity.reports.cli import main; sys.exit(main())" if program == "poolparity" else None
        line = [sys.executable, "-c", start, *arguments] if start else [sys.executable, "-m", *module, *arguments]
        environment = {**os.environ, "PYTHONPATH": str(checkout.parent), "XDG_CACHE_HOME": str(checkout.parent / "cache")}
        process = subprocess.run(line, cwd=checkout, env=environment, capture_output=True, text=True)
        return process.returncode, process.stdout + process.stderr

    return run


def test_the_steps_lead_to_a_case_whose_tests_pass(checkout, follow):
    [spec] = re.findall(r"^```yaml\n(.*?)^```$", STEPS, re.DOTALL | re.MULTILINE)
    (checkout / SPEC).write_text(spec, encoding="utf-8")
    check, first, second, run, update, check_ledger, again = "".join(
        re.findall(r"^```sh\n(.*?)^```$", STEPS, re.DOTALL | re.MULTILINE)
    ).splitlines()
    ledger = checkout / "adapters/frameworks/numpy/known.yaml"
    head, *entries = ledger.read_text(encoding="utf-8").split("\n- ")
    unknown = [entry for entry in entries if "tie: first" not in entry]  # as for a target whose answer is not known yet
    assert len(unknown) == len(entries) - 1
    ledger.write_text("\n- ".join([head, *unknown]), encoding="utf-8")
    assert follow(check) == (0, "no mistakes\n")
    assert first == f"{second} --target numpy"
    status, output = follow(first)
    assert status == 1, output
    assert "the answer is not pinned" in output
    assert "1 failed, 1 passed" in output
    assert follow(run)[0] == 1
    status, output = follow(update)
    assert (status, output.splitlines()[0]) == (0, "adapters/frameworks/numpy/known.yaml: 1 new, 0 narrowed, 0 removed")
    assert "why: TODO" not in ledger.read_text(encoding="utf-8")  # a rule is its own reason
    assert follow(check_ledger) == (0, "no mistakes\n")
    status, output = follow(again)
    assert status == 0, output


def test_the_id_that_the_page_states_is_that_of_its_case(spec):
    [text] = re.findall(r"^```yaml\n(.*?)^```$", STEPS, re.DOTALL | re.MULTILINE)
    assert f"`{SPEC}::{spec(text).cases[0].name}`" in re.sub(r"\s+", " ", STEPS)


def test_every_path_of_the_page_exists():
    paths = [*re.findall(r"\]\(([^)#]+)\)", PAGE), *(f"../{path}" for path in re.findall(r"`((?:specs|cases|adapters)/[\w/.]+)`", PAGE))]
    assert {path for path in paths if not (ROOT / "specs" / path).exists()} == {f"../{SPEC}"}
