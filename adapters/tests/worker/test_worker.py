"""A worker needs Python, NumPy and its framework, and nothing else of ours."""

import subprocess
import venv
from pathlib import Path

import numpy as np
import pytest

from poolparity.adapters import Ask, Call, Ref, Step
from poolparity.adapters.parent.host import Job
from poolparity.adapters.parent.launch import BOOT, ROOT
from poolparity.cases.model.pool import Pool


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    """An interpreter of a new environment that holds NumPy alone."""
    home = tmp_path_factory.mktemp("bare")
    venv.create(home, symlinks=True)
    [packages] = home.glob("lib/python*/site-packages")
    for folder in Path(np.__file__).parent.parent.glob("numpy*"):
        (packages / folder.name).symlink_to(folder)
    return home / "bin" / "python"


def test_the_oracle_runs_in_an_environment_that_holds_numpy_alone(bare, ask, entries):
    assert "No module named 'yaml'" in subprocess.run([bare, "-c", "import yaml"], capture_output=True, text=True, check=False).stderr
    x = np.arange(16, dtype="float32").reshape(1, 1, 4, 4)
    call = entries["numpy"].adapter.call(Ask(Pool(op="max_pool", kernel=(2, 2)), x.shape, "float32"))
    answers, host = ask([Job("job", call, {"x": x})], "numpy", str(bare))
    assert answers["job"].detail == ""
    assert answers["job"].output.tolist() == [[[[5, 7], [13, 15]]]]
    assert host.versions == {"numpy": np.__version__}


def test_every_adapter_is_loaded_in_an_environment_that_holds_numpy_alone(bare, entries):
    boot = BOOT.partition("from")[0]
    loads = "".join(
        f"import {location}\n" for location in sorted({entry.where for entry in entries.values()}) if location.startswith("poolparity")
    )
    process = subprocess.run([bare, "-c", boot + loads, ROOT], capture_output=True, text=True, check=False)
    assert (process.returncode, process.stderr) == (0, "")


def test_a_type_that_the_worker_lacks_is_no_refusal(bare, ask, entries, good):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    call = good(0).call
    answers, _ = ask([Job("bfloat16", call, {"x": np.zeros(2, ml_dtypes.bfloat16)}), good(0)], python=str(bare))
    assert answers["bfloat16"].outcome == "crashes"
    assert "NumPy has no dtype bfloat16, and module ml_dtypes is not installed" in answers["bfloat16"].detail
    assert answers["good-0"].outcome == "accepts"


def test_of_a_shape_sizes_that_are_unknown_are_minus_one(ask):
    steps = Step("pick", "operator.itemgetter", (0, 1, 2, 3)), Step("inferred_shape", "pick", ([2, None, "batch", 0],))
    answers, _ = ask([Job("shape", Call(steps, results=("inferred_shape",)), {"x": np.zeros(1)})])
    assert (answers["shape"].output, answers["shape"].extra["inferred_shape"].tolist()) == (None, [2, -1, -1, 0])


def test_further_arrays_and_results_are_moved_by_their_names(ask):
    steps = (Step(("y", "indices"), "numpy.broadcast_arrays", (Ref("x"), Ref("cotangent"))),)
    call = Call(steps, {"cotangent": (1, 2), "y": (2, 0)}, ("y", "indices"))
    x, cotangent = np.zeros((1, 2, 3)), np.arange(6).reshape(1, 3, 2)
    answers, _ = ask([Job("moved", call, {"x": x, "cotangent": cotangent})])
    assert (answers["moved"].output.shape, answers["moved"].extra["indices"].tolist()) == ((3, 1, 2), np.moveaxis(cotangent, 1, 2).tolist())
