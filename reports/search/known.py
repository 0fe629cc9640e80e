"""What is known already: differences that the ledger pins, and public threads with a case."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ...adapters.ledger.entry import ACCEPTANCE, ANSWER, Entry
from ...adapters.ledger.ledger import Ledger
from ...cases.judge.answer import ACCEPTS, CRASHES, REJECTS, TIMES_OUT
from ...cases.model.case import TIERS, Case
from ...cases.model.layers import Layer
from ...cases.read.check import find_spec_files
from ...cases.read.spec import id_prefix, read_spec
from ..ledger.suite import SPECS
from .finds import Kind
from .judgement import Anomaly
from .question import features_of

THREADS = SPECS / "threads.json"


@dataclass(frozen=True, eq=False)
class KnownAnswers:
    """The ledger's entries about some targets, and the cases that they name."""

    entries: Mapping[str, list[Entry]]
    layers: Mapping[str, Layer]

    @classmethod
    def of(cls, ledger: Ledger, versions: Mapping[str, Mapping[str, str]], layers: Mapping[str, Layer]) -> KnownAnswers:
        """Those about some targets in their versions."""
        return cls({name: list(entries_about(ledger, name, found)) for name, found in versions.items()}, layers)

    @cached_property
    def files(self) -> dict[str, Path]:
        """The spec files by the beginning of the ids of their cases."""
        return {id_prefix(path, SPECS.parent): path for path in find_spec_files([SPECS])}

    @cached_property
    def read(self) -> dict[str, dict[str, Case]]:
        """The cases of the files that were read."""
        return {}

    def case(self, name: str) -> Case | None:
        """A case of poolparity's own specs, None for one of the full tier, which are made by matrices, and for one that is not there.

        Each file is read when it is first needed.
        """
        place = name.partition("::")[0]
        if place not in self.read:
            path = self.files.get(place)
            spec = read_spec(path, self.layers, None, TIERS[:-1]).cases if path else ()
            self.read[place] = {case.id: case for case in spec if not case.waiting}
        return self.read[place].get(name)

    def find(self, kind: Kind, anomaly: Anomaly) -> Entry | None:
        """An entry that pins the same: for the target and the operation, the same failure, and features some of which are all of the other's."""
        return next((entry for entry in self.entries.get(anomaly.target, ()) if self.is_same(entry, kind, anomaly)), None)

    def is_same(self, entry: Entry, kind: Kind, anomaly: Anomaly) -> bool:
        """Whether an entry pins what an anomaly shows."""
        if entry.cause is not None:
            changes = {(change["axis"], change["value"]) for change in anomaly.cause}
            return bool(changes) and changes == set(entry.cause) and self.is_about(entry, kind.op)
        if not pins_failure(entry, anomaly):
            return False
        if not self.is_about(entry, kind.op):
            return False
        case = self.case(entry.case)
        if case is None or (entry.when.dtype and kind_dtype(kind) not in entry.when.dtype):
            return False
        features = features_of(case)
        return features <= kind.features or kind.features <= features

    def is_about(self, entry: Entry, op: str) -> bool:
        """Whether an entry names cases of an operation."""
        return entry.case.startswith((f"specs/{op}/", "*"))


def entries_about(ledger: Ledger, target: str, versions: Mapping[str, str]) -> Iterable[Entry]:
    """The entries about a target."""
    return (entry for entry in ledger.entries if entry.names(target) and entry.when.among(versions) and entry.attribute != ANSWER)


def kind_dtype(kind: Kind) -> str:
    """The type of the input of a find."""
    types = {"float64", "float16", "bfloat16", "int8", "uint8", "int16", "int32", "int64", "bool"}
    return next(iter(types & kind.features), "float32")


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

    def __init__(self, known: KnownAnswers, path: Path = THREADS) -> None:
        self.known = known
        self.threads: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))

    def about(self, kind: Kind, title: str) -> list[str]:
        """The links of threads of a framework, one of whose cases has the operation and all features of a find."""
        near = [thread for thread in self.threads if title.lower() in thread["framework"].lower()]
        return [thread["link"] for thread in near if any(self.is_like(name, kind) for name in thread.get("cases", ()))]

    def is_like(self, name: str, kind: Kind) -> bool:
        """Whether a case has the operation and all features of a find."""
        case = self.known.case(name) if name.startswith(f"specs/{kind.op}/") else None
        return case is not None and kind.features <= features_of(case)
