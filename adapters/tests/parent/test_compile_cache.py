"""Compiled programs are kept from run to run, within a limit, and damaged ones never reach a framework."""

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from poolparity.adapters import Ask
from poolparity.adapters.faulty import call as faulty_call
from poolparity.adapters.parent.compile_cache import CHECKSUMS, USERS, CompileCache, compile_cache_path, compile_variables
from poolparity.adapters.parent.host import Host, Job, Launch, Limits
from poolparity.adapters.parent.launch import PROGRAMS, THEIR_VERSIONS, flags_of
from poolparity.adapters.targets import choose
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets, install_advice, is_installed
from poolparity.cases.model.pool import Pool

pytestmark = pytest.mark.slow

FOUND = find_targets()
CACHING = [name for name, entry in FOUND.items() if entry.target.compile_cache]
ON_JAX = [name for name in CACHING if "jax" in FOUND[name].target.all_distributions]


def write_programs(path, *names, content=b"program" * 100):
    """A finished run that compiled these."""
    cache = CompileCache(path)
    for name in names:
        Path(cache.open(), name).write_bytes(content)
    cache.close()


@pytest.fixture
def open_cache():
    """Opens a cache, and closes it after the test."""
    with ExitStack() as stack:

        def open_at(path, **options):
            cache = CompileCache(path, **options)
            stack.callback(cache.close)
            cache.open()
            return cache

        yield open_at


def programs(path):
    return sorted(file.name for file in path.iterdir() if file.name not in (CHECKSUMS, USERS))


def test_programs_are_there_in_the_next_run(tmp_path, open_cache):
    write_programs(tmp_path, "one", "two")
    cache = open_cache(tmp_path)
    assert (cache.open(), programs(tmp_path), cache.trouble) == (str(tmp_path), ["one", "two"], "")


@pytest.mark.parametrize("damage", [b"", b"other", b"program" * 99 + b"prOgram"], ids=["emptied", "replaced", "one bit"])
def test_a_program_that_changed_since_it_was_recorded_is_removed_with_a_warning(tmp_path, damage, open_cache):
    write_programs(tmp_path, "one", "two")
    (tmp_path / "one").write_bytes(damage)
    cache = open_cache(tmp_path)
    assert programs(tmp_path) == ["two"]
    assert cache.trouble == f"1 damaged compiled programs of earlier runs were removed from {tmp_path}"


def test_a_program_that_a_framework_wrote_again_is_no_damage(tmp_path, open_cache):
    write_programs(tmp_path, "one")
    write_programs(tmp_path, "one", content=b"other")
    cache = open_cache(tmp_path)
    assert (programs(tmp_path), cache.trouble) == (["one"], "")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"one": "x"}', '{"programs": [], "checksum": 0}', '{"programs": {"two": 1}, "checksum": 1}', "\udcff", "[" * 10**5],
)
def test_with_damaged_checksums_all_programs_are_compiled_again_with_a_warning(tmp_path, text, open_cache):
    write_programs(tmp_path, "one")
    (tmp_path / CHECKSUMS).write_text(text, "utf-8", "surrogateescape")
    cache = open_cache(tmp_path)
    assert programs(tmp_path) == []
    assert cache.trouble == f"the checksums of compiled programs of earlier runs are damaged; the programs were removed from {tmp_path}"
    cache.close()
    write_programs(tmp_path, "one")
    again = open_cache(tmp_path)
    assert (programs(tmp_path), again.trouble) == (["one"], "")


def test_programs_that_no_run_finished_are_left_while_another_run_uses_the_folder(tmp_path, open_cache):
    open_cache(tmp_path)
    (tmp_path / "new").write_bytes(b"prog")
    open_cache(tmp_path)
    assert programs(tmp_path) == ["new"]


def test_programs_that_a_killed_run_left_are_removed(tmp_path, open_cache):
    code = "import os, sys; from pathlib import Path; from poolparity.adapters.parent.compile_cache import CompileCache as C\n"
    code += "folder = Path(C(Path(sys.argv[1])).open()); (folder / 'new').write_bytes(b'prog'); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, tmp_path], check=False)
    assert programs(tmp_path) == ["new"]
    open_cache(tmp_path)
    assert programs(tmp_path) == []


@pytest.mark.parametrize("lasting", [True, False], ids=["of the user", "of one run"])
def test_what_a_worker_wrote_in_the_job_that_killed_it_is_removed(tmp_path, lasting, open_cache):
    if lasting:
        write_programs(tmp_path, "recorded")
    cache = open_cache(tmp_path if lasting else None)
    folder = Path(cache.open())
    for age, name in ((60, "before"), (0, "half")):
        (folder / name).write_bytes(b"prog")
        os.utime(folder / name, (time.time() - age,) * 2)
    cache.remove_unfinished(time.time())
    assert programs(folder) == ["before", *(["recorded"] if lasting else [])]
    cache.close()


