"""Finding adapters and their targets: our own by their folders, third-party ones by entry point or file."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from ...cases.model.layers import Layer
from ..common.loading import ADAPTERS, FRAMEWORKS, BadAdapter, load_adapter
from ..contract import PYTHON, Adapter, Target
from .requirements import describe_missing_here, pip_packages

GROUP = "poolparity.adapters"
NAME = re.compile(r"[A-Za-z0-9_.+-]+")


class AdapterWarning(UserWarning):
    """A third-party adapter cannot be used and is skipped."""


@dataclass(frozen=True)
class AdapterEntry:
    """A target, its adapter, and `where` that was loaded from: the name of a module, or the path of a file."""

    adapter: Adapter
    where: str
    target: Target


def find_targets(paths: Iterable[str | Path] = ()) -> dict[str, AdapterEntry]:
    """All targets by name: ours, those of installed entry points, and those of adapter files.

    Raises `BadAdapter` for a file that cannot be used; an entry point that cannot is skipped with
    an `AdapterWarning`, because it was not requested.
    """
    entries: dict[str, AdapterEntry] = {}
    for module in shipped_modules():
        add_adapter(entries, module)
    for entry in metadata.entry_points(group=GROUP):
        try:
            add_adapter(entries, entry.value)
        except BadAdapter as error:
            warnings.warn(f"entry point {entry.name} of {GROUP} skipped: {error}", AdapterWarning, stacklevel=2)
    for path in paths:
        add_adapter(entries, str(Path(path).absolute()))
    return entries


def shipped_modules() -> list[str]:
    """The names of the modules of our own adapters, one in each framework's folder."""
    return [f"{ADAPTERS}.{FRAMEWORKS.name}.{name}.adapter" for name in sorted(path.parent.name for path in FRAMEWORKS.glob("*/adapter.py"))]


@cache
def shipped_adapters() -> list[Adapter]:
    """The adapters of the frameworks' folders, in the order of the folders' names."""
    return [load_adapter(module) for module in shipped_modules()]


def add_adapter(entries: dict[str, AdapterEntry], location: str) -> None:
    """Add all targets of an adapter; raises `BadAdapter`, and adds none then."""
    adapter = load_adapter(location)
    for target in adapter.targets:
        if not NAME.fullmatch(target.name):
            raise BadAdapter(f"{location}: invalid target name {target.name!r}: expected letters, digits, and any of _ . + -")
        if other := entries.get(target.name):
            raise BadAdapter(f"{location}: {other.where} already defines the target {target.name}; expected another name")
    entries.update({target.name: AdapterEntry(adapter, location, target) for target in adapter.targets})


def layers_of(entries: Mapping[str, AdapterEntry]) -> dict[str, Layer]:
    """The layers of all adapters, by their dotted names."""
    return {name: layer for target in entries.values() for name, layer in target.adapter.layers.items()}


def functions_of(entries: Mapping[str, AdapterEntry]) -> dict[str, Layer]:
    """The functions of all adapters that requests may name, by their dotted names."""
    return {name: layer for target in entries.values() for name, layer in target.adapter.functions.items()}


def missing_requirements(target: Target) -> str:
    """What a target needs that is not installed here, as the end of a sentence; empty if nothing. No framework is imported."""
    return describe_missing_here(target)


def is_installed(target: Target) -> bool:
    """Whether everything that a target needs is installed here."""
    return not missing_requirements(target)


def install_advice(target: Target) -> str:
    """Which target is skipped, what is not installed, and the command that installs it."""
    if target.program != PYTHON:
        return f"{target.name} skipped: {missing_requirements(target)}; to install: npm install {' '.join(target.distributions)}"
    package = f"'poolparity[{target.extra}]'" if target.extra else pip_packages(target)
    return f"{target.name} skipped: {missing_requirements(target)}; to install: pip install {package}"
