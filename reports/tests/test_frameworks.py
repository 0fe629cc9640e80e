"""A framework is one folder: what names frameworks elsewhere is generated from the folders, or fails here where it lacks one."""

import ast
import configparser
import importlib.util
import json
import re
import sys
import tomllib
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path

import pytest
import yaml
from packaging.utils import canonicalize_name
from support.constraints import REQUIREMENTS, pinned_versions
from support.scripts import load_script

from poolparity.adapters.common.loading import FRAMEWORKS
from poolparity.adapters.contract import NODE, PYTHON
from poolparity.adapters.ledger.unknown_versions import is_of_release
from poolparity.adapters.targets.find import find_targets, shipped_adapters

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PINNED = {canonicalize_name(item.name) for item in REQUIREMENTS}
PYTHONS = [name.rpartition(" ")[2] for name in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d", name)]
SCRIPT = load_script("frameworks")
FOUND = {name: entry for name, entry in find_targets().items() if entry.adapter in shipped_adapters()}
OPTIONAL = {name: entry for name, entry in FOUND.items() if not entry.adapter.reference}
IN_PYTHON = {name: entry for name, entry in OPTIONAL.items() if entry.target.program == PYTHON}
IN_NODE = {name: entry for name, entry in OPTIONAL.items() if entry.target.program == NODE}


def expand(text):
    """The names that tox makes of `a-{b, c}`."""
    parts = [part.strip("{}").split(",") for part in re.split(r"(\{[^}]*\})", text)]
    return ["".join(name.strip() for name in names) for names in product(*parts)]


def environments():
    """The tox environments that are run by default."""
    config = configparser.RawConfigParser()
    config.read(ROOT / "tox.ini", encoding="utf-8")
    return [name for entry in re.split(r",\s*(?![^{]*\})", config["tox"]["env_list"]) for name in expand(entry)]


def test_the_table_of_frameworks_and_the_readme_are_current():
    assert SCRIPT.generate(README) == README, "run `python .ci/frameworks.py`"
    assert SCRIPT.PAGE.read_text(encoding="utf-8") == SCRIPT.HEAD + SCRIPT.make_table() + SCRIPT.make_selection(), (
        "run `python .ci/frameworks.py`"
    )


def test_the_table_of_frameworks_has_every_target():
    table = SCRIPT.make_table()
    assert {name for name in OPTIONAL if f"`{name}`" not in table} == set()
    summary = SCRIPT.make_summary()
    assert SCRIPT.generate(f"before\n{SCRIPT.BEGIN}old\n{SCRIPT.END}\nafter\n") == f"before\n{SCRIPT.BEGIN}{summary}{SCRIPT.END}\nafter\n"
    assert f"{len(OPTIONAL)} targets of " in summary


def test_the_readme_states_how_many_targets_its_first_command_runs():
    installed_extras = set(re.findall(r"\w+", EXTRAS["all"][0]))
    running = [
        name for name, entry in FOUND.items() if entry.adapter.reference or installed_extras.issuperset(SCRIPT.extras_of(entry.target))
    ]
    assert f"cases on {len(running)} targets" in README


def test_a_readme_without_markers_is_an_error():
    with pytest.raises(ValueError, match="expected a summary between <!-- frameworks: begin --> and <!-- frameworks: end -->"):
        SCRIPT.generate("no markers")


@pytest.mark.parametrize("name", IN_NODE)
def test_a_target_in_node_has_its_packages_pinned(name):
    pinned_versions = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for package in IN_NODE[name].target.distributions:
        assert re.fullmatch(r"\d+\.\d+\.\d+", pinned_versions[package])


@pytest.mark.parametrize("name", IN_PYTHON)
def test_a_target_has_an_extra_that_a_group_contains_and_pinned_versions(name):
    target = IN_PYTHON[name].target
    groups = "".join(extras[0] for extras in (EXTRAS["all"], EXTRAS["more"], EXTRAS["runtimes"]))
    for extra in target.extra.split(","):
        assert extra in EXTRAS
        assert extra in re.split(r"[\[\],]", groups)
    for names in target.distributions:
        assert {canonicalize_name(item) for item in names.split("|")} & PINNED


@pytest.mark.parametrize("name", IN_PYTHON)
@pytest.mark.parametrize("python", PYTHONS)
def test_the_ledger_knows_the_pinned_versions_of_a_target(name, python):
    known_releases = IN_PYTHON[name].adapter.ledger_versions
    assert IN_PYTHON[name].target.distributions[0].split("|")[0] in known_releases, "state its releases in ledger_versions"
    for distribution, releases in known_releases.items():
        version = pinned_versions(python)[canonicalize_name(distribution)]
        assert any(is_of_release(version, release) for release in releases), f"{distribution} {version} is not in ledger_versions"


@pytest.mark.parametrize("name", IN_NODE)
def test_the_ledger_knows_the_pinned_packages_of_a_target_in_node(name):
    pinned_versions = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    package = IN_NODE[name].target.distributions[0]
    assert any(is_of_release(pinned_versions[package], release) for release in IN_NODE[name].adapter.ledger_versions[package])


def test_a_pin_for_some_pythons_has_one_for_the_others():
    assert {python: pinned_versions(python).keys() for python in PYTHONS} == dict.fromkeys(PYTHONS, PINNED)


def test_several_releases_that_the_ledger_knows_have_tox_environments_and_are_in_the_guide():
    releases_by_name = {
        name: releases for item in shipped_adapters() for name, releases in item.ledger_versions.items() if len(releases) > 1
    }
    text = (ROOT / "tox.ini").read_text(encoding="utf-8")
    [section] = re.findall(r"(?m)^\[testenv:\{(.*-v.*)\}\]$", text)
    environments_by_name = {}
    for name, release in re.findall(r"([a-z]+)-v([\d.]+)", section):
        environments_by_name.setdefault(name, []).append(release)
    assert environments_by_name == {name: list(releases) for name, releases in releases_by_name.items() if name != "flax"}
    guide = (
        (ROOT / "reports" / "GUIDE.md").read_text(encoding="utf-8").partition("The ledger knows several versions")[2].partition("\n\n")[0]
    )
    for name, releases in releases_by_name.items():
        assert name == "flax" or [release for release in releases if release not in guide] == []


@pytest.mark.parametrize("name", FOUND)
def test_a_target_has_a_tox_environment_that_installs_it(name):
    [*candidates] = [environment for environment in environments() if fnmatchcase(name, f"{environment}*")]
    assert candidates, f"{name}: no environment of tox.ini runs it; expected one named after it in env_list"
    lines = re.findall(
        r"(?m)^    ([\w-]+): (\w+)$", (ROOT / "tox.ini").read_text(encoding="utf-8").partition("extras =")[2].partition("\n[")[0]
    )
    extras = {extra for factor, extra in lines if set(factor.split("-")) <= set(candidates[0].split("-"))}
    assert set(filter(None, (FOUND[name].target.extra or "").split(","))) <= extras


@pytest.mark.parametrize("name", OPTIONAL)
def test_the_workflow_measures_a_target_and_installs_what_it_needs(name):
    jobs = yaml.safe_load((ROOT / ".ci" / "workflow.yml").read_text(encoding="utf-8"))["jobs"]
    entries = [entry for entry in jobs["measure"]["strategy"]["matrix"]["include"] if fnmatchcase(name, entry["targets"])]
    assert entries, f"{name}: no entry of the matrix in .ci/workflow.yml runs it"
    assert any(OPTIONAL[name].target.distributions[0].split("|")[0] in entry["packages"] + entry.get("npm", "") for entry in entries)


@pytest.mark.parametrize("folder", sorted(path.parent for path in FRAMEWORKS.glob("*/adapter.py")), ids=lambda path: path.name)
def test_a_framework_has_a_title_and_its_folder_nothing_unexpected(folder):
    [adapter] = [item for item in shipped_adapters() if item.framework == folder.name]
    assert adapter.title
    assert {path.suffix for path in folder.iterdir() if path.is_file()} <= {".py", ".yaml"}
    assert {path.name for path in folder.glob("*.yaml")} <= {"known.yaml"}


def test_no_folder_of_a_framework_is_imported_in_place_of_the_framework():
    for folder in (path.parent for path in FRAMEWORKS.glob("*/adapter.py")):
        spec = importlib.util.find_spec(folder.name)
        assert spec is None or FRAMEWORKS not in Path(spec.origin or "").parents
    assert str(FRAMEWORKS) not in sys.path


def test_no_module_outside_the_folders_names_a_framework():
    names = {name for adapter in shipped_adapters() if not adapter.reference for name in (adapter.framework, *adapter.aliases)}
    names |= set(OPTIONAL)
    modules = [path for package in ("cases", "adapters", "reports") for path in (ROOT / package).rglob("*.py")]
    names_by_module = {}
    for path in (path for path in modules if "tests" not in path.relative_to(ROOT).parts and FRAMEWORKS not in path.parents):
        strings = {node.value for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)}
        if names_in_file := names & {string for string in strings if isinstance(string, str)}:
            names_by_module[path.relative_to(ROOT).as_posix()] = names_in_file
    assert names_by_module == {}
