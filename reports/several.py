"""Several files of rows as one, in which versions of a target stand side by side, the oldest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..adapters._names import Versions, plain, told_apart
from .asked import age
from .fingerprint import fingerprints
from .resolve import resolved
from .rows import BadRows, Row, Rows, read_rows, take


def together(paths: Sequence[Path]) -> Rows:
    """Several files as one, a folder for those in it; raises `BadRows` where they hold different versions of a case."""
    paths = list(files(paths))
    runs = [read_rows(path) for path in paths]
    done = Rows(whole=all(run.whole for run in runs))
    versions = [{row["target"]: row["versions"] for row in run.rows} for run in runs]
    for path, run, names in zip(paths, runs, told_apart(versions), strict=True):
        for line in run.cases.values():
            take(done, line, str(path))
        targets = {names.get(name, name): each for name, each in run.header.get("targets", {}).items()}
        done.header = {**run.header, **done.header, "targets": {**done.header.get("targets", {}), **targets}}
        done.rows += [named(row, names) for row in run.rows]
    return replace(done, header={**done.header, "targets": in_order(done)})


def gathered(paths: Sequence[Path]) -> Rows:
    """Several files as one, its causes told apart by fingerprints."""
    rows = together(paths)
    return resolved(rows, fingerprints(rows))


def files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files that paths mean; raises `BadRows` for a folder that has none."""
    for path in paths:
        inside = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not inside:
            raise BadRows(f"{path}: no file of rows in this folder; expected at least one .jsonl")
        yield from inside


def named(row: Row, names: Mapping[str, str]) -> Row:
    """A row under the name that its target has among all."""
    name = names[row["target"]]
    return row if name == row["target"] else {**row, "target": name}


def in_order(rows: Rows) -> Row:
    """The targets of the header in the order in which they came, versions of one side by side."""
    targets: Row = rows.header["targets"]
    versions: dict[str, Versions] = {row["target"]: row["versions"] for row in rows.rows}
    first = {name: at for at, name in reversed([*enumerate(map(plain, targets))])}
    return {name: targets[name] for name in sorted(targets, key=lambda name: (first[plain(name)], age(versions.get(name, {}))))}
