"""pytest's own commands on spec files, by running pytest."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from poolparity.adapters.parent.limits import MEBIBYTE, Limits
from poolparity.reports.ledger.suite import SPECS
from poolparity.reports.terminal import ending  # noqa: F401 pytester forgets modules that a run in this process imports, and pandas cannot be imported twice

pytest_plugins = ["pytester"]

SPEC = """\
about: Two maxima and one that is written down wrong.
op: max_pool
cases:
  right:
    input: [[[1, 5, 2, 4]]]
    pool: {kernel: [2], stride: [2]}
    output: [[[5, 4]]]
  wrong:
    tags: [odd]
    input: [[[1, 5, 2, 4]]]
    pool: {kernel: [2], stride: [2]}
    output: [[[5, 3]]]
  later:
    waiting: nothing can do it yet
    input: [[[1, 5, 2, 4]]]
    pool: {kernel: [2]}
  large:
    tier: full
    input: {distinct: [1, 1, 8], seed: 1}
    pool: {kernel: [2], stride: [2]}
"""

KNOWN = """\
- case: demo.yaml::wrong
  target: numpy
  attribute: values
  answer: [[[5, 4]]]
  why: The sample is wrong.
  measured: 2026-11-20
"""

TWIN = Path(__file__).parents[1] / "support" / "twin.py"
TARGETS = ("--adapter", "twin.py", "--target", "numpy", "--target", "twin")


@pytest.fixture
def spec(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one spec file, and an adapter of its own, whatever file of that name this process has loaded."""
    monkeypatch.delitem(sys.modules, "poolparity.adapters.twin", raising=False)
    shutil.copy(TWIN, pytester.path)
    return pytester.makefile(".yaml", demo=SPEC)


def run(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    """Run pytest in this process, which has imported everything already."""
    return pytester.runpytest_inprocess("-p", "no:randomly", *args)


def run_process(pytester: pytest.Pytester, *args: str, timeout: float | None = None) -> pytest.RunResult:
    """Run pytest in a process of its own: what it imports, how it ends, and how it distributes tests is its own."""
    return pytester.runpytest_subprocess("-p", "no:randomly", *args, timeout=timeout)


def ids(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if "::" in line and " " not in line]


def test_a_case_is_a_node_and_each_target_an_item(pytester, spec):
    result = run(pytester, "demo.yaml", *TARGETS, "--collect-only", "-q")
    assert ids(result) == [f"demo.yaml::{case}::{target}" for case in ("right", "wrong", "later") for target in ("numpy", "twin")]


def test_collecting_imports_no_framework(pytester, spec):
    pytester.makeconftest(
        "import sys\n"
        "def pytest_collection_finish(session):\n"
        "    loaded = {'torch', 'tensorflow', 'jax', 'keras', 'flax', 'onnx', 'onnxruntime', 'pandas'} & set(sys.modules)\n"
        "    assert session.items and not loaded, loaded\n"
    )
    result = run_process(pytester, "demo.yaml", "--collect-only")
    assert result.ret == 0


def test_cases_pass_fail_and_are_skipped_with_a_reason(pytester, spec):
    result = run(pytester, "demo.yaml", "--target", "numpy", "-rs")
    result.assert_outcomes(passed=1, failed=1, skipped=1)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*waiting: nothing can do it yet*"])


def test_a_failure_tells_what_was_got_and_due_and_the_code_that_shows_it(pytester, spec):
    result = run(pytester, "demo.yaml::wrong", "--target", "numpy")
    result.stdout.fnmatch_lines([
        "demo.yaml::wrong on numpy (numpy *",
        "*1 of 2 cells differ, first at [[]0, 0, 1[]]: got 4.0, expected 3.0",
        "*got: *5.0, 4.0*",
        "*expected: *5.0, 3.0*",
        "native code:",
        "*import numpy",
        "*poolparity.cases.pool.Pool(op='max_pool', kernel=(2,), stride=(2,))",
        "reproduce: pytest 'demo.yaml::wrong::numpy'",
    ])  # fmt: skip


def test_the_printed_code_reproduces_the_answer(pytester, spec):
    result = run(pytester, "demo.yaml::wrong", "--target", "numpy")
    lines = result.outlines
    start, end = lines.index("native code:"), next(i for i, line in enumerate(lines) if line.startswith("reproduce:"))
    code = "\n".join(line.removeprefix("    ") for line in lines[start + 1 : end])
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.split() == ["[[[5.", "4.]]]"]


@pytest.mark.parametrize(
    ("case", "heading", "output_lines"),
    [
        (
            "with: {cotangent: [[[1, 1]]]}\n    output: [[[2, 3]]]\n    gradient: [[[9, 1, 1]]]",
            "native code of gradient:",
            ["[[[0. 1. 1.]]]"],
        ),
        ("equals: {op: avg_pool, pool: {kernel: [2], stride: [1]}}", "native code:", ["[[[2. 3.]]]", "[[[1.5 2.5]]]"]),
    ],
)
def test_the_printed_code_reproduces_the_very_difference(pytester, case, heading, output_lines):
    text = f"about: a\nop: max_pool\ncases:\n  wrong:\n    about: b\n    input: [[[1, 2, 3]]]\n    pool: {{kernel: [2], stride: [1]}}\n    {case}\n"
    (pytester.path / "differs.yaml").write_text(text)
    lines = run(pytester, "differs.yaml", "--target", "numpy").outlines
    start, end = lines.index(heading), next(i for i, line in enumerate(lines) if line.startswith("reproduce:"))
    code = "\n".join(line.removeprefix("    ") for line in lines[start + 1 : end])
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.splitlines() == output_lines


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("-k", "right"), {"right::numpy", "right::twin"}),
        (("-k", "twin and wrong"), {"wrong::twin"}),
        (("-m", "odd"), {"wrong::numpy", "wrong::twin"}),
        (("-m", "core and not odd"), {"right::numpy", "right::twin", "later::numpy", "later::twin"}),
    ],
)
def test_keywords_and_markers_select_cases_and_targets(pytester, spec, args, expected):
    result = run(pytester, "demo.yaml", *TARGETS, "--collect-only", "-q", *args)
    assert {line.removeprefix("demo.yaml::") for line in ids(result)} == expected


