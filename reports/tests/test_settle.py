"""What a test makes of rows, as the ledger expects them: strict both ways."""

from __future__ import annotations

import numpy as np
import pytest

from poolparity.adapters._ledger import Entry, Ledger
from poolparity.cases.answer import Answer
from poolparity.cases.case import Case, Due
from poolparity.cases.inputs import arange
from poolparity.cases.judge import judge
from poolparity.cases.pool import Pool
from poolparity.reports.outcome import FAILED, PASSED, SKIPPED, XFAILED, settle
from poolparity.reports.rows import row_of

RIGHT = np.array([[[1.0, 3.0]]], "float32")
WRONG = np.array([[[1.0, 4.0]]], "float32")
OTHER = np.array([[[2.0, 4.0]]], "float32")


def case(**given) -> Case:
    return Case(**{"id": "a.yaml::b", "pool": Pool(op="max_pool", kernel=(2,), stride=(2,)), "input": arange([1, 1, 4], "float32"),
                   "due": Due(output=RIGHT), **given})  # fmt: skip


PROBE = case(due=Due(), asks="stride_default", answers={"window": Due(output=RIGHT), "one": Due(output=WRONG)})
REFUSAL = case(due=Due(invalid=True))
OBSERVED = case(due=Due())


def accepts(output) -> Answer:
    return Answer("accepts", output)


def rejects() -> Answer:
    return Answer("rejects", detail="ValueError: no")


def crashes() -> Answer:
    return Answer("crashes", detail="the worker was killed by SIGFPE")


def outcome(asked: Case, answer: Answer, *pins) -> tuple[str, str]:
    rows = [row_of(asked, "torch", {"torch": "2"}, "call", answer, found, None) for found in judge(asked, answer)]
    ledger = Ledger(Entry("a.yaml::b", "torch", attribute, pinned, "it is so", "known.yaml:1") for attribute, pinned in pins)
    settled, marked = settle(asked, "torch", rows, ledger)
    assert len(marked) == len(rows)
    return settled.kind, str(settled)


VALUES = ("values", [[[1, 4]]])


@pytest.mark.parametrize(
    ("asked", "answer", "pins", "kind", "reason"),
    [
        (case(), accepts(RIGHT), [], PASSED, ""),
        (case(), accepts(WRONG), [], FAILED, "values differs: 1 of 2 cells differ, first at [0, 0, 1]: 4.0; 3.0 was due"),
        (case(), accepts(WRONG), [VALUES], XFAILED, "it is so"),
        (case(), accepts(OTHER), [VALUES], FAILED, "known.yaml:1 pins another answer: [[[1, 4]]]"),
        (case(), accepts(RIGHT), [VALUES], FAILED, "known.yaml:1: the pinned values no longer happens; take the entry out"),
        (case(), accepts(RIGHT[..., :1]), [("values", [[[1]]])], XFAILED, "it is so"),
        (case(), accepts(RIGHT.astype("float64")), [("dtype", "float64")], XFAILED, "it is so"),
        (case(), accepts(WRONG.astype("float64")), [("dtype", "float64")], FAILED, "values differs: 1 of 2 cells differ, first at [0, 0, 1]: 4.0; 3.0 was due"),
        (case(), rejects(), [], FAILED, "acceptance rejects: ValueError: no"),
        (case(), rejects(), [("acceptance", "rejects")], XFAILED, "it is so"),
        (case(), rejects(), [VALUES], FAILED, "known.yaml:1 pins another answer: [[[1, 4]]]"),
        (case(), crashes(), [("acceptance", "crashes: SIGFPE")], XFAILED, "it is so"),
        (case(), crashes(), [("acceptance", "crashes: SIGSEGV")], FAILED, "known.yaml:1 pins another answer: crashes: SIGSEGV"),
        (case(), Answer("times_out", detail="no answer within 60 s"), [("acceptance", "times_out")], XFAILED, "it is so"),
        (case(), Answer("unsupported", detail="no such parameter"), [], SKIPPED, "no such parameter"),
        (case(), Answer("unsupported", detail="no"), [VALUES], FAILED, "known.yaml:1: values is pinned, and the case is not run here"),
        (case(), Answer("not_run", detail="the run was stopped"), [], FAILED, "the run was stopped"),
        (case(waiting="later"), Answer("not_run", detail="waiting: later"), [], SKIPPED, "waiting: later"),
        (REFUSAL, rejects(), [], PASSED, ""),
        (REFUSAL, accepts(WRONG), [], FAILED, "acceptance rejects"),
        (REFUSAL, accepts(WRONG), [("acceptance", "accepts")], XFAILED, "it is so"),
        (PROBE, accepts(RIGHT), [], FAILED, "the answer is not pinned: stride_default: window"),
        (PROBE, accepts(RIGHT), [("answer", "window")], PASSED, ""),
        (PROBE, accepts(WRONG), [("answer", "one")], PASSED, ""),
        (PROBE, accepts(WRONG), [("answer", "window")], FAILED, "known.yaml:1 pins another answer: window"),
        (PROBE, accepts(OTHER), [("answer", "one")], FAILED, "known.yaml:1 pins another answer: one"),
        (PROBE, accepts(OTHER), [("values", [[[2, 4]]])], PASSED, ""),
        (OBSERVED, accepts(OTHER), [], PASSED, ""),
        (OBSERVED, rejects(), [], PASSED, ""),
        (OBSERVED, crashes(), [], FAILED, "acceptance crashes: the worker was killed by SIGFPE"),
        (OBSERVED, crashes(), [("acceptance", "crashes: SIGFPE")], XFAILED, "it is so"),
    ],
)  # fmt: skip
def test_settling(asked, answer, pins, kind, reason):
    found, told = outcome(asked, answer, *pins)
    assert found == kind
    assert reason in told if reason else not told
