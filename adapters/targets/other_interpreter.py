"""Other interpreters than ours: what is installed there is queried before a worker runs in it."""

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
from .find import AdapterEntry
from .requirements import describe_missing, pip_packages

PYTHON, NUMPY = "3.11", "1.23"
"""The oldest versions in which a worker runs."""
PATIENCE = 60
"""The time limit of that query, in seconds."""


class UnknownTarget(UserError):
    """A pattern selects no target that can run."""


@dataclass(frozen=True)
class OtherInterpreter:
    """An interpreter: its absolute path, which of the targets' modules it has, and the versions of their distributions.

    `release` is its own version. `records` and `stock` are the file records and the digest of what is installed there.
    """

    python: str
    modules: Collection[str]
    versions: Mapping[str, str]
    release: str = ""
    records: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stock: str = ""

    def versions_for(self, target: Target) -> dict[str, str]:
        """The versions of a target's distributions and of NumPy."""
        names = [names.split("|")[0] for names in target.all_distributions]
        return {name: self.versions[name] for name in names if name in self.versions}

    def missing_parts(self, target: Target) -> str:
        """What a target needs that is not installed there, as the end of a sentence."""
        return describe_missing(target, self.modules.__contains__, self.versions)

    def installed_targets(self, pattern: str, targets: Collection[Target]) -> list[str]:
        """The names of the targets that can run there; raises `UnknownTarget` if there are none."""
        installed_names = [target.name for target in targets if not self.missing_parts(target)]
        if installed_names:
            return installed_names
        problems = "; ".join(f"{target.name}: {self.missing_parts(target)} (pip install {pip_packages(target)})" for target in targets)
        raise UnknownTarget(f"--target {pattern}: in {self.python}, {problems}")


def inspect_interpreter(pattern: str, python: str, entries: Iterable[AdapterEntry]) -> OtherInterpreter:
    """Query what an interpreter has of what targets need; raises `UnknownTarget` if no worker can run in it."""
    path, targets = find_interpreter(pattern, python), [other.target for other in entries]
    modules = {"ml_dtypes", *(module for target in targets for module in target.modules)}
    distributions = {names for target in targets for names in target.all_distributions}
    answer = query_interpreter(pattern, path, sorted(modules), sorted(distributions))
    if Version(answer["python"]) < Version(PYTHON):
        raise UnknownTarget(f"--target {pattern}: {path} is Python {answer['python']}; expected {PYTHON} or later")
    numpy = answer["versions"].get("numpy")
    if numpy is None or Version(numpy) < Version(NUMPY):
        raise UnknownTarget(
            f"--target {pattern}: {path} has {f'NumPy {numpy}' if numpy else 'no NumPy'}; a worker needs NumPy {NUMPY} or later; "
            f"to install: {path} -m pip install 'numpy>={NUMPY}'"
        )
    return OtherInterpreter(path, frozenset(answer["modules"]), answer["versions"], answer["python"], answer["records"], answer["stock"])


def find_interpreter(pattern: str, python: str) -> str:
    """The absolute path of an interpreter; links are not resolved, because that of a virtual environment is one."""
    executable = shutil.which(python)
    if executable is None:
        raise UnknownTarget(f"--target {pattern}: {python!r} is not an executable program; expected a Python interpreter after the @")
    return str(Path(executable).absolute())


def query_interpreter(pattern: str, python: str, modules: Collection[str], distributions: Collection[str]) -> dict[str, Any]:
    """Run the query in an interpreter; raises `UnknownTarget` if its answer is not readable."""
    script = Path(_inspect.__file__).read_bytes()
    command = [python, "-", json.dumps(modules), json.dumps(distributions)]
    try:
        process = subprocess.run(command, input=script, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603 as asked for
        output = process.stderr or process.stdout
        return dict(json.loads(process.stdout))
    except (OSError, subprocess.TimeoutExpired) as error:
        output = str(error).encode()
    except ValueError:
        pass
    raise UnknownTarget(
        f"--target {pattern}: {python} does not work as a Python interpreter; expected Python {PYTHON} or later; its output:\n"
        f"{clean(output.decode(errors='replace')).strip()[-300:] or 'nothing'}"
    )
