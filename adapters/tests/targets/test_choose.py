"""Targets are chosen by name, pattern and interpreter; what cannot be had says why."""

import venv
from importlib import metadata
from pathlib import Path

import pytest

from poolparity.adapters import Adapter, Ask, Target, Unsupported
from poolparity.adapters.targets.choose import UnknownTarget, match_names, select_targets
from poolparity.adapters.targets.find import AdapterEntry
from poolparity.adapters.targets.groups import list_groups, split_into_families
from poolparity.adapters.targets.other_interpreter import NUMPY
from poolparity.adapters.targets.requirements import require_version
from poolparity.adapters.targets.version_names import versioned_names
from poolparity.cases.model.case import Case, Due
from poolparity.cases.model.inputs import arange
from poolparity.cases.model.pool import Pool


class Fast(Adapter):
    family = "fast"


class Slow(Adapter):
    variant_of = "jax"


TARGETS = {"torch": Fast(), "torch+compile": Fast(), "jax": Slow(), "t[x]": Slow()}
NAMES = {
    name: AdapterEntry(adapter, "", Target(name, (), (), groups=("small", "torch") if name == "jax" else ()))
    for name, adapter in TARGETS.items()
}


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["torch"], ["torch"]),
        (["t*"], ["torch", "torch+compile", "t[x]"]),
        (["?a?", "torch", "j*"], ["jax", "torch"]),
        (["t[x]"], ["t[x]"]),
        (["torch+*"], ["torch+compile"]),
        (["*" * 5000 + "x"], ["jax"]),
        (["*o" * 2 + "*"], ["torch+compile"]),
        (["fast"], ["torch", "torch+compile"]),
        (["small", "fast"], ["jax", "torch", "torch+compile"]),
    ],
)
def test_names_come_before_groups_and_groups_before_patterns(entries, patterns, names):
    selected_targets = select_targets(patterns, NAMES)
    assert [target.name for target in selected_targets] == names
    assert not any(target.interpreter for target in selected_targets)


def test_a_group_selects_its_targets_in_every_version():
    assert list_groups(NAMES) == {"fast": ["torch", "torch+compile"], "small": ["jax"]}
    assert match_names("fast", ["torch@2.13.0", "jax", "torch@2.4"], list_groups(NAMES)) == ["torch@2.13.0", "torch@2.4"]


def test_families_are_those_of_adapters_or_the_beginnings_of_names():
    names = ["onnxruntime", "keras-jax@3.15", "opencv", "mine+fast", "flax-nnx", "mine", "flax"]
    families = {"onnx": ["onnxruntime", "opencv"], "keras": ["keras-jax@3.15"], "mine": ["mine+fast", "mine"], "flax": ["flax-nnx", "flax"]}
    assert split_into_families(names) == families


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (
            "toch",
            "--target toch: no such target (did you mean torch?); expected one of torch, torch+compile, jax, t[x], a group (fast, small), or a pattern with * and ?",
        ),
        (
            "[tj]*",
            "--target [tj]*: no such target; expected one of torch, torch+compile, jax, t[x], a group (fast, small), or a pattern with * and ?",
        ),
        (
            "torch@/no/python",
            "--target torch@/no/python: '/no/python' is not an executable program; expected a Python interpreter after the @",
        ),
        ("torch@", "--target torch@: '' is not an executable program; expected a Python interpreter after the @"),
    ],
)
def test_what_is_no_target_says_what_there_is(pattern, reason):
    with pytest.raises(UnknownTarget) as error_info:
        select_targets([pattern], NAMES)
    assert str(error_info.value) == reason


@pytest.fixture
def interpreter(tmp_path):
    """Makes an interpreter that has nothing but distributions of some names and versions, each with a module of its name."""

    def make(**versions):
        home = tmp_path / f"python{len(list(tmp_path.iterdir()))}"
        venv.create(home, symlinks=True)
        [site] = home.glob("lib/python*/site-packages")
        for name, version in versions.items():
            (site / f"{name}.py").write_text(f"__version__ = {version!r}")
            info = site / f"{name}-{version}.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
        return str(home / "bin" / "python")

    return make


