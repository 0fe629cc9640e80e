"""The architecture: which package may import which, and where tests are."""

import ast
import graphlib
import re
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

from poolparity.adapters.targets.find import find_targets

ROOT = Path(__file__).parents[2]
FLOORS = ("cases", "adapters", "reports")
SHIPPED = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py") if "tests" not in path.relative_to(ROOT).parts)
TESTS = sorted(path for floor in FLOORS for path in (ROOT / floor / "tests").rglob("*.py"))
FACADES = ("cases/__init__.py", "cases/pool.py", "cases/rules.py", "adapters/__init__.py", "reports/__init__.py")
"""Modules outside of every package: public names, and those that printed code imports."""
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
ORDER = re.findall(r"^\| `((?:cases|adapters|reports)/\w+)` \|", PAGE, re.MULTILINE)
"""A package imports only those before it."""
APART = {"cases/oracle": "cases/fast", "cases/fast": "cases/oracle", "adapters/frameworks": "adapters/worker"}
"""Packages that do not import each other, whatever their order."""
TARGETS = [entries.target for entries in find_targets().values() if not entries.adapter.reference]
FRAMEWORKS = {
    name.partition(".")[0].replace("-", "_")
    for target in TARGETS
    for name in (*target.modules, *(name for names in target.distributions for name in names.split("|")))
}
READERS = {"jsonschema", "packaging", "yaml"}


@cache
def parse(path):
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path, *, lazy=True):
    """Every module that a file imports, dots in front of relative ones; those of functions only if `lazy`."""
    return tuple(find_imports(path, lazy=lazy))


