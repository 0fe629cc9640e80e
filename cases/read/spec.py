"""A spec file, read: its cases and every mistake in it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..model.case import TIERS, Case
from ..model.files import open_file
from ..model.layers import Layer
from ..model.mistake import Fault, Mistake, quote
from .case import Draft, case_of
from .expectations import undue
from .located import Map
from .matrix import spread
from .parameters import senseless
from .schema import SCHEMA, malformed
from .yaml import SIZE_LIMIT, load


@dataclass(frozen=True)
class Spec:
    """What a spec file holds: its cases, or none where there are mistakes, in the order of their lines."""

    cases: tuple[Case, ...]
    mistakes: tuple[Mistake, ...]


def read_spec(path: Path, layers: Mapping[str, Layer], root: Path | None = None, tiers: Collection[str] = TIERS) -> Spec:
    """Read a spec file, whose layers may be those given; the ids of its cases begin at `root`.

    Cases of other tiers than those given are checked but not made. Anything wrong with what the file holds is a mistake;
    raises UnreadableFile where it cannot be read at all.
    """
    with open_file(path) as stream:
        document, faults = load(stream.read(SIZE_LIMIT + 1))
    cases: list[Case] = []
    if isinstance(document, Map):
        faults += malformed(document)
        place = place_of(Path(path), root or Path.cwd())
        for name in document.get("cases", ()):
            draft = Draft(name, document["cases"][name], document, layers)
            cases += cases_of(draft, place, str(path), tiers)
            faults += draft.faults
        faults += repeated(cases)
    elif not faults:
        faults.append(Fault(1, f"the file holds {quote(document)}", "a mapping with cases"))
    mistakes = sorted((fault.at(str(path)) for fault in faults), key=lambda mistake: mistake.line)
    return Spec(() if mistakes else tuple(cases), tuple(mistakes))


def cases_of(draft: Draft, place: str, path: str, tiers: Collection[str]) -> list[Case]:
    """The cases that one name of a file stands for, none where something is wrong with it or its tier is another."""
    case = case_of(draft, place, path)
    if case is None or case.waiting:
        return [] if case is None or draft.faults or case.tier not in tiers else [case]
    draft.faults.extend((*senseless(case, draft.told), *undue(case, draft.told)))
    return [] if draft.faults or case.tier not in tiers else draft.attempt(lambda: list(spread(case, draft))) or []


def repeated(cases: list[Case]) -> Iterator[Fault]:
    """Cases of a matrix that are called as others are."""
    first: dict[str, Case] = {}
    for case in cases:
        if first.setdefault(case.id, case) is not case:
            yield Fault(case.line, f"two cases are called {case.name}, the other one in line {first[case.id].line}", "names that differ")


def place_of(path: Path, root: Path) -> str:
    """How a file's ids begin: at `specs/` for those of poolparity wherever they are, at the root for others."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - an id is a name, so links are not followed
    for folder in absolute.parents:
        if folder.name == "specs" and (folder / SCHEMA.name).is_file():
            return absolute.relative_to(folder.parent).as_posix()
    return Path(os.path.relpath(absolute, root)).as_posix()
