"""Rows of several runs put together: what is the same is kept once, and what contradicts itself is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ...adapters.targets.version_names import without_version
from .records import BadRows, Row, Rows

FOUND = ("case_hash", "verdict", "answer", "cause", "consistent_with", "due", "got")
"""The keys of a row that must be the same in two runs of one version; time and wording may differ."""
LISTED = ("suite", "platform", "machine", "python")
"""The keys of a header that name all that there was."""

Run = tuple[Path, Rows]


def merge_runs(runs: Sequence[Run]) -> Rows:
    """Several runs as one, partial if one of them is; raises `BadRows` where their rows do not belong together."""
    done = Rows(header(runs), whole=all(run.whole for _, run in runs))
    homes: dict[str, Path] = {}
    first: dict[tuple[str, ...], tuple[Path, Row]] = {}
    for path, run in runs:
        for name, line in run.cases.items():
            same_case(done.cases.setdefault(name, line), line, homes.setdefault(name, path), path)
        for row in complete(run.rows):
            other, known = first.setdefault((row["case"], row["target"], row["way"], row["attribute"]), (path, row))
            if known is row:
                done.rows.append(row)
            else:
                same_row(known, row, other, path)
    return done


def complete(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows of cases on targets that have all of theirs; of others nothing can be said, for what is missing may be a difference."""
    there = {(row["case"], row["target"]) for row in rows if row["last"]}
    return (row for row in rows if (row["case"], row["target"]) in there)


def same_case(known: Row, line: Row, home: Path, path: Path) -> None:
    """Raise `BadRows` where a case has two hashes."""
    if known["case_hash"] != line["case_hash"]:
        raise BadRows(
            f"{path}: {line['case']} has two hashes, {line['case_hash']} here and {known['case_hash']} in {home}: these are two versions "
            "of the case; expected rows of one version of each case, from runs of the same specs"
        )


def same_row(known: Row, row: Row, home: Path, path: Path) -> None:
    """Raise `BadRows` where two rows of one version of a target contradict each other."""
    if other := [key for key in FOUND if known[key] != row[key]]:
        key = "verdict" if "verdict" in other else other[0]
        versions = ", ".join(f"{name} {version}" for name, version in row["versions"].items())
        raise BadRows(
            f"{path}: {row['case']} on {row['target']} ({versions}), {row['attribute']} by {row['way']}: the {key} is {short(row[key])} here "
            f"and {short(known[key])} in {home}; expected the same of one version, so one of the two was run on another machine or is wrong"
        )


def short(value: object) -> str:
    """A value in a message."""
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def header(runs: Sequence[Run]) -> Row:
    """What ran where, of all runs; the header of a single one as it stands."""
    told = [run.header for _, run in runs]
    if len(told) == 1:
        return told[0]
    parts = [part for each in told for part in each.get("runs", [each])]
    return {
        "record": "header",
        "format": told[0].get("format"),
        **{key: "; ".join(values) for key in LISTED if (values := named(told, key))},
        "started": min(filter(None, (each.get("started") for each in told)), default=""),
        "cpu_features": shared([each["cpu_features"] for each in told if "cpu_features" in each]),
        "targets": {name: each for one in told for name, each in one.get("targets", {}).items()},
        "left_out": left_out(told, {row["target"] for _, run in runs for row in run.rows}),
        "runs": parts,
    }


def named(told: Sequence[Row], key: str) -> list[str]:
    """All that headers have under a key, each once."""
    return list(dict.fromkeys(part for each in told if each.get(key) for part in str(each[key]).split("; ")))


def shared(lists: Sequence[Sequence[str]]) -> list[str]:
    """What is in all of some lists."""
    return [each for each in lists[0] if all(each in other for other in lists)] if lists else []


def left_out(told: Sequence[Row], there: Iterable[str]) -> list[Row]:
    """The targets that no run could be asked for."""
    names = set(map(without_version, there))
    lacking = {each["target"]: each for one in told for each in one.get("left_out", ())}
    return [each for name, each in lacking.items() if without_version(name) not in names]