def test_a_worker_that_dies_while_it_compiles_leaves_no_half_program(host, bad, tmp_path):
    cache = CompileCache(tmp_path)
    worker_host, answers = host("faulty+compiler", cache=cache)
    worker_host.feed([bad(faulty_call("compile_half"), "half"), bad(faulty_call("compile_whole"), "whole")])
    worker_host.join()
    assert [answer.outcome for answer in answers.values()] == ["crashes", "accepts"]
    cache.close()
    assert programs(tmp_path) == ["whole"]


def test_the_oldest_programs_are_removed_beyond_the_limit(tmp_path, open_cache):
    cache = open_cache(tmp_path, limit=3 * 4096)
    for age, name in enumerate(("a", "b", "c", "d", "e")):
        (tmp_path / name).write_bytes(b"x" * 4096)
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    cache.close()
    assert programs(tmp_path) == ["a", "b", "c"]
    assert sorted(json.loads((tmp_path / CHECKSUMS).read_text())["programs"]) == ["a", "b", "c"]


def test_a_folder_that_cannot_be_used_is_replaced_by_a_temporary_one(tmp_path, open_cache):
    (tmp_path / "file").write_text("no folder")
    cache = open_cache(tmp_path / "file" / "programs")
    folder = Path(cache.open())
    assert folder.is_dir()
    assert cache.trouble.startswith(f"compiled programs of earlier runs cannot be used: {tmp_path}/file/programs: ")
    cache.close()
    assert not folder.exists()


def test_without_a_path_programs_last_as_long_as_the_run():
    cache = CompileCache()
    folder = Path(cache.open())
    assert cache.open() == str(folder)
    cache.close()
    assert not folder.exists()


def test_a_cache_that_no_target_needs_makes_no_folder(tmp_path):
    CompileCache(tmp_path / "programs").close()
    assert list(tmp_path.iterdir()) == []


def test_programs_lie_in_the_cache_folder_of_the_platform(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert compile_cache_path().is_relative_to(tmp_path / "poolparity")


@pytest.mark.parametrize("target", CACHING)
def test_the_header_names_the_settings_and_what_the_user_set_instead(target):
    target = FOUND[target].target
    names = target.compile_cache
    assert {name: flags_of(target, {})[name] for name in names} == {
        name: text.format(folder=PROGRAMS, versions=THEIR_VERSIONS) for name, text in names.items()
    }
    assert {flags_of(target, dict.fromkeys(names, "mine"))[name] for name in names} == {"mine"}


def test_versions_have_folders_of_their_own():
    variables = {"FLAGS": '--folder="{folder}/{versions}"'}
    assert compile_variables(variables, "/a b", "torch-2") == {"FLAGS": '--folder="/a b/torch-2"'}


@pytest.mark.parametrize(("version", "is_kept"), [("2.15.1", False), ("2.16.2", True), ("2.21.0", True)])
def test_a_version_that_refuses_cases_with_a_cache_folder_keeps_no_programs(version, is_kept, monkeypatch):
    monkeypatch.setattr(choose, "installed_versions", lambda target: {"tensorflow": version})
    [target] = select_targets(["tensorflow+xla"], FOUND)
    assert bool(target.launch.target.compile_cache) is is_kept


@pytest.mark.parametrize("target", [name for name in CACHING if name not in ON_JAX])
def test_a_launch_names_the_versions_where_the_framework_does_not_tell_them_apart(target):
    [selected_target] = select_targets([target], FOUND)
    assert all(value.count("{folder}/{versions}") == 1 for value in FOUND[target].target.compile_cache.values())
    assert selected_target.launch.versions == "-".join(f"{name}-{version}" for name, version in selected_target.versions.items())


@pytest.fixture
def answer(tmp_path):
    """Asks a target for a pooling with a cache of compiled programs: the bits of the output."""

    def ask(name, x, path=tmp_path / "programs", meanwhile=lambda: None):
        entry, outputs, cache = FOUND[name], [], CompileCache(path)
        cache.open()
        meanwhile()
        launch = Launch(entry.target, entry.where, sys.executable)
        host = Host(launch, Limits(), lambda _, answer: outputs.append(answer.output.tobytes()), dict(os.environ), cache)
        call = entry.adapter.call(Ask(Pool(op="avg_pool", kernel=(3,), stride=(2,)), x.shape, x.dtype.name), entry.target)
        host.feed([Job("job", call, {"x": x})])
        host.join()
        cache.close()
        assert cache.trouble == ""
        return outputs

    return ask


@pytest.mark.parametrize("target", ON_JAX)
def test_jax_reads_its_programs_answers_the_same_and_survives_damaged_ones(answer, tmp_path, target):
    if not is_installed(FOUND[target].target):
        pytest.skip(install_advice(FOUND[target].target))
    x = np.random.default_rng(0).normal(size=(1, 2, 9)).astype("float32")
    first = answer(target, x)
    programs_folder = programs(tmp_path / "programs")
    assert programs_folder
    assert answer(target, x) == first
    assert programs(tmp_path / "programs") == programs_folder

    def damage():
        for name in programs_folder:
            (tmp_path / "programs" / name).write_bytes(b"no program")

    assert answer(target, x, meanwhile=damage) == first
