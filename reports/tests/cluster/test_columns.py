"""Which workers of a cluster a run asks, what it calls their targets, and what it reads of the blocks that it is sent."""

import copy
import subprocess
import sys
from importlib import metadata

import pytest

from poolparity.adapters.parent.limits import Limits
from poolparity.adapters.targets.cache_key import source_digest
from poolparity.adapters.targets.find import find_targets
from poolparity.reports.cli import run as command
from poolparity.reports.rows.merge import merge_headers
from poolparity.reports.rows.records import Rows
from poolparity.reports.run.selection import SelectionOptions, WrongUse

HEADER = {
    "record": "header", "format": 1, "suite": metadata.version("poolparity"), "source": source_digest(), "started": "2026-01-01T00:00:00+00:00",
    "platform": "Linux", "machine": "x86_64", "python": "3.11.7", "cpu_features": ["avx", "fma"], "targets": {}, "left_out": [],
}  # fmt: skip
SPEC = b"op: max_pool\ncases:\n  pairs: {input: [[[1, 5, 2, 4]]], pool: {kernel: [2], stride: [2]}, output: [[[5, 4]]]}\n"


def test_without_dask_the_option_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    with pytest.raises(WrongUse, match=r"^--cluster needs Dask, which is not installed; to install: pip install 'poolparity\[cluster\]'$"):
        command.start_engine("local:2", SelectionOptions(), {}, Limits(), None)


dask = pytest.importorskip("distributed", reason="distributed is not installed; to install: pip install 'poolparity[cluster]'")

from poolparity.reports.cluster.columns import admit, find_refusal, find_skipped, group_columns, header_of, make_columns  # noqa: E402
from poolparity.reports.cluster.connection import Connection  # noqa: E402
from poolparity.reports.cluster.engine import BLOCK, make_blocks  # noqa: E402
from poolparity.reports.cluster.exchange import BadBlock, Block, Probe, Settings  # noqa: E402
from poolparity.reports.cluster.worker import Session, probe  # noqa: E402

ENTRIES = find_targets()


def make_probe(left_out=(), machine="node", flags=None, **changes):
    """What a worker says that has the named versions of torch and jax."""
    versions = {key: changes.pop(key) for key in ("torch", "jax") if key in changes}
    targets = {name: {"versions": {name: version, "numpy": "2"}, "flags": flags or {}} for name, version in versions.items()}
    header = {**copy.deepcopy(HEADER), "targets": targets, "left_out": [{"target": name, "why": f"{name} is missing"} for name in left_out]}
    return Probe(machine, {**header, **changes}, dict.fromkeys(targets))


def columns_of(**workers):
    columns = make_columns(workers, ENTRIES)
    notes = {name: list(admit(name, worker, columns)) for name, worker in workers.items()}
    return {column.name: column for column in columns}, notes


def test_blocks_go_to_the_workers_that_have_the_target():
    columns, notes = columns_of(a=make_probe(torch="2.13", jax="0.10"), b=make_probe(torch="2.13", left_out=["jax"]))
    assert {name: list(column.workers) for name, column in columns.items()} == {"jax": ["a"], "torch": ["a", "b"]}
    assert notes == {"a": [], "b": []}
    assert len({column.resource for column in columns.values()}) == 2


def test_several_versions_are_named_as_in_merged_rows():
    columns, notes = columns_of(a=make_probe(torch="2.12"), b=make_probe(torch="2.13"))
    assert {name: (column.there, list(column.workers)) for name, column in columns.items()} == {
        "torch@2.12": ("torch", ["a"]), "torch@2.13": ("torch", ["b"]),
    }  # fmt: skip
    assert notes == {"a": [], "b": []}


