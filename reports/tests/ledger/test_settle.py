"""What a test makes of rows, as the ledger expects them: strict both ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from poolparity.adapters.ledger.entry import Entry
from poolparity.adapters.ledger.ledger import Ledger
from poolparity.cases.judge.answer import Answer
from poolparity.cases.judge.judge import judge
from poolparity.cases.model.case import Case, Due
from poolparity.cases.model.inputs import arange
from poolparity.cases.model.pool import Pool
from poolparity.reports.ledger.item_outcome import FAILED, PASSED, SKIPPED, XFAILED, settle_item
from poolparity.reports.rows.encode import encode_row

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
    rows = [encode_row(asked, "torch", {"torch": "2"}, "call", answer, found, None) for found in judge(asked, answer)]
    settled, marked = settle_item(asked, "torch", rows, Ledger(pins))
    assert len(marked) == len(rows)
    return settled.kind, str(settled)


def pin(attribute: str | None, answer=None, **given) -> Entry:
    return Entry(
        **{
            "case": "a.yaml::b",
            "target": "torch",
            "attribute": attribute,
            "answer": answer,
            "why": "it is so",
            "where": "known.yaml:1",
            **given,
        }
    )


def cause(**changes: str) -> Entry:
    return pin(None, cause=frozenset(changes.items()))


VALUES = pin("values", [[[1, 4]]])


@pytest.mark.parametrize(
    ("asked", "answer", "pins", "kind", "reason"),
    [
        (case(), accepts(RIGHT), [], PASSED, ""),
        (case(), accepts(WRONG), [], FAILED, "values differs: 1 of 2 cells differ, first at [0, 0, 1]: got 4.0, expected 3.0"),
        (case(), accepts(WRONG), [VALUES], XFAILED, "it is so"),
        (case(), accepts(OTHER), [VALUES], FAILED, "known.yaml:1 pins the values [[[1, 4]]]; "),
        (case(), accepts(RIGHT), [VALUES], FAILED, "known.yaml:1: the values [[[1, 4]]] is pinned but no longer occurs; remove the entry"),
        (case(), accepts(OTHER), [pin("values", "varies")], XFAILED, "it is so"),
        (case(), accepts(RIGHT), [pin("values", "varies")], PASSED, ""),
        (case(), rejects(), [pin("values", "varies")], FAILED, "known.yaml:1 pins the values varies; "),
        (case(), accepts(RIGHT[..., :1]), [pin("values", [[[1]]])], XFAILED, "it is so"),
        (case(), accepts(RIGHT.astype("float64")), [pin("dtype", "float64")], XFAILED, "it is so"),
        (case(), accepts(WRONG.astype("float64")), [pin("dtype", "float64")], FAILED, "values differs: 1 of 2 cells differ, first at [0, 0, 1]: got 4.0, expected 3.0"),
        (case(), rejects(), [], FAILED, "acceptance rejects: ValueError: no"),
        (case(), rejects(), [pin("acceptance", "rejects")], XFAILED, "it is so"),
        (case(), rejects(), [VALUES], FAILED, "known.yaml:1 pins the values [[[1, 4]]]; "),
        (case(), crashes(), [pin("acceptance", "crashes: SIGFPE")], XFAILED, "it is so"),
        (case(), crashes(), [pin("acceptance", "crashes: SIGSEGV")], FAILED, "known.yaml:1 pins the acceptance crashes: SIGSEGV; acceptance crashes: the worker was killed by SIGFPE"),
        (case(), Answer("times_out", detail="no answer within 60 s"), [pin("acceptance", "times_out")], XFAILED, "it is so"),
        (case(), Answer("unsupported", detail="no such parameter"), [], SKIPPED, "no such parameter"),
        (case(), Answer("unsupported", detail="no"), [VALUES], FAILED, "known.yaml:1: the values [[[1, 4]]] is pinned, but the case does not run here"),
        (case(), Answer("not_run", detail="the run was stopped"), [], FAILED, "the run was stopped"),
        (case(waiting="later"), Answer("not_run", detail="waiting: later"), [], SKIPPED, "waiting: later"),
        (REFUSAL, rejects(), [], PASSED, ""),
        (REFUSAL, accepts(WRONG), [], FAILED, "acceptance rejects"),
        (REFUSAL, accepts(WRONG), [pin("acceptance", "accepts")], XFAILED, "it is so"),
        (PROBE, accepts(RIGHT), [], FAILED, "the answer is not pinned: stride_default: window"),
        (PROBE, accepts(RIGHT), [pin("answer", "window")], PASSED, ""),
        (PROBE, accepts(WRONG), [pin("answer", "one")], PASSED, ""),
        (PROBE, accepts(WRONG), [pin("answer", "window")], FAILED, "known.yaml:1 pins the answer window; the answer is not pinned: stride_default: one"),
        (PROBE, accepts(OTHER), [pin("answer", "one")], FAILED, "known.yaml:1 pins the answer one; "),
        (PROBE, accepts(OTHER), [pin("values", [[[2, 4]]])], PASSED, ""),
        (OBSERVED, accepts(OTHER), [], PASSED, ""),
        (OBSERVED, rejects(), [], PASSED, ""),
        (OBSERVED, crashes(), [], FAILED, "acceptance crashes: the worker was killed by SIGFPE"),
        (OBSERVED, crashes(), [pin("acceptance", "crashes: SIGFPE")], XFAILED, "it is so"),
    ],
)  # fmt: skip
def test_settling(asked, answer, pins, kind, reason):
    found, told = outcome(asked, answer, *pins)
    assert found == kind
    assert reason in told if reason else not told


ONE = [[{"axis": "stride_default", "value": "one"}]]
BOTH = [[{"axis": "stride_default", "value": "one"}, {"axis": "tie", "value": "all"}]]


def settled(asked: Case, answer: Answer, causes, *pins: Entry):
    found = [replace(each, cause=causes if each.verdict != "agrees" else []) for each in judge(asked, answer)]
    rows = [encode_row(asked, "torch", {"torch": "2"}, "call", answer, each, None) for each in found]
    return settle_item(asked, "torch", rows, Ledger(pins))


@pytest.mark.parametrize(
    ("causes", "pins", "kind", "reason"),
    [
        (ONE, [cause(stride_default="one")], XFAILED, "it is so"),
        (
            ONE,
            [cause(stride_default="one", tie="all")],
            FAILED,
            "known.yaml:1 pins the cause {stride_default: one, tie: all}; values differs: ",
        ),
        (BOTH, [cause(tie="all", stride_default="one")], XFAILED, "it is so"),
        ([*BOTH, *ONE], [cause(stride_default="one")], XFAILED, "it is so"),
        (None, [cause(stride_default="one")], FAILED, "known.yaml:1 pins the cause {stride_default: one}; values differs: "),
        (ONE, [pin(None, cause=frozenset({("stride_default", "one")}), case="*")], XFAILED, "it is so"),
        (None, [pin(None, cause=frozenset({("stride_default", "one")}), case="*")], FAILED, "values differs: "),
    ],
)
def test_settling_by_cause(causes, pins, kind, reason):
    found, _ = settled(case(), accepts(WRONG), causes, *pins)
    assert found.kind == kind
    assert str(found).startswith(reason)


def test_an_entry_that_names_the_case_is_held_to_it_where_another_one_excuses_what_happens():
    wide = pin(None, cause=frozenset({("stride_default", "one")}), case="*", where="known.yaml:2")
    found, _ = settled(case(), accepts(WRONG), ONE, VALUES, wide)
    assert found.kind == XFAILED
    found, _ = settled(case(), accepts(WRONG), ONE, pin("values", [[[7, 7]]]), wide)
    assert (found.kind, str(found)) == (FAILED, "known.yaml:1: the values [[[7, 7]]] is pinned but no longer occurs; remove the entry")


def test_a_pattern_that_does_not_happen_in_one_case_is_no_fault_of_that_case():
    found, _ = settled(case(), accepts(RIGHT), [], pin(None, cause=frozenset({("stride_default", "one")}), case="*"))
    assert found.kind == PASSED


def test_rows_say_which_entries_expect_them_and_the_thread_about_it():
    thread = pin("values", [[[1, 4]]], case="*", link="https://example.org/threads/1", where="known.yaml:2")
    _, rows = settled(case(), accepts(WRONG), None, thread, VALUES)
    told = {row["attribute"]: (row["known"], row["link"], row["pinned_by"]) for row in rows}
    assert told["values"] == ("it is so", None, ["known.yaml:1", "known.yaml:2"])
    assert told["acceptance"] == (None, None, [])


def test_a_drop_in_is_marked_and_decides_nothing():
    rows = [encode_row(case(), "torch", {}, "drop_in", accepts(WRONG), each, None) for each in judge(case(), accepts(WRONG))]
    rows += [encode_row(case(), "torch", {}, "call", accepts(RIGHT), each, None) for each in judge(case(), accepts(RIGHT))]
    found, marked = settle_item(case(), "torch", rows, Ledger([pin("values", [[[1, 4]]], case="*")]))
    assert found.kind == PASSED
    assert [row["known"] for row in marked if row["verdict"] == "differs"] == ["it is so"]


def test_what_is_known_to_vary_is_marked_whether_it_differs_this_time_or_not():
    for given in (WRONG, RIGHT):
        _, rows = settled(case(), accepts(given), None, pin("values", "varies"))
        assert [row["attribute"] for row in rows if row.get("varies")] == ["values"]
    _, rows = settled(case(), accepts(WRONG), None, VALUES)
    assert not any("varies" in row for row in rows)
