"""Whatever a framework does to its worker, every row of every other case is there, once, and as if nothing had happened."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from poolparity.adapters.common.loading import load_adapter
from poolparity.adapters.ledger.entry import Entry
from poolparity.adapters.ledger.ledger import Ledger
from poolparity.adapters.parent.limits import MEBIBYTE, Limits
from poolparity.adapters.targets.choose import SelectedTarget
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.model.pool import Pool
from poolparity.reports.run.engine import Engine
from poolparity.reports.run.run import Run

FAULTY = Path(__file__).parents[3] / "adapters" / "tests" / "support" / "faulty.py"
load_adapter(str(FAULTY))

from poolparity.adapters.faulty import DEATHS, FAULTS, HANGS, NOISES, REFUSALS, UNTOLD  # noqa: E402

pytestmark = pytest.mark.slow

VERDICTS = {
    **dict.fromkeys((*DEATHS, *UNTOLD), "crashes"), **dict.fromkeys(HANGS, "times_out"), **dict.fromkeys(REFUSALS, "rejects"),
    **dict.fromkeys(NOISES, "agrees"),
}  # fmt: skip
"""What becomes of each fault where an answer was due."""
LIMITS = Limits(case=4.0, memory=128 * MEBIBYTE, answer_bytes=MEBIBYTE)
COUNT = 4


@pytest.fixture
def run():
    """Makes a run on the faulty target, with a ledger of some entries."""
    entry = find_targets([FAULTY])["faulty"]
    runs = []

    def run(*entries):
        runs.append(Run(Engine([SelectedTarget("faulty", entry, sys.executable)], LIMITS), Ledger(entries)))
        return runs[-1]

    yield run
    for one_run in runs:
        one_run.close()


@pytest.fixture
def good(make):
    """Cases with which nothing is wrong."""
    return [make(f"good_{number}") for number in range(COUNT)]


@pytest.fixture
def bad(make):
    """A case for each fault."""
    return {fault: make(fault, pool=Pool(op="max_pool", kernel=(number,), stride=(2,))) for number, fault in FAULTS.items()}


def rows_of(run, cases):
    """The rows of each case, in the order in which they come; none comes twice."""
    rows_by_case = {}
    for case, _, rows in run.answers(cases):
        assert case.id not in rows_by_case
        rows_by_case[case.id] = [{**row, "seconds": None} for row in rows]
    return rows_by_case


def verdict(rows):
    """The verdict on acceptance."""
    [acceptance_verdict] = [row["verdict"] for row in rows if row["attribute"] == "acceptance"]
    return acceptance_verdict


def test_every_fault_is_the_verdict_of_its_case_and_changes_no_other_row(run, good, bad):
    """Faults come before, among and after good cases: runs at the same time, for each waits most of its time for what hangs."""
    orders = [[*good[:place], *bad.values(), *good[place:]] for place in (0, COUNT // 2, COUNT)]
    undisturbed_rows = rows_of(run(), good)
    with ThreadPoolExecutor() as pool:
        disturbed_rows = list(pool.map(rows_of, [run() for _ in orders], orders))
    for order, rows in zip(orders, disturbed_rows, strict=True):
        assert list(rows) == [case.id for case in order]
        assert {name: rows[name] for name in undisturbed_rows} == undisturbed_rows
        assert {fault: verdict(rows[case.id]) for fault, case in bad.items()} == VERDICTS


def test_cases_that_are_known_to_kill_come_last(run, good, bad):
    killers = [bad["abort"], bad["loop"]]
    entries = [
        Entry(killers[0].id, "faulty", "acceptance", "crashes: SIGABRT", "it aborts"),
        Entry("*::loop", "faulty", "acceptance", "times_out", "it loops"),
    ]
    rows_by_case = rows_of(run(*entries), [good[0], *killers, *good[1:], bad["refuse"]])
    assert list(rows_by_case) == [case.id for case in (*good, bad["refuse"], *killers)]
