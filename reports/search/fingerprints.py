"""The rules that targets are known to follow: from rows of an earlier run, or from their answers to poolparity's probes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ...adapters.ledger.ledger import Ledger
from ...cases.judge.fingerprint import Fingerprint
from ...cases.model.case import Case
from ...cases.model.layers import Layer
from ..fingerprint.files import read_files
from ..fingerprint.fingerprint import derive_fingerprints
from ..ledger.suite import SPECS
from ..rows.records import CaseLine, Row, Rows
from ..run.run import AnyEngine, Run
from ..run.selection import Selection, SelectionOptions


def fingerprints_of_rows(paths: Sequence[Path]) -> dict[str, Fingerprint]:
    """The fingerprints of the targets in files of rows; raises `BadRows`."""
    return {name: fingerprint.fit for name, fingerprint in derive_fingerprints(read_files(paths)).items()}


def measure_fingerprints(
    engine: AnyEngine, layers: dict[str, Layer], ledger: Ledger, ops: Iterable[str], watch: Callable[[int, int], None]
) -> dict[str, Fingerprint]:
    """The fingerprints of an engine's targets, by asking them the probes of some operations; `watch` is told how many of them are answered.

    A target that dies of a probe goes on in another worker; what the ledger knows to kill it comes last.
    """
    paths = tuple(str(SPECS / op / "rules") for op in ops if (SPECS / op / "rules").is_dir())
    probes: list[Case] = list(Selection(SelectionOptions(paths), layers))
    run = Run(engine, ledger)
    rows: list[Row] = []
    lines: dict[str, CaseLine] = {}
    total = len(probes) * len(run.targets)
    for count, (case, target, answers) in enumerate(run.answers(probes, list(run.targets)), start=1):
        if case.id not in lines:
            lines[case.id] = run.line(case)
        rows += run.settle(case, target, answers)[1]
        watch(count, total)
    fingerprints = derive_fingerprints(Rows(run.header(), lines, rows, whole=True))
    return {name: fingerprint.fit for name, fingerprint in fingerprints.items()}
