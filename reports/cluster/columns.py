"""The targets of a cluster: which of them its workers have, under which names their rows are kept, and which workers are asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from pathlib import Path

from ...adapters.targets.cache_key import source_digest
from ...adapters.targets.choose import SelectedTarget, select_targets
from ...adapters.targets.find import AdapterEntry
from ...adapters.targets.version_names import names_beside_other_runs, without_version
from ..rows.merge import merge_headers
from ..rows.records import Header, Rows, SkippedTarget, TargetRecord
from ..run.answer_cache import digest
from .exchange import Probe

MACHINE = ("platform", "machine", "python", "cpu_features")
"""Keys of a header that are the same on all workers that one target's rows are from."""

Workers = Mapping[str, Probe]
"""What workers have, by their addresses."""


@dataclass(frozen=True)
class RemoteTarget(SelectedTarget):
    """A target in the interpreter of workers of a cluster."""

    record: TargetRecord = field(kw_only=True)
    gap: str = field(kw_only=True, default="")

    @property
    def versions(self) -> dict[str, str]:
        """The versions of the target's distributions there."""
        return self.record["versions"]

    @property
    def limitation(self) -> str:
        """Which cases the target skips there, and why; empty if none."""
        return self.gap


@dataclass(frozen=True, eq=False)
class Column:
    """A target in one version on workers of one kind, which share the `surroundings`: all of its rows are from these.

    `name` is what rows call it here, and `there` what workers call it; `workers` are those that may be asked now.
    """

    name: str
    there: str
    target: RemoteTarget
    surroundings: Header
    workers: dict[str, Probe] = field(default_factory=dict)

    @cached_property
    def resource(self) -> str:
        """The resource that a worker must have for it, as Dask calls it; equal in all runs that mean the same."""
        return f"poolparity {self.there} {digest([self.target.record, self.surroundings]).hex()[:16]}"

    def differences(self, probe: Probe) -> list[str]:
        """What of a worker that has the target in the same version is not as on the workers that are asked."""
        there = surroundings_of(probe)
        differing = [key for key in MACHINE if there.get(key) != self.surroundings.get(key)]
        return differing or (["flags"] if probe.header["targets"][self.there]["flags"] != self.target.record["flags"] else [])


def surroundings_of(probe: Probe) -> Header:
    """The header of a worker without what its targets are."""
    header: Header = {**probe.header, "targets": {}, "left_out": [], "started": ""}
    return header


def group_columns(columns: Iterable[Column], most: int) -> Iterator[list[Column]]:
    """Columns that the same workers have, so many at a time at most, in their order."""
    groups: dict[object, list[Column]] = {}
    for column in columns:
        groups.setdefault(frozenset(column.workers) or column.name, []).append(column)
    for group in groups.values():
        yield from (group[start : start + most] for start in range(0, len(group), most))


def find_refusal(package: str, version: object, header: Header | None = None) -> str:
    """Why a worker cannot be asked, by its version of a package and, if that is ours, its header; empty if it can."""
    ours = metadata.version(package)
    if not isinstance(version, str):
        return f"{package} is not installed there; expected {ours}"
    if version != ours:
        return f"it has {package} {version}; expected {ours}, as here"
    if header and header.get("source") != source_digest():
        return f"its {package} {version} has other code, {header.get('source')}; expected {source_digest()}, as here"
    return ""


def make_columns(workers: Workers, entries: Mapping[str, AdapterEntry], patterns: Sequence[str] = ()) -> list[Column]:
    """The targets of some workers, in the order of a plain run. One that they have in several versions is one column for each, named as in merged rows.

    Of workers with one version on different platforms, processors or flags, the most numerous are asked.
    """
    names = names_beside_other_runs(
        [{name: record["versions"] for name, record in probe.header["targets"].items()} for probe in workers.values()]
    )
    names_asked = [pattern.partition("@")[0] for pattern in patterns] or list(entries)
    order = {target.name: at for at, target in enumerate(select_targets(names_asked, entries))}
    kinds: dict[str, Counter[bytes]] = {}
    examples: dict[tuple[str, bytes], tuple[str, Probe]] = {}
    for probe, names_of_worker in zip(workers.values(), names, strict=True):
        for there, name in names_of_worker.items():
            if without_version(there) in order:
                kind = digest([probe.header["targets"][there], surroundings_of(probe)])
                kinds.setdefault(name, Counter())[kind] += 1
                examples.setdefault((name, kind), (there, probe))
    columns = []
    for name in sorted(kinds, key=lambda name: order[without_version(name)]):
        there, probe = examples[name, kinds[name].most_common(1)[0][0]]
        gap = next((skipped_target["why"] for skipped_target in probe.header["left_out"] if skipped_target["target"] == there), "")
        target = RemoteTarget(name, entries[without_version(there)], there, record=probe.header["targets"][there], gap=gap)
        columns.append(Column(name, there, target, surroundings_of(probe)))
    return columns


def admit(address: str, probe: Probe, columns: Iterable[Column]) -> Iterator[str]:
    """Note a worker where it can be asked; yield what of it is not used, and why."""
    unused_records = dict(probe.header["targets"])
    for column in columns:
        record = probe.header["targets"].get(column.there)
        if record is None or record["versions"] != column.target.versions:
            continue
        unused_records.pop(column.there, None)
        if differing := column.differences(probe):
            yield f"{column.there} is not asked there: {' and '.join(differing)} not as on the other workers; use a run of its own, and merge"
        else:
            column.workers[address] = probe
    if unused_records:
        yield f"not asked there, because no worker had it in this version when the run began: {', '.join(unused_records)}"


def header_of(columns: Iterable[Column], start_time: str) -> Header:
    """What runs where: the header of a run, or of runs that were merged where the workers are of several kinds."""
    parts: list[Header] = []
    for column in columns:
        part = next((part for part in parts if {**part, "targets": {}, "started": ""} == column.surroundings), None)
        if part is None:
            part = {**column.surroundings, "targets": {}, "started": start_time}
            parts.append(part)
        part["targets"][column.name] = column.target.record
    return {**merge_headers([(Path(), Rows(part)) for part in parts]), "source": source_digest(), "left_out": []}


def find_skipped(workers: Workers, columns: Iterable[Column]) -> list[SkippedTarget]:
    """The targets that no worker has, each with the reason on the first of them, and what targets skip."""
    names = {column.there for column in columns}
    skipped_targets = {target["target"]: target for probe in reversed(list(workers.values())) for target in probe.header["left_out"]}
    missing: list[SkippedTarget] = [
        {"target": name, "why": f"{target['why']} on a worker of the cluster"}
        for name, target in skipped_targets.items()
        if name not in names
    ]
    return missing + [{"target": column.name, "why": column.target.gap} for column in columns if column.target.gap]
