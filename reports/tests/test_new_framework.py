"""A framework that is added as one folder appears everywhere, without a change outside that folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ADAPTER = '''
"""Boxes: NumPy's maxima over whole planes, as if they were a framework."""

from __future__ import annotations

from ...contract import OPEN, Adapter, Feature, Form, Gap, Target
from ...contract.random_values import choice
from .layers import LAYERS


class Boxes(Adapter):
    """Functions called on an array, over the spatial axes."""

    title = "Boxes"
    aliases = ("box",)
    environment_prefixes = ("BOXED_",)
    targets = (Target("boxes", ("numpy",), ("numpy",), "boxes"),)
    forms = {"global_max_pool": Form("numpy.max", {"keepdims": "keepdims"}, axes="axis", required=("keepdims",))}
    gaps = (
        Gap("global_max_pool*", Feature("keepdims", OPEN), "boxes do not guess", "numpy.max(x, keepdims=guess)"),
        *(Gap(f"{op}*", "op", "boxes have no windows", "numpy.window(x)") for op in ("max_pool", "avg_pool", "lp_pool", "conv", "flatten", "input")),
        *(Gap(f"{op}*", "op", "boxes have no windows", "numpy.window(x)") for op in ("global_avg", "global_lp", "adaptive", "fractional", "max_unpool", "upsample")),
    )
    layers = LAYERS
    random_values = {"padding": choice("none", "around")}


ADAPTER = Boxes()
'''
LAYERS = '''
"""The layers of Boxes."""

from __future__ import annotations

from ....cases.model.layers import make_layers
from ....cases.model.pool import FIRST

