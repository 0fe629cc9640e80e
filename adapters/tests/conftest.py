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
from poolparity.adapters.parent.compile_cache import CompileCache
from poolparity.adapters.parent.host import Host, Job, Launch, Limits
from poolparity.adapters.targets.find import Found, find_targets, install_advice, is_installed
from poolparity.cases.judge.answer import Answer
from poolparity.cases.model.operation import NOTHING
from poolparity.cases.model.pool import Pool

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # a busy machine is no failure

FAULTY = Path(__file__).with_name("support") / "faulty.py"
load_adapter(str(FAULTY))  # from now on it can be imported, as poolparity.adapters.faulty


@pytest.fixture(scope="session")
def found():
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


class Told(dict):
    """What a host delivers: an answer by each job's id, and never two."""

    def deliver(self, job, answer):
        assert job not in self, f"{job} was told twice"
        self[job] = answer


def present(each: Found) -> Found:
    """Skips the test where a target is not installed."""
    if not is_installed(each.target):
        pytest.skip(install_advice(each.target))
    return each


@pytest.fixture(scope="session")
def programs(tmp_path_factory):
    """The compiled programs of these tests, which all processes of pytest-xdist share."""
    base = tmp_path_factory.getbasetemp()
    cache = CompileCache((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "programs")
    yield cache
    cache.close()


@pytest.fixture(scope="session")
def host(found, programs):
    """Makes a host of a target, and where its answers go."""

    def make(target: str = "faulty", python: str = sys.executable, **limits) -> tuple[Host, Told]:
        each, told = present(found[target]), Told()
        return Host(Launch(each.target, each.where, python), Limits(**limits), told.deliver, dict(os.environ), programs), told

    return make


@pytest.fixture(scope="session")
def ask(host):
    """Has jobs done by a target's worker: the answers by the jobs' ids, in the order in which they came, and the host."""

    def done(jobs, target: str = "faulty", python: str = sys.executable, **limits) -> tuple[Told, Host]:
        made, told = host(target, python, **limits)
        made.feed(jobs)
        made.join()
        return told, made

    return done


@pytest.fixture(scope="session")
def gone():
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

    def made(adapter, pool: Pool, shape=(1, 2, 6, 6), dtype: str = "float32", **said) -> list[str]:
        return list(map(str, adapter.call(Ask(pool, shape, dtype, **said)).steps))

    return made


@pytest.fixture(scope="session")
def given(found, programs):
    """Puts poolings of one input to an installed target, whose worker lives on: what each gives, or what is said instead."""
    hosts: dict[str, Host] = {}
    told: SimpleQueue[tuple[str, Answer]] = SimpleQueue()

    def started(target: str) -> Host:
        each = present(found[target])
        launch = Launch(each.target, each.where, sys.executable)
        return Host(launch, Limits(), lambda *answer: told.put(answer), dict(os.environ), programs)

    def put(target: str, x, *pools: Pool, extra=NOTHING, **said) -> list:
        hosts[target] = hosts.get(target) or started(target)
        shapes = {name: each.shape for name, each in extra.items()}
        asks = [Ask(pool, x.shape, x.dtype.name, shapes=shapes, **said) for pool in pools]
        calls = [found[target].adapter.call(ask, found[target].target) for ask in asks]
        hosts[target].feed([Job(str(count), call, {"x": x, **extra}) for count, call in enumerate(calls)])
        answers = [told.get()[1] for _ in pools]
        return [answer.detail if answer.output is None else answer.output for answer in answers]

    yield put
    for each in hosts.values():
        each.join()
