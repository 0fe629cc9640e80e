"""Jobs that share programs: those of the samples, and what a worker answers to them."""

import os
from dataclasses import replace

import numpy as np
from support.asking import PATIENCE, arrays_of, translate_sample
from support.poolings import first_of_each_kind, samples

from poolparity.adapters.parent.host import Host
from poolparity.adapters.parent.job import Job


def jobs_of(target):
    """The samples in two dimensions as jobs of a target; where a program takes a second to compile, one of each kind.

    Those are what the grid asks, whose programs are compiled already.
    """
    due = list(samples()) if target.target.tier == "full" else first_of_each_kind(samples())
    samples_and_calls = [
        (sample, call) for sample in due if sample.ask.rank == 2 and (call := translate_sample(target.adapter, target.target, sample))
    ]
    arrays = [{name: tensor.value for name, tensor in arrays_of(sample, "plane").items()} for sample, _ in samples_and_calls]
    return [
        Job(sample.name, call, {**job_arrays, "x": rough(job_arrays["x"], seed)})
        for seed, ((sample, call), job_arrays) in enumerate(zip(samples_and_calls, arrays, strict=True))
    ]


def rough(array, seed):
    """Numbers that any change of order rounds otherwise, NaN and infinities among them; integers as they are."""
    if array.dtype.kind != "f" or array.dtype.name == "bfloat16":
        return array
    noise = np.random.default_rng(seed).normal(size=array.shape)
    noise.flat[seed % noise.size], noise.flat[-1] = np.nan, -np.inf
    return noise.astype(array.dtype)


def answer_together(target, together, programs, *orders):
    """What one worker of a target answers to jobs in each order where so many go into one program; all but the time."""
    answers_by_name = {}
    launch = replace(target.launch, target=replace(target.target, together=together))
    host = Host(launch, PATIENCE, answers_by_name.__setitem__, dict(os.environ), programs)
    for number, jobs in enumerate(orders):
        host.feed([replace(job, id=f"{number} {job.id}") for job in jobs])
    host.join()
    assert host.notes == []
    return [{job.id: comparable_answer(answers_by_name[f"{number} {job.id}"]) for job in jobs} for number, jobs in enumerate(orders)]


def comparable_answer(answer):
    """The outcome of an answer, the reason of a refusal, and the bytes of the results."""
    results = {**({} if answer.output is None else {"y": answer.output}), **answer.extra}
    reason = answer.detail.partition("\n")[0]  # further lines quote the program
    return answer.outcome, reason, {name: (array.dtype.name, array.shape, bytes_of(array)) for name, array in results.items()}


def bytes_of(array):
    """The bytes of an array; which of the NaNs it holds is for a compiler to choose, and no row says it."""
    return (np.where(np.isnan(array), array.dtype.type(np.nan), array) if array.dtype.kind == "f" else array).tobytes()
