"""What the page on clusters has others run is what Dask takes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

PAGE = (Path(__file__).parents[2] / "CLUSTER.md").read_text(encoding="utf-8")


def blocks(language):
    """The fenced blocks of the page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_commands_for_kubernetes_are_those_of_dask():
    pytest.importorskip("distributed", reason="distributed is not installed; to install: pip install 'poolparity[cluster]'")
    from distributed.cli import dask_scheduler, dask_worker

    spec = yaml.safe_load(blocks("yaml")[0])["spec"]
    parameters = {}
    for kind, command in (("worker", dask_worker.main), ("scheduler", dask_scheduler.main)):
        [container] = spec[kind]["spec"]["containers"]
        program, name, *arguments = container["args"]
        assert (program, name) == ("dask", kind)
        parameters |= command.make_context(name, arguments).params
    assert parameters["nthreads"] == 1
    assert parameters["host"] == "0.0.0.0"


@pytest.mark.process
def test_the_script_for_slurm_starts_eight_workers_of_one_thread(tmp_path):
    pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is not installed; to install: pip install dask-jobqueue")
    [code] = [block for block in blocks("python") if "SLURMCluster" in block]
    assert "cluster.scale(" in code
    (tmp_path / "job.py").write_text(f"{code.partition('cluster.scale(')[0]}print(cluster.job_script())\n")
    ended = subprocess.run([sys.executable, "job.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert "--nthreads 1 " in ended.stdout
    assert "--nworkers 8 " in ended.stdout
    assert "--cpus-per-task=8" in ended.stdout
