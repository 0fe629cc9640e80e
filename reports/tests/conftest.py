"""What the tests of pages and tables share: rows of cases and of what targets answered."""

import json
import venv
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from poolparity.adapters.targets.version_names import without_version
from poolparity.cases.judge.answer import Answer
from poolparity.cases.judge.judge import judge
from poolparity.cases.model.case import Case, Citation, Due
from poolparity.cases.model.inputs import literal
from poolparity.cases.model.pool import Pool
from poolparity.reports.port.workers import Workers
from poolparity.reports.rows.encode import encode_case, encode_row
from poolparity.reports.rows.reader import read_rows
from poolparity.reports.rows.writer import Writer

PAIRS = Pool(op="max_pool", kernel=(2,), stride=(2,))


def array(*cells):
    return np.array([[cells]], "float32")


def accepts(*cells, **more):
    return Answer("accepts", array(*cells), **more)


@pytest.fixture(scope="session", autouse=True)
def no_answers_of_earlier_runs(tmp_path_factory):
    """Keeps the cache of whoever runs the tests out of them, and theirs out of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("xdg")))
        yield


@pytest.fixture(scope="session")
def workers():
    """Workers that all tests of a process share: a framework takes longer to start than to answer."""
    with Workers() as running_workers:
        yield running_workers


@pytest.fixture
def share_workers(monkeypatch):
    """Lets a command use workers that are running already."""

    def share(command, workers):
        monkeypatch.setattr(f"poolparity.reports.cli.{command}.Workers", lambda: nullcontext(workers))

    return share


@pytest.fixture
def make():
    """Makes a case: the maximum over each pair of cells is 5, 4."""

    def make(name="right", file="specs/max_pool/pairs.yaml", due=(5, 4), pool=PAIRS, **more):
        due = due if isinstance(due, Due) else Due(output=array(*due))
        return Case(id=f"{file}::{name}", pool=pool, input=literal([[[1, 5, 2, 4]]], "float32"), due=due, **more)

    return make


@pytest.fixture
def make_claim(make):
    """Makes a claim of a document."""

    def make_claim(verdict, name="claimed", **more):
        return make(name, stands=verdict, source=Citation("book.txt", "chapter 1"), about="The greater of each pair is kept.", **more)

    return make_claim


@pytest.fixture
def keep(tmp_path):
    """Makes rows, by way of a file: of cases, each with what targets answered by call, and by drop-in."""

    def keep(*cases_and_answers, whole=True, known_entry=None, code="print(1)", header=None):
        writer = Writer(tmp_path / "rows.jsonl", {"targets": {}, "left_out": [], **(header or {})})
        for case, answers in cases_and_answers:
            for target, by_way in answers.items():
                for way, answer in (by_way if isinstance(by_way, dict) else {"call": by_way}).items():
                    rows = [encode_row(case, target, {target: "1.0"}, way, answer, finding, code) for finding in judge(case, answer)]
                    writer.add(encode_case(case), [{**row, "known": known_entry} for row in rows])
        writer.close(whole)
        return read_rows(tmp_path / "rows.jsonl")

    return keep


@pytest.fixture
def keep_rows(keep, tmp_path):
    """Makes a file of rows, of cases and what targets answered, each row edited."""

    def keep_rows(name, *cases_and_answers, version="1.0", edit=lambda row: None, whole=True):
        keep(*cases_and_answers, whole=whole)
        lines = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
        for line in lines:
            if line["record"] == "row":
                line["versions"] = {without_version(line["target"]): version}
                edit(line)
                lines[0]["targets"][line["target"]] = {"versions": line["versions"], "flags": {}}
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return path

    return keep_rows


@pytest.fixture
def answers():
    """One answer of each kind to the case of `make`."""
    return {
        "agrees": accepts(5, 4),
        "differs": accepts(5, 3),
        "rejects": Answer("rejects", detail="ValueError: no"),
        "crashes": Answer("crashes", detail="SIGFPE"),
        "times_out": Answer("times_out", detail="no answer after 60 s"),
        "unsupported": Answer("unsupported", detail="there is no such parameter"),
        "not_run": Answer("not_run", detail="later"),
    }


@pytest.fixture
def interpreter(tmp_path):
    """Makes an interpreter that has NumPy alone, and says that it is of some version."""

    def make(version):
        home = tmp_path / f"python{version}"
        venv.create(home, symlinks=True)
        [site] = home.glob("lib/python*/site-packages")
        for folder in Path(np.__file__).parents[1].glob("numpy*"):
            if not folder.name.endswith(".dist-info"):
                (site / folder.name).symlink_to(folder)
        info = site / f"numpy-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: numpy\nVersion: {version}\n")
        return home / "bin" / "python"

    return make
