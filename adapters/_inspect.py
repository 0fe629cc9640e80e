"""What is installed in an interpreter: asked of our own in place, and of any other by running this file there, by itself."""

from __future__ import annotations

import importlib.util
import json
import platform
import sys
from collections.abc import Iterable
from importlib import metadata


def importable(module: str) -> bool:
    """Whether there is a module; a mere folder of that name is none, and nothing is imported to see that."""
    spec = importlib.util.find_spec(module.partition(".")[0])
    return spec is not None and spec.origin is not None


def version(distribution: str) -> str | None:
    """The version of a distribution, None where it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def versions(distributions: Iterable[str]) -> dict[str, str]:
    """The versions of those that are installed; of alternatives, separated by '|', that of the first, by the name of the first of all."""
    alternatives = [names.split("|") for names in distributions]
    found = {names[0]: next(filter(None, map(version, names)), None) for names in alternatives}
    return {name: each for name, each in found.items() if each}


if __name__ == "__main__":
    sys.path[:] = [place for place in sys.path if place]  # as it is in a worker
    modules, distributions = map(json.loads, sys.argv[1:])
    told = {
        "python": platform.python_version(),
        "modules": [module for module in modules if importable(module)],
        "versions": versions(distributions),
    }
    print(json.dumps(told))  # noqa: T201 which is what the parent reads
