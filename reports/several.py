"""Several files of rows as one, in which versions of a target stand side by side, the oldest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..adapters._names import Versions, plain, told_apart
from .asked import age
from .rows import Row, Rows, read_rows, take


def together(paths: Sequence[Path]) -> Rows:
    """Several files as one; raises `BadRows` where they hold different versions of a case."""
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
