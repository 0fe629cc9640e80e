"""Finding adapters and their targets: ours by listing this folder, other people's by entry point or path."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from ...cases.model.layers import Layer
from ..common.inspection import is_importable, versions_of
from ..common.loading import ADAPTERS, FRAMEWORKS, BadAdapter, load_adapter
from ..contract import Adapter, Target
from .requirements import describe_missing, pip_packages

GROUP = "poolparity.adapters"
NAME = re.compile(r"[A-Za-z0-9_.+-]+")


class AdapterWarning(UserWarning):
    """Somebody else's adapter that cannot be used and is left out."""


@dataclass(frozen=True)
class Found:
    """A target, its adapter, and where that is: the name of a module, or the path of a file."""

    adapter: Adapter
    where: str
    target: Target


def find_targets(paths: Iterable[str | Path] = ()) -> dict[str, Found]:
    """All targets by name: ours, those of installed entry points, and those of adapter files.

    Raises `BadAdapter` for a file that cannot be used; an entry point that cannot is left out with
    an `AdapterWarning`, for nobody asked for it.
    """
    found: dict[str, Found] = {}
    for module in shipped_modules():
        add_adapter(found, module)
    for entry in metadata.entry_points(group=GROUP):
        try:
            add_adapter(found, entry.value)
        except BadAdapter as error:
            warnings.warn(f"entry point {entry.name} of {GROUP} skipped: {error}", AdapterWarning, stacklevel=2)
    for path in paths:
        add_adapter(found, str(Path(path).absolute()))
    return found


def shipped_modules() -> list[str]:
    """The modules of our own adapters, one for each folder of a framework."""
    return [f"{ADAPTERS}.{FRAMEWORKS.name}.{name}.adapter" for name in sorted(path.parent.name for path in FRAMEWORKS.glob("*/adapter.py"))]


@cache
def shipped_adapters() -> list[Adapter]:
    """Our own adapters."""
    return [load_adapter(module) for module in shipped_modules()]


def add_adapter(found: dict[str, Found], where: str) -> None:
    """Add the targets of an adapter, all of them or none."""
    adapter = load_adapter(where)
    for target in adapter.targets:
        if not NAME.fullmatch(target.name):
            raise BadAdapter(f"{where}: invalid target name {target.name!r}: expected letters, digits, and any of _ . + -")
        if other := found.get(target.name):
            raise BadAdapter(f"{where}: {other.where} already defines the target {target.name}; expected another name")
    found.update({target.name: Found(adapter, where, target) for target in adapter.targets})


def layers_of(found: Mapping[str, Found]) -> dict[str, Layer]:
    """The spellings of all adapters' layers."""
    return {name: layer for each in found.values() for name, layer in each.adapter.layers.items()}


def missing_requirements(target: Target) -> str:
    """What a target lacks in our interpreter, as the end of a sentence; nothing is imported to see that."""
    return describe_missing(target, is_importable, versions_of(target.all_distributions))


def is_installed(target: Target) -> bool:
    """Whether a target has all it needs in our interpreter."""
    return not missing_requirements(target)


def install_advice(target: Target) -> str:
    """What a target lacks, and how to add it."""
    what = f"'poolparity[{target.extra}]'" if target.extra else pip_packages(target)
    return f"{target.name} skipped: {missing_requirements(target)}; to install: pip install {what}"
