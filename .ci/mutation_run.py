"""A pytest plugin that tries every mutant in a child of its own, which has all tests collected and no start to pay for.

The tests run once without mutants, to see which call what. A mutant is then held against the tests that call its
function until one fails: first those that noticed others of that function, then the quickest. How long one may take is
counted in seconds of the processor, so that a busy machine is no reason. Of every test another one is said to follow, so
that what the session shares is there for all children. Those that noticed a mutant must pass without one afterwards.
"""

from __future__ import annotations

import gc
import json
import math
import os
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pytest

from poolparity.mutation_switch import calls, force

MEMORY = 8 * 2**30
CHUNK = 100
FAULT = 3
"""The exit status of a child that ended in an error of its own, which says nothing about its mutant."""


@pytest.hookimpl
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Try the mutants of `mutants.json` that have no result in `results.jsonl` yet, and append theirs."""
    tests, cost = find_callers(session)
    if session.testsfailed:
        return True
    mutants = json.loads(Path("mutants.json").read_text(encoding="utf-8"))
    noticed: dict[str, Counter[pytest.Item]] = defaultdict(Counter)
    gc.disable()  # children share what is not touched
    for first in range(0, len(mutants), CHUNK):
        outcomes = []
        for mutant in mutants[first : first + CHUNK]:
            label = mutant["function"]
            order = sorted(tests[label], key=lambda item: (-noticed[label][item], cost[item]))
            status, killer, seconds = try_mutant(session, mutant, order, sum(cost[item] for item in order))
            noticed[label].update(item for item in order if item.nodeid == killer)
            outcomes.append({"key": mutant["key"], "status": status, "by": killer, "seconds": seconds})
        check_that_all_pass(session, {outcome["by"] for outcome in outcomes})
        with Path("results.jsonl").open("a", encoding="utf-8") as results:
            results.writelines(json.dumps(outcome) + "\n" for outcome in outcomes)
        sys.stderr.write(f"{first + len(outcomes)} of {len(mutants)} tried\n")
    return True


def check_that_all_pass(session: pytest.Session, names: Collection[str]) -> None:
    """Run the tests that noticed mutants without one; raises `RuntimeError` where a test fails, so that what it noticed is void."""
    tests = [item for item in session.items if item.nodeid in names]
    status, killer, _ = try_mutant(session, {"function": "", "name": ""}, tests, 60)
    if status != "survived":
        raise RuntimeError(f"{killer} {status} without a mutant; expected a test that passes every time")


def find_callers(session: pytest.Session) -> tuple[Mapping[str, Sequence[pytest.Item]], Mapping[pytest.Item, float]]:
    """Run all tests: those that call each function, and what each test costs in seconds of the processor."""
    tests, cost = defaultdict(list), {}
    for item, following in zip(session.items, [*session.items[1:], session.items[0]], strict=True):
        calls.clear()
        before = time.process_time()
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        cost[item] = time.process_time() - before
        for label in calls:
            tests[label].append(item)
    return tests, cost


def try_mutant(session: pytest.Session, mutant: Mapping[str, str], tests: Sequence[pytest.Item], cost: float) -> tuple[str, str, float]:
    """What becomes of a mutant in a child, the test that noticed it, and what that cost."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            limit = math.ceil(5 + 3 * cost)
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            os._exit(find_noticing_test(session, mutant, tests, writer))
        finally:  # whatever a mutant raises that pytest lets through, a child never goes on as its parent
            os._exit(FAULT)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        killer = pipe.read().decode()
    _, status, used = os.wait4(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) not in (0, 1):
        raise RuntimeError(f"{mutant['name']} ended its child with status {os.WEXITSTATUS(status)}; expected a test that fails, or none")
    verdict = "timed out" if os.WIFSIGNALED(status) else "killed" if os.WEXITSTATUS(status) else "survived"
    return verdict, killer, round(used.ru_utime + used.ru_stime, 3)


def find_noticing_test(session: pytest.Session, mutant: Mapping[str, str], tests: Sequence[pytest.Item], pipe: int) -> int:
    """Put a mutant in force and run tests until one fails, and write its name to the pipe; 1 if one did, 0 if there is none to run."""
    session.config.pluginmanager.unregister(name="terminalreporter")
    force[mutant["function"]] = mutant["name"]
    following_tests = [*tests, session.items[0]][1:]
    for item, following in zip(tests, following_tests, strict=True):
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            os.write(pipe, item.nodeid.encode())
            return 1
    return 0
