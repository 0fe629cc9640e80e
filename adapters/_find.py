"""Finding adapters and targets: ours by listing this folder, other people's by entry point or path."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import metadata
from pathlib import Path

from ..cases.case import TIERS, Case
from ..cases.layers import Layer
from . import Adapter, Target
from ._launch import Launch
from ._load import FOLDER, BadAdapter, load
from ._worker import versions

GROUP = "poolparity.adapters"
NAME = re.compile(r"[A-Za-z0-9_.+-]+")


class UnknownTarget(ValueError):
    """What was asked for is no target, and what there is instead."""


class AdapterWarning(UserWarning):
    """Somebody else's adapter that cannot be used and is left out."""


@dataclass(frozen=True)
class Found:
    """A target, its adapter, and where that is: the name of a module, or the path of a file."""

    adapter: Adapter
    where: str
    target: Target


@dataclass(frozen=True)
class Chosen:
    """A target that is to run, under the name that it was asked for by: 'torch', or 'torch@path/to/python'."""

    name: str
    found: Found
    python: str

    @property
    def adapter(self) -> Adapter:
        """The adapter of the target."""
        return self.found.adapter

    @property
    def target(self) -> Target:
        """The target itself."""
        return self.found.target

    @property
    def versions(self) -> dict[str, str]:
        """The versions of all that takes part, where that is our own interpreter; a worker says them anywhere."""
        return versions(self.target) if self.python == sys.executable else {}

    def takes(self, case: Case, asked: Collection[str] = ()) -> bool:
        """Whether it is asked a case: one of its tier, or any if it is asked for by name."""
        return self.name in asked or TIERS.index(case.tier) <= TIERS.index(self.target.tier)

    @property
    def launch(self) -> Launch:
        """How to start its worker."""
        return Launch(self.found.target, self.found.where, self.python)


def adapters(paths: Iterable[str | Path] = ()) -> dict[str, Found]:
    """All targets by name: ours, those of installed entry points, and those of adapter files.

    Raises `BadAdapter` for a file that cannot be used; an entry point that cannot is left out with
    an `AdapterWarning`, for nobody asked for it.
    """
    found: dict[str, Found] = {}
    for name in sorted(path.stem for path in FOLDER.glob("[!_]*.py")):
        add(found, f"{__package__}.{name}")
    for entry in metadata.entry_points(group=GROUP):
        try:
            add(found, entry.value)
        except BadAdapter as error:
            warnings.warn(f"entry point {entry.name} of {GROUP} is left out: {error}", AdapterWarning, stacklevel=2)
    for path in paths:
        add(found, str(Path(path).absolute()))
    return found


def add(found: dict[str, Found], where: str) -> None:
    """Add the targets of an adapter, all of them or none."""
    adapter = load(where)
    for target in adapter.targets:
        if not NAME.fullmatch(target.name):
            raise BadAdapter(f"{where}: {target.name!r} cannot name a target; expected letters, digits, and any of _ . + -")
        if other := found.get(target.name):
            raise BadAdapter(f"{where}: {target.name} is a target of {other.where} already; expected a name of its own")
    found.update({target.name: Found(adapter, where, target) for target in adapter.targets})


def layers(found: Mapping[str, Found]) -> dict[str, Layer]:
    """The spellings of all adapters' layers."""
    return {name: layer for each in found.values() for name, layer in each.adapter.layers.items()}


def select(patterns: Sequence[str], found: Mapping[str, Found]) -> list[Chosen]:
    """The targets that are asked for, in that order, each once; or `UnknownTarget`.

    A pattern is a target's name, or one with * and ? in it, and may end in @ and an interpreter.
    """
    chosen = {}
    for pattern in patterns:
        name, at, python = pattern.partition("@")
        path = interpreter(pattern, python) if at else sys.executable
        for match in matching(name, found):
            chosen[match + at + python] = Chosen(match + at + python, found[match], path)
    return list(chosen.values())


def matching(pattern: str, names: Iterable[str]) -> list[str]:
    """The names that a pattern means: the one that it is, or else all that it matches."""
    names = list(names)
    if pattern in names:
        return [pattern]
    wild = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))
    if matches := [name for name in names if wild.fullmatch(name)]:
        return matches
    near = get_close_matches(pattern, names, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise UnknownTarget(f"--target {pattern}: there is no such target; {hint}expected one of {', '.join(names)}, or a pattern with * and ?")


def interpreter(pattern: str, python: str) -> str:
    """The absolute path of an interpreter; links are kept, for a virtual environment's is one."""
    found = shutil.which(python)
    if found is None:
        raise UnknownTarget(
            f"--target {pattern}: {python or 'nothing'} is no program that can be run; expected a Python interpreter after the @"
        )
    return str(Path(found).absolute())


def missing(target: Target) -> list[str]:
    """Those of a target's modules that are not installed beside us; nothing is imported to see that."""
    return [module for module in target.modules if not importable(module.partition(".")[0])]


def importable(module: str) -> bool:
    """Whether there is a module; a mere folder of that name is none."""
    spec = importlib.util.find_spec(module)
    return spec is not None and spec.origin is not None


def installed(target: Target) -> bool:
    """Whether all of a target's modules are installed beside us."""
    return not missing(target)


def advice(target: Target) -> str:
    """What a target lacks, and how to add it."""
    what = f"poolparity[{target.extra}]" if target.extra else " ".join(names.split("|")[0] for names in target.distributions)
    return f"{target.name} is left out, for there is no module {' nor '.join(missing(target))}; to add it: pip install '{what}'"
