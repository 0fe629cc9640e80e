"""The ledger: which rows its entries speak of, and which they pin."""

from __future__ import annotations

import numpy as np
import pytest

from poolparity.adapters.common.wildcards import matches_pattern
from poolparity.adapters.ledger.conditions import When
from poolparity.adapters.ledger.entry import TODO, Entry, Subject, acceptance_of, subject_of
from poolparity.adapters.ledger.ledger import Ledger
from poolparity.cases.model.case import Case, Due
from poolparity.cases.model.inputs import arange
from poolparity.cases.model.pool import Pool
from poolparity.cases.model.rules import AXES

SUBJECT = Subject("specs/a.yaml::b", "float32", 1)


def row(attribute: str = "values", verdict: str = "differs", got=None, detail: str = "", due=None, answer=None, cause=None) -> dict:
    return {
        "attribute": attribute, "verdict": verdict, "got": got, "detail": detail, "due": due, "answer": answer,
        "cause": cause and [[{"axis": axis, "value": value} for axis, value in cause_changes.items()] for cause_changes in cause],
    }  # fmt: skip


def entry(attribute: str | None = "values", answer=None, **fields) -> Entry:
    return Entry(**{"case": "specs/a.yaml::b", "target": "torch", "attribute": attribute, "answer": answer, "why": "it is so", **fields})


def make_entry(*changes: tuple[str, str], **fields) -> Entry:
    return entry(None, cause=frozenset(changes), **fields)


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
    assert matches_pattern(text, pattern) is fits


def matching_entries(target: str, *entries: Entry, case: Subject = SUBJECT, versions=None, row_fields: dict | None = None) -> list[Entry]:
    return list(Ledger(entries).about(target, versions or {}).find_entries(case, row_fields or row(got=[1, 2])))


def test_entries_are_found_by_case_and_target():
    exact, wild = entry(answer=[1, 2]), entry(answer=[1, 2], case="specs/*::b", target="keras-*")
    assert matching_entries("torch", exact, wild) == [exact]
    assert matching_entries("keras-jax", exact, wild) == [wild]
    assert matching_entries("torch", exact, wild, case=Subject("specs/a.yaml::c", "float32", 1)) == []


def test_entries_that_name_the_case_come_first():
    exact, wild = entry(answer=[1, 2]), entry(answer=[1, 2], case="specs/*")
    assert matching_entries("torch", wild, exact) == [exact, wild]


def test_an_entry_speaks_of_its_target_in_every_interpreter():
    answer_entry = entry(answer=[1, 2])
    assert matching_entries("torch@/opt/old/bin/python", answer_entry) == [answer_entry]
    assert matching_entries("torch+compile", answer_entry) == []


@pytest.mark.parametrize(
    ("version", "specifier", "holds"),
    [
        ("2.13.0+cpu", ">=2,<3", True),
        ("3.0.0", ">=2,<3", False),
        ("2.13.0+cpu", "==2.13.*", True),
        ("2.14.0rc1", ">=2.13", True),
        ("unknown", ">=0", False),
        ("", ">=0", False),
    ],
)
def test_an_entry_holds_for_the_versions_that_it_names(version, specifier, holds):
    answer_entry = entry(answer=[1, 2], when=When({"torch": specifier}))
    assert matching_entries("torch", answer_entry, versions={"torch": version, "numpy": "2"}) == [answer_entry] * holds


def test_an_entry_for_a_version_does_not_hold_where_there_is_none():
    assert matching_entries("torch", entry(answer=[1, 2], when=When({"torch": ">0"})), versions={"numpy": "2"}) == []


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (When(dtype=("float32", "float16")), True),
        (When(dtype=("float16",)), False),
        (When(rank=(1, 3)), True),
        (When(rank=(2,)), False),
        (When(dtype=("float32",), rank=(2,)), False),
    ],
)
def test_an_entry_holds_for_the_types_and_ranks_that_it_names(condition, holds):
    answer_entry = entry(answer=[1, 2], when=condition)
    assert matching_entries("torch", answer_entry) == [answer_entry] * holds


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (When(platform="Linux-*x86_64*"), True),
        (When(platform="macOS*"), False),
        (When(cpu=("avx2",)), True),
        (When(cpu=("avx2", "avx512f")), False),
        (When(not_cpu=("avx512f",)), True),
        (When(cpu=("avx2",), not_cpu=("avx512f", "avx2")), False),
    ],
)
def test_an_entry_holds_on_the_machines_that_it_names(condition, holds):
    answer_entry = entry(when=condition)
    assert Ledger([answer_entry]).on("Linux-6.1-x86_64-with-glibc2.36", ["avx", "avx2"]).entries == (answer_entry,) * holds


