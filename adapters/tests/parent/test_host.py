"""A host has every job done once, in as few lives of a worker as that takes, and leaves nothing behind."""

import os
import random
import signal
import subprocess
import sys
import time
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from poolparity.adapters import Call, Ref, Step, Target
from poolparity.adapters.faulty import call
from poolparity.adapters.parent.host import Job
from poolparity.adapters.parent.launch import environment_of, flags_of
from poolparity.adapters.parent.limits import MEBIBYTE

PROCESS = Call((Step("process", "os.getpid"), Step("y", "numpy.asarray", (Ref("process"),))))


def until(answers, count):
    """Wait for so many answers."""
    while len(answers) < count:
        time.sleep(0.01)


def test_answers_come_in_the_order_of_the_jobs(ask, good):
    answers, host = ask([good(number) for number in range(100)])
    assert list(answers) == [f"good-{number}" for number in range(100)]
    for number, answer in enumerate(answers.values()):
        assert (answer.outcome, answer.detail, answer.extra) == ("accepts", "", {})
        assert np.array_equal(answer.output, -good(number).arrays["x"])
        assert answer.seconds > 0
    assert host.notes == []


def test_a_worker_says_what_takes_part(ask, good):
    assert ask([good(0)])[1].versions == {"numpy": np.__version__}


def test_one_worker_serves_all_that_is_fed(host, bad):
    worker_host, answers = host()
    worker_host.feed([bad(PROCESS, "first")])
    until(answers, 1)
    worker_host.feed([bad(PROCESS, "second")])
    worker_host.join()
    assert answers["first"].output == answers["second"].output != os.getpid()


def test_a_host_that_was_never_fed_has_nothing_to_end(host):
    worker_host, answers = host()
    worker_host.feed([])
    worker_host.join()
    assert (answers, worker_host.thread) == ({}, None)


def test_what_is_fed_after_the_end_is_not_run(host, good):
    worker_host, answers = host()
    worker_host.feed([good(0)])
    worker_host.join()
    worker_host.feed([good(1)])
    assert [answer.outcome for answer in answers.values()] == ["accepts", "not_run"]


def test_a_stop_kills_at_once_and_leaves_nothing(host, good, bad, has_ended):
    worker_host, answers = host()
    worker_host.feed([bad(PROCESS, "process"), bad(call("hold_the_lock")), good(0)])
    until(answers, 1)
    worker_host.close()
    worker_host.join()
    assert [answer.outcome for answer in answers.values()] == ["accepts", "not_run", "not_run"]
    assert answers["bad"].detail == "the run was stopped before this was answered"
    has_ended(int(answers["process"].output))


def test_a_receiver_that_fails_stops_the_host_and_is_raised_by_join(host, good, bad):
    worker_host, answers = host()
    worker_host.deliver = lambda job, answer: answers.deliver(job, answer) if job != "good-1" else 1 / 0
    worker_host.feed([good(0), good(1), bad(call("loop"))])
    with pytest.raises(ZeroDivisionError):
        worker_host.join()
    assert [answer.outcome for answer in answers.values()] == ["accepts", "not_run"]


STARTS = {
    "faulty+unimportable": ("exited with status 1", "No module named 'no_such_module'"),
    "faulty+raising": ("exited with status 1", "ValueError: no such window"),
    "faulty+stillborn": ("was killed by SIGABRT", "Fatal Python error: Aborted"),
    "faulty+sleeping": ("not ready within 0.5 s", ""),
}


@pytest.mark.parametrize("target", STARTS)
def test_a_worker_that_cannot_start_is_reported_once_and_not_tried_for_every_case(ask, good, target):
    outcome, reason = STARTS[target]
    answers, host = ask([good(number) for number in range(3)], target, start=0.5 if "sleeping" in target else 60)
    first, *others = answers.values()
    assert first.detail.startswith("the worker could not start, tried 2 times: ")
    assert outcome in first.detail.splitlines()[0]
    assert reason in first.detail
    assert {answer.detail for answer in others} == {"the worker could not start, as good-0 tells"}
    assert {answer.outcome for answer in answers.values()} == {"crashes"}
    assert len(host.notes) == 2


