"""The key of the answer cache: the framework's files, the interpreter, and our own code, determined without starting a worker.

Two workers with the same key give the same answers.
"""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ..common.inspection import file_records, installed_digest
from ..common.loading import ADAPTERS, FRAMEWORKS
from ..contract import PYTHON, Target
from ..parent.launch import environment_of
from .choose import SelectedTarget
from .find import shipped_adapters

ROOT = Path(__file__).parents[2]
PACKAGES = ("cases", "adapters", "reports")

LIBRARIES = (
    "BLIS_", "CUDA_", "DNNL_", "DYLD_", "GOTO_", "HIP_", "KMP_", "LD_", "MALLOC_", "MKL_", "NPY_", "NUMPY_", "NVIDIA_", "OMP_", "ONEDNN_",
    "OPENBLAS_", "PYTHON", "ROCR_",
)  # fmt: skip
"""How the names of those variables begin that libraries look at which frameworks calculate with."""


def target_build(target: SelectedTarget, environment: Mapping[str, str]) -> dict[str, Any] | None:
    """Everything that a target's answers depend on, except the machine; None if its files may change unnoticed."""
    interpreter = target.interpreter
    if target.target.program != PYTHON:
        return None
    records = interpreter.records if interpreter else file_records(target.target.all_distributions)
    installed_records = [
        records.get(names.split("|")[0]) for names in target.target.all_distributions if names.split("|")[0] in target.versions
    ]
    if not all(map(bool, installed_records)) or not files_are_known(target.target, [record for record in installed_records if record]):
        return None
    return {
        "target": target.request,
        "adapter": adapter_digest(target.entry.where),
        "versions": target.versions,
        "files": [record[0] for record in installed_records if record],
        "python": interpreter.release if interpreter else platform.python_version(),
        "stock": interpreter.stock if interpreter else installed_digest(),
        "environment": relevant_environment(environment_of(target.target, environment), target),
    }


def files_are_known(target: Target, installed_records: Iterable[Sequence[str]]) -> bool:
    """Whether the file records cover every module of a target."""
    roots = {module.partition(".")[0] for module in target.modules}
    return roots <= {module for _, *modules in installed_records for module in modules} | sys.stdlib_module_names


def relevant_environment(environment: Mapping[str, str], selected_target: SelectedTarget) -> dict[str, str]:
    """The environment variables that can change an answer; those of every framework count, because one may be the backend of another."""
    target = selected_target.entry.target
    frameworks = [prefix for adapter in (*shipped_adapters(), selected_target.adapter) for prefix in adapter.environment_prefixes]
    distributions = [f"{name.upper()}_" for names in target.distributions for name in names.split("|")]
    prefixes = (*LIBRARIES, *frameworks, *distributions)
    return {name: value for name, value in sorted(environment.items()) if name.startswith(prefixes) or name in target.environment}


def flags_set(environment: Mapping[str, str], target: SelectedTarget) -> dict[str, str]:
    """The environment variables that are set and can change an answer, apart from those of the interpreter and the loader."""
    relevant = relevant_environment(environment, target)
    return {name: value for name, value in relevant.items() if not name.startswith(("DYLD_", "LD_", "MALLOC_", "PYTHON"))}


def adapter_digest(location: str) -> str:
    """A digest of a third-party adapter and the Python files in its folder; empty for our own, which `source_digest` covers."""
    if location.startswith(f"{ADAPTERS}.{FRAMEWORKS.name}."):
        return ""
    file = Path(location if location.endswith(".py") else sys.modules[location].__file__ or "")
    return digest_of_files(sorted(file.parent.glob("*.py")))


@cache
def source_digest() -> str:
    """A digest of poolparity's own code, tests excluded."""
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return digest_of_files(sorted(path for path in paths if "tests" not in path.relative_to(ROOT).parts))


def digest_of_files(files: Iterable[Path]) -> str:
    """A digest of the names and contents of files."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\n{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]