def find_imports(path, *, lazy):
    """The modules, one after another."""
    waiting = [parse(path)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            below = [alias.name for alias in node.names] if node.module is None else [node.module]
            yield from ("." * node.level + name for name in below)
        elif lazy or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def resolve(path, name):
    """The file that a relative import leads to: a module, or the `__init__.py` of a package."""
    dots = len(name) - len(name.lstrip("."))
    folder = path.parents[dots - 1].joinpath(*filter(None, name[dots:].split(".")))
    return folder.with_suffix(".py") if folder.with_suffix(".py").is_file() else folder / "__init__.py"


def neighbours(path):
    """The files of ours that a file imports when it is loaded, those of its packages among them."""
    yield from (folder / "__init__.py" for folder in path.parents if (folder / "__init__.py").is_file())
    for name in imports(path, lazy=False):
        if name.startswith("."):
            file = resolve(path, name)
            yield file if file.is_file() else file.parents[1] / "__init__.py"


def imported_files(path):
    """The files of ours that a file imports at whatever time, but not those that only its annotations name."""
    waiting = [parse(path)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            waiting.extend(node.orelse)
            continue
        if isinstance(node, ast.ImportFrom) and node.level:
            base = resolve(path, "." * node.level + (node.module or ""))
            for alias in node.names:
                name = base.parent / alias.name if base.name == "__init__.py" else base / alias.name
                yield next((file for file in (name.with_suffix(".py"), name / "__init__.py") if file.is_file()), base)
        waiting.extend(ast.iter_child_nodes(node))


def find_cycle(graph):
    """A cycle of files, each of which imports the next, or nothing."""
    sorter = graphlib.TopologicalSorter(graph)
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def closure(paths):
    """The files, and all of ours that they need."""
    modules = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path not in modules:
            modules.add(path)
            waiting.extend(neighbours(path))
    return modules


def foreign(path, *, lazy=True):
    """The distributions' modules, beyond the standard library, that a file imports."""
    roots = {name.split(".")[0] for name in imports(path, lazy=lazy) if not name.startswith(".")}
    return roots - sys.stdlib_module_names


def module_name(path):
    return path.relative_to(ROOT).as_posix()


def package(path):
    """The package of a file: the first two folders of its path."""
    return "/".join(path.relative_to(ROOT).parts[:2])


def imported_packages(path):
    """The packages that a file imports, at whatever time."""
    for name in imports(path):
        if name.startswith("."):
            file = resolve(path, name)
            yield package(file if file.is_file() else file.parents[1] / "__init__.py")


def test_every_file_is_in_a_package_of_the_order():
    assert {package(path) for path in SHIPPED if module_name(path) not in FACADES} == set(ORDER)


def packages_upward(path):
    """The packages that a file imports, and that do not come before its own."""
    own = package(path)
    return set(imported_packages(path)) - ({*ORDER[: ORDER.index(own) + 1]} - {APART.get(own)})


def offenders(paths, find_imports_at_fault):
    """The files with imports at fault, and these imports."""
    assert paths
    return {module_name(path): at_fault for path in paths if (at_fault := find_imports_at_fault(path))}


def test_a_package_imports_only_those_before_it():
    assert offenders([path for path in SHIPPED if module_name(path) not in FACADES], packages_upward) == {}


def test_every_path_on_the_architecture_page_exists():
    paths = re.findall(r"`((?:cases|adapters|reports|specs)/[\w./]*)`", PAGE)
    assert len(paths) > len(ORDER)
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_no_file_imports_itself_by_way_of_others():
    graph = {path: set(imported_files(path)) - {path} for path in SHIPPED}
    assert ROOT / "cases" / "model" / "pool.py" in graph[ROOT / "cases" / "model" / "case.py"]
    assert [module_name(path) for path in find_cycle(graph)] == []


def test_shipped_code_imports_itself_relatively():
    assert offenders(SHIPPED, lambda path: foreign(path) & {"poolparity", *FLOORS}) == {}


def test_frameworks_are_imported_by_no_module():
    assert offenders(SHIPPED, lambda path: foreign(path, lazy=path.relative_to(ROOT).parts[0] != "adapters") & FRAMEWORKS) == {}


def test_cases_and_adapters_need_numpy_alone_but_for_reading_yaml_and_keeping_results():
    below = [path for path in SHIPPED if path.relative_to(ROOT).parts[0] != "reports"]
    assert offenders(below, lambda path: foreign(path, lazy=False) - {"numpy", "cachetools"} - READERS) == {}


def test_workers_need_numpy_alone():
    adapters = [path for path in SHIPPED if package(path) in ("adapters/frameworks", "adapters/worker")]
    needed_files = closure(adapters)
    assert ROOT / "cases" / "model" / "pool.py" in needed_files
    assert offenders(needed_files, lambda path: foreign(path, lazy=False) - {"numpy"}) == {}


def test_the_dependencies_are_what_is_imported():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    providers = metadata.packages_distributions()
    imported_names = {name for path in SHIPPED for name in foreign(path)} - FRAMEWORKS - {"xdist", "hypothesis", "dask", "distributed"}
    distributions = {providers[name][0].lower() for name in imported_names}
    assert distributions == {text.split(">")[0] for text in project["dependencies"]}


def test_conftest_switches_plugins_on_and_defines_nothing():
    tree = ast.parse((ROOT / "conftest.py").read_text(encoding="utf-8"))
    [switch] = [node for node in tree.body if isinstance(node, ast.Assign)]
    assert ast.literal_eval(switch.value) == ["poolparity.reports.plugin", "support.markers"]
    assert not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree.body)
    assert foreign(ROOT / "conftest.py") == {"poolparity"}


def imports_from_above(path):
    """What a test imports relatively, or from a floor above its own."""
    above = FLOORS[FLOORS.index(path.relative_to(ROOT).parts[0]) + 1 :]
    return [name for name in imports(path) if name.startswith((".", *(f"poolparity.{floor}" for floor in above)))]


def test_own_tests_import_absolutely_and_from_no_higher_floor():
    assert offenders(TESTS, imports_from_above) == {}


def test_folders_of_tests_are_no_packages():
    assert "__init__.py" not in [path.name for path in TESTS]


def test_tests_mirror_the_packages():
    inside = {"/".join(path.relative_to(ROOT).parts[:3]) for path in TESTS if len(path.relative_to(ROOT).parts) > 3}
    assert inside <= {
        *(name.replace("/", "/tests/") for name in ORDER),
        *(f"{floor}/tests/support" for floor in FLOORS),
        "reports/tests/bench",
    }


def test_code_lies_in_the_floors_alone():
    assert [path.name for path in ROOT.glob("*.py")] == ["conftest.py"]
    below = {path for floor in (*FLOORS, "specs") for path in (ROOT / floor).rglob("*.py")}
    assert below == {*SHIPPED, *TESTS}


def test_specs_are_data():
    assert {path.suffix for path in (ROOT / "specs").rglob("*") if path.is_file()} <= {".yaml", ".json", ".md"}