@pytest.mark.parametrize(("changes", "reason"), [
    ({"cpu_features": ["avx"]}, "cpu_features"),
    ({"platform": "Linux 6", "python": "3.12.1"}, "platform and python"),
    ({"flags": {"XLA_FLAGS": "-x"}}, "flags"),
])  # fmt: skip
def test_the_rows_of_a_target_are_from_workers_of_one_kind(changes, reason):
    columns, notes = columns_of(a=make_probe(torch="2.13", **changes), b=make_probe(torch="2.13"), c=make_probe(torch="2.13"))
    assert list(columns["torch"].workers) == ["b", "c"]
    [note] = notes["a"]
    assert note.startswith(f"torch is not asked there: {reason} not as on the other workers")


def test_a_worker_that_comes_late_with_another_version_is_not_asked():
    columns, _ = columns_of(a=make_probe(torch="2.13"))
    [note] = admit("late", make_probe(torch="2.14", jax="0.10"), columns.values())
    assert note == "not asked there, because no worker had it in this version when the run began: torch, jax"
    assert list(columns["torch"].workers) == ["a"]


def test_the_header_is_that_of_a_plain_run_or_of_merged_runs():
    one, _ = columns_of(a=make_probe(torch="2.13", jax="0.10"))
    assert header_of(one.values(), HEADER["started"]) == {**HEADER, "targets": {name: column.target.record for name, column in one.items()}}
    several = {"a": make_probe(torch="2.13"), "b": make_probe(jax="0.10", platform="Darwin", cpu_features=["fma"])}
    columns, _ = columns_of(**several)
    header = header_of(columns.values(), HEADER["started"])
    expected = merge_headers([("", Rows(worker.header)) for worker in (several["b"], several["a"])])
    assert header == {**expected, "source": source_digest(), "left_out": []}


def test_a_target_that_some_worker_has_is_not_skipped():
    workers = {"a": make_probe(torch="2.13", left_out=["jax", "flax"]), "b": make_probe(jax="0.10", left_out=["torch", "flax"])}
    assert find_skipped(workers, make_columns(workers, ENTRIES)) == [
        {"target": "flax", "why": "flax is missing on a worker of the cluster"}
    ]


@pytest.mark.parametrize(("version", "header", "reason"), [
    (metadata.PackageNotFoundError("poolparity"), None, "poolparity is not installed there; expected "),
    ("9.9", None, "it has poolparity 9.9; expected "),
    (HEADER["suite"], {"source": "0" * 16}, "has other code, 0000000000000000; expected "),
    (HEADER["suite"], HEADER, ""),
])  # fmt: skip
def test_a_worker_with_other_code_is_refused(version, header, reason):
    assert reason in find_refusal("poolparity", version, header)
    assert bool(find_refusal("poolparity", version, header)) == bool(reason)


@pytest.fixture
def session():
    session = Session(Settings("test", ("numpy",), {}, Limits(), cached=False))
    yield session
    session.engine.close()


def test_a_block_whose_case_is_another_one_is_refused(session):
    [case] = session.read_cases("specs/a.yaml", SPEC, frozenset(["pairs"]))
    [read] = session.cases_of(Block({"specs/a.yaml": SPEC}, {case.id: case.hash}, {"numpy": [case.id]}))
    assert read.hash == case.hash
    other = SPEC.replace(b"[[[1, 5", b"[[[1, 6")
    with pytest.raises(BadBlock, match=r"specs/a\.yaml::pairs: a worker of the cluster read another case: hash \w+, expected"):
        list(Session(session.settings).cases_of(Block({"specs/a.yaml": other}, {case.id: case.hash}, {"numpy": [case.id]})))
    empty = b"op: max_pool\ncases: {}\n"
    with pytest.raises(BadBlock, match="no such case"):
        list(Session(session.settings).cases_of(Block({"specs/a.yaml": empty}, {case.id: case.hash}, {"numpy": [case.id]})))


def test_a_case_is_read_once_for_all_targets(session):
    [case] = session.read_cases("specs/a.yaml", SPEC, frozenset(["pairs"]))
    blocks = [Block({"specs/a.yaml": SPEC}, {case.id: case.hash}, {name: [case.id]}) for name in ("numpy", "torch")]
    [first], [second] = map(list, map(session.cases_of, blocks))
    assert first is second


