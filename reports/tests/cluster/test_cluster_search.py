"""A search on a Dask cluster asks the questions of a search on one machine, and loses or doubles no find whatever becomes of its workers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from poolparity.adapters.parent.limits import Limits
from poolparity.adapters.targets.find import find_targets
from poolparity.reports.run.engine import Engine
from poolparity.reports.search.asking import Asker
from poolparity.reports.search.draw import find_scope
from poolparity.reports.search.examine import Examiner
from poolparity.reports.search.finds import Folder
from poolparity.reports.search.judgement import Judge
from poolparity.reports.search.search import BLOCK, Plan, Search, Sieve, titles_of

pytest.importorskip("distributed", reason="distributed is not installed; to install: pip install 'poolparity[cluster]'")
pytestmark = pytest.mark.slow

from poolparity.reports.cluster.dispatch import Dispatcher  # noqa: E402
from poolparity.reports.cluster.exchange import Settings  # noqa: E402
from poolparity.reports.search.on_cluster import ClusterSearch  # noqa: E402

RARE = str(Path(__file__).parents[1] / "support" / "rare.py")
ENTRIES = find_targets([RARE])
NAME = "rare+channels"
SEED = 3
LIMITS = Limits.of(30, 60)
MAIN = [sys.executable, "-c", "from poolparity.reports.cli import main; main()"]


def make_plan(examples, **changes):
    return Plan(find_scope([ENTRIES[NAME].adapter], ["max_pool"]), (NAME,), SEED, examples=examples, **changes)


def search_here(plan):
    """The tally of a search on this machine, and its finds."""
    from poolparity.adapters.targets.choose import select_targets

    with Asker(Engine(select_targets([NAME], ENTRIES), LIMITS)) as asker:
        searching = Search(Examiner(asker, {NAME: Judge(NAME, every=True)}), plan, Folder(None))
        return searching.tally, list(searching.run())


def failures(finds):
    return {(find.kind.op, find.kind.attribute, find.kind.failure) for find in finds}


def test_a_killed_worker_costs_a_retry_and_no_find_is_lost_or_doubled(cluster, workers, tmp_path):
    plan = make_plan(4 * BLOCK, shrinks=False)
    killed_worker, _ = workers(), workers()
    lines = []
    dispatcher = Dispatcher(cluster.address, Settings.of([NAME], [RARE], LIMITS, cached=False), ENTRIES, lines.append, "kept")
    try:
        targets = {name: column.target for name, column in dispatcher.columns.items()}
        folder = Folder(tmp_path)
        searching = ClusterSearch(dispatcher, plan, {}, Sieve(folder, SEED, titles_of(targets)))

        def kill(tally):
            if searching.share_counts and killed_worker.poll() is None:
                killed_worker.kill()

        searching.watch = kill
        finds = list(searching.run())
    finally:
        dispatcher.close()
    tally, finds_here = search_here(plan)
    assert any("is gone" in line for line in lines)
    assert tally.anomalies == searching.tally.anomalies
    assert (tally.questions, tally.answers) == (searching.tally.questions, searching.tally.answers) == (4 * BLOCK, 4 * BLOCK)
    assert failures(finds) == failures(finds_here) != set()
    kinds = [find.kind for find in finds]
    assert not any(one.covers(other) for at, one in enumerate(kinds) for other in kinds[at + 1 :])
    assert sorted(path.stem for path in tmp_path.glob("*.json")) == sorted(kind.name for kind in kinds)


def test_a_find_comes_back_shrunk_with_native_code(cluster, workers):
    workers()
    dispatcher = Dispatcher(cluster.address, Settings.of([NAME], [RARE], LIMITS, cached=False), ENTRIES, lambda line: None, "kept")
    try:
        targets = {name: column.target for name, column in dispatcher.columns.items()}
        searching = ClusterSearch(dispatcher, make_plan(None, patience=10), {}, Sieve(Folder(None), SEED, titles_of(targets)))
        find = next(searching.run())
    finally:
        dispatcher.close()
    assert find.question.input.shape[find.question.channel] == 17
    assert "import numpy" in find.code
    assert "numpy" in find.versions


def test_the_command_measures_rules_and_searches_on_the_cluster(cluster, workers, tmp_path):
    workers()
    command = [*MAIN, "search", "--target", "numpy", "--op", "global_max_pool", "--examples", "20", "--seed", "1", "--no-cache"]
    ended = subprocess.run([*command, "--cluster", cluster.address], capture_output=True, text=True, cwd=tmp_path, timeout=600)
    assert ended.returncode == 0, ended.stderr
    assert "20 questions, 20 answers: 0 new" in ended.stdout
    assert ": 1 worker, 20 questions" in ended.stdout


def test_a_worker_with_another_hypothesis_is_refused(cluster, workers, tmp_path):
    info = tmp_path / "hypothesis-0.0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: hypothesis\nVersion: 0.0.1\n")
    workers(PYTHONPATH=str(tmp_path))
    command = [*MAIN, "search", "--target", "numpy", "--examples", "1", "--cluster", cluster.address]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=info, timeout=600)
    assert ended.returncode == 2
    assert "it has hypothesis 0.0.1; expected " in ended.stderr


def test_a_question_travels_as_what_a_spec_states():
    import pickle

    from poolparity.reports.search.search import draw_question

    question = draw_question(make_plan(1).scope, "1/1")
    assert question.case
    assert question.reference is not None or question.features is not None
    message = pickle.dumps(question)
    assert b"numpy" not in message
    assert pickle.loads(message).hash == question.hash
    assert json.dumps(question.input.document())