ONE, VALID = ("stride_default", "one"), ("include_default", "valid")


@pytest.mark.parametrize(
    ("entry_fields", "cause", "pins"),
    [
        ([ONE], [{"stride_default": "one"}], True),
        ([ONE], [{"tie": "all"}, {"stride_default": "one"}], True),
        ([ONE], [{"stride_default": "one", "tie": "all"}], False),
        ([VALID, ONE], [{"stride_default": "one", "include_default": "valid"}], True),
        ([VALID, ONE], [{"stride_default": "one"}, {"include_default": "valid"}], False),
        ([ONE], None, False),
        ([ONE], [], False),
    ],
)
def test_a_cause_pins_rows_that_are_explained_by_exactly_that(entry_fields, cause, pins):
    assert make_entry(*entry_fields).pins(SUBJECT, row(cause=cause)) is pins


def test_a_cause_pins_every_attribute_unless_it_names_one():
    rows_by_attribute = {name: row(name, cause=[{"tie": "all"}]) for name in ("values", "gradient")}
    anything, gradient = make_entry(("tie", "all")), entry("gradient", cause=frozenset({("tie", "all")}))
    assert [anything.pins(SUBJECT, attribute_row) for attribute_row in rows_by_attribute.values()] == [True, True]
    assert [gradient.pins(SUBJECT, attribute_row) for attribute_row in rows_by_attribute.values()] == [False, True]


@pytest.mark.parametrize(("answer", "pins"), [("one", True), ("window", False)])
def test_a_cause_pins_a_probe_s_answer_be_it_that_of_the_reference(answer, pins):
    probe = Subject("specs/a.yaml::b", "float32", 1, "stride_default")
    assert make_entry(ONE).pins(probe, row("acceptance", "agrees", answer=answer, cause=[])) is pins
    assert make_entry(("stride_default", answer)).pins(probe, row("acceptance", "agrees", answer=answer, cause=[]))


def test_causes_are_found_among_many_entries():
    cause_entry = make_entry(ONE, case="specs/*", target="*")
    assert matching_entries("torch", make_entry(VALID, case="specs/*"), cause_entry, row_fields=row(cause=[{"stride_default": "one"}])) == [
        cause_entry
    ]


@pytest.mark.parametrize(
    ("cause", "together"),
    [
        ([{"stride_default": "one", "include_default": "valid"}], True),
        ([{"tie": "all", "nan": "propagate"}, {"stride_default": "one", "include_default": "valid"}], True),
        ([{"stride_default": "one", "include_default": "valid", "tie": "all"}], False),
        ([{"stride_default": "one", "tie": "all"}], False),
        ([{"tie": "all"}], False),
        (None, False),
    ],
)
def test_entries_with_a_pattern_expect_a_row_together_if_their_causes_make_up_its_cause(cause, together):
    entries = [make_entry(ONE, case="specs/*"), make_entry(VALID, case="specs/a*")]
    assert matching_entries("torch", *entries, row_fields=row(cause=cause)) == entries * together


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"case": "specs/other/*"},
        {"case": "specs/*", "target": "jax"},
        {"case": "specs/*", "when": When(dtype=("int8",))},
        {"case": "specs/*", "attribute": "gradient"},
    ],
)
def test_an_entry_of_one_case_or_of_other_rows_is_no_part_of_a_cause(other):
    part = Entry(
        **{"case": SUBJECT.id, "target": "torch", "attribute": None, "answer": None, "why": "", "cause": frozenset([VALID]), **other}
    )
    both = row(cause=[{"stride_default": "one", "include_default": "valid"}])
    assert matching_entries("torch", make_entry(ONE, case="specs/*"), part, row_fields=both) == []


def test_a_reason_that_nobody_gave_is_said_to_be_missing():
    assert entry(why=TODO, where="adapters/known/torch.yaml:3").reason == "TODO: adapters/known/torch.yaml:3 has no reason yet"


