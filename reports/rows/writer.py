"""The one writer of files of rows."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from .files import naming_the_file
from .records import FORMAT, Row, Rows


class Writer:
    """Writes a file of rows case by case, so that what was measured survives whatever happens next."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.stream: TextIO = path.open("w", encoding="utf-8", errors="backslashreplace")  # half a character becomes its JSON escape
        self.cases: set[str] = set()
        self.count = 0
        self.write({"record": "header", "format": FORMAT, **header})

    def add(self, case: Row, rows: Sequence[Row]) -> None:
        """Write all rows of a case on a target, the last of them marked, after the line of the case itself."""
        new = [] if case["case"] in self.cases else [case]
        self.cases.add(case["case"])
        self.count += len(rows)
        self.write(*new, *({**row, "last": at == len(rows)} for at, row in enumerate(rows, 1)))

    def close(self, whole: bool) -> None:
        """Close the file; only a run that came to its end gets a footer."""
        if whole:
            self.write({"record": "footer", "cases": len(self.cases), "rows": self.count})
        self.stream.close()

    def move(self, path: Path) -> None:
        """Take the place of another file, at once and whole, and write on there."""
        os.fsync(self.stream.fileno())
        self.path = self.path.replace(path)

    def write(self, *lines: Mapping[str, Any]) -> None:
        """Write whole lines, at once."""
        with naming_the_file(self.path):
            self.stream.write("".join(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n" for line in lines))
            self.stream.flush()


def write_rows(done: Rows, path: Path) -> None:
    """Write a file of rows, all of it or nothing, the rows of each case together."""
    asked: dict[str, dict[str, list[Row]]] = {}
    for row in done.rows:
        asked.setdefault(row["case"], {}).setdefault(row["target"], []).append(row)
    writer = Writer(path.with_name(f"{path.name}.merged"), done.header)
    for case, targets in asked.items():
        for rows in targets.values():
            writer.add(done.cases[case], rows)
    writer.move(path)
    writer.close(done.whole)
