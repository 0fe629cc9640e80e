"""Every public thread has its cases, or a reason why it has none."""

import pytest
from support.scripts import load_script

from poolparity.adapters.targets.find import find_targets, layers_of
from poolparity.cases.read.check import find_spec_files
from poolparity.cases.read.spec import read_spec
from poolparity.reports.ledger.suite import SPECS

script = load_script("threads")
THREADS = script.read_threads()


@pytest.fixture(scope="module")
def cases():
    entries = layers_of(find_targets())
    return [case for path in find_spec_files([SPECS]) for case in read_spec(path, entries, tiers=("smoke", "core")).cases]


def names(id_):
    """The id, and that without the parameters of a matrix."""
    return {id_, id_.partition("-")[0]}


def test_the_table_is_current():
    assert script.TABLE.read_text(encoding="utf-8") == script.make_table(THREADS), "run `python .ci/threads.py`"


def test_every_thread_is_there_once():
    assert len(THREADS) == 131
    assert len({thread.link for thread in THREADS}) == 131


@pytest.mark.parametrize("thread", THREADS, ids=lambda thread: thread.link.removeprefix("https://"))
def test_a_thread_has_cases_or_a_reason(thread):
    assert bool(thread.cases) != bool(thread.reason)
    assert thread.link.startswith("https://")


@pytest.mark.slow
def test_every_case_exists(cases):
    case_names = {name for case in cases for name in names(case.id)}
    assert [case for thread in THREADS for case in thread.cases if case not in case_names] == []


@pytest.mark.slow
def test_every_case_of_a_thread_is_named(cases):
    case_names = {case for thread in THREADS for case in thread.cases}
    assert [case.id for case in cases if "thread" in case.tags and not names(case.id) & case_names] == []
