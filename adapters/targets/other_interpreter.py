"""Another interpreter than ours, asked what it has before anything runs in it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.version import Version

from ...cases.model.mistake import UserError
from ..common import inspection as _inspect
from ..contract import Target
from ..parent.wording import clean
from .find import Found
from .requirements import describe_missing, pip_packages

PYTHON, NUMPY = "3.11", "1.23"
"""The oldest in which a worker runs."""
PATIENCE = 60
"""Seconds that an interpreter is given to tell what it has."""


class UnknownTarget(UserError):
    """What was asked for is no target, and what there is instead."""


@dataclass(frozen=True)
class Elsewhere:
    """An interpreter by its absolute path, the modules it has of those that targets need, and the versions of what takes part.

    `release` is its own version, `records` and `stock` tell what is installed there, file by file and by name.
    """

    python: str
    modules: Collection[str]
    versions: Mapping[str, str]
    release: str = ""
    records: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stock: str = ""

    def taking_part(self, target: Target) -> dict[str, str]:
        """The versions of all that takes part in a target."""
        names = [names.split("|")[0] for names in target.all_distributions]
        return {name: self.versions[name] for name in names if name in self.versions}

    def missing(self, target: Target) -> str:
        """What a target lacks there, as the end of a sentence."""
        return describe_missing(target, self.modules.__contains__, self.versions)

    def having(self, pattern: str, targets: Collection[Target]) -> list[str]:
        """The names of those targets that have all they need there, or `UnknownTarget` where none has."""
        there = [target.name for target in targets if not self.missing(target)]
        if there:
            return there
        what = "; ".join(f"{target.name}: {self.missing(target)} (pip install {pip_packages(target)})" for target in targets)
        raise UnknownTarget(f"--target {pattern}: in {self.python}, {what}")


def inspect_interpreter(pattern: str, python: str, found: Iterable[Found]) -> Elsewhere:
    """What an interpreter has of all that targets need; `UnknownTarget` where no worker can run in it."""
    path, targets = find_interpreter(pattern, python), [each.target for each in found]
    modules = {"ml_dtypes", *(module for target in targets for module in target.modules)}
    distributions = {names for target in targets for names in target.all_distributions}
    told = query_interpreter(pattern, path, sorted(modules), sorted(distributions))
    if Version(told["python"]) < Version(PYTHON):
        raise UnknownTarget(f"--target {pattern}: {path} is Python {told['python']}; expected {PYTHON} or later")
    numpy = told["versions"].get("numpy")
    if numpy is None or Version(numpy) < Version(NUMPY):
        raise UnknownTarget(
            f"--target {pattern}: {path} has {f'NumPy {numpy}' if numpy else 'no NumPy'}; a worker needs NumPy {NUMPY} or later; "
            f"to install: {path} -m pip install 'numpy>={NUMPY}'"
        )
    return Elsewhere(path, frozenset(told["modules"]), told["versions"], told["python"], told["records"], told["stock"])


def find_interpreter(pattern: str, python: str) -> str:
    """The absolute path of an interpreter; links are kept, for a virtual environment's is one."""
    found = shutil.which(python)
    if found is None:
        raise UnknownTarget(f"--target {pattern}: {python!r} is not an executable program; expected a Python interpreter after the @")
    return str(Path(found).absolute())


def query_interpreter(pattern: str, python: str, modules: Collection[str], distributions: Collection[str]) -> dict[str, Any]:
    """What an interpreter says that it has, or `UnknownTarget` where it says nothing that can be read."""
    script = Path(_inspect.__file__).read_bytes()
    command = [python, "-", json.dumps(modules), json.dumps(distributions)]
    try:
        ended = subprocess.run(command, input=script, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603 as asked for
        said = ended.stderr or ended.stdout
        return dict(json.loads(ended.stdout))
    except (OSError, subprocess.TimeoutExpired) as error:
        said = str(error).encode()
    except ValueError:
        pass
    raise UnknownTarget(
        f"--target {pattern}: {python} does not work as a Python interpreter; expected Python {PYTHON} or later; its output:\n"
        f"{clean(said.decode(errors='replace')).strip()[-300:] or 'nothing'}"
    )