def test_a_target_in_another_interpreter_has_the_version_there_in_its_name(entries, interpreter, monkeypatch):
    python = Path(interpreter(torch="1.9", numpy="2.0"))
    monkeypatch.chdir(python.parent)
    [target] = select_targets(["torch@./python"], entries)
    assert (target.name, target.target.name, target.launch.python) == ("torch@1.9", "torch", str(python))
    assert target.versions == {"torch": "1.9", "numpy": "2.0"}


def test_two_interpreters_of_one_target_stand_side_by_side(entries, interpreter):
    old, new = (interpreter(torch=version, numpy="2.0") for version in ("1.9", "1.10"))
    assert [target.name for target in select_targets([f"torch@{old}", f"torch@{new}", f"torch@{old}", "numpy"], entries)] == [
        "torch@1.9",
        "torch@1.10",
        "numpy",
    ]


def test_a_pattern_means_what_is_installed_there(entries, interpreter):
    python = interpreter(keras="3.0", jax="0.4", torch="1.9", numpy="2.0")
    assert [target.name for target in select_targets([f"keras-*@{python}"], entries)] == [
        "keras-jax@3.0", "keras-torch@3.0", "keras-numpy@3.0",
    ]  # fmt: skip


def test_a_case_of_a_higher_tier_is_taken_by_a_target_that_was_asked_for_by_name(entries, interpreter):
    python = interpreter(torch="1.9", numpy="2.0")
    full = Case(id="a.yaml::b", pool=Pool(op="flatten"), input=arange([1, 1, 4], "float32"), due=Due(), tier="full")
    for pattern in (f"torch+compile@{python}", f"torch+*@{python}"):
        [target] = select_targets([pattern], entries)
        assert target.takes(full, [pattern])
        assert not target.takes(full)


@pytest.mark.parametrize(("tier", "tags", "is_taken"), [("smoke", (), True), ("core", (), False), ("core", ("slow_modes",), True)])
def test_without_being_selected_a_slow_mode_is_asked_its_tier_and_what_is_tagged_for_it(entries, tier, tags, is_taken):
    [target] = select_targets(["torch+compile"], entries)
    case = Case(id="a.yaml::b", pool=Pool(op="flatten"), input=arange([1, 1, 4], "float32"), due=Due(), tier=tier, tags=tags)
    assert target.takes(case) is is_taken


@pytest.mark.parametrize(("other_versions", "is_taken"), [({}, False), ({"ml_dtypes": "0.3"}, True)])
def test_a_type_that_numpy_must_be_lent_is_not_asked_for_where_nobody_lends_it(entries, interpreter, other_versions, is_taken):
    python = interpreter(torch="1.9", numpy="2.0", **other_versions)
    [target] = select_targets([f"torch@{python}"], entries)
    case = Case(id="a.yaml::b", pool=Pool(op="flatten"), input=arange([1, 1, 4], "bfloat16"), due=Due())
    assert target.takes(case) is is_taken
    assert target.limitation == ("" if is_taken else (
        "torch@1.9: cases of type bfloat16 skipped: module ml_dtypes is not installed there; to install: pip install ml_dtypes"
    ))  # fmt: skip


def test_what_came_later_cannot_be_asked_of_an_older_version(entries, interpreter):
    old, new = (
        select_targets([f"keras-jax@{interpreter(keras=version, jax='0.4', numpy='2.0')}"], entries)[0] for version in ("3.0.5", "3.13.0")
    )
    ask = Ask(Pool(op="adaptive_max_pool", output_size=(2, 2)), (1, 1, 4, 4), "float32")
    with pytest.raises(Unsupported) as error_info:
        require_version(old.adapter, ask, old.target)
    assert str(error_info.value) == "keras has keras.layers.AdaptiveMaxPooling2D since 3.13, and this is 3.0.5"
    require_version(new.adapter, ask, new.target)


