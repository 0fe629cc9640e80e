"""Tests are marked by what they start, without lists of their names."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.markers import sort_by_cost, takes_target, uses_subprocess


def run_true():
    return subprocess.run([sys.executable, "-c", ""])


def call_helper():
    return [run_true() for _ in range(2)]


def call_itself():
    return call_itself()


@pytest.mark.parametrize(("function", "is_marked"), [(run_true, True), (call_helper, True), (call_itself, False), (takes_target, False)])
def test_a_function_that_starts_a_process_itself_or_by_a_helper_is_found(function, is_marked):
    assert uses_subprocess(function, {}) is is_marked


@pytest.mark.parametrize(
    ("values", "is_marked"), [({"chosen": SimpleNamespace(target="torch")}, True), ({"count": 3}, False), (None, False)]
)
def test_a_test_with_a_target_among_its_parameters_starts_a_framework(values, is_marked):
    item = SimpleNamespace() if values is None else SimpleNamespace(callspec=SimpleNamespace(params=values))
    assert takes_target(item) is is_marked


def test_this_test_is_marked_with_what_its_fixtures_start(request):
    assert [mark.name for mark in request.node.iter_markers()] == ["process"]
    run_true()


@pytest.mark.needs("numpy")
def test_a_test_that_needs_targets_starts_a_framework(request):
    assert request.node.get_closest_marker("framework")


def item(path, *marks, **more):
    return SimpleNamespace(path=Path(path), iter_markers=lambda: [SimpleNamespace(name=mark) for mark in marks], **more)


def test_files_whose_tests_take_long_come_first_and_stay_together():
    items = [item("a"), item("b", "process"), item("c"), item("c", "needs", "framework"), item("d", "slow"), item("b")]
    sort_by_cost(items)
    assert [str(listed.path) for listed in items] == ["c", "c", "d", "b", "b", "a"]


def test_cases_come_before_files_and_last_on_targets_whose_programs_another_target_compiles():
    on = [item("spec", "framework", case="", name=name) for name in ("flax", "flax-nnx", "jax", "keras-torch")]
    items = [item("c", "framework", name="test"), *on]
    sort_by_cost(items)
    assert [entry.name for entry in items] == ["flax", "keras-torch", "flax-nnx", "jax", "test"]
