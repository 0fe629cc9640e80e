"""The rows of a run: written to a file as they come, and folded into what its end is told from."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..rows.records import CaseLine, Header, Row, Rows
from ..rows.tally import Tally
from ..rows.writer import Writer, is_compressed
from .resume import EarlierRows


class RowStore:
    """Keeps the rows of a run; where no file is named, in one that goes with the run.

    A file with a past is written anew beside itself, and takes its own place as soon as all of its past is
    there again: whatever happens until then, what it held is not lost.
    """

    def __init__(self, path: Path | None, header: Header, past: EarlierRows | None = None) -> None:
        self.folder = None if path else tempfile.TemporaryDirectory(prefix="poolparity-")
        self.path = path or Path(self.folder.name if self.folder else "", "rows.jsonl")
        self.aside = past is not None
        self.missing = set(past or ())
        file = self.path.with_name(f"{self.path.name}.resumed") if self.aside else self.path
        self.writer = Writer(file, header, is_compressed(self.path))
        self.tally = Tally(header)
        self.settle()

    def add(self, line: CaseLine, rows: Sequence[Row]) -> None:
        """Keep a case's rows on a target."""
        self.writer.add(line, rows)
        self.tally.add(line, rows)
        self.missing.discard((line["case"], rows[0]["target"]))
        self.settle()

    def settle(self) -> None:
        """Take the file's own place, once nothing of its past is missing."""
        if self.aside and not self.missing:
            self.writer.move(self.path)
            self.aside = False

    def finish(self, whole: bool = True) -> Tally:
        """Close the file, with its footer if the run came to its end."""
        self.missing = set() if whole else self.missing
        self.settle()
        self.writer.close(whole)
        if self.aside:
            self.writer.path.unlink()  # the file itself has all that is here, and more
        self.tally.whole = whole
        return self.tally

    def close(self) -> None:
        """Let go of the file, if nobody asked for it."""
        self.writer.stream.close()
        if self.folder:
            self.folder.cleanup()

    def read(self) -> Rows:
        """All rows, read back, their causes told apart by fingerprints."""
        from ..fingerprint.causes import read_with_causes  # which needs pandas, and nothing before the end does

        return read_with_causes(self.path)
