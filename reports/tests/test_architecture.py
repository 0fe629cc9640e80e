"""The house: which folder may import what, and where tests live."""

import ast
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = ("cases", "adapters", "reports")
SHIPPED = sorted(path for floor in FLOORS for path in (ROOT / floor).glob("*.py"))
TESTS = sorted(path for floor in FLOORS for path in (ROOT / floor / "tests").rglob("*.py"))
FRAMEWORKS = {"torch", "tensorflow", "jax", "jaxlib", "keras", "flax", "onnx", "onnxruntime", "tensorflow_cpu"}
READERS = {"jsonschema", "packaging", "yaml"}


def imports(path, *, lazy=True):
    """Every module that a file imports, dots in front of relative ones; those of functions only if `lazy`."""
    waiting = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            below = [alias.name for alias in node.names] if node.module is None else [node.module]
            yield from ("." * node.level + name for name in below)
        elif lazy or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def neighbours(path):
    """The files of ours that a file imports when it is loaded, those of its packages among them."""
    yield path.with_name("__init__.py")
    for name in imports(path, lazy=False):
        if name.startswith("."):
            folder = path.parent if not name.startswith("..") else ROOT
            file = folder.joinpath(*name.lstrip(".").split(".")).with_suffix(".py")
            yield file if file.exists() else path.with_name("__init__.py")


def closure(paths):
    """The files, and all of ours that they need."""
    known = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path not in known:
            known.add(path)
            waiting.extend(neighbours(path))
    return known


def foreign(path, *, lazy=True):
    """The distributions' modules, beyond the standard library, that a file imports."""
    roots = {name.split(".")[0] for name in imports(path, lazy=lazy) if not name.startswith(".")}
    return roots - sys.stdlib_module_names


def named(path):
    return path.relative_to(ROOT).as_posix()


def test_there_is_something_to_hold():
    assert len(SHIPPED) > 20
    assert {path.parent.name for path in SHIPPED} == set(FLOORS)


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_imports_run_one_way(path):
    below = FLOORS[: FLOORS.index(path.parent.name)]
    upward = {name for name in imports(path) if name.startswith("..") and name[2:].split(".")[0] not in below}
    assert not upward, f"{named(path)} imports {upward}; expected only {below} beside its own folder"


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_shipped_code_imports_itself_relatively(path):
    assert not foreign(path) & {"poolparity", *FLOORS}


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_frameworks_are_imported_by_no_module(path):
    lazy = path.parent.name != "adapters"
    assert not foreign(path, lazy=lazy) & FRAMEWORKS


@pytest.mark.parametrize("path", [path for path in SHIPPED if path.parent.name != "reports"], ids=named)
def test_cases_and_adapters_need_numpy_alone_but_for_reading_yaml(path):
    assert foreign(path, lazy=False) <= {"numpy"} | READERS


def test_workers_need_numpy_alone():
    adapters = [path for path in (ROOT / "adapters").glob("*.py") if not path.stem.startswith("_")]
    needed = closure([*adapters, ROOT / "adapters" / "_worker.py"])
    assert ROOT / "cases" / "pool.py" in needed
    assert {named(path): foreign(path, lazy=False) - {"numpy"} for path in needed if foreign(path, lazy=False) - {"numpy"}} == {}


def test_the_dependencies_are_what_is_imported():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    providers = metadata.packages_distributions()
    imported = {name for path in SHIPPED for name in foreign(path)} - FRAMEWORKS - {"xdist"}
    distributions = {providers[name][0].lower() for name in imported}
    assert distributions == {text.split(">")[0] for text in project["dependencies"]}


def test_conftest_switches_the_plugin_on_and_defines_nothing():
    tree = ast.parse((ROOT / "conftest.py").read_text(encoding="utf-8"))
    [switch] = [node for node in tree.body if isinstance(node, ast.Assign)]
    assert ast.literal_eval(switch.value) == ["poolparity.reports.plugin"]
    assert not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree.body)
    assert foreign(ROOT / "conftest.py") == {"poolparity"}


@pytest.mark.parametrize("path", TESTS, ids=named)
def test_own_tests_import_absolutely_and_from_no_higher_floor(path):
    above = FLOORS[FLOORS.index(path.parts[len(ROOT.parts)]) + 1 :]
    assert not [name for name in imports(path) if name.startswith((".", *(f"poolparity.{floor}" for floor in above)))]


def test_test_files_have_names_of_their_own():
    names = [path.name for path in TESTS if path.name != "conftest.py"]
    assert len(names) == len(set(names))
    assert "__init__.py" not in names


def test_code_lies_in_the_floors_alone():
    assert [path.name for path in ROOT.glob("*.py")] == ["conftest.py"]
    below = {path for floor in (*FLOORS, "specs") for path in (ROOT / floor).rglob("*.py")}
    assert below == {*SHIPPED, *TESTS}


def test_specs_are_data():
    assert {path.suffix for path in (ROOT / "specs").rglob("*") if path.is_file()} <= {".yaml", ".json", ".md"}
