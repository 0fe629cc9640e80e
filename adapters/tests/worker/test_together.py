"""Cases that share a program are answered bit by bit as each is by itself, and what has a program of its own keeps it."""

import os
import sys
from dataclasses import replace

import numpy as np
import pytest
from support.asking import PATIENCE, arrays_of, translate_sample
from support.poolings import samples

from poolparity.adapters import Call, Ref, Step
from poolparity.adapters.parent.host import Host, Launch
from poolparity.adapters.parent.job import Job, batches, one_program
from poolparity.adapters.parent.launch import flags_of
from poolparity.adapters.targets.find import find_targets, is_installed

FOUND = [entry for entry in find_targets().values() if entry.target.together > 1]


@pytest.fixture(params=FOUND, ids=[entry.target.name for entry in FOUND])
def entry(request):
    if not is_installed(request.param.target):
        pytest.skip(f"{request.param.target.name} is not installed")
    return request.param


def rough(array, seed):
    """Numbers that any change of order rounds otherwise, NaN and infinities among them; integers as they are."""
    if array.dtype.kind != "f" or array.dtype.name == "bfloat16":
        return array
    noise = np.random.default_rng(seed).normal(size=array.shape)
    noise.flat[seed % noise.size], noise.flat[-1] = np.nan, -np.inf
    return noise.astype(array.dtype)


@pytest.fixture
def jobs(entry):
    """The samples in two dimensions, of outputs, gradients and inferred shapes; every fourth where a program takes a second to compile."""
    samples_and_calls = [
        (sample, call) for sample in samples() if sample.ask.rank == 2 and (call := translate_sample(entry.adapter, entry.target, sample))
    ][:: 1 if entry.target.tier == "full" else 4]
    arrays = [{name: tensor.value for name, tensor in arrays_of(sample, "plane").items()} for sample, _ in samples_and_calls]
    return [
        Job(sample.name, call, {**job_arrays, "x": rough(job_arrays["x"], seed)})
        for seed, ((sample, call), job_arrays) in enumerate(zip(samples_and_calls, arrays, strict=True))
    ]


def answers(entry, together, programs, *orders):
    """What one worker answers to jobs in each order where so many go into one program; all but the time."""
    answers_by_name = {}
    launch = Launch(replace(entry.target, together=together), entry.where, sys.executable)
    host = Host(launch, PATIENCE, answers_by_name.__setitem__, dict(os.environ), programs)
    for number, jobs in enumerate(orders):
        host.feed([replace(job, id=f"{number} {job.id}") for job in jobs])
    host.join()
    assert host.notes == []
    return [{job.id: plain(answers_by_name[f"{number} {job.id}"]) for job in jobs} for number, jobs in enumerate(orders)]


def plain(answer):
    results = {**({} if answer.output is None else {"y": answer.output}), **answer.extra}
    reason = answer.detail.partition("\n")[0]  # further lines quote the program
    return answer.outcome, reason, {name: (array.dtype.name, array.shape, bytes_of(array)) for name, array in results.items()}


def bytes_of(array):
    """The bytes of an array; which of the NaNs it holds is for a compiler to choose, and no row says it."""
    return (np.where(np.isnan(array), array.dtype.type(np.nan), array) if array.dtype.kind == "f" else array).tobytes()


def test_answers_are_those_of_a_program_each(entry, jobs, programs):
    jobs = [job for job in jobs if one_program(job, entry.target)]
    [alone] = answers(entry, 1, programs, jobs)
    assert {outcome for outcome, *_ in alone.values()} >= {"accepts"}
    forwards, backwards = answers(entry, entry.target.together, programs, jobs, jobs[::-1])
    assert forwards == alone
    assert backwards == alone


def test_gradients_keep_the_programs_that_they_are_printed_with(entry, jobs):
    several = [job.id for batch in batches(jobs, entry.target) if batch.several for job in batch.jobs]
    assert len(several) > entry.target.together
    assert not [name for name in several if name.endswith(("-gradient", "-inferred"))]


def test_what_is_not_compiled_goes_alone(entry):
    job = Job("plain", Call((Step("y", "numpy.copy", (Ref("x"),)),)), {"x": np.zeros(1)})
    assert [batch.several for batch in batches([job, job], entry.target)] == [False, False]


def test_the_header_tells_how_many_cases_share_a_program(entry):
    assert flags_of(entry.target, {})["cases in one program"] == str(entry.target.together)