def test_what_is_the_same_in_all_is_left_out_of_names():
    one, other = {"keras": "3.15", "jax": "0.4", "numpy": "2.0"}, {"keras": "3.15", "jax": "0.5", "numpy": "2.0"}
    assert versioned_names([("keras-jax", one), ("keras-jax@old", other)]) == ["keras-jax@3.15,jax=0.4", "keras-jax@3.15,jax=0.5"]


def test_interpreters_that_nothing_tells_apart_are_refused(entries, interpreter):
    one, other = (interpreter(torch="1.9", numpy="2.0") for _ in range(2))
    assert refusal_of(entries, f"torch@{one}", f"torch@{other}") == (
        f"--target torch@{one} and --target torch@{other}: both have torch 1.9, numpy 2.0, so their rows could not be distinguished; "
        "expected interpreters with different versions"
    )


def test_a_pattern_of_many_stars_takes_no_longer_than_one_star(entries):
    message = refusal_of(entries, "*t" * 5000)
    assert "no such target" in message


def refusal_of(entries, *patterns):
    with pytest.raises(UnknownTarget) as error_info:
        select_targets(patterns, entries)
    return str(error_info.value)


@pytest.mark.parametrize(
    ("pattern", "other_modules", "reason"),
    [
        ("torch", {"numpy": "2.0"}, "in {python}, torch: module torch is not installed (pip install torch)"),
        ("keras-j*", {"keras": "3.0", "numpy": "2.0"},
         "in {python}, keras-jax: module jax is not installed (pip install 'keras>=3' jax)"),
        ("keras-*", {"keras": "2.15", "jax": "0.4", "numpy": "2.0"},
         ("in {python}, keras-tensorflow: module tensorflow is not installed (pip install 'keras>=3' tensorflow); "
         "keras-jax: keras is 2.15, but 3 or later is required (pip install 'keras>=3' jax); "
         "keras-torch: module torch is not installed (pip install 'keras>=3' torch); "
         "keras-numpy: keras is 2.15, but 3 or later is required (pip install 'keras>=3' jax); "
         "keras-openvino: modules openvino and scipy are not installed (pip install 'keras>=3' openvino scipy); "
         "keras-tensorflow+onnx: modules tensorflow and tf2onnx and onnx and onnxruntime are not installed "
         "(pip install 'keras>=3' tensorflow tf2onnx onnx onnxruntime); "
         "keras-torch+onnx: modules torch and onnxscript and onnx and onnxruntime are not installed "
         "(pip install 'keras>=3' torch onnxscript onnx onnxruntime)")),
        ("torch", {"torch": "1.9"}, "{python} has no NumPy; {needed}"),
        ("torch", {"torch": "1.9", "numpy": "1.22.4"}, "{python} has NumPy 1.22.4; {needed}"),
    ],
)  # fmt: skip
def test_an_interpreter_in_which_no_worker_can_run_says_what_it_lacks(entries, interpreter, pattern, other_modules, reason):
    python = interpreter(**other_modules)
    needed = f"a worker needs NumPy {NUMPY} or later; to install: {python} -m pip install 'numpy>={NUMPY}'"
    assert refusal_of(entries, f"{pattern}@{python}") == f"--target {pattern}@{python}: {reason.format(python=python, needed=needed)}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "echo old; echo dear me >&2; exit 1",
            " does not work as a Python interpreter; expected Python 3.11 or later; its output:\ndear me",
        ),
        ("true", " does not work as a Python interpreter; expected Python 3.11 or later; its output:\nnothing"),
        ("""echo '{"python": "3.8.2", "modules": [], "versions": {}}'""", " is Python 3.8.2; expected 3.11 or later"),
    ],
)
def test_what_is_no_python_says_what_it_said(entries, tmp_path, text, reason):
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o700)
    assert refusal_of(entries, f"torch@{program}") == f"--target torch@{program}: {program}{reason}"


def test_the_versions_are_those_of_our_interpreter(entries):
    assert select_targets(["numpy"], entries)[0].versions == {"numpy": metadata.version("numpy")}