def test_the_oldest_idle_frameworks_end_when_there_are_more_than_those_kept(session, monkeypatch):
    released_names = []
    monkeypatch.setattr(session.engine, "release", released_names.append)
    for targets in (("a", "b"), ("c",), ("d", "b"), ("a",)):
        session.begin(targets, 3)
        session.finish(targets)
    assert released_names == ["a", "c"]
    session.begin(("b",), 3)
    session.begin(("e", "f"), 3)
    assert released_names == ["a", "c", "d", "a"]
    session.timer.cancel()


def test_columns_of_the_same_workers_are_asked_together():
    columns, _ = columns_of(a=make_probe(torch="2.13", jax="0.10"), b=make_probe(torch="2.13"), c=make_probe(jax="0.11"))
    both = [[column.name for column in group] for group in group_columns(columns.values(), 3)]
    assert both == [["jax@0.10"], ["jax@0.11"], ["torch"]]
    columns, _ = columns_of(a=make_probe(torch="2.13", jax="0.10"), b=make_probe(torch="2.13", jax="0.10"))
    assert [[column.name for column in group] for group in group_columns(columns.values(), 3)] == [["jax", "torch"]]
    assert [[column.name for column in group] for group in group_columns(columns.values(), 1)] == [["jax"], ["torch"]]


def test_a_block_has_the_same_cases_for_all_its_columns(session):
    text = b"op: max_pool\ncases:\n" + b"".join(
        b"  c%d: {input: [[[1, 5, 2, 4]]], pool: {kernel: [2], stride: [2]}, output: [[[5, 4]]]}\n" % n for n in range(BLOCK + 6)
    )
    cases = session.read_cases("specs/a.yaml", text, frozenset(f"c{n}" for n in range(BLOCK + 6)))
    one, other = columns_of(a=make_probe(torch="2.13", jax="0.10"))[0].values()
    blocks = list(make_blocks({one: cases, other: cases[:1:-1]}))
    assert [[[case.name for case in some] for some in block.values()] for block in blocks] == [
        [[f"c{n}" for n in range(BLOCK)], [f"c{n}" for n in range(BLOCK - 1, 1, -1)]],
        [[f"c{n}" for n in range(BLOCK, BLOCK + 6)], [f"c{n}" for n in range(BLOCK + 5, BLOCK - 1, -1)]],
    ]


def test_an_adapter_counts_only_if_the_worker_has_the_same_file(tmp_path):
    from pathlib import Path

    from poolparity.adapters.targets.cache_key import adapter_digest

    file = str(Path(__file__).parents[1] / "support" / "twin.py")
    [name] = {target.name for target in (entry.target for entry in find_targets([file]).values())} - set(ENTRIES)
    has = probe(Settings("test", (name,), {file: adapter_digest(file)}, Limits(), cached=False))
    assert list(has.header["targets"]) == [name]
    for adapters in ({file: "0" * 16}, {str(tmp_path / "none.py"): adapter_digest(file)}):
        assert probe(Settings("test", (name,), adapters, Limits(), cached=False)).header["targets"] == {}


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "udp://127.0.0.1:1", "local:0", "nowhere.invalid:8786"])
def test_a_wrong_address_is_an_error_within_bounded_time(address, monkeypatch):
    monkeypatch.setattr(sys.modules[Connection.__module__], "PATIENCE", 0.5)
    with pytest.raises(
        WrongUse, match=rf"--cluster {address}: no Dask scheduler answered within 0\.5 s: .*expected the address of a scheduler"
    ):
        Connection(address)


def test_dask_is_not_imported_without_the_option():
    code = "import sys; from poolparity.reports.cli.run import run; sys.exit('distributed' in sys.modules or 'dask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