def test_an_interpreter_that_is_none_is_reported(ask, good):
    assert "/no/python cannot be started: " in ask([good(0)], python="/no/python")[0]["good-0"].detail
    assert "exited with status 0" in ask([good(0)], python="/bin/true")[0]["good-0"].detail


def test_a_start_that_fails_once_costs_no_answer(ask, good):
    answers, host = ask([good(number) for number in range(3)], "faulty+late")
    assert [answer.outcome for answer in answers.values()] == ["accepts"] * 3
    assert ["was killed by SIGABRT" in note for note in host.notes] == [True]


def test_a_worker_that_has_grown_is_replaced_between_two_cases(ask, bad):
    jobs = [bad(call("leave_behind"), str(count)) for count in range(40)]
    answers, host = ask(jobs, memory=256 * MEBIBYTE)
    assert list(answers) == [job.id for job in jobs]
    processes = [int(answer.output) for answer in answers.values()]
    lives = [len(list(group)) for _, group in groupby(processes)]
    assert len(lives) == len(set(processes)) > 2
    assert all(3 < count < 16 for count in lives[:-1])
    assert host.notes == []


@pytest.mark.parametrize("seed", range(4))
def test_kills_at_any_moment_lose_and_double_nothing(ask, good, bad, seed):
    moment = random.Random(seed).uniform
    deadly_calls = {place: Call((Step("y", "poolparity.adapters.faulty.die_soon", (moment(0, 0.01),)),)) for place in range(0, 400, 100)}
    slow = Call((Step("", "time.sleep", (0.2,)), Step("y", "numpy.copy", (Ref("x"),))))
    jobs = [bad(deadly_calls[number], f"kill-{number}") if number in deadly_calls else good(number) for number in range(400)]
    answers, host = ask([*jobs, bad(slow, "slow")])
    assert list(answers) == [*(job.id for job in jobs), "slow"]
    deaths = [*(answer.detail for answer in answers.values() if answer.outcome == "crashes"), *host.notes]
    assert 1 <= len(deaths) <= len(deadly_calls)
    assert all(death.startswith("the worker was killed by SIGKILL") for death in deaths)
    for job in jobs:
        if "good" in job.id and answers[job.id].outcome != "crashes":
            assert np.array_equal(answers[job.id].output, -job.arrays["x"])


def test_lives_leave_no_descriptors_open(ask, bad, good):
    before = len(list(Path("/proc/self/fd").iterdir()))
    ask([bad(call("abort")), good(0)])
    assert len(list(Path("/proc/self/fd").iterdir())) == before


TYPES = ("bool", "int8", "uint8", "int16", "int32", "int64", "uint64", "float16", "float32", "float64", "complex64")


@pytest.mark.parametrize("lent_array_types", [False, True], ids=["numpy", "ml_dtypes"])
def test_arrays_of_every_type_and_shape_come_back_bit_by_bit(ask, lent_array_types):
    ml_dtypes = pytest.importorskip("ml_dtypes") if lent_array_types else None
    types = [ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn] if lent_array_types else TYPES
    bits = np.random.default_rng(0)
    shapes = ((), (0, 3), (5,), (2, 3))
    arrays = {f"{np.dtype(kind)}{shape}": bits.integers(0, 2, shape).astype(kind) for kind in types for shape in shapes}
    arrays["backwards"], arrays["apart"] = np.arange(6, dtype=">i4")[::-1], np.arange(6.0).reshape(2, 3)[:, ::2]
    arrays["nan"] = np.array([0x7FC00001, 0xFFC12345, 0x80000000], "uint32").view("float32")
    copy = Call((Step("y", "numpy.copy", (Ref("x"),)),))
    answers, _ = ask([Job(name, copy, {"x": array}) for name, array in arrays.items()])
    for name, array in arrays.items():
        assert answers[name].output.dtype.name == array.dtype.name
        assert answers[name].output.shape == array.shape
        assert answers[name].output.tobytes() == array.astype(array.dtype.newbyteorder("=")).tobytes()


