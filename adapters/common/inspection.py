"""What is installed in an interpreter. For another interpreter than ours, this file is run there, by itself."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import platform
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path


def is_importable(module: str) -> bool:
    """Whether a module can be found, without importing it; a folder without `__init__.py` counts for a module in it alone."""
    package, *inner = module.split(".")
    spec = importlib.util.find_spec(package)
    if spec is not None and spec.origin is None and inner:  # importing such a folder runs no code
        spec = importlib.util.find_spec(f"{package}.{inner[0]}")
    return spec is not None and spec.origin is not None


def version_of(distribution: str) -> str | None:
    """The version of a distribution, None where it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def versions_of(distributions: Iterable[str]) -> dict[str, str]:
    """The versions of installed distributions; of alternatives 'a|b', that of the first installed one, under the name of the first."""
    alternatives = [names.split("|") for names in distributions]
    versions = {names[0]: next(filter(None, map(version_of, names)), None) for names in alternatives}
    return {name: version for name, version in versions.items() if version}


def file_records(distributions: Iterable[str]) -> dict[str, list[str]]:
    """The file records of distributions, under the names of `versions_of`; an editable distribution has none."""
    installed = {names.split("|")[0]: next(filter(version_of, names.split("|")), None) for names in distributions}
    return {name: record for name, distribution in installed.items() if distribution and (record := file_record(distribution))}


@cache
def file_record(distribution: str) -> list[str] | None:
    """A digest of a distribution's list of files, followed by its modules; None without a list, or if its files may change in place."""
    description = metadata.distribution(distribution)
    origin = json.loads(description.read_text("direct_url.json") or "{}")
    files = description.read_text("RECORD")
    if files is None or origin.get("dir_info", {}).get("editable"):
        return None
    roots = {line.partition(",")[0].partition("/")[0].partition(".")[0] for line in files.splitlines()}
    return [hashlib.sha256(files.encode()).hexdigest(), *sorted(roots - {""})]


def installed_digest() -> str:
    """A digest of the names and versions of all installed distributions, from the names of their metadata folders."""
    folders = filter(Path.is_dir, map(Path, sys.path))
    names = {path.name for folder in folders for path in folder.iterdir() if path.suffix in (".dist-info", ".egg-info", ".egg-link")}
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


if __name__ == "__main__":
    sys.path[:] = [place for place in sys.path if place]  # as it is in a worker
    modules, distributions = map(json.loads, sys.argv[1:])
    answer = {
        "python": platform.python_version(),
        "modules": [module for module in modules if is_importable(module)],
        "versions": versions_of(distributions),
        "records": file_records(distributions),
        "stock": installed_digest(),
    }
    print(json.dumps(answer))  # noqa: T201 which is what the parent reads
