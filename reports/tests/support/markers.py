"""Marks tests by what they start, so that quick ones can be selected, and skips those whose frameworks are missing."""

import gc
import os
import subprocess
from collections.abc import Generator
from pathlib import Path
from types import CodeType, FunctionType

import pytest
from support.programs import find_second_compilers

from poolparity.adapters.parent import process
from poolparity.adapters.targets.find import find_targets, install_advice, is_installed

FIXTURES = {
    "framework": {"grid_target", "answers_of"},
    "browser": {"browser"},
    "build": {"built"},
    "process": {"host", "workers", "pytester"},
}
"""The fixtures that start something, for all tests that need them directly or indirectly."""
LONG = {"framework", "browser", "build", "slow"}


def pytest_configure(config: pytest.Config) -> None:
    """Let pytest-xdist deal targets and files out in the order of the items; by itself it begins with those that have the most tests."""
    config.option.loadscopereorder = False


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """With `-n auto`, as many processes as processors and one more: tests of time limits and of deaths mostly wait."""
    if "not slow" in config.option.markexpr or "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Keep what is collected out of the garbage collector's way: it stays to the end, and is looked at again and again."""
    gc.disable()
    result = yield
    gc.freeze()
    gc.enable()
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests before `-m` selects among them."""
    results: dict[FunctionType, bool] = {}
    for item in items:
        if hasattr(item, "case"):  # tens of thousands of them, of which nothing else has to be known
            item.add_marker("framework")
            continue
        fixtures = set(getattr(item, "fixturenames", ()))
        for name in (name for name, makers in FIXTURES.items() if makers & fixtures):
            item.add_marker(name)
        if item.get_closest_marker("needs") or takes_target(item):
            item.add_marker("framework")
        if any(uses_subprocess(function, results) for function in functions_of(item)):
            item.add_marker("process")
    if "PYTEST_XDIST_WORKER" in os.environ:
        sort_by_cost(items)


def sort_by_cost(items: list[pytest.Item]) -> None:
    """Order targets and files for pytest-xdist, which deals them out in this order, so that its processes end together.

    Cases come first, those of targets that find compiled programs of another target after the others; then files of tests,
    by the costliest of their tests.
    """
    cost: dict[Path, int] = {}
    for item in items:
        marks = LONG if hasattr(item, "case") else {mark.name for mark in item.iter_markers()}
        cost[item.path] = max(cost.get(item.path, 0), 2 if marks & LONG else int("process" in marks))
    entries = find_targets()
    targets = sorted({item.name for item in items if hasattr(item, "case")} & set(entries))
    second = find_second_compilers((name, entries[name].target.compile_cache) for name in targets)
    items.sort(key=lambda item: (-cost[item.path], (item.name in second) if hasattr(item, "case") else 2))


def takes_target(item: pytest.Item) -> bool:
    """Whether a test has a target among its parameters."""
    return hasattr(item, "callspec") and any(hasattr(value, "target") for value in item.callspec.params.values())


def functions_of(item: pytest.Item) -> list[FunctionType]:
    """The functions of a test and of the fixtures that it needs."""
    if not isinstance(item, pytest.Function):
        return []
    fixtures = [definition.func for definitions in item._fixtureinfo.name2fixturedefs.values() for definition in definitions]  # noqa: SLF001
    return [function for function in (item.obj, *fixtures) if isinstance(function, FunctionType)]


def uses_subprocess(function: FunctionType, results: dict[FunctionType, bool]) -> bool:
    """Whether a function, or one of its module that it calls, names the module `subprocess`."""
    if function not in results:
        results[function] = False  # for functions that call each other
        values = [function.__globals__.get(name) for name in names_in(function.__code__)]
        helpers = [value for value in values if isinstance(value, FunctionType) and value.__module__ == function.__module__]
        results[function] = any(value is subprocess for value in values) or any(uses_subprocess(helper, results) for helper in helpers)
    return results[function]


def names_in(code: CodeType) -> set[str]:
    """The names that a function uses, in the functions inside it as well."""
    inner = [names_in(part) for part in code.co_consts if isinstance(part, CodeType)]
    return set(code.co_names).union(*inner)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose targets lack something; importing a framework to find out would bring it into the process of all tests."""
    for name in (name for mark in item.iter_markers("needs") for name in mark.args):
        target = find_targets()[name].target
        if not is_installed(target):
            pytest.skip(install_advice(target))


@pytest.fixture(scope="session", autouse=True)
def no_unmarked_worker(request):
    """Let a test fail that starts a worker, if it lacks the mark by which it would not have been selected."""
    selection = request.config.option.markexpr
    if "not framework" not in selection and "not process" not in selection:
        yield
        return
    original = process.start

    def start(launch, *args):
        name = launch.target.name
        if "not framework" in selection and set(launch.target.distributions) - {"numpy"}:
            raise AssertionError(f"{name} is started by a test that is not marked: add @pytest.mark.needs({name!r})")
        if "not process" in selection:
            raise AssertionError(f"{name} is started by a test that is not marked: add @pytest.mark.process")
        return original(launch, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "start", start)
        yield
