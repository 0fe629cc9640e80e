"""Checking spec files, and folders of them, without running a framework."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..judge.pins import check_pins
from ..model.case import Case
from ..model.files import describe_error
from ..model.layers import Layer
from ..model.mistake import Mistake, UserError, quote_path
from .spec import read_spec

SUFFIXES = (".yaml", ".yml")


class NoSpec(UserError):
    """A folder without a spec file."""


def check_specs(paths: Iterable[Path], layers: Mapping[str, Layer]) -> list[Mistake]:
    """Every mistake in spec files, every rule that a case depends on and does not pin, and every id that two cases share.

    Raises NoSpec where a folder holds no spec file, and UnreadableFile where a file cannot be read.
    """
    mistakes: list[Mistake] = []
    first: dict[str, str] = {}
    for path in find_spec_files(paths):
        spec = read_spec(path, layers)
        mistakes += spec.mistakes
        mistakes += find_open_choices(spec.cases)
        for case in spec.cases:
            location = f"{case.file}:{case.line}"
            if (other := first.setdefault(case.id, location)) != location:
                mistakes.append(Mistake(case.file, case.line, f"the id {case.id} is already used in {other}", "different ids"))
    return mistakes


def find_open_choices(cases: Iterable[Case]) -> Iterator[Mistake]:
    """The rules that cases depend on and do not pin; of the cases of a matrix, only those of the first one that has any."""
    lines: set[int] = set()
    for case in cases:
        if case.line not in lines and (faults := list(check_pins(case))):
            lines.add(case.line)
            yield from (fault.at(case.file) for fault in faults)


def find_spec_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The named files, and the spec files in the named folders, each once; raises NoSpec and UnreadableFile."""
    visited_folders = set()
    for path in paths:
        for file in find_spec_files_in(path) if is_folder(path) else [path]:
            key = os.path.realpath(file)  # unlike `Path.resolve`, it raises nothing for a loop of links
            if key not in visited_folders:
                visited_folders.add(key)
                yield file


def is_folder(path: Path) -> bool:
    """Whether a path leads to a folder; raises UnreadableFile where the system cannot look at it."""
    try:
        return path.is_dir()
    except OSError as error:
        raise describe_error(path, error) from None


def find_spec_files_in(folder: Path) -> list[Path]:
    """The spec files in a folder and in the folders below it."""
    files = sorted(file for file in folder.rglob("*") if file.suffix in SUFFIXES and not file.is_dir())
    if not files:
        raise NoSpec(f"{quote_path(folder)}: no spec file in this folder; expected a file that ends in {' or '.join(SUFFIXES)}")
    return files
