"""Cases that share a program are answered bit by bit as each is by itself, and what has a program of its own keeps it."""

import os
import sys
from dataclasses import replace

import numpy as np
import pytest
from support.asking import PATIENCE, given, translated
from support.poolings import samples

from poolparity.adapters import Call, Ref, Step
from poolparity.adapters.parent.host import Host, Launch
from poolparity.adapters.parent.job import Job, batches, one_program
from poolparity.adapters.parent.launch import flags_of
from poolparity.adapters.targets.find import find_targets, is_installed

FOUND = [each for each in find_targets().values() if each.target.together > 1]


@pytest.fixture(params=FOUND, ids=[each.target.name for each in FOUND])
def found(request):
    if not is_installed(request.param.target):
        pytest.skip(f"{request.param.target.name} is not installed")
    return request.param


def rough(array, seed):
    """Numbers that any change of order rounds otherwise, NaN and infinities among them; integers as they are."""
    if array.dtype.kind != "f" or array.dtype.name == "bfloat16":
        return array
    made = np.random.default_rng(seed).normal(size=array.shape)
    made.flat[seed % made.size], made.flat[-1] = np.nan, -np.inf
    return made.astype(array.dtype)


@pytest.fixture
def jobs(found):
    """Every sample in two dimensions, of outputs, gradients and inferred shapes."""
    asked = [(sample, call) for sample in samples() if sample.ask.rank == 2 and (call := translated(found.adapter, found.target, sample))]
    arrays = [{name: each.value for name, each in given(sample, "plane").items()} for sample, _ in asked]
    return [
        Job(sample.name, call, {**each, "x": rough(each["x"], seed)})
        for seed, ((sample, call), each) in enumerate(zip(asked, arrays, strict=True))
    ]


def answers(found, jobs, together, programs):
    """What is answered where so many go into one program; all but the time."""
    told = {}
    launch = Launch(replace(found.target, together=together), found.where, sys.executable)
    host = Host(launch, PATIENCE, told.__setitem__, dict(os.environ), programs)
    host.feed(jobs)
    host.join()
    assert host.notes == []
    return {name: plain(answer) for name, answer in told.items()}


def plain(answer):
    results = {**({} if answer.output is None else {"y": answer.output}), **answer.extra}
    return answer.outcome, answer.detail, {name: (each.dtype.name, each.shape, each.tobytes()) for name, each in results.items()}


def test_answers_are_those_of_a_program_each(found, jobs, programs):
    jobs = [job for job in jobs if one_program(job, found.target)]
    alone = answers(found, jobs, 1, programs)
    assert {outcome for outcome, *_ in alone.values()} >= {"accepts"}
    assert answers(found, jobs, found.target.together, programs) == alone
    assert answers(found, jobs[::-1], found.target.together, programs) == alone


def test_gradients_keep_the_programs_that_they_are_printed_with(found, jobs):
    several = [job.id for batch in batches(jobs, found.target) if batch.several for job in batch.jobs]
    assert len(several) > found.target.together
    assert not [name for name in several if name.endswith(("-gradient", "-inferred"))]


def test_what_is_not_compiled_goes_alone(found):
    job = Job("plain", Call((Step("y", "numpy.copy", (Ref("x"),)),)), {"x": np.zeros(1)})
    assert [batch.several for batch in batches([job, job], found.target)] == [False, False]


def test_the_header_tells_how_many_cases_share_a_program(found):
    assert flags_of(found.target, {})["cases in one program"] == str(found.target.together)
