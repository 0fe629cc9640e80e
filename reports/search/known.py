"""What is known already: differences that the ledger pins, and public threads with a case."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ...adapters.common.wildcards import is_pattern, matches_pattern
from ...adapters.ledger.entry import ACCEPTANCE, ANSWER, Changes, Entry, subject_of
from ...adapters.ledger.ledger import Ledger
from ...cases.judge.answer import ACCEPTS, CRASHES, REJECTS, TIMES_OUT, Cause
from ...cases.model.case import Case
from ...cases.model.layers import Layer
from ...cases.model.pool import OPS
from ...cases.read.check import find_spec_files
from ...cases.read.spec import id_prefix, read_spec
from ..ledger.suite import SPECS
from .finds import Kind
from .judgement import Anomaly
from .question import features_of

THREADS = SPECS / "threads.json"
WILD = re.compile(r"[*?]")


@dataclass(frozen=True, eq=False)
class KnownAnswers:
    """The ledger's entries about some targets, and the cases that they name."""

    entries: Mapping[str, list[Entry]]
    layers: Mapping[str, Layer]

    @classmethod
    def of(cls, ledger: Ledger, versions: Mapping[str, Mapping[str, str]], layers: Mapping[str, Layer]) -> KnownAnswers:
        """Those about some targets in their versions."""
        return cls({name: list(entries_about(ledger, name, target_versions)) for name, target_versions in versions.items()}, layers)

    @cached_property
    def files(self) -> dict[str, Path]:
        """The spec files by the beginning of the ids of their cases."""
        return {id_prefix(path, SPECS.parent): path for path in find_spec_files([SPECS])}

    @cached_property
    def cases_by_file(self) -> dict[str, dict[str, Case]]:
        """The cases of the files that were read."""
        return {}

    @cached_property
    def features(self) -> dict[str, frozenset[str]]:
        """The features of the cases that were compared with a find."""
        return {}

    def cases_in(self, place: str) -> dict[str, Case]:
        """The cases of a spec file by their ids, none where there is no such file; it is read when it is first needed."""
        if place not in self.cases_by_file:
            path = self.files.get(place)
            spec = read_spec(path, self.layers).cases if path else ()
            self.cases_by_file[place] = {case.id: case for case in spec if not case.waiting}
        return self.cases_by_file[place]

    def case(self, name: str) -> Case | None:
        """A case of poolparity's own specs, None for one that is not there."""
        return self.cases_in(name.partition("::")[0]).get(name)

    def cases_of(self, entry: Entry) -> Iterator[Case]:
        """The cases that an entry names, alone or by a pattern."""
        place = entry.case.partition("::")[0]
        for file in [file for file in self.files if matches_pattern(file, place)] if is_pattern(place) else [place]:
            yield from (case for case in self.cases_in(file).values() if entry.matches(subject_of(case)))

    def features_of(self, case: Case) -> frozenset[str]:
        """The features of a case, which are found once."""
        if case.id not in self.features:
            self.features[case.id] = features_of(case)
        return self.features[case.id]

    def find(self, kind: Kind, anomaly: Anomaly) -> Entry | None:
        """An entry that pins the same: for the target and the operation, the same failure, and features some of which are all of the other's."""
        return next((entry for entry in self.entries.get(anomaly.target, ()) if self.is_same(entry, kind, anomaly)), None)

    def is_same(self, entry: Entry, kind: Kind, anomaly: Anomaly) -> bool:
        """Whether an entry pins what an anomaly shows."""
        if entry.cause is not None:
            return any(as_changes(cause) == entry.cause for cause in anomaly.causes) and self.is_about(entry, kind.op)
        if not pins_failure(entry, anomaly) or not entry.when.of(kind_dtype(kind), kind_rank(kind)):
            return False
        about = (self.features_of(case) for case in self.cases_of(entry) if case.pool.op == kind.op)
        return any(features <= kind.features or kind.features <= features for features in about)

    def is_about(self, entry: Entry, op: str) -> bool:
        """Whether an entry names cases of an operation: those in its folder, or some in a folder that is of no operation."""
        beginning, folder = WILD.split(entry.case, maxsplit=1)[0], f"specs/{op}/"
        if beginning.startswith(folder) or folder.startswith(beginning):
            return True
        return beginning.split("/")[1] not in OPS and any(case.pool.op == op for case in self.cases_of(entry))


def as_changes(cause: Cause) -> Changes:
    """The changes of a cause, as an entry pins them."""
    return frozenset((change["axis"], change["value"]) for change in cause)


def entries_about(ledger: Ledger, target: str, versions: Mapping[str, str]) -> Iterable[Entry]:
    """The entries about a target."""
    return (entry for entry in ledger.entries if entry.names(target) and entry.when.among(versions) and entry.attribute != ANSWER)


def kind_dtype(kind: Kind) -> str:
    """The type of the input of a find."""
    types = {"float64", "float16", "bfloat16", "int8", "uint8", "int16", "int32", "int64", "bool"}
    return next(iter(types & kind.features), "float32")


def kind_rank(kind: Kind) -> int:
    """The number of spatial axes of a find."""
    return next((rank for rank in (2, 3) if f"rank {rank}" in kind.features), 1)


def pins_failure(entry: Entry, anomaly: Anomaly) -> bool:
    """Whether an entry pins a failure as an anomaly has it."""
    fate = str(entry.answer).partition(":")[0] if entry.attribute == ACCEPTANCE or isinstance(entry.answer, str) else ""
    match anomaly.attribute:
        case "acceptance":
            return fate == (CRASHES if anomaly.failure.startswith(CRASHES) else TIMES_OUT)
        case "refusal" | "mode":
            return fate in (REJECTS, ACCEPTS)
        case "repeat" | "invariant":
            return entry.attribute in ("values", "indices", "gradient")
    return entry.attribute == anomaly.attribute or (anomaly.attribute == "values" and fate == ACCEPTS)


class Threads:
    """The public threads that poolparity has cases of."""

    def __init__(self, known_answers: KnownAnswers, path: Path = THREADS) -> None:
        self.known_answers = known_answers
        self.threads: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))

    def about(self, kind: Kind, title: str) -> list[str]:
        """The links of threads of a framework, one of whose cases has the operation and all features of a find."""
        near = [thread for thread in self.threads if title.lower() in thread["framework"].lower()]
        return [thread["link"] for thread in near if any(self.is_like(name, kind) for name in thread.get("cases", ()))]

    def is_like(self, name: str, kind: Kind) -> bool:
        """Whether a case has the operation and all features of a find."""
        case = self.known_answers.case(name) if name.startswith(f"specs/{kind.op}/") else None
        return case is not None and kind.features <= self.known_answers.features_of(case)
