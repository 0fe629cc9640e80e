"""One or several files of rows read as one run, with the versions of a target side by side, the oldest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ...adapters.targets.version_names import Versions, names_beside_other_runs, without_version
from ...cases.model.mistake import quote_path
from ..rows.merge import merge_runs
from ..rows.reader import read_rows
from ..rows.records import BadRows, Rows, TargetRecord
from ..rows.target_rows import version_key
from .causes import resolve_causes
from .fingerprint import derive_fingerprints


def read_files(paths: Sequence[Path]) -> Rows:
    """Read files, or the files of folders, as one run; raises `BadRows` where their rows contradict each other."""
    runs = [(path, read_rows(path)) for path in list_files(paths)]
    versions = [{row["target"]: row["versions"] for row in run.rows} for _, run in runs]
    rows_read = merge_runs(
        [(path, rename_targets(run, names)) for (path, run), names in zip(runs, names_beside_other_runs(versions), strict=True)]
    )
    return replace(rows_read, header={**rows_read.header, "targets": order_targets(rows_read)})


def read_files_with_causes(paths: Sequence[Path]) -> Rows:
    """Read files as one run, with its causes resolved by fingerprints."""
    rows = read_files(paths)
    return resolve_causes(rows, derive_fingerprints(rows))


def list_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files, with those of folders; raises `BadRows` for a folder without any."""
    for path in paths:
        inside = sorted((*path.glob("*.jsonl"), *path.glob("*.jsonl.gz"))) if path.is_dir() else [path]
        if not inside:
            raise BadRows(f"{quote_path(path)}: no file of rows in this folder; expected at least one .jsonl or .jsonl.gz")
        yield from inside


def rename_targets(run: Rows, names: Mapping[str, str]) -> Rows:
    """A run with other names of its targets, as they are unique among all runs; its rows are changed in place, to save memory."""
    for row in run.rows:
        row["target"] = names[row["target"]]
    targets = {names.get(name, name): record for name, record in run.header.get("targets", {}).items()}
    return replace(run, header={**run.header, "targets": targets})


def order_targets(rows: Rows) -> dict[str, TargetRecord]:
    """The targets of the header in their order, with the versions of a target side by side."""
    targets = rows.header["targets"]
    versions: dict[str, Versions] = {row["target"]: row["versions"] for row in rows.rows}
    first = {name: at for at, name in reversed([*enumerate(map(without_version, targets))])}
    return {
        name: targets[name]
        for name in sorted(targets, key=lambda name: (first[without_version(name)], version_key(versions.get(name, {}))))
    }
