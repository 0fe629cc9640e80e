"""A run that is cut off at any moment leaves a file that can be read, is called partial, and is finished without asking twice."""

import gzip
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from poolparity.reports.cli import app
from poolparity.reports.page.page import render_page
from poolparity.reports.rows import writer
from poolparity.reports.rows.reader import read_rows
from poolparity.reports.rows.records import BadRows
from poolparity.reports.run.resume import EarlierRows
from poolparity.reports.run.selection import WrongUse
from poolparity.reports.terminal.summary import PARTIAL

pytestmark = pytest.mark.slow

SUPPORT = Path(__file__).parents[1] / "support"
RUN = "from poolparity.reports.cli import main; main()"
CASE = "  case{n}: {{input: [[[{n}, 5, 2, 4]]], pool: {{kernel: [2], stride: [2]}}, output: [[[{most}, 4]]]}}\n"
MANY = 40
TARGETS = ("--adapter", str(SUPPORT / "counting.py"), "--target", "counting", "--target", "numpy")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of many cases, an adapter that notes what it is asked, and a file of rows of all of them."""
    (tmp_path / "specs").mkdir()
    text = "op: max_pool\ncases:\n" + "".join(CASE.format(n=n, most=max(n, 5)) for n in range(1, MANY + 1))
    (tmp_path / "specs" / "many.yaml").write_text(text)
    monkeypatch.setenv("COUNTED", str(tmp_path / "counted"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "counted").write_text("")
    return tmp_path


@pytest.fixture
def complete_rows(project):
    process = command("run", "specs", *TARGETS, "--rows", "whole.jsonl", "--no-cache")
    assert process.exit_code == 0, process.output
    return (project / "whole.jsonl").read_bytes()


def command(*arguments):
    return CliRunner().invoke(app, arguments)


def count_questions(project):
    """The cases that the worker was asked about since it was last looked, each as often as it was its turn."""
    lines = [line for line in (project / "counted").read_text().split() if line != "start"]
    (project / "counted").write_text("")
    return [item for at, item in enumerate(lines) if at == 0 or lines[at - 1] != item]


def complete(path):
    """The cases of a file all of whose rows on the counting target are there."""
    rows = read_rows(path).rows if path.exists() and (b"\n" in path.read_bytes() or path.suffix == ".gz") else []
    return {row["case"].rpartition("case")[2] for row in rows if row["target"] == "counting" and row["last"]}


def timeless(data):
    return [{key: value for key, value in json.loads(line).items() if key not in ("seconds", "started")} for line in data.splitlines()]


def test_a_file_cut_off_anywhere_is_read_up_to_its_last_whole_line_and_is_partial(complete_rows, project):
    rng, path = random.Random(0), project / "cut.jsonl"
    all_rows = [line for line in map(json.loads, complete_rows.splitlines()) if line["record"] == "row"]
    header = complete_rows.index(b"\n") + 1
    for cut in [header, header + 1, len(complete_rows) - 1, *(rng.randrange(header, len(complete_rows)) for _ in range(60))]:
        path.write_bytes(complete_rows[:cut])
        rows_read = read_rows(path)
        count = sum(json.loads(line)["record"] == "row" for line in complete_rows[:cut].splitlines(keepends=True) if line.endswith(b"\n"))
        assert rows_read.rows == all_rows[:count]
        assert not rows_read.whole
    path.write_bytes(complete_rows)
    assert read_rows(path).whole


def test_a_file_without_a_whole_line_is_reported(complete_rows, project):
    for data in (b"", complete_rows[:100]):
        (project / "cut.jsonl").write_bytes(data)
        with pytest.raises(BadRows, match=r"cut\.jsonl: not a single whole line; expected a file written by"):
            read_rows(project / "cut.jsonl")


def test_a_partial_file_is_called_partial_in_the_terminal_and_on_the_page(complete_rows, project):
    (project / "cut.jsonl").write_bytes(complete_rows[: len(complete_rows) // 2])
    process = command("report", "cut.jsonl")
    assert process.exit_code == 0, process.output
    assert PARTIAL in process.output
    assert "partial" in render_page(read_rows(project / "cut.jsonl")).casefold()
    assert PARTIAL not in command("report", "whole.jsonl").output
    assert PARTIAL in command("fingerprint", "cut.jsonl").output


def test_what_was_cut_off_anywhere_is_finished_and_nothing_of_it_asked_again(complete_rows, project):
    rng, path = random.Random(1), project / "cut.jsonl"
    header = complete_rows.index(b"\n") + 1
    for cut in [header, len(complete_rows) - 1, *(rng.randrange(header, len(complete_rows)) for _ in range(6))]:
        path.write_bytes(complete_rows[:cut])
        process, _ = complete(path), count_questions(project)
        result = command("run", "--resume", "cut.jsonl", "--no-cache")
        assert result.exit_code == 0, result.output
        questions = count_questions(project)
        assert len(questions) == len(set(questions))
        assert set(questions) == {str(n) for n in range(1, MANY + 1)} - process
        assert timeless(path.read_bytes()) == timeless(complete_rows)
    assert sorted(item.name for item in project.glob("cut*")) == ["cut.jsonl"]


def test_a_compressed_file_that_was_cut_off_is_finished_and_stays_compressed(project, monkeypatch):
    monkeypatch.setattr(writer, "LATEST", 0)
    assert command("run", "specs", *TARGETS, "--rows", "whole.jsonl.gz", "--no-cache").exit_code == 0
    data, path = (project / "whole.jsonl.gz").read_bytes(), project / "cut.jsonl.gz"
    complete_rows = gzip.decompress(data)
    for cut in (len(data) // 3, len(data) - 4):
        path.write_bytes(data[:cut])
        process, _ = complete(path), count_questions(project)
        assert process
        result = command("run", "--resume", "cut.jsonl.gz", "--no-cache")
        assert result.exit_code == 0, result.output
        assert set(count_questions(project)) == {str(n) for n in range(1, MANY + 1)} - process
        assert timeless(gzip.decompress(path.read_bytes())) == timeless(complete_rows)
    assert sorted(item.name for item in project.glob("cut*")) == ["cut.jsonl.gz"]


def test_what_is_whole_is_judged_again_and_nothing_is_asked(complete_rows, project):
    count_questions(project)
    process = command("run", "--resume", "whole.jsonl", "--no-cache")
    assert process.exit_code == 0, process.output
    assert count_questions(project) == []
    assert timeless((project / "whole.jsonl").read_bytes()) == timeless(complete_rows)


def test_a_run_that_is_killed_again_and_again_comes_to_its_end_and_asks_nothing_twice(project):
    rng, path = random.Random(2), project / "rows.jsonl"
    arguments = ("run", "specs", *TARGETS, "--rows", "rows.jsonl", "--no-cache")
    kill_count = 0
    for _ in range(8):
        complete_before, _ = complete(path), count_questions(project)
        with subprocess.Popen([sys.executable, "-c", RUN, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and not (project / "counted").read_text():
                time.sleep(0.01)
            time.sleep(rng.uniform(0, 0.2))
            kill_count += process.poll() is None
            process.send_signal(signal.SIGKILL)
        assert not complete_before & set(count_questions(project))
        assert complete_before <= complete(path), "what a file held is not lost"
        if complete(path):
            assert read_rows(path).whole or process.returncode, "who is killed after the last row has a whole file too"
            arguments = ("run", "--resume", "rows.jsonl", "--no-cache")
    assert kill_count
    assert command("run", "--resume", "rows.jsonl", "--no-cache").exit_code == 0
    assert complete(path) == {str(n) for n in range(1, MANY + 1)}
    rows = read_rows(path)
    assert rows.whole
    assert len({(row["case"], row["target"], row["way"], row["attribute"]) for row in rows.rows}) == len(rows.rows)


def refusal_of(*arguments):
    process = command("run", "--resume", "cut.jsonl", *arguments)
    assert isinstance(process.exception, WrongUse), process.output
    return str(process.exception)


@pytest.fixture
def cut_file(complete_rows, project):
    (project / "cut.jsonl").write_bytes(complete_rows[: len(complete_rows) // 2])
    return project / "cut.jsonl"


@pytest.mark.parametrize(("arguments", "message"), [
    (("--tier", "full"), "tier was core, is full"),
    (("specs/many.yaml",), "paths was specs, is specs/many.yaml"),
    (("--target", "twin"), "targets was counting numpy, is twin"),
    (("--shard", "1/2"), "shard was nothing, is 1/2"),
])  # fmt: skip
def test_another_selection_is_reported(cut_file, arguments, message):
    assert (
        refusal_of(*arguments)
        == f"cut.jsonl: started with another selection: {message}; expected --resume alone, which runs the recorded selection"
    )


def test_the_same_selection_may_be_repeated(cut_file):
    assert command("run", "--resume", "cut.jsonl", "specs", *TARGETS).exit_code == 0


def test_a_file_of_its_own_beside_the_resumed_one_is_reported(cut_file):
    assert refusal_of("--rows", "more.jsonl").startswith(
        "--rows more.jsonl with --resume cut.jsonl: a resumed run writes to the file it resumes"
    )


def test_cases_that_have_changed_are_reported(cut_file, project):
    spec = project / "specs" / "many.yaml"
    lines = spec.read_text().replace("[[[1, 5, 2, 4]]]", "[[[1, 5, 1, 4]]]").splitlines(keepends=True)
    spec.write_text("".join(line for line in lines if "case2:" not in line))
    before = cut_file.read_bytes()
    message = refusal_of().splitlines()
    assert message[0] == "cut.jsonl cannot be resumed: the environment or the cases changed:"
    assert message[1].startswith("  specs/many.yaml::case1: hash was ")
    assert message[2:] == ["  specs/many.yaml::case2 is no longer selected or was removed", "Start a new run."]
    assert cut_file.read_bytes() == before


@pytest.mark.parametrize(("earlier", "now", "message"), [
    ('"numpy": "', '"numpy": "0.', "  counting: numpy was 0."),
    ('"platform": "', '"platform": "Plan9 ', "  platform was Plan9 "),
    ('"suite": "', '"suite": "0.0.', "  suite was 0.0."),
    ('"OMP_NUM_THREADS": "', '"OMP_NUM_THREADS": "9', "  counting: OMP_NUM_THREADS was 9"),
    ('"counting": {', '"counted": {', "  counted is no longer available"),
])  # fmt: skip
def test_other_surroundings_are_reported(cut_file, earlier, now, message):
    header, _, rest = cut_file.read_text().partition("\n")
    assert earlier in header
    cut_file.write_text(f"{header.replace(earlier, now)}\n{rest}")
    assert message in refusal_of()


def test_a_file_that_no_run_of_the_command_wrote_is_reported(cut_file):
    header, _, rest = cut_file.read_text().partition("\n")
    document = json.loads(header)
    del document["selection"]
    cut_file.write_text(f"{json.dumps(document)}\n{rest}")
    assert refusal_of() == (
        "cut.jsonl: has no selection, so what is missing is unknown; expected a file written by `poolparity run --rows`"
    )


def test_the_past_of_a_file_stays_in_the_file(cut_file):
    past, rows = EarlierRows(cut_file), read_rows(cut_file).rows
    assert 0 < len(past) < 2 * MANY
    for pair in past:
        assert past[pair] == [row for row in rows if (row["case"], row["target"]) == pair]
    past.close()
