"""Adapters are found wherever they are, and what cannot be used says why."""

import sys
from pathlib import Path

import numpy as np
import pytest

from poolparity.adapters import Target
from poolparity.adapters.common.loading import FRAMEWORKS, BadAdapter
from poolparity.adapters.targets.find import AdapterWarning, find_targets, install_advice, is_installed, layers_of, missing_requirements

ADAPTER = """
from poolparity.adapters import Adapter, Target
class Mine(Adapter):
    targets = ({targets},)
ADAPTER = Mine()
"""


@pytest.fixture
def write_adapter(tmp_path):
    """Writes an adapter file that has a target of this name."""

    def write(name: str, target: str = "mine", text: str = ADAPTER) -> Path:
        path = tmp_path / f"{name}.py"
        path.write_text(text.replace("{targets}", f"Target({target!r}, (), ())"))
        return path

    yield write
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) and Path(module.__file__).is_relative_to(tmp_path):
            del sys.modules[name]


@pytest.fixture
def entry(monkeypatch, tmp_path):
    """Installs a distribution that has this module as its adapter."""

    def install(module: str, text: str) -> None:
        folder = tmp_path / "site"
        info = folder / "somebody-1.dist-info"
        info.mkdir(parents=True)
        (folder / f"{module}.py").write_text(text)
        (info / "METADATA").write_text("Name: somebody\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[poolparity.adapters]\ntheirs = {module}\n")
        monkeypatch.syspath_prepend(str(folder))

    return install


def test_ours_are_found_by_listing_the_folder(entries):
    framework_names = {path.parent.name for path in FRAMEWORKS.glob("*/adapter.py")}
    assert {entry.where.split(".")[-2] for entry in entries.values() if entry.where.startswith("poolparity")} == framework_names
    assert {"numpy", "torch"} <= set(entries)
    assert entries["torch"].target.name == "torch"


def test_finding_imports_no_framework(run_fresh):
    frameworks = "{'torch', 'tensorflow', 'keras', 'jax', 'flax', 'onnx', 'onnxruntime'}"
    code = "from poolparity.adapters.targets.find import *; found = find_targets(); [is_installed(each.target) for each in found.values()]"
    assert run_fresh(f"{code}; import sys; print({frameworks} & set(sys.modules))") == "set()"


def test_a_file_is_loaded_as_if_it_lay_in_the_folder(write_adapter):
    path = write_adapter("somebody_s")
    entry = find_targets([path])["mine"]
    assert entry.where == str(path)
    assert entry.adapter.framework == "somebody_s"


def test_an_entry_point_names_a_module(entry):
    entry("theirs", ADAPTER.replace("{targets}", "Target('theirs', (), ())"))
    assert find_targets()["theirs"].where == "theirs"


def test_a_broken_entry_point_is_reported_and_stops_nobody(entry):
    entry("theirs_broken", "import no_such_module")
    with pytest.warns(AdapterWarning, match=r"entry point theirs of poolparity.adapters skipped: theirs_broken: ModuleNotFoundError: No"):
        assert "numpy" in find_targets()


BROKEN = {
    "import no_such_module": "ModuleNotFoundError: No module named 'no_such_module'; expected a file that defines ADAPTER",
    "ADAPTER = (": "SyntaxError: '(' was never closed",
    "": "ADAPTER is of type NoneType; expected an instance of a subclass of poolparity.adapters.Adapter",
    "from poolparity.adapters import Adapter as ADAPTER": "ADAPTER is of type type; expected an instance",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_file_that_cannot_be_used_says_why(write_adapter, text):
    path = write_adapter("broken", text=text)
    with pytest.raises(BadAdapter) as error_info:
        find_targets([path])
    assert str(error_info.value).startswith(f"{path}: {BROKEN[text]}")


def test_a_file_that_is_not_there_is_reported():
    with pytest.raises(BadAdapter, match=r"/no/such.py: FileNotFoundError"):
        find_targets(["/no/such.py"])


@pytest.mark.parametrize(
    ("name", "target", "reason"),
    [
        ("torch", "mine", "the name torch is in use by another adapter or package; expected another file name"),
        ("not-a-name", "mine", "invalid name 'not-a-name': expected a Python identifier before .py"),
        ("clash", "torch", "poolparity.adapters.frameworks.torch.adapter already defines the target torch; expected another name"),
        ("brackets", "mine[x]", r"invalid target name 'mine[x]': expected letters, digits, and any of _ . + -"),
        ("at", "mine@home", r"invalid target name 'mine@home': expected letters, digits, and any of _ . + -"),
    ],
)
def test_names_must_be_names_and_their_own(write_adapter, name, target, reason):
    path = write_adapter(name, target)
    with pytest.raises(BadAdapter) as error_info:
        find_targets([path])
    assert str(error_info.value) == f"{path}: {reason}"


def test_two_files_of_one_name_are_refused(write_adapter, tmp_path):
    first = write_adapter("same")
    (tmp_path / "other").mkdir()
    second = first.rename(tmp_path / "other" / "same.py")
    first = write_adapter("same", "another")
    with pytest.raises(BadAdapter, match="the name same is in use by another adapter"):
        find_targets([first, second])


def test_layers_of_all_adapters_are_known(entries):
    assert {"torch.nn.MaxPool2d", "torch.nn.AvgPool1d"} <= set(layers_of(entries))


def test_what_is_missing_is_reported_with_how_to_add_it(tmp_path, monkeypatch):
    (tmp_path / "mere_folder").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    target = Target("some", ("sys", "no_such_module", "mere_folder"), ("some-dist|other-dist",), "extra")
    assert missing_requirements(target) == "modules no_such_module and mere_folder are not installed"
    assert not is_installed(target)
    assert (
        install_advice(target)
        == "some skipped: modules no_such_module and mere_folder are not installed; to install: pip install 'poolparity[extra]'"
    )
    old = Target("some", ("numpy",), ("numpy",), least={"numpy": "99"})
    assert (
        install_advice(old) == f"some skipped: numpy is {np.__version__}, but 99 or later is required; to install: pip install 'numpy>=99'"
    )
    assert install_advice(Target("some", ("no_such_module",), ("some-dist|other-dist",))).endswith("pip install some-dist")


@pytest.mark.parametrize(
    ("module", "missing"), [("poolparity_space.inner", ""), ("poolparity_space.other", "module poolparity_space.other is not installed")]
)
def test_a_folder_without_an_init_file_counts_for_the_modules_in_it(tmp_path, monkeypatch, module, missing):
    (tmp_path / "poolparity_space").mkdir()
    (tmp_path / "poolparity_space" / "inner.py").write_text("raise RuntimeError\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert missing_requirements(Target("mine", (module,), ())) == missing
