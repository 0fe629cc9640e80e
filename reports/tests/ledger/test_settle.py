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


def case(**fields) -> Case:
    return Case(**{"id": "a.yaml::b", "pool": Pool(op="max_pool", kernel=(2,), stride=(2,)), "input": arange([1, 1, 4], "float32"),
                   "due": Due(output=RIGHT), **fields})  # fmt: skip


PROBE = case(due=Due(), asks="stride_default", answers={"window": Due(output=RIGHT), "one": Due(output=WRONG)})
REFUSAL = case(due=Due(invalid=True))
OBSERVED = case(due=Due())


def accepts(output) -> Answer:
    return Answer("accepts", output)


def rejects() -> Answer:
    return Answer("rejects", detail="ValueError: no")


def crashes() -> Answer:
    return Answer("crashes", detail="the worker was killed by SIGFPE")


def outcome(question: Case, answer: Answer, *pins) -> tuple[str, str]:
    rows = [encode_row(question, "torch", {"torch": "2"}, "call", answer, finding, None) for finding in judge(question, answer)]
    item_outcome, marked_rows = settle_item(question, "torch", rows, Ledger(pins))
    assert len(marked_rows) == len(rows)
    return item_outcome.kind, str(item_outcome)


def pin(attribute: str | None, answer=None, **fields) -> Entry:
    return Entry(
        **{
            "case": "a.yaml::b",
            "target": "torch",
            "attribute": attribute,
            "answer": answer,
            "why": "it is so",
            "where": "known.yaml:1",
            **fields,
        }
    )


def cause(**changes: str) -> Entry:
    return pin(None, cause=frozenset(changes.items()))


VALUES = pin("values", [[[1, 4]]])


