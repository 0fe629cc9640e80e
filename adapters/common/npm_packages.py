"""Packages of npm that are installed: found as Node finds them from the current folder, and in NODE_PATH."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

NODE = "node"
"""The program that runs packages of npm."""


def has_node() -> bool:
    """Whether Node is installed."""
    return shutil.which(NODE) is not None


def package_folders() -> Iterator[Path]:
    """The folders in which Node looks for packages, in its order."""
    here = Path.cwd()
    yield from (folder / "node_modules" for folder in (here, *here.parents))
    yield from (Path(folder) for folder in os.environ.get("NODE_PATH", "").split(os.pathsep) if folder)


def package_version(name: str) -> str | None:
    """The version of a package, None if it is not installed; raises ValueError for a package.json that cannot be read."""
    for folder in package_folders():
        description = folder / name / "package.json"
        if description.is_file():
            return str(json.loads(description.read_text(encoding="utf-8")).get("version"))
    return None


def package_versions(names: Iterable[str]) -> dict[str, str]:
    """The versions of those of some packages that are installed."""
    return {name: version for name in names if (version := package_version(name))}
