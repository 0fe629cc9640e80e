"""A worker needs Python, NumPy and its framework, and nothing else of ours."""

import subprocess
import venv
from pathlib import Path

import numpy as np
import pytest

from poolparity.adapters import Ask
from poolparity.adapters._host import Job
from poolparity.adapters._launch import BOOT, ROOT
from poolparity.cases.pool import Pool


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    """An interpreter of a new environment that holds NumPy alone."""
    home = tmp_path_factory.mktemp("bare")
    venv.create(home, symlinks=True)
    [packages] = home.glob("lib/python*/site-packages")
    for folder in Path(np.__file__).parent.parent.glob("numpy*"):
        (packages / folder.name).symlink_to(folder)
    return home / "bin" / "python"


def test_the_oracle_runs_in_an_environment_that_holds_numpy_alone(bare, ask, found):
    assert "No module named 'yaml'" in subprocess.run([bare, "-c", "import yaml"], capture_output=True, text=True, check=False).stderr
    x = np.arange(16, dtype="float32").reshape(1, 1, 4, 4)
    call = found["numpy"].adapter.call(Ask(Pool(op="max_pool", kernel=(2, 2)), x.shape, "float32"))
    told, host = ask([Job("job", call, {"x": x})], "numpy", str(bare))
    assert told["job"].detail == ""
    assert told["job"].output.tolist() == [[[[5, 7], [13, 15]]]]
    assert host.versions == {"numpy": np.__version__}


def test_every_adapter_is_loaded_in_an_environment_that_holds_numpy_alone(bare, found):
    boot = BOOT.partition("from")[0]
    loads = "".join(f"import {where}\n" for where in sorted({each.where for each in found.values()}) if where.startswith("poolparity"))
    done = subprocess.run([bare, "-c", boot + loads, ROOT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_type_that_the_worker_lacks_is_no_refusal(bare, ask, found, good):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    call = good(0).call
    told, _ = ask([Job("bfloat16", call, {"x": np.zeros(2, ml_dtypes.bfloat16)}), good(0)], python=str(bare))
    assert told["bfloat16"].outcome == "crashes"
    assert "NumPy has no dtype bfloat16; it takes ml_dtypes beside it, which is not installed" in told["bfloat16"].detail
    assert told["good-0"].outcome == "accepts"
