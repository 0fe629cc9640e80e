"""Processor seconds of a run on the fifteen targets of the extra `all`, with empty caches, and then with compiled programs but no answers."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from figures import record

COMMAND = [sys.executable, "-c", "from poolparity.reports.cli import main; main()", "run"]
TARGETS = (
    "flax", "flax-nnx", "jax", "jax+jit", "keras-tensorflow", "keras-jax", "keras-torch", "numpy", "onnx-reference", "onnxruntime",
    "tensorflow", "tensorflow+function", "tensorflow+xla", "torch", "torch+compile",
)  # fmt: skip
"""The targets that the anchor was measured on, whatever else is installed."""


def whole_run(tier):
    with tempfile.TemporaryDirectory() as folder:
        first = processor_seconds(tier, folder)
        for file in Path(folder).rglob("rows-*.sqlite"):
            file.unlink()
        with_cache = processor_seconds(tier, folder)
    record({"processor seconds of a first run": first, "processor seconds of a run with compiled programs": with_cache})


def processor_seconds(tier, folder):
    """Processor seconds of a run and all its workers, with its caches in a folder."""
    arguments = ["--tier", tier, *(part for name in TARGETS for part in ("--target", name))]
    process = subprocess.Popen([*COMMAND, *arguments], env={**os.environ, "XDG_CACHE_HOME": folder}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 1), "the run did not come to its end"
    return usage.ru_utime + usage.ru_stime
