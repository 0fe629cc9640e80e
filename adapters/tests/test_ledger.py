"""The ledger: reading it, and matching its entries with rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from poolparity.adapters._ledger import BadLedger, Entry, Ledger, like, outcome_of, read_file, read_ledger
from poolparity.cases.case import Case, Due
from poolparity.cases.inputs import arange
from poolparity.cases.pool import Pool

GOOD = "{case: specs/a.yaml::b, target: torch, attribute: values, answer: [[1, .inf]], why: torch does so}"


def case(**given) -> Case:
    due = Due(output=np.array([[[1.0, 3.0]]], "float32"))
    return Case(
        id="specs/a.yaml::b", pool=Pool(op="max_pool", kernel=(2,), stride=(2,)), input=arange([1, 1, 4], "float32"), due=due, **given
    )


def row(attribute: str = "values", verdict: str = "differs", got=None, detail: str = "", due=None, answer=None) -> dict:
    return {"attribute": attribute, "verdict": verdict, "got": got, "detail": detail, "due": due, "answer": answer}


def entry(attribute: str = "values", answer=None) -> Entry:
    return Entry("specs/a.yaml::b", "torch", attribute, answer, "it is so")


def ledger(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "adapters" / "known"
    folder.mkdir(parents=True)
    (folder / "torch.yaml").write_text(text)
    return folder


def test_our_own_ledger_is_without_mistakes():
    assert read_ledger() is not None


def test_entries_are_read_with_their_place(tmp_path):
    [found] = read_ledger(ledger(tmp_path, f"# why\n- {GOOD}\n")).entries
    assert (found.answer, found.where) == ([[1, float("inf")]], "adapters/known/torch.yaml:2")


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("a: 1\n", ["adapters/known/torch.yaml:1: not a list; expected a list of entries"]),
        ("- 3\n", ["adapters/known/torch.yaml:1: not an entry; expected a mapping with case, target, attribute, answer or why"]),
        (
            f"- {GOOD}\n- {GOOD.replace('target:', 'tagret:')}\n",
            [
                "adapters/known/torch.yaml:2: unknown key tagret (did you mean target?); expected case, target, attribute, answer or why",
                "adapters/known/torch.yaml:2: target is missing; expected an entry with case, target, attribute, answer, why",
            ],
        ),
        (f"- {GOOD.replace('torch does so', '3')}\n", ["adapters/known/torch.yaml:1: why is 3; expected text"]),
        (
            f"- {GOOD.replace('values', 'valeus')}\n",
            [
                ("adapters/known/torch.yaml:1: attribute is 'valeus'; expected acceptance, shape, dtype, values, indices, gradient, "
                "inferred_shape, parameters or answer")
            ],
        ),
        (f"- {GOOD}\n\t- x\n", ["adapters/known/torch.yaml:2: a tab; expected spaces"]),
    ],
)
def test_every_mistake_is_told_with_file_and_line(tmp_path, text, messages):
    folder = ledger(tmp_path, text)
    assert [str(found) for found in read_file(folder / "torch.yaml") if not isinstance(found, Entry)] == messages
    with pytest.raises(BadLedger, match=r"torch\.yaml"):
        read_ledger(folder)


@pytest.mark.parametrize(
    ("text", "pattern", "fits"),
    [
        ("torch", "torch", True),
        ("torch", "t?rch", True),
        ("keras-jax", "keras-*", True),
        ("torch", "keras-*", False),
        ("a[b]", "a[b]", True),
        ("ab", "a[b]", False),
    ],
)
def test_only_star_and_question_mark_are_wild(text, pattern, fits):
    assert like(text, pattern) is fits


def test_entries_are_found_by_case_and_target():
    exact, wild = entry(), Entry("specs/*::b", "keras-*", "values", 1, "it is so")
    found = Ledger([exact, wild])
    assert found.of("specs/a.yaml::b", "torch") == [exact]
    assert found.of("specs/a.yaml::b", "keras-jax") == [wild]
    assert found.of("specs/a.yaml::c", "torch") == []


def array(*cells, dtype: str = "float32") -> dict:
    return {"dtype": dtype, "shape": [1, 1, len(cells)], "data": [[list(cells)]]}


@pytest.mark.parametrize(
    ("pinned", "got", "pins"),
    [
        ([[[1, 2]]], array(1.0, 2.0), True),
        ([[[1, 2]]], array(1.0, 3.0), False),
        ([[[1, 2]]], array(1.0, 2.0, 3.0), False),
        ([[[1, float("nan")]]], array(1.0, "nan"), True),
        ([[[1, float("-inf")]]], array(1.0, "-inf"), True),
        ([[[1, 0]]], array(1.0, -0.0), False),
        ("00ff", {"dtype": "float32", "shape": [9], "digest": "00ff"}, True),
        ("00ff", {"dtype": "float32", "shape": [9], "digest": "00fe"}, False),
    ],
)
def test_values_are_pinned_cell_by_cell(pinned, got, pins):
    assert entry(answer=pinned).pins(case(), row(got=got)) is pins


def test_pinned_values_pin_the_shape_as_well():
    pinned = entry(answer=[[[1, 2, 3]]])
    assert pinned.pins(case(), row("shape", got=[1, 1, 3]))
    assert not pinned.pins(case(), row("shape", got=[1, 1, 4]))


def test_a_pinned_rejection_covers_every_attribute():
    pinned = entry("acceptance", "rejects")
    assert all(pinned.pins(case(), row(name, "rejects")) for name in ("acceptance", "shape", "values"))
    assert not pinned.pins(case(), row("acceptance", "crashes", detail="SIGFPE"))
    assert not pinned.pins(case(), row("values", "differs", got=array(1.0)))


def test_a_pinned_crash_names_the_signal():
    crash = row("values", "crashes", detail="the worker died of SIGFPE; it said last:\nnothing")
    assert outcome_of(crash) == "crashes: SIGFPE"
    assert entry("acceptance", "crashes: SIGFPE").pins(case(), crash)
    assert not entry("acceptance", "crashes: SIGSEGV").pins(case(), crash)


def test_an_answer_where_an_error_was_due_is_pinned_as_accepted():
    assert entry("acceptance", "accepts").pins(case(), row("acceptance", "rejects", got="accepts", due="rejects"))


def test_a_probe_is_pinned_by_the_name_of_its_answer():
    probe = case(asks="ceil_window", answers={"clipped": np.zeros(1), "kept": np.ones(1)})
    rows = [row(name, answer="kept") for name in ("acceptance", "shape", "values")]
    assert all(entry("answer", "kept").pins(probe, each) for each in rows)
    assert not any(entry("answer", "clipped").pins(probe, each) for each in rows)
