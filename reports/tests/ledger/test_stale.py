"""Entries of the ledger that have outlived what they pin are found, and only where a run leaves no doubt."""

import shutil
from pathlib import Path

import pytest

from poolparity.adapters.ledger.conditions import When
from poolparity.adapters.ledger.entry import Entry
from poolparity.adapters.ledger.ledger import Ledger
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.read.spec import read_spec
from poolparity.reports.ledger.stale import find_stale_entries
from poolparity.reports.ledger.suite import SPECS, Suite
from poolparity.reports.rows.tables import tally_rows

CASE = "{input: [[[1, 5, 2, 4]]], pool: {kernel: [2], stride: [2]}, output: [[[5, 4]]]"
FILES = {
    "pairs.yaml": f"op: max_pool\ncases:\n  right: {CASE}}}\n  large: {CASE}, tier: full}}\n",
    "others.yaml": f"op: max_pool\ncases:\n  other: {CASE}}}\n",
}
MODES = tuple(name for name in find_targets() if name.startswith("torch+"))
PAIRS, OTHERS = "specs/max_pool/pairs.yaml", "specs/max_pool/others.yaml"


@pytest.fixture
def suite(tmp_path):
    folder = tmp_path / "specs" / "max_pool"
    folder.mkdir(parents=True)
    shutil.copy(SPECS / "schema.json", tmp_path / "specs")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return Suite(lambda path: read_spec(path, {}), tmp_path / "specs")


@pytest.fixture
def rows_of_run(keep, make, answers):
    """Makes rows of a run: by default of every case on torch, and of all but the full tier on its slow modes."""

    def rows_of_run(cases=("right", "large"), others=("other",), targets=("torch", *MODES), answer="agrees", met_entries=()):
        by_name = {
            name: {target: answers[answer] for target in targets if name != "large" or "+" not in target} for name in (*cases, *others)
        }
        rows = keep(*((make(name, PAIRS if name in cases else OTHERS), answers_by_target) for name, answers_by_target in by_name.items()))
        for row in rows.rows:
            row["pinned_by"] = list(met_entries)
        return rows

    return rows_of_run


def entry(case="specs/*", target="torch*", attribute=None, answer=None, **more) -> Entry:
    cause = None if attribute else frozenset({("tie", "all")})
    return Entry(case, target, attribute, answer, "it is so", cause, where="known.yaml:1", **more)


def texts_of_stale(rows, suite, *entries) -> list[str]:
    return [stale_entry.text for stale_entry in find_stale_entries(tally_rows(rows), Ledger(entries), find_targets(), suite)]


def test_a_pattern_of_which_nothing_happens_in_any_of_its_cases_is_stale(rows_of_run, suite):
    assert texts_of_stale(rows_of_run(), suite, entry()) == [
        "known.yaml:1: the cause {tie: all} is pinned but no longer occurs in any of 3 cases; remove the entry"
    ]


def test_the_place_of_an_entry_names_the_test_of_it(rows_of_run, suite):
    assert [
        stale_entry.where for stale_entry in find_stale_entries(tally_rows(rows_of_run()), Ledger([entry()]), find_targets(), suite)
    ] == ["known.yaml:1"]


def test_a_pattern_that_happens_once_is_not_stale(rows_of_run, suite):
    rows = rows_of_run()
    rows.rows[0]["pinned_by"] = ["known.yaml:1"]
    assert texts_of_stale(rows, suite, entry()) == []


def test_what_a_drop_in_gives_does_not_keep_an_entry_alive(rows_of_run, suite):
    rows = rows_of_run()
    rows.rows.append({**rows.rows[0], "way": "drop_in", "pinned_by": ["known.yaml:1"]})
    assert len(texts_of_stale(rows, suite, entry())) == 1


@pytest.mark.parametrize(
    ("case_names", "entry_fields"),
    [
        ({"cases": ("right",)}, {}),
        ({"others": ()}, {}),
        ({"targets": ("torch",)}, {}),
        ({"answer": "not_run"}, {}),
        ({}, {"when": When({"torch": ">=2"})}),
        ({}, {"target": "*"}),
    ],
)
def test_nothing_is_said_where_something_that_could_match_was_not_asked(rows_of_run, suite, case_names, entry_fields):
    assert texts_of_stale(rows_of_run(**case_names), suite, entry(**entry_fields)) == []


@pytest.mark.parametrize(
    ("case_names", "entry_fields"),
    [
        ({"cases": ("right",)}, {"case": f"{OTHERS}::*"}),
        ({"cases": ("right",)}, {"case": f"{PAIRS}::r*"}),
        ({"targets": ("torch",)}, {"target": "torch"}),
        ({"targets": ("torch@/usr/bin/python3", *MODES)}, {}),
        ({}, {"when": When({"torch": "<2"})}),
        ({}, {"when": When(rank=(1,))}),
    ],
)
def test_all_that_could_match_is_enough(rows_of_run, suite, case_names, entry_fields):
    assert len(texts_of_stale(rows_of_run(**case_names), suite, entry(**entry_fields))) == 1


@pytest.mark.parametrize("case", [f"{PAIRS}::rihgt", "specs/max_pol/*", f"{PAIRS}::r*"])
def test_an_entry_that_matches_no_case_is_stale(rows_of_run, suite, case):
    condition = When(dtype=("float64",)) if case.endswith("r*") else When()
    assert texts_of_stale(rows_of_run(), suite, entry(case, "torch", "shape", [1], when=condition)) == [
        f"known.yaml:1: no case matches {case}; remove the entry"
    ]


def test_an_entry_that_matches_no_target_is_stale(rows_of_run, suite):
    assert texts_of_stale(rows_of_run(), suite, entry(target="tourch")) == ["known.yaml:1: no target matches tourch; remove the entry"]


def test_an_entry_that_names_its_case_is_judged_where_that_case_runs(rows_of_run, suite):
    assert texts_of_stale(rows_of_run(), suite, entry(f"{PAIRS}::right", "torch", "shape", [1])) == []


def test_our_own_specs_are_the_suite():
    suite = Suite(lambda path: read_spec(path, {}))
    assert suite.files_of(entry("specs/max_pool/nan.yaml::*")) == ["specs/max_pool/nan.yaml"]
    assert all(Path(path).is_relative_to(SPECS) for path in suite.files.values())


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("specs/*", {PAIRS, OTHERS}),
        ("specs/*/pairs.yaml::*", {PAIRS}),
        ("*/o*.yaml::oth??", {OTHERS}),
        ("specs/max_pool/*rs.yaml::*", {PAIRS, OTHERS}),
        ("specs/*::right", {PAIRS, OTHERS}),
        ("specs/*a/pairs.yaml::right", set()),
        ("specs/[m]*/pairs.yaml::right", set()),
    ],
)
def test_only_files_whose_cases_an_entry_may_be_about_are_read(suite, pattern, files):
    subject = entry(pattern)
    assert set(suite.files_of(subject)) == files
    everywhere = [case for name in suite.files for case, _ in suite.read_cases(suite.files[name]) if subject.matches(case)]
    assert len(list(suite.find_cases(subject))) == len(everywhere)