def test_a_case_is_run_alone_on_every_target_or_on_one(pytester, spec):
    run(pytester, "demo.yaml::right", *TARGETS).assert_outcomes(passed=2)
    run(pytester, "demo.yaml::right::twin", *TARGETS).assert_outcomes(passed=1)


def test_a_higher_tier_is_run_by_option_or_by_name(pytester, spec):
    run(pytester, "demo.yaml", "--target", "numpy", "--tier", "full", "-k", "large").assert_outcomes(passed=1, deselected=3)
    run(pytester, "demo.yaml::large", "--target", "numpy").assert_outcomes(passed=1)


def test_junitxml_names_every_item(pytester, spec):
    run(pytester, "demo.yaml", "--target", "numpy", "--junitxml", "junit.xml")
    suite = ET.parse(pytester.path / "junit.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    assert {case.get("name") for case in suite.iter("testcase")} == {"numpy"}


def test_x_stops_at_the_first_failure(pytester, spec):
    result = run(pytester, "demo.yaml", *TARGETS, "-x", "-k", "wrong")
    result.assert_outcomes(failed=1, deselected=4)


def test_lf_runs_what_failed_last(pytester, spec):
    run(pytester, "demo.yaml", *TARGETS)
    result = run(pytester, "demo.yaml", *TARGETS, "--lf", "--collect-only", "-q")
    assert ids(result) == ["demo.yaml::wrong::numpy", "demo.yaml::wrong::twin"]


def rows_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_rows_and_report_are_written(pytester, spec):
    result = run(pytester, "demo.yaml", *TARGETS, "--rows", "rows.jsonl", "--report", "report.html")
    result.stdout.fnmatch_lines(["*rows: rows.jsonl", "*report: report.html"])
    lines = rows_of(pytester.path / "rows.jsonl")
    assert [line["record"] for line in (lines[0], lines[-1])] == ["header", "footer"]
    row_keys = {(line["case"], line["target"]) for line in lines if line["record"] == "row"}
    assert row_keys == {(f"demo.yaml::{case}", target) for case in ("right", "wrong", "later") for target in ("numpy", "twin")}
    assert "demo.yaml::wrong" in (pytester.path / "report.html").read_text()


@pytest.mark.parametrize("option", ["--rows", "--report"])
def test_a_file_that_cannot_be_written_ends_the_run_with_a_sentence(pytester, spec, option):
    result = run(pytester, "demo.yaml::right", "--target", "numpy", option, "/dev/full")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert "poolparity: /dev/full: no space left on device" in result.stdout.str() + result.stderr.str()
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize("option", ["--rows", "--report"])
def test_a_folder_in_place_of_a_file_is_refused_before_anything_runs(pytester, spec, option):
    result = run(pytester, "demo.yaml", option, ".")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*argument {option}: .: is a directory; expected a file to write"])


def test_xdist_gives_the_same_rows_and_imports_each_framework_once(pytester, spec):
    pytester.makefile(".yaml", more=SPEC.replace("right", "fine"))
    run(pytester, "demo.yaml", "more.yaml", *TARGETS, "--rows", "plain.jsonl").assert_outcomes(passed=4, failed=4, skipped=4)
    result = run_process(pytester, "demo.yaml", "more.yaml", *TARGETS, "--rows", "xdist.jsonl", "-n", "2", "-v")
    result.assert_outcomes(passed=4, failed=4, skipped=4)
    plain, xdist = (
        sorted(
            json.dumps({name: value for name, value in line.items() if name != "seconds"})
            for line in rows_of(pytester.path / name)
            if line["record"] in ("case", "row")
        )
        for name in ("plain.jsonl", "xdist.jsonl")
    )
    assert plain == xdist
    homes: dict[str, set[str]] = {}
    for line in result.outlines:
        if line.startswith("[gw") and ".yaml::" in line:
            homes.setdefault(line.rpartition("::")[2].strip(), set()).add(line.split("]")[0])
    assert {name: len(workers) for name, workers in homes.items()} == {"numpy": 1, "twin": 1}


def test_xdist_keeps_the_tests_of_a_file_together(pytester, spec):
    few = "import pytest\n\n@pytest.mark.parametrize('of', ['a::b', 'c', 'd', 'e'])\ndef test_it(of):\n    pass\n"
    pytester.makepyfile(test_one=few, test_two=few, test_three=few)
    homes: dict[str, set[str]] = {}
    for line in run_process(pytester, ".", "demo.yaml", *TARGETS, "-n", "2", "-v").outlines:
        if match := re.match(r"\[(gw.)\].* PASSED (test_.*?)::", line):
            homes.setdefault(match[2], set()).add(match[1])
    assert {name: len(workers) for name, workers in homes.items()} == {"test_one.py": 1, "test_three.py": 1, "test_two.py": 1}


def test_a_run_of_xdist_ends_and_misses_nothing_when_a_worker_dies(pytester, spec):
    fine = [f"def test_{number}():\n    pass\n" for number in range(4)]
    fatal = "import os, time\n\ndef test_it():\n    time.sleep(1)\n    os._exit(1)\n"  # in the smallest file, so that it comes last
    pytester.makepyfile(**dict.fromkeys(("test_one", "test_two", "test_three"), "\n".join(fine)), test_four="\n".join([fatal, *fine[:2]]))
    result = run_process(pytester, ".", "demo.yaml", *TARGETS, "-n", "2", timeout=180)
    result.stdout.fnmatch_lines(["worker 'gw*' crashed while running 'test_four.py::test_it'"])
    result.assert_outcomes(passed=12 + 2, failed=1)


def test_lf_works_after_xdist(pytester, spec):
    run_process(pytester, "demo.yaml", *TARGETS, "-n", "2")
    result = run(pytester, "demo.yaml", *TARGETS, "--lf", "--collect-only", "-q")
    assert ids(result) == ["demo.yaml::wrong::numpy", "demo.yaml::wrong::twin"]


def test_an_unknown_target_is_reported_with_the_known_ones(pytester, spec):
    result = run(pytester, "demo.yaml", "--target", "torhc")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*torhc*torch*"])


def test_an_expected_failure_is_reported_with_its_reason_and_without_a_traceback(pytester, spec):
    ledger = pytester.mkdir("ledger")
    (ledger / "known.yaml").write_text(KNOWN)
    result = run(pytester, str(spec), *TARGETS, "--ledger", "ledger", "--xfail-tb", "-rx", "-k", "wrong and numpy")
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(["*XFAIL demo.yaml::wrong::numpy*The sample is wrong.*"])
    assert "runtest" not in result.stdout.str()


def test_mistakes_of_a_spec_are_reported_without_a_traceback(pytester):
    pytester.makefile(".yaml", broken="about: x\nop: max_pool\ncases:\n  one:\n    inptu: [1]\n")
    result = run(pytester, "broken.yaml")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*broken.yaml:5: *inptu*"])
    assert "Traceback" not in result.stdout.str()


def test_a_folder_of_yaml_files_is_left_alone_unless_configured(pytester, spec):
    pytester.mkdir("specs")
    (pytester.path / "specs" / "mine.yaml").write_text(SPEC)
    assert run(pytester, "--collect-only").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    pytester.makeini("[pytest]\npoolparity_specs = specs\n")
    result = run(pytester, "--target", "numpy", "--collect-only", "-q")
    assert ids(result) == [f"specs/mine.yaml::{case}::numpy" for case in ("right", "wrong", "later")]


def claim(verdict: str, output: str) -> str:
    return f"""\
about: A claim.
op: max_pool
cases:
  said:
    about: The maximum of 1 and 5 is {output}.
    source: {{document: some.txt, place: line 1}}
    stands: {verdict}
    input: [[[1, 5]]]
    pool: {{kernel: [2], stride: [2]}}
    output: [[[{output}]]]
"""


@pytest.mark.parametrize("options", [(), ("-n", "2"), ("-n", "2", "-q")], ids=["plain", "xdist", "quiet_xdist"])
@pytest.mark.parametrize(("verdict", "output", "failures"), [("upheld", "5", 0), ("contradicted", "5", 1)])
def test_a_claim_is_judged_once_over_all_targets(pytester, spec, verdict, output, failures, options):
    pytester.makefile(".yaml", claims=claim(verdict, output))
    result = (run_process if options else run)(pytester, "claims.yaml", *TARGETS, *options)
    result.stdout.no_fnmatch_line("PARTIAL*")
    result.assert_outcomes(passed=3 - failures, failed=failures)
    assert result.ret == failures
    if failures:
        result.stdout.fnmatch_lines(["*claims.yaml::said::stands*"])


def test_ctrl_c_ends_at_once_and_leaves_no_worker(pytester):
    pytester.makepyfile(sleepy=(
        "from poolparity.adapters import Step, Target\n"
        "from poolparity.adapters.frameworks.numpy.adapter import Oracle\n"
        "class Sleepy(Oracle):\n"
        "    targets = (Target('sleepy', ('time',), ('numpy',)),)\n"
        "    def operation_steps(self, ask, form):\n"
        "        return (Step('y', 'time.sleep', (300,)),), ()\n"
        "ADAPTER = Sleepy()\n"
    ))  # fmt: skip
    pytester.makefile(".yaml", demo=SPEC)
    command = [sys.executable, "-m", "pytest", "demo.yaml::right", "--adapter", "sleepy.py", "--target", "sleepy"]
    with subprocess.Popen(
        command,
        cwd=pytester.path,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed,  # noqa: PLW1509 this process has one thread
    ) as process:
        deadline = time.monotonic() + 60
        while not (workers := children(process.pid)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert workers
        time.sleep(1)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in out
    deadline = time.monotonic() + 5
    while any(map(alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, workers))


def heed() -> None:
    """Heed an interrupt even where whoever started the tests ignores it, as a shell's background jobs do."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def children(pid: int) -> list[int]:
    """The processes that a process started, as Linux lists them."""
    try:
        return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    except FileNotFoundError:
        return []


def alive(pid: int) -> bool:
    """Whether a process still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.needs("tensorflow")
def test_cases_that_are_known_to_kill_run_last(pytester):
    path = SPECS / "max_pool" / "too_large.yaml"
    item_ids = ids(run(pytester, str(path), "--target", "tensorflow", "--target", "numpy", "--collect-only", "-q"))
    killers = [place for place, name in enumerate(item_ids) if re.search("::one_larger_.*::tensorflow$", name)]
    assert len(killers) == 2
    assert killers == list(range(len(item_ids) - len(killers), len(item_ids)))


@pytest.mark.parametrize("option", ["--case-timeout", "--start-timeout", "--memory-limit"])
@pytest.mark.parametrize("value", ["0", "-1", "soon", "nan", "inf"])
def test_a_limit_is_a_number_above_nothing(pytester, option, value):
    result = run(pytester, option, value)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*error: argument {option}: invalid value '{value}': must be a number greater than 0"])


def test_the_usual_limits_are_those_in_the_help(pytester):
    help_text = " ".join(run(pytester, "--help").outlines)
    usual = re.findall(r"--(?:case-timeout|start-timeout|memory-limit)=\S+ .*?Default: *([0-9]+)\.", help_text)
    assert list(map(float, usual)) == [Limits().case, Limits().start, Limits().memory / MEBIBYTE]
