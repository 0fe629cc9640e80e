"""What cases cover: counted by operation, axis, attribute and rank, with the holes that no probe fills."""

from io import StringIO
from textwrap import dedent

import pytest
from rich.console import Console

from poolparity.adapters.targets.find import find_targets, layers_of
from poolparity.cases.model.pool import OPS
from poolparity.cases.read.check import find_spec_files
from poolparity.cases.read.spec import read_spec
from poolparity.reports.ledger.suite import SPECS
from poolparity.reports.run.coverage import NONE, Place, blanks, coverage, holes, show_coverage, tables

TEXT = """
op: max_pool
cases:
  plain: {input: [[[1, 2]]], pool: {kernel: [2], stride: [2]}, output: [[[2]]]}
  pins: {input: [[[1, 2]]], pool: {kernel: [2]}, rules: {stride_default: window}, output: [[[2]]], indices: [[[1]]]}
  pins_on_a_plane: {input: [[[[1, 2]]]], pool: {kernel: [1, 2]}, rules: {stride_default: window}, output: [[[[2]]]]}
  asks:
    asks: stride_default
    input: [[[1, 5, 2, 4]]]
    pool: {kernel: [2]}
    answers: {window: [[[5, 4]]], one: {raises: invalid}}
  waits: {input: [[[1, 2]]], rules: {nan: propagate}, pool: {kernel: [2]}, waiting: for its time}
"""


@pytest.fixture
def coverage_counts(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text(dedent(TEXT))
    return coverage(read_spec(path, {}).cases)


def test_a_conformance_case_counts_for_each_axis_that_it_pins(coverage_counts):
    assert coverage_counts[Place("max_pool", NONE, False, "values", 1)] == 1
    assert coverage_counts[Place("max_pool", "stride_default", False, "indices", 1)] == 1
    assert coverage_counts[Place("max_pool", "stride_default", False, "values", 2)] == 1


def test_a_probe_counts_for_the_axis_that_it_asks_for_and_for_all_that_its_answers_tell(coverage_counts):
    counts_by_attribute = {
        place.attribute: count for place, count in coverage_counts.items() if place.axis == "stride_default" and place.asks
    }
    assert counts_by_attribute == {"acceptance": 1, "shape": 1, "dtype": 1, "values": 1}


def test_a_case_that_waits_counts_for_nothing(coverage_counts):
    assert not any(place.axis == "nan" for place in coverage_counts)


def test_an_axis_that_is_pinned_and_not_asked_for_is_a_hole(coverage_counts):
    assert holes(coverage_counts) == {("max_pool", "stride_default"): [2]}


def test_a_table_shows_each_axis_with_its_holes(coverage_counts):
    [table] = tables(coverage_counts)
    lines = [list(line) for line in zip(*(column.cells for column in table.columns), strict=True)]
    assert lines == [
        ["any", "3/1/0", "3/1/0", "3/1/0", "3/1/0", "1/0/0", "", ""],
        ["none", "1/0/0", "1/0/0", "1/0/0", "1/0/0", "", "", ""],
        ["stride_default", "1/0/0", "1/0/0", "1/0/0", "1/0/0", "", "1/1/0", "2-D"],
    ]


def test_an_attribute_that_no_case_of_an_operation_compares_is_a_blank(coverage_counts):
    assert blanks(coverage_counts) == [
        *(f"{attribute} of max_pool in 3-D" for attribute in ("acceptance", "shape", "dtype", "values")),
        *(f"indices of max_pool in {rank}-D" for rank in (2, 3)),
        *(f"gradient of max_pool in {rank}-D" for rank in (1, 2, 3)),
    ]


@pytest.mark.slow
def test_the_specs_of_this_project_have_neither_hole_nor_blank():
    entries = layers_of(find_targets(()))
    coverage_counts = coverage(case for path in find_spec_files([SPECS]) for case in read_spec(path, entries).cases)
    assert (holes(coverage_counts), blanks(coverage_counts)) == ({}, [])
    assert {place.op for place in coverage_counts} == set(OPS)


def test_cases_that_nothing_tells_apart_are_reported(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text(dedent(TEXT))
    console = Console(file=StringIO(), width=80)
    show_coverage(read_spec(path, {}).cases, console)
    lines = console.file.getvalue().splitlines()
    assert "5 cases; 5 distinct (no rule change separates the rest)" in lines
    assert lines[-1] == "1 places where an axis is pinned and no probe asks for it"
