"""Rows of several runs put together: what is the same is kept once, and what contradicts itself is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import cast

from ...adapters.targets.version_names import without_version
from ...cases.model.mistake import quote_path
from .records import BadRows, CaseLine, Header, Json, Row, Rows, SkippedTarget

MEASURED = ("case_hash", "verdict", "answer", "cause", "consistent_with", "due", "got")
"""The keys of a row that must be the same in two runs of one version; time and wording may differ."""

JOINED = frozenset({"suite", "platform", "machine", "python"})
"""The keys of a header that name all that there was, and are left out where nothing is known."""

Run = tuple[Path, Rows]


def merge_runs(runs: Sequence[Run]) -> Rows:
    """Several runs as one, partial if one of them is; raises `BadRows` where their rows do not belong together."""
    merged_rows = Rows(merge_headers(runs), whole=all(run.whole for _, run in runs))
    homes: dict[str, Path] = {}
    first: dict[tuple[str, ...], Row] = {}
    for path, run in runs:
        for name, line in run.cases.items():
            check_same_case(merged_rows.cases.setdefault(name, line), line, homes.setdefault(name, path), path)
        for row in complete_rows(run.rows):
            earlier = first.setdefault((row["case"], row["target"], row["way"], row["attribute"]), row)
            if earlier is row:
                merged_rows.rows.append(row)
            elif difference := find_difference(earlier, row):
                home = next(path for path, run in runs if any(earlier is other for other in run.rows))
                raise BadRows(describe_difference(earlier, row, difference, home, path))
    return merged_rows


def complete_rows(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows of cases on targets that have all of theirs; of others nothing can be said, for what is missing may be a difference."""
    complete = {(row["case"], row["target"]) for row in rows if row["last"]}
    return (row for row in rows if (row["case"], row["target"]) in complete)


def check_same_case(earlier: CaseLine, line: CaseLine, home: Path, path: Path) -> None:
    """Raise `BadRows` where a case has two hashes."""
    if earlier["case_hash"] != line["case_hash"]:
        raise BadRows(
            f"{quote_path(path)}: {line['case']} has two hashes, {line['case_hash']} here and {earlier['case_hash']} in {quote_path(home)}: "
            "these are two versions of the case; expected rows of one version of each case, from runs of the same specs"
        )


def find_difference(earlier: Row, row: Row) -> str | None:
    """The key in which two rows of one version of a target contradict each other; answers that are known to vary do not."""
    before: Json = {**earlier}
    after: Json = {**row}
    different = [key for key in MEASURED if before[key] != after[key]]
    if earlier.get("varies") and row.get("varies") and "case_hash" not in different:
        return None
    return "verdict" if "verdict" in different else next(iter(different), None)


def describe_difference(earlier: Row, row: Row, key: str, home: Path, path: Path) -> str:
    """A message about two rows that contradict each other."""
    before: Json = {**earlier}
    after: Json = {**row}
    versions = ", ".join(f"{name} {version}" for name, version in row["versions"].items())
    return (
        f"{quote_path(path)}: {row['case']} on {row['target']} ({versions}), {row['attribute']} by {row['way']}: the {key} is "
        f"{shorten(after[key])} here and {shorten(before[key])} in {quote_path(home)}; expected the same of one version, so one of the "
        "two was run on another machine or is wrong"
    )


def shorten(value: object) -> str:
    """A value in a message."""
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def merge_headers(runs: Sequence[Run]) -> Header:
    """What ran where, of all runs; the header of a single one as it stands."""
    headers = [run.header for _, run in runs]
    if len(headers) == 1:
        return headers[0]
    merged_header: Header = {
        "record": "header",
        "format": headers[0]["format"],
        "suite": join_values(header.get("suite") for header in headers),
        "platform": join_values(header.get("platform") for header in headers),
        "machine": join_values(header.get("machine") for header in headers),
        "python": join_values(header.get("python") for header in headers),
        "started": min((header["started"] for header in headers if header.get("started")), default=""),
        "cpu_features": find_common([header["cpu_features"] for header in headers if "cpu_features" in header]),
        "targets": {name: target for header in headers for name, target in header.get("targets", {}).items()},
        "left_out": merge_skipped(headers, {row["target"] for _, run in runs for row in run.rows}),
        "runs": [part for header in headers for part in header.get("runs", [header])],
    }
    fields = {key: value for key, value in merged_header.items() if value or key not in JOINED}
    return cast("Header", fields)


def join_values(values: Iterable[str | None]) -> str:
    """All that headers have under a key, each once, separated by semicolons."""
    return "; ".join(dict.fromkeys(part for value in values if value for part in value.split("; ")))


def find_common(lists: Sequence[Sequence[str]]) -> list[str]:
    """What is in all of some lists."""
    return [item for item in lists[0] if all(item in other for other in lists)] if lists else []


def merge_skipped(headers: Sequence[Header], measured_names: Iterable[str]) -> list[SkippedTarget]:
    """The targets that no run could be asked for."""
    names = set(map(without_version, measured_names))
    skipped_targets = {target["target"]: target for header in headers for target in header.get("left_out", ())}
    return [target for name, target in skipped_targets.items() if without_version(name) not in names]
