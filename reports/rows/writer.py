"""The one writer of files of rows, plain or compressed."""

from __future__ import annotations

import json
import os
import stat
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from .files import make_folder_of, naming_the_file
from .records import CaseLine, Header, Line, Row, Rows, empty_header

LEVEL = 6
LATEST = 1.0
"""Seconds after which compressed rows are written out, so that they survive whatever happens next."""
LARGEST = 1 << 20
"""Bytes after which they are, whatever the time."""


class Writer:
    """Writes a file of rows case by case, so that what was measured survives whatever happens next.

    A file that is compressed is one stream of gzip, flushed every second: after a kill it can be read up to
    the last of these blocks.
    """

    def __init__(self, path: Path, header: Header, compress: bool | None = None) -> None:
        make_folder_of(path)
        self.path = path
        self.stream = path.open("wb")
        self.gzip = zlib.compressobj(LEVEL, wbits=31) if (is_compressed(path) if compress is None else compress) else None
        self.last_flush, self.pending = time.monotonic(), 0
        self.cases: set[str] = set()
        self.case_counts: Counter[str] = Counter()
        self.count = 0
        try:
            self.write({**empty_header(), **header})
        except OSError:
            with suppress(OSError):
                self.stream.close()
            raise

    def add(self, case: CaseLine, rows: Sequence[Row]) -> None:
        """Write all rows of a case on a target, the last of them marked, after the line of the case itself."""
        new = [] if case["case"] in self.cases else [case]
        self.cases.add(case["case"])
        self.case_counts.update({row["target"] for row in rows})
        self.count += len(rows)
        marked_rows: list[Row] = [{**row, "last": at == len(rows)} for at, row in enumerate(rows, 1)]
        self.write(*new, *marked_rows)

    def close(self, whole: bool) -> None:
        """Close the file; only a run that came to its end gets a footer."""
        if whole:
            not_asked = {target: len(self.cases) - count for target, count in self.case_counts.items() if count < len(self.cases)}
            self.write({"record": "footer", "cases": len(self.cases), "rows": self.count, "not_asked": not_asked})
        if self.gzip:
            self.put(self.gzip.flush())
            self.gzip = None
        self.stream.close()

    def move(self, path: Path) -> None:
        """Take the place of another file, at once and whole, and write on there."""
        self.flush()
        os.fsync(self.stream.fileno())
        self.path = self.path.replace(path)

    def write(self, *lines: Line) -> None:
        """Write whole lines, at once."""
        text = "".join(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n" for line in lines)
        data = text.encode(errors="backslashreplace")  # half a character becomes its JSON escape
        if self.gzip is None:
            self.put(data)
            return
        self.put(self.gzip.compress(data))
        self.pending += len(data)
        if self.pending > LARGEST or time.monotonic() - self.last_flush > LATEST:
            self.flush()

    def flush(self) -> None:
        """Write out all that is pending."""
        if self.gzip:
            self.put(self.gzip.flush(zlib.Z_SYNC_FLUSH))
            self.last_flush, self.pending = time.monotonic(), 0

    def put(self, data: bytes) -> None:
        """Hand bytes to the system."""
        with naming_the_file(self.path):
            self.stream.write(data)
            self.stream.flush()


def is_compressed(path: Path) -> bool:
    """Whether the name of a file says that it is compressed."""
    return path.suffix == ".gz"


def write_rows(rows: Rows, path: Path) -> None:
    """Write a file of rows, the rows of each case together: all of it or nothing, but for a device or a pipe, which is no file to replace."""
    by_case: dict[str, dict[str, list[Row]]] = {}
    for row in rows.rows:
        by_case.setdefault(row["case"], {}).setdefault(row["target"], []).append(row)
    place = Path(os.path.realpath(path)) if is_replaceable(path) else None
    writer = Writer(place.with_name(f"{place.name}.merged") if place else path, rows.header, is_compressed(path))
    try:
        for case, targets in by_case.items():
            for group in targets.values():
                writer.add(rows.cases[case], group)
        if place:
            writer.move(place)
        writer.close(rows.whole)
    except BaseException:
        if place and writer.path != place:
            writer.path.unlink(missing_ok=True)
        raise


def is_replaceable(path: Path) -> bool:
    """Whether a path leads to a regular file, or to none yet; raises what the system says of one that leads nowhere."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return True
