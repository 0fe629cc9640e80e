"""Reading one spec file: its cases, or every mistake in it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..model.case import TIERS, Case
from ..model.files import open_file
from ..model.layers import Layer
from ..model.mistake import Fault, Mistake, quote
from .case import Draft, build_case
from .cost import Budget
from .expectations import check_expectations
from .located import Map
from .matrix import expand_matrix
from .parameters import check_parameters
from .schema import SCHEMA, check_form
from .yaml import SIZE_LIMIT, load_yaml


@dataclass(frozen=True)
class Spec:
    """The cases of a spec file, or, where there are mistakes, no cases and the mistakes in the order of their lines."""

    cases: tuple[Case, ...]
    mistakes: tuple[Mistake, ...]


def read_spec(path: Path, layers: Mapping[str, Layer], root: Path | None = None, tiers: Collection[str] = TIERS) -> Spec:
    """Read a spec file whose cases may name these layers; the ids of its cases are relative to `root`.

    Cases of tiers other than those given are checked but not built. Anything wrong with the contents is a mistake;
    raises UnreadableFile where the file cannot be read at all.
    """
    with open_file(path) as stream:
        return parse_spec(stream.read(SIZE_LIMIT + 1), id_prefix(Path(path), root or Path.cwd()), str(path), layers, tiers)


def parse_spec(
    text: bytes, prefix: str, path: str, layers: Mapping[str, Layer], tiers: Collection[str] = TIERS, names: Collection[str] | None = None
) -> Spec:
    """Read the text of a spec file; the ids of its cases begin with `prefix`, and mistakes name `path`.

    Where `names` are given, only what makes the cases of these names is checked and built, and maybe their neighbours.
    """
    document, faults = load_yaml(text)
    cases: list[Case] = []
    if isinstance(document, Map):
        faults += check_form(document)
        budget = Budget()
        for name in document.get("cases", ()):
            if names is not None and not any(other == name or other.startswith(f"{name}-") for other in names):
                continue
            draft = Draft(name, document["cases"][name], document, layers, budget)
            cases += build_cases(draft, prefix, path, tiers)
            faults += draft.faults
        faults += find_repeated_names(cases)
    elif not faults:
        faults.append(Fault(1, f"the file contains {quote(document)}", "a mapping with the key cases"))
    mistakes = sorted((fault.at(path) for fault in faults), key=lambda mistake: mistake.line)
    return Spec(() if mistakes else tuple(cases), tuple(mistakes))


def build_cases(draft: Draft, prefix: str, path: str, tiers: Collection[str]) -> list[Case]:
    """The case of a draft, or those of its matrix; none where it has faults or belongs to another tier."""
    case = build_case(draft, prefix, path)
    if case is None or case.waiting:
        return [] if case is None or draft.faults or case.tier not in tiers else [case]
    draft.faults.extend((*check_parameters(case, draft.mapping), *check_expectations(case, draft.mapping)))
    return (
        []
        if draft.faults or draft.budget.is_exhausted or case.tier not in tiers
        else draft.attempt(lambda: list(expand_matrix(case, draft))) or []
    )


def find_repeated_names(cases: list[Case]) -> Iterator[Fault]:
    """A fault for each case, made by a matrix, whose name another case of the file has."""
    first: dict[str, Case] = {}
    for case in cases:
        if first.setdefault(case.id, case) is not case:
            yield Fault(case.line, f"two cases are named {case.name}, the other one in line {first[case.id].line}", "different names")


def id_prefix(path: Path, root: Path) -> str:
    """What the ids of a file's cases begin with: the path from `specs/` on for poolparity's own specs, from the root for others."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - an id is a name, so links are not followed
    for folder in absolute.parents:
        if folder.name == "specs" and (folder / SCHEMA.name).is_file():
            return absolute.relative_to(folder.parent).as_posix()
    return Path(os.path.relpath(absolute, root)).as_posix()