LAYERS = make_layers("boxes", FIRST, {"size": "kernel", "step": "stride", "border": "padding", "keepdims": "keepdims"}, {
    "boxes.Window(size, step=None, border='none')": ("max_pool", 2),
    "boxes.Peak1d(keepdims=True)": ("global_max_pool", 1),
}, words={"padding": {"none": "valid", "around": "same"}})
'''
KNOWN = """
- case: specs/global_max_pool/shape.yaml::no_such_case
  target: boxes
  attribute: values
  answer: [[[1]]]
  why: It is there to be found.
  measured: 2026-11-20
"""
SPEC = """
about: The maximum of a plane.
op: global_max_pool
cases:
  four_cells:
    about: The largest of four cells.
    input: [[[1, 4, 2, 3]]]
    pool: {keepdims: true}
    output: [[[4]]]
  by_name:
    about: The same, as people write it.
    input: [[[1, 4, 2, 3]]]
    layer: boxes.Peak1d()
    output: [[[4]]]
"""
QUESTIONS = """
import json
import sys
from itertools import islice
from pathlib import Path
import poolparity.reports
from poolparity.adapters.ledger.ledger import OWN_LEDGER, read_ledger
from poolparity.adapters.targets.cache_key import target_build
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets, layers_of
from poolparity.cases.model.layers import parse_layer
from poolparity.reports.port.table import list_frameworks
sys.path.append(str(Path(poolparity.reports.__file__).parent / "tests"))
from support.random_layers import draw_texts

found = find_targets()
adapter = found["boxes"].adapter
random = list(islice(draw_texts(adapter, 0), 50))
known = layers_of(found)
padding = parse_layer("boxes.Window(2, border='around')", known).full_pool.padding
build = target_build(select_targets(["boxes"], found)[0], {"BOXED_IN": "1", "OTHER": "1"})
print(json.dumps({
    "targets": list(found),
    "layers": [name for name in known if name.startswith("boxes.")],
    "padding": padding,
    "pair table": list_frameworks(found),
    "ledger": [entry.where for entry in read_ledger(OWN_LEDGER).entries if entry.target == "boxes"],
    "random": sorted({each.text.partition("(")[0] for each in random}),
    "random paddings": sorted({word for word in ("none", "around") for each in random if repr(word) in each.text}),
    "environment": build["environment"],
}))
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs Python where the package has one more folder: everything else is linked to."""
    place = tmp_path_factory.mktemp("overlay")
    package = place / "poolparity"
    frameworks = package / "adapters" / "frameworks"
    frameworks.mkdir(parents=True)
    for folder, leave in ((ROOT, {"adapters"}), (ROOT / "adapters", {"frameworks"}), (ROOT / "adapters" / "frameworks", set())):
        into = package / folder.relative_to(ROOT)
        for path in folder.iterdir():
            if path.name not in leave and not path.name.startswith((".", "__pycache__")):
                (into / path.name).symlink_to(path)
    boxes = frameworks / "boxes"
    boxes.mkdir()
    for name, text in {"__init__.py": '"""Boxes."""\n', "adapter.py": ADAPTER, "layers.py": LAYERS, "known.yaml": KNOWN}.items():
        (boxes / name).write_text(text.lstrip(), encoding="utf-8")
    (place / "spec.yaml").write_text(SPEC.lstrip(), encoding="utf-8")
    (package / ".ci").symlink_to(ROOT / ".ci")
    environment = {**os.environ, "PYTHONPATH": str(place), "XDG_CACHE_HOME": str(place / "cache")}

    def run(*arguments):
        return subprocess.run([sys.executable, *arguments], cwd=place, env=environment, capture_output=True, text=True, timeout=300)

    return run


@pytest.fixture(scope="module")
def answers(run):
    process = run("-c", QUESTIONS)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


def command(run, *arguments):
    return run("-c", "from poolparity.reports.cli import main; main()", *arguments)


def test_its_target_is_found_with_its_layers_and_their_words(answers):
    assert "boxes" in answers["targets"]
    assert answers["layers"] == ["boxes.Window", "boxes.Peak1d"]
    assert answers["padding"] == "same"


def test_it_is_in_the_table_of_pairs_by_its_alias(answers):
    own = ["eqx", "flax", "hk", "jax", "keras", "mlx", "onnx", "paddlepaddle", "tensorflow", "tinygrad", "torch"]
    assert answers["pair table"] == ["box", *own]


def test_its_ledger_is_read(answers):
    assert [location.rpartition("/")[2] for location in answers["ledger"]] == ["known.yaml:1"]


def test_its_layers_are_drawn_at_random_with_its_own_values(answers):
    assert answers["random"] == ["boxes.Peak1d", "boxes.Window"]
    assert answers["random paddings"] == ["around", "none"]


def test_its_environment_variables_are_part_of_the_key_of_the_answer_cache(answers):
    assert answers["environment"]["BOXED_IN"] == "1"
    assert "OTHER" not in answers["environment"]


def test_it_runs_specs_and_its_ledger_is_checked(run):
    process = command(run, "run", "spec.yaml", "--target", "boxes", "--target", "numpy")
    assert "boxes: 2 cases, 0 unexpected" in process.stderr, process.stdout + process.stderr
    assert "known.yaml:1: no case matches specs/global_max_pool/shape.yaml::no_such_case" in process.stderr
    assert process.returncode == 1


def test_layers_are_moved_to_it_and_from_it(run):
    process = command(run, "port", "boxes.Peak1d()", "--to", "numpy", "--input", "1,1,4", "--json")
    assert process.returncode == 0, process.stdout + process.stderr
    process = command(run, "port", "boxes.Peak1d()", "--to", "box", "--input", "1,1,4", "--json")
    assert json.loads(process.stdout)["ports"][0]["to"] == "boxes", process.stderr


def test_a_wrong_destination_names_it(run):
    process = command(run, "port", "boxes.Peak1d()", "--to", "bogus", "--input", "1,1,4")
    assert process.returncode == 2
    assert "box, boxes, " in process.stderr


def test_the_table_of_the_readme_has_it(run):
    process = run(str(ROOT / ".ci" / "frameworks.py"), "--print")
    assert "| Boxes | `boxes` | `boxes` |\n" in process.stdout, process.stderr