def test_the_rules_of_a_cause_are_a_reason_where_none_is_written():
    cause = frozenset({("stride_default", "one"), ("nan", "propagate")})
    assert entry(why="It is so.", cause=cause).reason == "It is so."
    propagate, one = AXES["nan"].values["propagate"].phrase, AXES["stride_default"].values["one"].phrase
    assert entry(why="", cause=cause).reason.lower() == f"{propagate}, and {one}.".lower()


def array(*cells, dtype: str = "float32") -> dict:
    return {"dtype": dtype, "shape": [1, 1, len(cells)], "data": [[list(cells)]]}


@pytest.mark.parametrize(
    ("answer", "got", "pins"),
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
def test_values_are_pinned_cell_by_cell(answer, got, pins):
    assert entry(answer=answer).pins(SUBJECT, row(got=got)) is pins


def test_pinned_values_pin_the_shape_as_well():
    values_entry = entry(answer=[[[1, 2, 3]]])
    assert values_entry.pins(SUBJECT, row("shape", got=[1, 1, 3]))
    assert not values_entry.pins(SUBJECT, row("shape", got=[1, 1, 4]))


def test_a_pinned_rejection_covers_every_attribute():
    rejection_entry = entry("acceptance", "rejects")
    assert all(rejection_entry.pins(SUBJECT, row(name, "rejects")) for name in ("acceptance", "shape", "values"))
    assert not rejection_entry.pins(SUBJECT, row("acceptance", "crashes", detail="SIGFPE"))
    assert not rejection_entry.pins(SUBJECT, row("values", "differs", got=array(1.0)))


def test_a_pinned_crash_names_the_signal():
    crash = row("values", "crashes", detail="the worker died of SIGFPE; it said last:\nnothing")
    assert acceptance_of(crash) == "crashes: SIGFPE"
    assert entry("acceptance", "crashes: SIGFPE").pins(SUBJECT, crash)
    assert not entry("acceptance", "crashes: SIGSEGV").pins(SUBJECT, crash)


def test_an_answer_where_an_error_was_due_is_pinned_as_accepted():
    assert entry("acceptance", "accepts").pins(SUBJECT, row("acceptance", "rejects", got="accepts", due="rejects"))


def test_a_probe_is_pinned_by_the_name_of_its_answer():
    probe = Subject("specs/a.yaml::b", "float32", 1, "ceil_window")
    rows = [row(name, answer="kept") for name in ("acceptance", "shape", "values")]
    assert all(entry("answer", "kept").pins(probe, probe_row) for probe_row in rows)
    assert not any(entry("answer", "clipped").pins(probe, probe_row) for probe_row in rows)


def test_values_are_pinned_within_the_tolerance_of_the_case():
    due = Due(output=np.array([[[1.0, 3.0]]], "float32"))
    pool = Pool(op="avg_pool", kernel=(3,), stride=(1,), padding=((0, 0),))
    average = subject_of(Case(id="specs/a.yaml::b", pool=pool, input=arange([1, 1, 4], "float32"), due=due))
    near, far = np.nextafter(np.float32(3), np.float32(4)), np.float32(3.01)
    assert (average.dtype, average.rank, average.asks) == ("float32", 1, None)
    assert entry(answer=[[[1, 3]]]).pins(average, row(got=array(1.0, float(near))))
    assert not entry(answer=[[[1, 3]]]).pins(average, row(got=array(1.0, float(far))))
    assert not entry(answer=[[[1, 3]]]).pins(SUBJECT, row(got=array(1.0, float(near))))


@pytest.mark.parametrize(("shape", "pinned"), [([1, 0], True), ([1, 0, 2], True), ([1, 1, 0], False), ([0, 1], False), ([1], False)])
def test_nested_lists_say_nothing_of_axes_behind_one_without_cells(shape, pinned):
    got = {"dtype": "float32", "shape": shape, "data": np.zeros(shape).tolist()}
    values = {"attribute": "values", "verdict": "differs", "cause": None, "answer": None, "got": got}
    assert entry(answer=[[]]).expects(SUBJECT, values) is pinned
    assert entry(answer=[[]]).expects(SUBJECT, {**values, "attribute": "shape", "got": shape}) is pinned
