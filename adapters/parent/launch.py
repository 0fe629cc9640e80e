"""How the worker of a target is started, and what it finds in its environment."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..common.packing import pack_steps
from ..contract import PYTHON, Target
from .compile_cache import compile_variables

ADAPTERS = __package__.rpartition(".")[0]

DEFAULTS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}
"""What workers are told unless the environment says otherwise: several share the machine, quietly."""

BOOT = f"""\
import sys
sys.path[:] = [place for place in sys.path if place]  # else a file where we stand could pass for a module
root = sys.modules["poolparity"] = type(sys)("poolparity")
root.__path__ = [sys.argv[1]]
from {ADAPTERS}.worker.guard import start_guard
start_guard(sys.argv[3:])
if sys.argv[2]:
    import os
    os.execvp(sys.argv[2], [sys.argv[2], sys.argv[1] + "/adapters/worker/" + sys.argv[2] + "/worker.js"])
from {ADAPTERS}.worker.main import main
main()
"""
"""What the interpreter of a worker runs: the worker, or in its place the program of a worker in another language."""
PROGRAMS, THEIR_VERSIONS = "a folder of poolparity's cache", "versions"
"""What the header says of the folder of compiled programs, and of the one inside it for the versions of the framework."""
ROOT = str(Path(__file__).parents[2])


@dataclass(frozen=True)
class Launch:
    """How to start the worker of a target: its adapter's module or file, the interpreter, and a folder's name for its versions."""

    target: Target
    adapter: str
    python: str
    versions: str = ""

    def setup(self) -> dict[str, Any]:
        """The first message to the worker: which target it is to be; for a worker in another language, what that needs, as data."""
        name = {"adapter": self.adapter, "target": self.target.name}
        if self.target.program == PYTHON:
            return name
        return {**name, "distributions": self.target.distributions, "prepare": pack_steps((*self.target.prepare, *self.target.warm))}


def environment_of(target: Target, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a target's workers, made of the parent's."""
    return {**DEFAULTS, **environment, **target.environment}


def flags_of(target: Target, environment: Mapping[str, str]) -> dict[str, str]:
    """What is set there on purpose, for the header of a report, and how many cases share a program."""
    programs = compile_variables(target.compile_cache, PROGRAMS, THEIR_VERSIONS)
    variables = environment_of(target, {**programs, **environment})
    flags = {name: variables[name] for name in (*DEFAULTS, *programs, *target.environment)} | {"KERAS_HOME": "an empty folder"}
    return {**flags, "cases in one program": str(target.together)} if target.together > 1 else flags


def start(launch: Launch, environment: Mapping[str, str], folders: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start a worker, in a session of its own so that all it starts can be killed with it; OSError if that fails.

    Its guard removes the `folders` if this process dies first.
    """
    pipe, surroundings = subprocess.PIPE, environment_of(launch.target, environment)
    program = "" if launch.target.program == PYTHON else launch.target.program
    command = [launch.python, "-c", BOOT, ROOT, program, *folders]
    return subprocess.Popen(command, 0, None, pipe, pipe, pipe, env=surroundings, start_new_session=True)  # noqa: S603 as asked for
