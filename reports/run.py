"""One run: chosen targets, their answers settled by the ledger, kept as rows; for pytest and the command alike."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from ..adapters._choose import Chosen, UnknownTarget, select
from ..adapters._find import Found, advice, installed
from ..adapters._host import Limits
from ..adapters._launch import flags_of
from ..adapters._ledger import Ledger
from ..cases.case import Case
from .engine import Engine
from .outcome import Outcome, settle
from .rows import Row, Rows, Writer


def choose(found: Mapping[str, Found], patterns: Sequence[str]) -> tuple[list[Chosen], list[Row]]:
    """The targets to run, all that are installed unless some are asked for, and those left out, with how to add them.

    Raises `UnknownTarget` where one that is asked for by name is not installed.
    """
    there = {name: each for name, each in found.items() if installed(each.target)}
    for name in patterns:
        if name in found and name not in there:
            raise UnknownTarget(f"--target {name}: {advice(found[name].target)}")
    chosen = select(patterns, found) if patterns else select(list(there), found)
    chosen = [each for each in chosen if each.elsewhere or each.name in there]
    left_out = [] if patterns else [{"target": name, "why": advice(each.target)} for name, each in found.items() if name not in there]
    return chosen, left_out + [{"target": each.name, "why": each.narrow} for each in chosen if each.narrow]


class Run:
    """Answers cases, settles them, and keeps the rows of those that are handed back."""

    def __init__(self, targets: Iterable[Chosen], ledger: Ledger, left_out: Sequence[Row] = (), limits: Limits = Limits()) -> None:
        self.engine = Engine(targets, limits)
        self.ledger = ledger.on(platform.platform(), cpu_features())
        self.left_out = left_out

    @property
    def targets(self) -> dict[str, Chosen]:
        """The targets by their names."""
        return self.engine.targets

    def answer(self, case: Case, target: str) -> tuple[Outcome, list[Row]]:
        """What became of a case on a target, once its answers are there."""
        return settle(case, target, self.engine.rows(case, target), self.ledger)

    def header(self) -> Row:
        """What ran where, for the first line of the rows."""
        return {
            "suite": metadata.version("poolparity"),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "platform": platform.platform(),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "cpu_features": cpu_features(),
            "targets": {
                name: {"versions": chosen.versions, "flags": flags_of(chosen.target, os.environ)} for name, chosen in self.targets.items()
            },
            "left_out": list(self.left_out),
        }

    def close(self) -> None:
        """End every worker."""
        self.engine.__exit__(None, None, None)


class Kept:
    """The rows of a run: written to a file as they come, read back for whatever is made of them."""

    def __init__(self, path: Path | None, header: Row) -> None:
        self.folder = None if path else tempfile.TemporaryDirectory(prefix="poolparity-")
        self.path = path or Path(self.folder.name if self.folder else "", "rows.jsonl")
        self.writer = Writer(self.path, header)

    def add(self, line: Row, rows: Sequence[Row]) -> None:
        """Keep a case's rows on a target."""
        self.writer.add(line, rows)

    def finish(self, whole: bool = True) -> Rows:
        """Close the file, with its footer if the run came to its end, and read it, its causes told apart by fingerprints."""
        from .resolve import read_resolved  # which needs pandas, and nothing before the end does

        self.writer.close(whole)
        return read_resolved(self.path)


def cpu_features() -> list[str]:
    """The vector extensions of the processor, as the system lists them; none where it lists none."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return sorted(flag for flag in flags.partition(":")[2].split() if flag.startswith(("avx", "amx", "sse4", "fma", "asimd", "sve")))
