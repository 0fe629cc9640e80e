"""Every fault a framework can have is the verdict of the case in flight, and of no other."""

import re
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from poolparity.adapters import Call, Ref, Step
from poolparity.adapters.contract.compose import in_mode
from poolparity.adapters.faulty import DAMAGES, DEATHS, FORKS, HANGS, NOISES, REFUSALS, UNTOLD, call
from poolparity.adapters.parent.launch import ROOT
from poolparity.adapters.parent.limits import MEBIBYTE

COUNT = 9
PLACES = (0, COUNT // 2, COUNT - 1)
TIGHT = {"answer_bytes": MEBIBYTE, "memory": 128 * MEBIBYTE}


@pytest.fixture(scope="module")
def undisturbed_answers(good, ask):
    """The answers of a batch that nothing disturbs."""
    return ask([good(number) for number in range(COUNT)])[0]


@pytest.fixture
def batch(undisturbed_answers, good, bad, ask):
    """Runs the batch with a fault at its start, its middle and its end; what was told of the faults."""

    def run(fault: str, **limits):
        jobs = [good(number) for number in range(COUNT)]
        for place in reversed(PLACES):
            jobs.insert(place, bad(call(fault), f"bad-{place}", 0.3 if fault in HANGS else None))
        answers, _ = ask(jobs, **limits)
        assert list(answers) == [job.id for job in jobs]
        for name, answer in undisturbed_answers.items():
            assert same(answer, answers[name]), name
        return [answers[f"bad-{place}"] for place in PLACES]

    return run


def same(one, other):
    """Whether two answers are alike in all but time."""
    return one.outcome == other.outcome == "accepts" and one.detail == other.detail and np.array_equal(one.output, other.output)


@pytest.mark.parametrize("fault", DEATHS)
def test_a_death_is_the_verdict_of_the_case_in_flight(batch, fault):
    for answer in batch(fault, **TIGHT):
        assert (answer.outcome, answer.output) == ("crashes", None)
        assert DEATHS[fault] in answer.detail.splitlines()[0]


def test_a_worker_that_says_no_more_is_a_death(ask, bad, good):
    answers, _ = ask([bad(call("close_the_channel")), good(0)])
    assert (answers["bad"].outcome, answers["bad"].detail) == ("crashes", "the worker closed its channel")
    assert answers["good-0"].outcome == "accepts"


@pytest.mark.parametrize("fault", HANGS)
def test_a_hang_is_the_verdict_of_the_case_in_flight(batch, fault):
    for answer in batch(fault):
        assert (answer.outcome, answer.detail.splitlines()[0]) == ("times_out", "no answer within 0.3 s")


@pytest.mark.parametrize("fault", REFUSALS)
def test_an_exception_of_the_framework_is_a_refusal(batch, fault):
    for answer in batch(fault):
        assert answer.outcome == "rejects"
        assert answer.detail.startswith(REFUSALS[fault])


@pytest.mark.parametrize("fault", UNTOLD)
def test_an_answer_that_cannot_travel_is_no_refusal(batch, fault):
    for answer in batch(fault):
        assert answer.outcome == "crashes"
        assert answer.detail.startswith("the answer cannot be had: TypeError: an array of ")


@pytest.mark.parametrize("fault", NOISES)
def test_whatever_is_printed_harms_nothing(batch, fault):
    for answer in batch(fault):
        assert (answer.outcome, answer.output.shape) == ("accepts", (1, 1, 4, 4))


@pytest.mark.parametrize("fault", FORKS)
def test_a_forked_child_cannot_answer_for_the_worker(batch, fault):
    for answer in batch(fault):
        assert (answer.outcome, answer.output.shape) == ("accepts", (1, 1, 4, 4))


@pytest.mark.parametrize("fault", DAMAGES)
def test_a_worker_whose_interpreter_is_damaged_is_replaced(batch, fault):
    for answer in batch(fault):
        assert answer.outcome in ("accepts", "rejects", "crashes")


def test_a_child_that_left_the_group_dies_with_its_worker(ask, bad, has_ended):
    answers, _ = ask([bad(call("fork_away"))])
    has_ended(int(answers["bad"].output))


def test_a_death_tells_where_it_happened(ask, bad):
    answer = ask([bad(call("segfault"))])[0]["bad"]
    assert "Fatal Python error: Segmentation fault" in answer.detail
    assert "in segfault" in answer.detail
    assert "Extension modules" not in answer.detail


def test_a_death_tells_no_folder_of_this_machine(ask, bad):
    detail = ask([bad(call("segfault"))])[0]["bad"].detail
    assert 'File "poolparity/adapters/worker/steps.py"' in detail
    assert 'File "ctypes/__init__.py"' in detail
    assert [place for place in (ROOT, sys.prefix, sys.base_prefix) if place in detail] == []


def test_gigabytes_of_noise_harm_nothing(ask, bad, good):
    loud = Call((Step("y", "poolparity.adapters.faulty.roar", (Ref("x"),)),))
    answers, _ = ask([good(0), bad(loud), good(1)])
    assert [answer.outcome for answer in answers.values()] == ["accepts"] * 3


@pytest.fixture
def program(entries, good, bad, ask):
    """Runs a batch in programs of four, with a fault at its start, its middle or its end: what was told."""
    target = entries["faulty+program"].target

    def joint(job):
        return replace(job, call=in_mode(job.call, target))

    def run(fault: str, place: int, **limits):
        jobs = [joint(good(number)) for number in range(COUNT)]
        jobs.insert(place, joint(bad(call(fault))))
        answers, host = ask(jobs, target.name, **limits)
        assert sorted(answers) == sorted(job.id for job in jobs)
        return answers, host

    return run


def seconds_for(fault):
    """A limit that what hangs exceeds soon, and that nothing else does on a busy machine."""
    return 1.0 if fault in HANGS else 60.0


@pytest.fixture(scope="module")
def answer_alone(ask, bad):
    """What is answered to a fault by itself, asked once."""
    return cache(lambda fault: ask([bad(call(fault), timeout=seconds_for(fault))], **TIGHT)[0]["bad"])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", ["segfault", "leave", "loop", "hoard", "refuse", "poison", "unencodable", "recur"])
def test_a_fault_in_a_program_of_several_cases_is_the_verdict_of_one(program, undisturbed_answers, answer_alone, fault, place):
    answers, _ = program(fault, place, case=seconds_for(fault), **TIGHT)
    for name, answer in undisturbed_answers.items():
        assert same(answer, answers[name]), name
    if fault != "poison":
        alone = answer_alone(fault)
        assert (answers["bad"].outcome, fate_of(answers["bad"])) == (alone.outcome, fate_of(alone))
    else:
        assert (answers["bad"].outcome, answers["bad"].detail) == ("rejects", "ValueError: poison")


def fate_of(answer):
    """The first line of what is told, without how much memory was held when it was looked at."""
    return re.sub(r"held \d+ MiB", "held so many MiB", answer.detail.splitlines()[0])


def test_a_fault_in_a_program_is_looked_for_by_halves(program):
    _, host = program("abort", 1)
    assert [note.splitlines()[0] for note in host.notes] == [
        "4 cases in one program: the worker was killed by SIGABRT; it said last:",
        "2 cases in one program: the worker was killed by SIGABRT; it said last:",
    ]


def test_a_call_that_cannot_be_sent_leaves_its_program(program, entries, ask, good, bad):
    target = entries["faulty+program"].target
    jobs = [good(0), bad(Call((Step("y", "numpy.negative", (object(),)),))), good(1)]
    answers, _ = ask([replace(job, call=in_mode(job.call, target)) for job in jobs], target.name)
    assert [answers[job.id].outcome for job in jobs] == ["accepts", "crashes", "accepts"]
    assert answers["bad"].detail == "the call cannot be sent: Object of type object is not JSON serializable"


def test_the_noise_of_a_case_is_not_reported_with_the_next(ask, bad):
    quiet = Call((Step("y", "time.sleep", (0.2,)), Step("y", "poolparity.adapters.faulty.leave", (Ref("x"),))))
    answers, _ = ask([bad(call("flood_the_errors"), "loud"), bad(quiet)])
    assert "flood" not in answers["bad"].detail


def test_a_hook_that_fails_is_no_refusal(ask, bad):
    answers, _ = ask([bad(Call((Step("y", "numpy.negative", (Ref("x"),)),)), wants=frozenset({"parameters"}))])
    assert answers["bad"].outcome == "not_run"
    assert re.search(r"faulty\.py:\d+: TypeError: nobody has counted, raised in the worker by count_parameters$", answers["bad"].detail)


def test_a_call_that_cannot_be_sent_is_no_fault_of_the_worker(ask, bad, good):
    answers, host = ask([good(0), bad(Call((Step("y", "numpy.negative", (object(),)),))), good(1)])
    assert [answer.outcome for answer in answers.values()].count("accepts") == 2
    assert answers["bad"].detail == "the call cannot be sent: Object of type object is not JSON serializable"
    assert host.notes == []


def test_the_orphans_of_a_worker_die_with_it(ask, bad, has_ended):
    group = Call((Step("group", "os.getpgrp"), Step("y", "numpy.asarray", (Ref("group"),))))
    answers, _ = ask([bad(group, "group"), bad(call("leave_an_orphan"))])
    assert answers["bad"].outcome == "crashes"
    has_ended(int(answers["group"].output))
