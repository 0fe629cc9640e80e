"""The rows of a run: written to a file as they come, and folded into what its end is told from."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from .rows import Row, Rows, Writer
from .tally import Tally


class Kept:
    """Keeps the rows of a run; where no file is named, in one that goes with the run."""

    def __init__(self, path: Path | None, header: Row) -> None:
        self.folder = None if path else tempfile.TemporaryDirectory(prefix="poolparity-")
        self.path = path or Path(self.folder.name if self.folder else "", "rows.jsonl")
        self.writer = Writer(self.path, header)
        self.tally = Tally(header)

    def add(self, line: Row, rows: Sequence[Row]) -> None:
        """Keep a case's rows on a target."""
        self.writer.add(line, rows)
        self.tally.add(line, rows)

    def finish(self, whole: bool = True) -> Tally:
        """Close the file, with its footer if the run came to its end."""
        self.writer.close(whole)
        self.tally.whole = whole
        return self.tally

    def close(self) -> None:
        """Let go of the file, if nobody asked for it."""
        self.writer.stream.close()
        if self.folder:
            self.folder.cleanup()

    def read(self) -> Rows:
        """All rows, read back, their causes told apart by fingerprints."""
        from .resolve import read_resolved  # which needs pandas, and nothing before the end does

        return read_resolved(self.path)
