"""Answers of earlier runs: nothing is asked twice, and nothing stale is ever served."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from poolparity.adapters.common import inspection as _inspect
from poolparity.adapters.ledger.entry import Entry
from poolparity.adapters.ledger.ledger import Ledger
from poolparity.adapters.parent.host import Limits
from poolparity.adapters.targets import cache_key as _build
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.judge.answer import Answer
from poolparity.cases.model.case import Due
from poolparity.cases.model.inputs import literal
from poolparity.cases.model.pool import Pool
from poolparity.reports.run import answer_cache
from poolparity.reports.run.answer_cache import AnswerCache, about, base_of, is_lasting
from poolparity.reports.run.cache_file import CacheFile
from poolparity.reports.run.engine import Engine
from poolparity.reports.run.run import Run

SUPPORT = Path(__file__).parents[1] / "support"
RUN = "from poolparity.reports.cli import main; main()"
CASE = "  case{n}: {{input: [[[{n}, 5, 2, 4]]], pool: {{kernel: [2], stride: [2]}}, output: [[[{most}, 4]]]}}\n"


@pytest.fixture
def store(tmp_path):
    with closing(CacheFile(tmp_path / "cache" / "rows.sqlite")) as cache:
        yield cache


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of six cases and an adapter that counts; what it noted since it was last asked."""
    shutil.copy(SUPPORT / "counting.py", tmp_path)
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "six.yaml").write_text("op: max_pool\ncases:\n" + "".join(CASE.format(n=n, most=max(n, 5)) for n in range(1, 7)))
    monkeypatch.setenv("COUNTED", str(tmp_path / "counted"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))

    def run(*options, status=0, command=("run", "specs"), target="counting"):
        (tmp_path / "counted").write_text("")
        arguments = [*command, "--adapter", "counting.py", "--target", target, *options]
        process = subprocess.run([sys.executable, "-c", RUN, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert process.returncode == status, process.stdout + process.stderr
        return count_runs(tmp_path)

    return run


def count_runs(folder):
    """What was noted, each once: a case may be asked several things."""
    return list(dict.fromkeys((folder / "counted").read_text().split()))


ALL = ["start", *"123456"]


def test_an_unchanged_second_run_starts_no_worker_and_gives_the_same_rows(project, tmp_path):
    assert project("--rows", "first.jsonl") == ALL
    assert project("--rows", "second.jsonl") == []
    first, second = ((tmp_path / name).read_text().splitlines() for name in ("first.jsonl", "second.jsonl"))
    assert first[1:] == second[1:]


def test_no_cache_asks_anew_and_keeps_nothing(project, tmp_path):
    assert project("--no-cache") == ALL
    assert not (tmp_path / "xdg").exists()
    project()
    assert project("--no-cache") == ALL


def test_a_changed_case_alone_is_asked_again(project, tmp_path):
    project()
    spec = tmp_path / "specs" / "six.yaml"
    spec.write_text(spec.read_text().replace("[[[3, 5, 2, 4]]]", "[[[3, 5, 1, 4]]]"))
    assert project() == ["start", "3"]


def test_a_changed_adapter_is_asked_again(project, tmp_path):
    project()
    (tmp_path / "counting.py").write_text((tmp_path / "counting.py").read_text() + "\n# changed\n")
    assert project() == ALL
    assert project() == []
    (tmp_path / "helper.py").write_text("# beside it\n")
    assert project() == ALL


def test_another_mode_is_asked_by_itself(project):
    project()
    assert project(target="counting+again") == [*"123456"]


def test_pytest_and_the_command_share_what_they_know(project, tmp_path):
    project()
    (tmp_path / "counted").write_text("")
    arguments = ["specs/six.yaml", "--adapter", "counting.py", "--target", "counting", "-p", "poolparity.reports.plugin"]
    process = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert process.returncode == 0, process.stdout
    assert (tmp_path / "counted").read_text() == ""
    assert "6 of 6 answers came from the answer cache" in process.stdout
    process = subprocess.run([sys.executable, "-m", "pytest", *arguments, "--no-cache"], cwd=tmp_path, capture_output=True, timeout=120)
    assert count_runs(tmp_path) == ALL


def test_a_cache_that_cannot_be_used_is_reported_and_harms_nothing(project, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert project() == ALL


def select_target(name="numpy"):
    return select_targets([name], find_targets())[0]


def base(limits=Limits(), environment=os.environ):
    return base_of(select_target(), limits, environment)


def constant(value):
    return lambda *_: value


CHANGES = {
    "the oracle, a rule, a tolerance, or anything else of ours": lambda patch: patch.setattr(
        answer_cache, "source_digest", constant("other")
    ),
    "our version": lambda patch: patch.setattr(answer_cache.metadata, "version", constant("99")),
    "the NumPy that judges": lambda patch: patch.setattr(answer_cache, "version_of", constant("99")),
    "the files of the framework": lambda patch: patch.setattr(_build, "file_records", constant({"numpy": ["other", "numpy"]})),
    "what is installed beside it": lambda patch: patch.setattr(_build, "installed_digest", constant("other")),
    "its Python": lambda patch: patch.setattr(_build.platform, "python_version", constant("3.99")),
    "the system": lambda patch: patch.setattr(answer_cache.platform, "platform", constant("Plan9")),
    "the machine": lambda patch: patch.setattr(answer_cache.platform, "machine", constant("abacus")),
    "what the processor can do": lambda patch: patch.setattr(answer_cache, "describe_processor", constant(["flags : abacus"])),
    "a variable that frameworks look at": lambda patch: patch.setenv("OMP_NUM_THREADS", "7"),
    "a variable of the framework's own": lambda patch: patch.setenv("NUMPY_EXPERIMENT", "1"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_part_of_the_key_counts(change, monkeypatch):
    before = base()
    assert before == base()
    CHANGES[change](monkeypatch)
    assert base() != before


def test_a_variable_that_nobody_looks_at_does_not_count(monkeypatch):
    before = base()
    monkeypatch.setenv("TERM", "teletype")
    assert base() == before


def test_limits_count_but_those_of_time():
    assert base(replace(Limits(), answer_bytes=1)) != base()
    assert base(replace(Limits(), case=1.0, start=1.0)) == base()


def test_the_versions_of_a_framework_count(monkeypatch):
    before = base()
    monkeypatch.setattr(type(select_target()), "versions", {"numpy": "99"})
    assert base() != before


def test_our_own_code_counts_to_the_last_letter(tmp_path, monkeypatch):
    for package in _build.PACKAGES:
        shutil.copytree(_build.ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    monkeypatch.setattr(_build, "ROOT", tmp_path)
    _build.source_digest.cache_clear()
    before = _build.source_digest()
    for file in (
        "cases/judge/tolerance.py",
        "cases/model/rules.py",
        "cases/oracle/definition.py",
        "adapters/frameworks/torch/adapter.py",
        "adapters/worker/main.py",
        "reports/run/engine.py",
    ):
        (tmp_path / file).write_text((tmp_path / file).read_text() + "\n")
        _build.source_digest.cache_clear()
        assert _build.source_digest() != before, file
        before = _build.source_digest()
    (tmp_path / "adapters" / "frameworks" / "torch" / "known.yaml").write_text("")
    _build.source_digest.cache_clear()
    assert _build.source_digest() == before, "the ledger is read anew each time"
    _build.source_digest.cache_clear()


def test_what_may_change_without_notice_is_not_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(_build, "file_records", constant({}))
    assert base() is None
    monkeypatch.setattr(_build, "file_records", constant({"numpy": ["digest", "other_module"]}))
    assert base() is None


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts distributions on the path: a name, the fields of its metadata, and its list of files."""
    monkeypatch.syspath_prepend(tmp_path)

    def add(name: str, *fields: str, files: str = "") -> Path:
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(
            "\n".join(["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *fields, "", "A description."])
        )
        (folder / "RECORD").write_text(files)
        forget_what_is_installed()
        return folder

    yield add
    forget_what_is_installed()


def forget_what_is_installed():
    for function in (_inspect.version_of, _inspect.is_importable, _inspect.file_record, _inspect.tools, _inspect.fields_of):
        function.cache_clear()


def test_an_editable_installation_may_change_without_notice(install, tmp_path):
    folder = install("poolish", files="poolish/__init__.py,,\npoolish-1.0.dist-info/METADATA,,\n")
    before = _inspect.installed_digest()
    [records] = _inspect.file_records(["poolish"]).values()
    assert records[1:] == ["poolish", "poolish-1"]
    (folder / "direct_url.json").write_text('{"url": "file:///x", "dir_info": {"editable": true}}')
    forget_what_is_installed()
    assert _inspect.file_records(["poolish"]) == {}
    folder.rename(tmp_path / "poolish-1.1.dist-info")
    assert _inspect.installed_digest() != before


def test_the_interpreter_s_path_in_scripts_does_not_count(install):
    files = "../../../bin/poolish,sha256={},9\npoolish/__init__.py,sha256={},9\n"
    folder = install("poolish", files=files.format("here", "code"))
    before = _inspect.file_records(["poolish"])
    (folder / "RECORD").write_text(files.format("there", "code"))
    forget_what_is_installed()
    assert _inspect.file_records(["poolish"]) == before
    (folder / "RECORD").write_text(files.format("there", "other code"))
    forget_what_is_installed()
    assert _inspect.file_records(["poolish"]) != before


def test_tools_of_developers_do_not_count_but_what_users_need_does(install, monkeypatch):
    monkeypatch.setattr(_inspect, "SUITE", "poolish")
    extras = ["Provides-Extra: all", "Provides-Extra: dev", "Provides-Extra: search"]
    needs = ["frame; extra == 'all'", "poolish[search]; extra == 'dev'", "seeker; extra == 'search'", "tool.box[full]; extra == 'dev'"]
    install("poolish", *extras, *(f"Requires-Dist: {line}" for line in ["base", *needs]))
    before = _inspect.installed_digest()
    install("seeker")
    install("tool_box", "Requires-Dist: hammer; extra == 'full'", "Requires-Dist: base", "Requires-Dist: saw; extra == 'sharp'")
    install("hammer")
    assert _inspect.tools() == {"seeker", "tool-box", "hammer"}
    assert _inspect.installed_digest() == before
    for name in ("base", "frame", "saw", "unrelated"):
        install(name)
        assert _inspect.installed_digest() != before, name
        before = _inspect.installed_digest()


def test_without_the_suite_everything_counts(install, monkeypatch):
    monkeypatch.setattr(_inspect, "SUITE", "not-installed")
    before = _inspect.installed_digest()
    install("hammer")
    assert _inspect.tools() == frozenset()
    assert _inspect.installed_digest() != before


@pytest.mark.parametrize(("answer", "is_kept"), [
    (Answer("accepts"), True),
    (Answer("unsupported", detail="no such parameter"), True),
    (Answer("rejects", detail="ValueError: no"), True),
    (Answer("rejects", detail="MemoryError: Unable to allocate 8 GiB"), False),
    (Answer("times_out", detail="no answer within 60 s"), False),
    (Answer("not_run", detail="the run was stopped before this was answered"), False),
    (Answer("crashes", detail="the worker was killed by SIGFPE; it said last:\nabc"), True),
    (Answer("crashes", detail="the worker exited with status 3"), True),
    (Answer("crashes", detail="the worker was killed by SIGKILL"), False),
    (Answer("crashes", detail="the worker could not start, tried 2 times: the worker was killed by SIGSEGV"), False),
    (Answer("crashes", detail="the worker closed its channel"), False),
])  # fmt: skip
def test_only_what_would_come_again_is_kept(answer, is_kept):
    assert is_lasting(answer) == is_kept


def test_a_case_is_known_by_all_that_its_rows_hang_on(make):
    case = make()
    others = [
        make("other"),
        make(due=(5, 3)),
        replace(case, pool=Pool(op="max_pool", kernel=(2,), stride=(1,))),
        replace(case, rules={"tie": "all"}),
        replace(case, input=literal([[[1, 5, 2, 3]]], "float32")),
        replace(case, input=replace(case.input, expression="made otherwise")),
        replace(case, due=Due(output=np.array([[[5, 4]]], "float32"), output_dtype="float32")),
    ]
    assert len({repr(about(item)) for item in (case, *others)}) == 1 + len(others)


def answer_case(cache, case, ledger=Ledger()):
    new_run = Run(Engine([select_target()], cache=cache), ledger)
    try:
        [(_, _, rows)] = new_run.answers([case])
        return new_run.settle(case, "numpy", rows), new_run.engine
    finally:
        new_run.close()


@pytest.mark.process
def test_a_changed_ledger_is_heeded_at_once(make, tmp_path):
    case = make(due=(5, 3))
    entry = Entry(case.id, "numpy", "values", [[[5, 4]]], "it is so", where="known.yaml:1")
    (first, rows), _ = answer_case(CacheFile(tmp_path / "rows.sqlite"), case)
    assert first.kind == "failed"
    assert {row["known"] for row in rows} == {None}
    (second, rows), engine = answer_case(CacheFile(tmp_path / "rows.sqlite"), case, Ledger([entry]))
    assert engine.answer_cache.hits == 1
    assert engine.hosts["numpy"].thread is None, "no worker was needed"
    assert second.kind == "xfailed"
    assert "it is so" in {row["known"] for row in rows}
    (third, rows), engine = answer_case(CacheFile(tmp_path / "rows.sqlite"), case)
    assert (third.kind, engine.answer_cache.hits) == ("failed", 1)
    assert {row["known"] for row in rows} == {None}


def test_what_the_answers_to_a_probe_may_mean_is_worked_out_once(make, store, monkeypatch):
    probe = make(due=Due(), asks="stride_default", answers={"window": Due(output=np.array([[[5, 4]]], "float32"))})
    first = AnswerCache(store, {}).readings(probe)
    assert list(first) == ["window"]
    assert first["window"][0] == {"axis": "stride_default", "value": "window"}
    store.save()
    monkeypatch.setattr(answer_cache, "encode_readings", constant({"other": []}))
    assert AnswerCache(store, {}).readings(probe) == first
    assert AnswerCache(store, {}).readings(make()) == {}
    monkeypatch.setattr(answer_cache, "source_digest", constant("other"))
    assert AnswerCache(store, {}).readings(probe) == {"other": []}
    store.close()


def test_a_waiting_case_is_never_looked_for(make, store):
    cache = AnswerCache(store, {"numpy": base_of(select_target(), Limits(), os.environ)})
    assert cache.key(make(), "numpy")
    assert cache.key(make(waiting="later"), "numpy") is None


def test_what_is_kept_comes_back(tmp_path, store):
    rows = [{"case": "a::b", "got": {"data": ["nan", 1.5]}}]
    store.put(b"one", rows)
    store.close()
    again = CacheFile(store.path)
    assert again.get(b"one") == rows
    assert again.get(b"two") is None
    again.close()


def test_its_size_is_bounded_and_what_was_used_last_survives(tmp_path):
    path, limit = tmp_path / "rows.sqlite", 400_000
    rng = random.Random(0)
    for day in range(6):
        cache = CacheFile(path, limit)
        if day:
            assert cache.get(b"first")
        cache.put(b"first", [{"noise": rng.randbytes(1000).hex()}])
        for number in range(200):
            cache.put(f"{day} {number}".encode(), [{"noise": rng.randbytes(1000).hex()}])
        cache.close()
        assert path.stat().st_size <= limit
        with sqlite3.connect(path) as direct:
            direct.execute("UPDATE entries SET used = used - 1000")
        direct.close()


def test_a_file_that_is_no_database_makes_room(tmp_path):
    path = tmp_path / "rows.sqlite"
    path.write_bytes(b"not a database at all" * 1000)
    cache = CacheFile(path)
    cache.put(b"one", [{"a": 1}])
    cache.close()
    assert cache.trouble == ""
    with closing(CacheFile(path)) as again:
        assert again.get(b"one") == [{"a": 1}]


def damage(data, rng):
    """Bytes of a file with some kind of damage: bytes that are flipped, zeroed, cut off, moved or replaced."""
    at, length = rng.randrange(len(data)), rng.choice([1, 8, 100, 4096, 20_000])
    match rng.randrange(6):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + bytes(len(data[at : at + length])) + data[at + length :]
        case 2:
            return data[:at] + rng.randbytes(len(data[at : at + length])) + data[at + length :]
        case 3:
            other = rng.randrange(len(data))
            return data[:at] + data[other : other + length] + data[at + length :]
        case 4:
            return data + rng.randbytes(length)
    damaged_data = bytearray(data)
    for _ in range(rng.choice([1, 10, 100])):
        damaged_data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(damaged_data)


@pytest.mark.parametrize("files", [60, pytest.param(300, marks=pytest.mark.slow)])
def test_a_damaged_file_costs_answers_and_never_changes_one(tmp_path, files):
    rng, path = random.Random(0), tmp_path / "rows.sqlite"
    documents = {f"key {number}".encode(): [{"number": number, "noise": rng.randbytes(400).hex()}] for number in range(100)}
    cache = CacheFile(path)
    for key, document in documents.items():
        cache.put(key, document)
    cache.close()
    data = path.read_bytes()
    lost_count = told_count = 0
    for _ in range(files):
        path.write_bytes(damage(data, rng))
        cache = CacheFile(path)
        entries = {key: cache.get(key) for key in documents}
        cache.put(b"new", [])
        cache.close()
        assert all(document in (None, documents[key]) for key, document in entries.items())
        lost_count += None in entries.values()
        told_count += bool(cache.describe_trouble())
        with closing(CacheFile(path)) as again:
            again.put(b"again", [])
        assert not again.trouble, "what cannot be used at all is replaced when the run ends"
    assert lost_count > files / 3
    assert told_count > files / 6


def test_entries_that_change_places_are_not_found(tmp_path):
    cache = CacheFile(tmp_path / "rows.sqlite")
    cache.put(b"one", [1])
    cache.put(b"two", [2])
    cache.close()
    with sqlite3.connect(tmp_path / "rows.sqlite") as direct:
        contents = dict(direct.execute("SELECT key, content FROM entries"))
        direct.executemany("UPDATE entries SET content = ? WHERE key = ?", [(contents[b"one"], b"two"), (contents[b"two"], b"one")])
        direct.execute("INSERT INTO entries VALUES (?, 0, 'a text')", (b"three",))
    direct.close()
    cache = CacheFile(tmp_path / "rows.sqlite")
    assert [cache.get(key) for key in (b"one", b"two", b"three")] == [None] * 3
    cache.close()
    assert cache.describe_trouble().endswith("rows.sqlite: 3 damaged entries of the answer cache ignored")


def test_a_place_that_is_none_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    cache = CacheFile(tmp_path / "file" / "rows.sqlite")
    cache.put(b"one", [{"a": 1}])
    assert cache.get(b"one") is None
    cache.close()
    assert cache.trouble.startswith(f"answer cache not used: {tmp_path / 'file' / 'rows.sqlite'}: ")


def test_a_cache_that_is_not_used_opens_no_file(tmp_path):
    CacheFile(tmp_path / "cache" / "rows.sqlite").close()
    assert list(tmp_path.iterdir()) == []


WRITE = """\
import sys
from pathlib import Path
from poolparity.reports.run.cache_file import CacheFile
cache = CacheFile(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    cache.put(f"{sys.argv[2]} {number % 500}".encode(), [{"number": number % 500, "text": "x" * 500}])
    if number % 50 == 0:
        cache.save()
        print(number, flush=True)
cache.close()
print(cache.trouble)
"""


def writer(path, name, count):
    return subprocess.Popen([sys.executable, "-c", WRITE, str(path), name, str(count)], stdout=subprocess.PIPE, text=True)


def test_runs_at_the_same_time_lose_nothing(tmp_path):
    path = tmp_path / "rows.sqlite"
    writers = [writer(path, name, 500) for name in "abcd"]
    message = [item.communicate(timeout=120)[0].splitlines()[-1] for item in writers]
    assert message == ["", "", "", ""]
    cache = CacheFile(path)
    assert all(cache.get(f"{name} {number}".encode())[0]["number"] == number for name in "abcd" for number in range(500))
    cache.close()


def test_a_kill_at_any_moment_leaves_whole_entries_alone(tmp_path):
    path, rng = tmp_path / "rows.sqlite", random.Random(1)
    for name in "abcdefgh":
        with writer(path, name, 10_000_000) as process:
            process.stdout.readline()
            time.sleep(rng.uniform(0, 0.3))
            process.send_signal(signal.SIGKILL)
    with sqlite3.connect(path) as direct:
        assert direct.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    direct.close()
    cache = CacheFile(path)
    entries = [(number, cache.get(f"{name} {number}".encode())) for name in "abcdefgh" for number in range(500)]
    assert cache.trouble == ""
    assert all(rows[0]["number"] == number for number, rows in entries if rows)
    assert any(rows for _, rows in entries)
    cache.close()