@pytest.mark.parametrize(
    ("question", "answer", "pins", "kind", "reason"),
    [
        (case(), accepts(RIGHT), [], PASSED, ""),
        (case(), accepts(WRONG), [], FAILED, "values differs: 1 of 2 cells differ, first at [0, 0, 1]: got 4.0, expected 3.0"),
        (case(), accepts(WRONG), [VALUES], XFAILED, "it is so"),
        (case(), accepts(OTHER), [VALUES], FAILED, "known.yaml:1 pins the values [[[1, 4]]]; "),
        (case(), accepts(RIGHT), [VALUES], FAILED, "known.yaml:1: the values [[[1, 4]]] is pinned but no longer occurs; remove the entry"),
        (case(), accepts(OTHER), [pin("values", "varies")], XFAILED, "it is so"),
        (case(), accepts(RIGHT), [pin("values", "varies")], PASSED, ""),
        (case(), rejects(), [pin("values", "varies")], FAILED, "known.yaml:1 pins the values varies; "),
        (case(), rejects(), [pin("acceptance", "varies")], XFAILED, "it is so"),
        (case(), accepts(OTHER), [pin("acceptance", "varies")], XFAILED, "it is so"),
        (case(), accepts(RIGHT), [pin("acceptance", "varies")], PASSED, ""),
        (case(), accepts(OTHER), [pin("values", "differs")], XFAILED, "it is so"),
        (case(), accepts(RIGHT), [pin("values", "differs")], FAILED, "the values differs is pinned but no longer occurs; remove the entry"),
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
def test_an_answer_passes_fails_or_is_excused_by_its_entries(question, answer, pins, kind, reason):
    kind_got, reason_got = outcome(question, answer, *pins)
    assert kind_got == kind
    assert reason in reason_got if reason else not reason_got


ONE = [[{"axis": "stride_default", "value": "one"}]]
BOTH = [[{"axis": "stride_default", "value": "one"}, {"axis": "tie", "value": "all"}]]


def settle_with_causes(question: Case, answer: Answer, causes, *pins: Entry):
    findings = [replace(finding, cause=causes if finding.verdict != "agrees" else []) for finding in judge(question, answer)]
    rows = [encode_row(question, "torch", {"torch": "2"}, "call", answer, finding, None) for finding in findings]
    return settle_item(question, "torch", rows, Ledger(pins))


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
def test_an_entry_with_a_cause_excuses_answers_with_that_cause(causes, pins, kind, reason):
    item_outcome, _ = settle_with_causes(case(), accepts(WRONG), causes, *pins)
    assert item_outcome.kind == kind
    assert str(item_outcome).startswith(reason)


def test_an_entry_that_names_the_case_is_held_to_it_where_another_one_excuses_what_happens():
    wide = pin(None, cause=frozenset({("stride_default", "one")}), case="*", where="known.yaml:2")
    item_outcome, _ = settle_with_causes(case(), accepts(WRONG), ONE, VALUES, wide)
    assert item_outcome.kind == XFAILED
    item_outcome, _ = settle_with_causes(case(), accepts(WRONG), ONE, pin("values", [[[7, 7]]]), wide)
    assert (item_outcome.kind, str(item_outcome)) == (
        FAILED,
        "known.yaml:1: the values [[[7, 7]]] is pinned but no longer occurs; remove the entry",
    )


def test_a_pattern_that_does_not_happen_in_one_case_is_no_fault_of_that_case():
    item_outcome, _ = settle_with_causes(case(), accepts(RIGHT), [], pin(None, cause=frozenset({("stride_default", "one")}), case="*"))
    assert item_outcome.kind == PASSED


def test_rows_say_which_entries_expect_them_and_the_thread_about_it():
    thread = pin("values", [[[1, 4]]], case="*", link="https://example.org/threads/1", where="known.yaml:2")
    _, rows = settle_with_causes(case(), accepts(WRONG), None, thread, VALUES)
    marks = {row["attribute"]: (row["known"], row["link"], row["pinned_by"]) for row in rows}
    assert marks["values"] == ("it is so", None, ["known.yaml:1", "known.yaml:2"])
    assert marks["acceptance"] == (None, None, [])


def test_a_drop_in_is_marked_and_decides_nothing():
    rows = [encode_row(case(), "torch", {}, "drop_in", accepts(WRONG), finding, None) for finding in judge(case(), accepts(WRONG))]
    rows += [encode_row(case(), "torch", {}, "call", accepts(RIGHT), finding, None) for finding in judge(case(), accepts(RIGHT))]
    item_outcome, marked_rows = settle_item(case(), "torch", rows, Ledger([pin("values", [[[1, 4]]], case="*")]))
    assert item_outcome.kind == PASSED
    assert [row["known"] for row in marked_rows if row["verdict"] == "differs"] == ["it is so"]


def test_what_is_known_to_vary_is_marked_whether_it_differs_this_time_or_not():
    for values in (WRONG, RIGHT):
        _, rows = settle_with_causes(case(), accepts(values), None, pin("values", "varies"))
        assert [row["attribute"] for row in rows if row.get("varies")] == ["values"]
        _, rows = settle_with_causes(case(), accepts(values), None, pin("acceptance", "varies"))
        assert all(row.get("varies") for row in rows)
    for entry in (VALUES, pin("values", "differs")):
        _, rows = settle_with_causes(case(), accepts(WRONG), None, entry)
        assert not any("varies" in row for row in rows)


def test_a_row_that_entries_expect_together_has_the_reasons_of_all():
    one, valid = ("stride_default", "one"), ("include_default", "valid")
    parts = [
        pin(None, cause=frozenset([change]), case="*", why="", where=f"known.yaml:{line}") for line, change in enumerate((one, valid), 1)
    ]
    both = [{"axis": axis, "value": value} for axis, value in (one, valid)]
    item_outcome, rows = settle_with_causes(case(), accepts(WRONG), [both], *parts)
    assert item_outcome.kind == XFAILED
    [marked_row] = [row for row in rows if row["attribute"] == "values"]
    assert (marked_row["known"], marked_row["pinned_by"]) == (" ".join(part.reason for part in parts), ["known.yaml:1", "known.yaml:2"])
