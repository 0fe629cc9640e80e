"""What is installed in an interpreter. For another interpreter than ours, this file is run there, by itself.

What is installed does not change while a process runs, so each distribution and module is looked up once.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import platform
import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path

SUITE, TOOLS = "poolparity", "dev"
"""The distribution of the suite, and its extra with the tools of its developers, which no framework imports."""
SCRIPTS = re.compile(r"^\.\./.*\n?", re.MULTILINE)
"""The lines of a list of files that name scripts: these contain the path of their interpreter, and workers do not run them."""


@cache
def is_importable(module: str) -> bool:
    """Whether a module can be found, without importing it; a folder without `__init__.py` counts for a module in it alone."""
    package, *inner = module.split(".")
    spec = importlib.util.find_spec(package)
    if spec is not None and spec.origin is None and inner:  # importing such a folder runs no code
        spec = importlib.util.find_spec(f"{package}.{inner[0]}")
    return spec is not None and spec.origin is not None


@cache
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
    distributions_by_name = {names.split("|")[0]: next(filter(version_of, names.split("|")), None) for names in distributions}
    return {name: record for name, distribution in distributions_by_name.items() if distribution and (record := file_record(distribution))}


@cache
def file_record(distribution: str) -> list[str] | None:
    """A digest of a distribution's list of files, followed by its modules; None without a list, or if its files may change in place.

    The same distribution has the same digest in every environment.
    """
    description = metadata.distribution(distribution)
    origin = json.loads(description.read_text("direct_url.json") or "{}")
    files = description.read_text("RECORD")
    if files is None or origin.get("dir_info", {}).get("editable"):
        return None
    files = SCRIPTS.sub("", files)
    roots = {line.partition(",")[0].partition("/")[0].partition(".")[0] for line in files.splitlines()}
    return [hashlib.sha256(files.encode()).hexdigest(), *sorted(roots - {""})]


def installed_digest() -> str:
    """A digest of the names and versions of the installed distributions, from the names of their metadata folders.

    It leaves the `tools` out, so that the environments of users and of developers have the same digest.
    """
    folders, left_out = filter(Path.is_dir, map(Path, sys.path)), tools()
    names = {path.name for folder in folders for path in folder.iterdir() if path.suffix in (".dist-info", ".egg-info", ".egg-link")}
    counted_names = [name for name in names if normalize(name.partition("-")[0]) not in left_out]
    return hashlib.sha256("\n".join(sorted(counted_names)).encode()).hexdigest()


@cache
def tools() -> frozenset[str]:
    """The distributions that poolparity needs only for its extra `dev` and the extras in it; none where poolparity is not installed."""
    extras = [value for field, value in fields_of(SUITE) if field == "Provides-Extra"]
    if TOOLS not in extras:
        return frozenset()
    required_pairs = find_required({(SUITE, TOOLS)})
    others = {(SUITE, extra) for extra in ["", *extras]} - required_pairs
    return frozenset(name for name, _ in required_pairs) - {name for name, _ in find_required(others)}


def find_required(roots: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Distributions and all that they require in turn, by name, each with one of its extras or with an empty text."""
    from packaging.requirements import Requirement

    required_pairs, open_pairs = set(roots), list(roots)
    while open_pairs:
        name, extra = open_pairs.pop()
        for field, line in fields_of(name):
            if field != "Requires-Dist" or (not extra and "extra" in line.partition(";")[2]):  # reading those takes time
                continue
            requirement = Requirement(line)
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            pairs = {(normalize(requirement.name), other) for other in ("", *requirement.extras)} - required_pairs
            required_pairs |= pairs
            open_pairs += pairs
    return required_pairs


@cache
def fields_of(distribution: str) -> list[tuple[str, str]]:
    """The fields in the head of a distribution's metadata; none where it is not installed. It does not parse the description, which is long."""
    try:
        head, _, _ = (metadata.distribution(distribution).read_text("METADATA") or "").partition("\n\n")
    except metadata.PackageNotFoundError:
        return []
    return [(name, value) for name, _, value in (line.partition(": ") for line in head.splitlines())]


def normalize(name: str) -> str:
    """The name of a distribution as the index compares names."""
    return re.sub("[-_.]+", "-", name).lower()


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
