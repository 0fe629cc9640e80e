"""Every fault a framework can have is the verdict of the case in flight, and of no other."""

import numpy as np
import pytest

from poolparity.adapters import Call, Ref, Step
from poolparity.adapters.faulty import DEATHS, HANGS, NOISES, REFUSALS, UNTOLD, call

COUNT = 9
PLACES = (0, COUNT // 2, COUNT - 1)


@pytest.fixture(scope="module")
def undisturbed(good, ask):
    """The answers of a batch that nothing disturbs."""
    return ask([good(number) for number in range(COUNT)])[0]


@pytest.fixture
def batch(undisturbed, good, bad, ask):
    """Runs the batch with a fault at its start, its middle and its end; what was told of the faults."""

    def run(fault: str, **limits):
        jobs = [good(number) for number in range(COUNT)]
        for place in reversed(PLACES):
            jobs.insert(place, bad(call(fault), f"bad-{place}", 0.3 if fault in HANGS else None))
        told, _ = ask(jobs, **limits)
        assert list(told) == [job.id for job in jobs]
        for name, answer in undisturbed.items():
            assert same(answer, told[name]), name
        return [told[f"bad-{place}"] for place in PLACES]

    return run


def same(one, other):
    """Whether two answers are alike in all but time."""
    return one.outcome == other.outcome == "accepts" and one.detail == other.detail and np.array_equal(one.output, other.output)


@pytest.mark.parametrize("fault", DEATHS)
def test_a_death_is_the_verdict_of_the_case_in_flight(batch, fault):
    for answer in batch(fault, answer_bytes=1 << 20):
        assert (answer.outcome, answer.output) == ("crashes", None)
        assert DEATHS[fault] in answer.detail.splitlines()[0]


def test_a_worker_that_says_no_more_is_a_death(ask, bad, good):
    told, _ = ask([bad(call("close_the_channel")), good(0)])
    assert (told["bad"].outcome, told["bad"].detail) == ("crashes", "the worker closed its channel")
    assert told["good-0"].outcome == "accepts"


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


def test_a_death_tells_where_it_happened(ask, bad):
    answer = ask([bad(call("segfault"))])[0]["bad"]
    assert "Fatal Python error: Segmentation fault" in answer.detail
    assert "in segfault" in answer.detail
    assert "Extension modules" not in answer.detail


def test_the_noise_of_a_case_is_not_told_of_the_next(ask, bad):
    quiet = Call((Step("y", "time.sleep", (0.2,)), Step("y", "poolparity.adapters.faulty.leave", (Ref("x"),))))
    told, _ = ask([bad(call("flood_the_errors"), "loud"), bad(quiet)])
    assert "flood" not in told["bad"].detail


def test_a_hook_that_fails_is_no_refusal(ask, bad):
    told, _ = ask([bad(Call((Step("y", "numpy.negative", (Ref("x"),)),)), wants=frozenset({"parameters"}))])
    assert (told["bad"].outcome, told["bad"].detail) == ("crashes", "the answer cannot be had: TypeError: nobody has counted")


def test_a_call_that_cannot_be_sent_is_no_fault_of_the_worker(ask, bad, good):
    told, host = ask([good(0), bad(Call((Step("y", "numpy.negative", (object(),)),))), good(1)])
    assert [answer.outcome for answer in told.values()].count("accepts") == 2
    assert told["bad"].detail == "the call cannot be sent: Object of type object is not JSON serializable"
    assert host.notes == []


def test_the_orphans_of_a_worker_die_with_it(ask, bad, gone):
    group = Call((Step("group", "os.getpgrp"), Step("y", "numpy.asarray", (Ref("group"),))))
    told, _ = ask([bad(group, "group"), bad(call("leave_an_orphan"))])
    assert told["bad"].outcome == "crashes"
    gone(int(told["group"].output))
