"""What the tests of workers share: jobs, and a host that has them done."""

import os
import subprocess
import sys
import time
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from poolparity.adapters import Ask, Call, Ref, Step
from poolparity.adapters.common.loading import load_adapter
from poolparity.adapters.parent.compile_cache import CompileCache, compile_cache_path
from poolparity.adapters.parent.host import Host, Job, Launch, Limits
from poolparity.adapters.targets.find import AdapterEntry, find_targets, install_advice, is_installed
from poolparity.cases.judge.answer import Answer
from poolparity.cases.model.operation import NOTHING
from poolparity.cases.model.pool import Pool

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # a busy machine is no failure

PROGRAMS = compile_cache_path()
"""Where specs have them as well; looked up before any test sets another folder for caches."""
FAULTY = Path(__file__).with_name("support") / "faulty.py"
load_adapter(str(FAULTY))  # from now on it can be imported, as poolparity.adapters.faulty


@pytest.fixture(scope="session")
def entries():
    """All targets, those of the faulty adapter among them."""
    return find_targets([FAULTY])


@pytest.fixture(scope="session")
def good():
    """Makes a job that every worker can do, each number another one."""

    def job(number: int) -> Job:
        x = np.arange(number, number + 16, dtype="float32").reshape(1, 1, 4, 4)
        return Job(f"good-{number}", Call((Step("y", "numpy.negative", (Ref("x"),)),)), {"x": x})

    return job


@pytest.fixture(scope="session")
def bad():
    """Makes a job of any call."""

    def job(call: Call, name: str = "bad", timeout: float | None = None, wants: frozenset[str] = frozenset()) -> Job:
        return Job(name, call, {"x": np.zeros((1, 1, 4, 4), "float32")}, wants, timeout)

    return job


class AnswersById(dict):
    """What a host delivers: an answer by each job's id, and never two."""

    def deliver(self, job, answer):
        assert job not in self, f"{job} was told twice"
        self[job] = answer


def present(entry: AdapterEntry) -> AdapterEntry:
    """Skips the test where a target is not installed."""
    if not is_installed(entry.target):
        pytest.skip(install_advice(entry.target))
    return entry


@pytest.fixture(scope="session")
def programs():
    """The compiled programs of these tests, which all processes of pytest-xdist share with each other and with the specs."""
    cache = CompileCache(PROGRAMS)
    yield cache
    cache.close()


@pytest.fixture(scope="session")
def host(entries, programs):
    """Makes a host of a target, and where its answers go."""

    def make(target: str = "faulty", python: str = sys.executable, cache: CompileCache = programs, **limits) -> tuple[Host, AnswersById]:
        entry, answers = present(entries[target]), AnswersById()
        return Host(Launch(entry.target, entry.where, python), Limits(**limits), answers.deliver, dict(os.environ), cache), answers

    return make


@pytest.fixture(scope="session")
def ask(host):
    """Has jobs done by a target's worker: the answers by the jobs' ids, in the order in which they came, and the host."""

    def answers_of_jobs(jobs, target: str = "faulty", python: str = sys.executable, **limits) -> tuple[AnswersById, Host]:
        worker_host, answers = host(target, python, **limits)
        worker_host.feed(jobs)
        worker_host.join()
        return answers, worker_host

    return answers_of_jobs


@pytest.fixture(scope="session")
def has_ended():
    """Waits until no process of a group runs any more."""

    def wait(group: int) -> None:
        for _ in range(200):
            if not any(runs(process, group) for process in Path("/proc").glob("[0-9]*")):
                return
            time.sleep(0.05)
        raise AssertionError(f"processes of group {group} still run")

    return wait


def runs(process, group):
    """Whether a process belongs to a group and is no zombie."""
    try:
        state, _, leader = (process / "stat").read_text().rpartition(")")[2].split()[:3]
    except OSError:
        return False
    return int(leader) == group and state not in "ZX"


@pytest.fixture(scope="session")
def run_fresh():
    """Runs code in a fresh interpreter; what it printed."""

    def run(code: str) -> str:
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    return run


@pytest.fixture(scope="session")
def lines():
    """Makes the native lines in which an adapter asks for a pooling."""

    def lines_of(adapter, pool: Pool, shape=(1, 2, 6, 6), dtype: str = "float32", **options) -> list[str]:
        return list(map(str, adapter.call(Ask(pool, shape, dtype, **options)).steps))

    return lines_of


@pytest.fixture(scope="session")
def answers_of(entries, programs):
    """Puts poolings of one input to an installed target, whose worker lives on: what each gives, or what is said instead."""
    hosts: dict[str, Host] = {}
    queue: SimpleQueue[tuple[str, Answer]] = SimpleQueue()

    def start_host(target: str) -> Host:
        entry = present(entries[target])
        launch = Launch(entry.target, entry.where, sys.executable)
        return Host(launch, Limits(), lambda *answer: queue.put(answer), dict(os.environ), programs)

    def ask_target(target: str, x, *pools: Pool, extra=NOTHING, **options) -> list:
        hosts[target] = hosts.get(target) or start_host(target)
        shapes = {name: array.shape for name, array in extra.items()}
        questions = [Ask(pool, x.shape, x.dtype.name, shapes=shapes, **options) for pool in pools]
        calls = [entries[target].adapter.call(ask, entries[target].target) for ask in questions]
        hosts[target].feed([Job(str(count), call, {"x": x, **extra}) for count, call in enumerate(calls)])
        answers = [queue.get()[1] for _ in pools]
        return [answer.detail if answer.output is None else answer.output for answer in answers]

    yield ask_target
    for host in hosts.values():
        host.join()