def test_scalars_and_further_results_come_back_as_arrays(ask, bad):
    steps = (Step(("y", "at"), "math.frexp", (8.0,)),)
    answer = ask([bad(Call(steps, results=("y", "at")))])[0]["bad"]
    assert (answer.output.shape, answer.output.item(), answer.extra["at"].item()) == ((), 0.5, 4)


@pytest.mark.parametrize(("back", "shape"), [({"y": (3, 1)}, (1, 2, 3, 4)), ({}, (1, 3, 4, 2))])
def test_channels_are_moved_there_and_back(ask, back, shape):
    job = Job("moved", Call((Step("y", "numpy.copy", (Ref("x"),)),), {"x": (1, 3), **back}), {"x": np.zeros((1, 2, 3, 4))})
    assert ask([job])[0]["moved"].output.shape == shape


def test_a_folder_full_of_impostors_is_not_looked_into(ask, good, tmp_path, monkeypatch):
    for name in ("numpy", "json", "struct", "poolparity"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('an impostor')")
    monkeypatch.chdir(tmp_path)
    assert ask([good(0)])[0]["good-0"].outcome == "accepts"


def test_a_worker_finds_an_empty_home_for_keras(ask, bad):
    files = (Step("home", "os.environ.get", ("KERAS_HOME",)), Step("files", "os.listdir", (Ref("home"),)))
    answers, _ = ask([bad(Call((*files, Step("y", "numpy.size", (Ref("files"),)))))])
    assert answers["bad"].output == 0


def test_the_environment_is_quiet_unless_somebody_says_otherwise():
    target = Target("some", (), (), environment={"KERAS_BACKEND": "jax"})
    outer = {"OMP_NUM_THREADS": "7", "KERAS_BACKEND": "torch", "HOME": "/home"}
    variables = environment_of(target, outer)
    assert (variables["OMP_NUM_THREADS"], variables["KERAS_BACKEND"], variables["HOME"], variables["TF_CPP_MIN_LOG_LEVEL"]) == (
        "7",
        "jax",
        "/home",
        "2",
    )
    assert "PYTHONHASHSEED" not in variables
    assert flags_of(target, outer)["KERAS_BACKEND"] == "jax"
    assert "HOME" not in flags_of(target, outer)


PARENT = """
import os, sys
import numpy as np
from poolparity.adapters import Call, Ref, Step
from poolparity.adapters.targets.find import find_targets
from poolparity.adapters.parent.host import Host, Job, Launch, Limits
found = find_targets([sys.argv[1]])["faulty"]
from poolparity.adapters.faulty import call
process = Call((Step("process", "os.getpid"), Step("y", "numpy.asarray", (Ref("process"),))))
host = Host(Launch(found.target, found.where, sys.executable), Limits(), lambda job, answer: print(answer.output, flush=True), dict(os.environ))
host.feed([Job("process", process, {"x": np.zeros(1)}), Job("hang", call(sys.argv[2]), {"x": np.zeros(1)})])
host.join()
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("fault", ["loop", "hold_the_lock"])
def test_neither_worker_nor_temporary_folder_outlives_a_parent_that_is_killed(entries, has_ended, tmp_path, fault, end):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", PARENT, entries["faulty"].where, fault]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:
        group = int(parent.stdout.readline())
        assert list(tmp_path.iterdir())
        parent.send_signal(end)
    has_ended(group)
    for _ in range(200):
        if not list(tmp_path.iterdir()):
            return
        time.sleep(0.05)
    assert list(tmp_path.iterdir()) == []


def test_tensorflow_dies_of_a_window_one_larger_than_its_input(ask, entries):
    pool = Call((Step("y", "tensorflow.nn.max_pool2d", (Ref("x"),), {"ksize": 3, "strides": 1, "padding": "VALID"}),))
    fits, large = np.zeros((1, 3, 3, 1), "float32"), np.zeros((1, 2, 2, 1), "float32")
    answers, _ = ask([Job("before", pool, {"x": fits}), Job("larger", pool, {"x": large}), Job("after", pool, {"x": fits})], "tensorflow")
    assert [answer.outcome for answer in answers.values()] == ["accepts", "crashes", "accepts"]
    assert answers["larger"].detail.startswith("the worker was killed by SIGFPE")
