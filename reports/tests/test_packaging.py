"""What a wheel brings, and what it leaves alone: built as a release is, installed where nothing of ours is."""

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from email import message_from_string
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

pytest.importorskip("build", reason="building needs the extra dev")

ROOT = Path(__file__).parents[2]
FLOORS = ("adapters", "cases", "reports", "specs")
LEFT = shutil.ignore_patterns(
    ".git", ".tox", ".venv*", ".*_cache", ".hypothesis", "build", "dist", "*.egg-info", "__pycache__", "*.pyc", "*.html", "*.jsonl"
)


CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}


def run(*command, cwd):
    return subprocess.run(command, cwd=cwd, env=CLEAN, capture_output=True, text=True, timeout=300)


def files(folder):
    """The files below a folder that are shipped: not tests, caches, the README's picture, and pages for contributors beside the code."""
    suffixes_left_out = {".png"} if folder.name == "specs" else {".png", ".md"}
    below = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.suffix not in suffixes_left_out)
    return {path.as_posix() for path in below if not {"tests", "__pycache__"} & set(path.parts)}


def requirements(names, visited_names=frozenset()):
    """The distributions here that others need, and what those need in turn."""
    for name in names:
        if name not in visited_names:
            needs = map(Requirement, metadata.requires(name) or ())
            visited_names = requirements(
                [need.name for need in needs if not need.marker or need.marker.evaluate({"extra": ""})], visited_names | {name}
            )
    return visited_names


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel made from a source distribution made from a copy of the checkout."""
    source = tmp_path_factory.mktemp("release") / "checkout"
    shutil.copytree(ROOT, source, symlinks=True, ignore=LEFT)
    process = run(sys.executable, "-m", "build", "--no-isolation", cwd=source)
    assert process.returncode == 0, process.stdout + process.stderr
    [wheel] = (source / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def source_names(wheel):
    """The files of the source distribution that the wheel was made from."""
    [archive] = wheel.parent.glob("*.tar.gz")
    with tarfile.open(archive) as archive_file:
        return {name.partition("/")[2] for name in archive_file.getnames()}


@pytest.fixture(scope="module")
def home(tmp_path_factory, wheel):
    """An environment with the wheel and what it depends on, and nothing else: no framework, none of the checkout.

    The wheel is installed by pip; the dependencies are the ones installed here, lent by links.
    """
    home = tmp_path_factory.mktemp("home")
    venv.create(home, with_pip=False, symlinks=True)
    process = run(
        sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install", "--no-deps", "--no-index", str(wheel), cwd=home
    )
    assert process.returncode == 0, process.stdout + process.stderr
    lent_folder = home / "lent"
    lent_folder.mkdir()
    metadata_text = message_from_string(zipfile.ZipFile(wheel).read(f"{wheel.name.rsplit('-', 3)[0]}.dist-info/METADATA").decode())
    needs = [Requirement(text) for text in metadata_text.get_all("Requires-Dist")]
    for name in requirements([need.name for need in needs if "extra" not in str(need.marker)]):
        lend(metadata.distribution(name), lent_folder)
    (packages(home) / "lent.pth").write_text(f"{lent_folder}\n", encoding="utf-8")
    return home


def lend(distribution, folder):
    """Link what a distribution installed."""
    for top in {file.parts[0] for file in distribution.files if file.parts[0] not in ("..", "__pycache__")}:
        link = folder / top
        if not link.exists():
            link.symlink_to(distribution.locate_file(top))


def packages(home):
    """The environment's site-packages."""
    return home / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


@pytest.fixture
def stranger(tmp_path):
    """A project that knows nothing of us, with YAML files of its own."""
    (tmp_path / "data").mkdir()
    (tmp_path / "docker-compose.yaml").write_text("services: {web: {image: web}}\n", encoding="utf-8")
    (tmp_path / "data" / "cases.yaml").write_text("cases: [1, 2]\n", encoding="utf-8")
    (tmp_path / "data" / "broken.yml").write_text("{\n", encoding="utf-8")
    (tmp_path / "test_own.py").write_text(
        "import sys\n\ndef test_own():\n    assert not {'numpy', 'pandas', 'yaml', 'jinja2'} & set(sys.modules)\n", encoding="utf-8"
    )
    return tmp_path


def pytest_in(home, project, *arguments):
    return run(str(home / "bin" / "python"), "-m", "pytest", *arguments, cwd=project)


def test_the_wheel_holds_the_floors_without_their_tests_and_nothing_else(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == {f"poolparity/{floor}/{name}" for floor in FLOORS for name in files(ROOT / floor)}
    assert {
        "poolparity/specs/schema.json",
        "poolparity/specs/rows.schema.json",
        "poolparity/reports/plugin/__init__.py",
        "poolparity/cases/py.typed",
    } <= names
    assert [name for name in names if name.startswith("poolparity/adapters/frameworks/") and name.endswith("/known.yaml")]


def test_the_source_distribution_holds_what_testing_it_takes(source_names):
    assert {"conftest.py", "tox.ini", "constraints.txt", "README.md", "CONTRIBUTING.md", "LICENSE", ".ci/run"} <= source_names
    assert {
        f"{path.relative_to(ROOT).as_posix()}" for floor in FLOORS for path in (ROOT / floor / "tests").rglob("test_*.py")
    } <= source_names


def test_only_poolparity_lands_in_site_packages(home):
    assert {path.name.partition("-")[0] for path in packages(home).iterdir()} == {"poolparity", "lent.pth"}


def test_the_command_runs_what_is_there_and_says_what_is_not(home, tmp_path):
    process = run(str(home / "bin" / "poolparity"), "run", "--report", "report.html", cwd=tmp_path)
    assert process.returncode == 0, process.stdout + process.stderr
    assert "poolparity[torch]" in process.stderr
    assert "torch" in process.stderr
    assert "</html>" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_installed_specs_have_no_mistakes(home, tmp_path):
    process = run(str(home / "bin" / "poolparity"), "check", str(packages(home) / "poolparity" / "specs" / "documents"), cwd=tmp_path)
    assert (process.returncode, process.stdout.strip()) == (0, "no mistakes"), process.stdout + process.stderr


def test_help_names_every_command(home, tmp_path):
    process = run(str(home / "bin" / "poolparity"), "--help", cwd=tmp_path)
    assert process.returncode == 0
    assert all(command in process.stdout for command in ("run", "check", "list", "report"))


def test_a_stranger_s_pytest_collects_none_of_his_yaml_and_loads_nothing(home, stranger):
    process = pytest_in(home, stranger)
    assert process.returncode == 0, process.stdout + process.stderr
    assert "plugins: poolparity" in process.stdout
    assert "1 passed" in process.stdout
    assert "targets" not in process.stdout


def test_a_stranger_s_pytest_collects_what_is_configured(home, stranger):
    specs = stranger / "specs"
    specs.mkdir()
    (specs / "own.yaml").write_text(
        "about: A maximum.\nop: max_pool\ncases:\n  pair:\n    input: [[[1, 2]]]\n    pool: {kernel: [2]}\n    output: [[[2]]]\n",
        encoding="utf-8",
    )
    (stranger / "pytest.ini").write_text("[pytest]\npoolparity_specs = specs\n", encoding="utf-8")
    process = pytest_in(home, stranger, "--collect-only", "-q")
    assert process.returncode == 0, process.stdout + process.stderr
    assert process.stdout.split()[:2] == ["specs/own.yaml::pair::numpy", "test_own.py::test_own"]
    assert pytest_in(home, stranger, "specs").returncode == 0
