"""What is installed in an interpreter: asked of our own in place, and of any other by running this file there, by itself."""

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
    """Whether there is a module; a mere folder of that name is none, and nothing is imported to see that."""
    spec = importlib.util.find_spec(module.partition(".")[0])
    return spec is not None and spec.origin is not None


def version_of(distribution: str) -> str | None:
    """The version of a distribution, None where it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def versions_of(distributions: Iterable[str]) -> dict[str, str]:
    """The versions of those that are installed; of alternatives, separated by '|', that of the first, by the name of the first of all."""
    alternatives = [names.split("|") for names in distributions]
    found = {names[0]: next(filter(None, map(version_of, names)), None) for names in alternatives}
    return {name: each for name, each in found.items() if each}


def file_records(distributions: Iterable[str]) -> dict[str, list[str]]:
    """What is known of the files of distributions, under the names of `versions`; nothing of one whose files may change in place."""
    installed = {names.split("|")[0]: next(filter(version_of, names.split("|")), None) for names in distributions}
    return {name: told for name, each in installed.items() if each and (told := file_record(each))}


@cache
def file_record(distribution: str) -> list[str] | None:
    """A digest of the list of a distribution's files, then the modules in it; None where there is no list, or where it is editable."""
    found = metadata.distribution(distribution)
    origin = json.loads(found.read_text("direct_url.json") or "{}")
    files = found.read_text("RECORD")
    if files is None or origin.get("dir_info", {}).get("editable"):
        return None
    roots = {line.partition(",")[0].partition("/")[0].partition(".")[0] for line in files.splitlines()}
    return [hashlib.sha256(files.encode()).hexdigest(), *sorted(roots - {""})]


def installed_digest() -> str:
    """A digest of the names and versions of all that is installed, as the folders of their descriptions tell them."""
    folders = filter(Path.is_dir, map(Path, sys.path))
    names = {each.name for folder in folders for each in folder.iterdir() if each.suffix in (".dist-info", ".egg-info", ".egg-link")}
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


if __name__ == "__main__":
    sys.path[:] = [place for place in sys.path if place]  # as it is in a worker
    modules, distributions = map(json.loads, sys.argv[1:])
    told = {
        "python": platform.python_version(),
        "modules": [module for module in modules if is_importable(module)],
        "versions": versions_of(distributions),
        "records": file_records(distributions),
        "stock": installed_digest(),
    }
    print(json.dumps(told))  # noqa: T201 which is what the parent reads
