"""The rows of earlier runs by what they hang on, in one SQLite file that any number of runs may use at once.

It lies where the platform keeps caches, for all projects together: what is the same is the same everywhere,
and pytest and the command share it. Whatever kills a run, SQLite undoes what was half written.
"""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from platformdirs import user_cache_path

from ..rows.records import Row

LIMIT = 256 << 20
"""Bytes that the file has at most, when a run leaves it; what was not used for longest goes first."""
BATCH = 256
"""So many entries are written together."""
PATIENCE = 30
"""Seconds to wait for other runs that write."""
DAY = 86400

T = TypeVar("T")


def cache_path() -> Path:
    """Where the cache lies."""
    return user_cache_path("poolparity", appauthor=False) / "rows-1.sqlite"


class CacheFile:
    """Rows by keys. Where the file cannot be used, `trouble` says why, and nothing is found or kept any more."""

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        self.path, self.limit, self.trouble = path, limit, ""
        self.new: dict[bytes, bytes] = {}
        self.used: set[bytes] = set()
        self.connection = self.tried(lambda: opened(path))

    def tried(self, do: Callable[[], T]) -> T | None:
        """What is done, or None where the file cannot be used."""
        if self.trouble:
            return None
        try:
            return do()
        except (sqlite3.Error, OSError) as error:
            self.trouble = f"answers of earlier runs cannot be used or kept: {self.path}: {error}"
            return None

    def get(self, key: bytes) -> list[Row] | None:
        """The rows under a key, None where there are none."""
        found = self.tried(lambda: self.execute("SELECT rows FROM kept WHERE key = ?", key).fetchone())
        if found is None:
            return None
        self.used.add(key)
        return [dict(row) for row in json.loads(zlib.decompress(found[0]))]

    def put(self, key: bytes, rows: Sequence[Row]) -> None:
        """Keep rows under a key."""
        self.new[key] = zlib.compress(json.dumps(rows).encode(), 1)
        if len(self.new) >= BATCH:
            self.save()

    def save(self) -> None:
        """Write what is new, and what was used today, all of it or nothing."""
        now = int(time.time())
        self.tried(lambda: self.write("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", [(key, now, rows) for key, rows in self.new.items()]))
        self.tried(lambda: self.write("UPDATE kept SET used = ? WHERE key = ? AND used < ?", [(now, key, now - DAY) for key in self.used]))
        self.new, self.used = {}, set()

    def close(self) -> None:
        """Write what is left, make room, and let go of the file."""
        self.save()
        self.tried(self.shrink)
        if self.connection:
            self.connection.close()

    def shrink(self) -> None:
        """Drop the quarter that was not used for longest, until the file is small enough."""
        while self.size() > self.limit:
            self.write("DELETE FROM kept WHERE key IN (SELECT key FROM kept ORDER BY used LIMIT 1 + (SELECT count(*) FROM kept) / 4)", [()])

    def size(self) -> int:
        """How many bytes the file has."""
        pages, each = (self.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        return int(pages * each)

    def write(self, statement: str, values: Sequence[tuple[object, ...]]) -> None:
        """Do a statement for all values, in one transaction."""
        assert self.connection
        if values:
            with self.connection:
                self.connection.executemany(statement, values)

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        """Do one statement."""
        assert self.connection
        return self.connection.execute(statement, values)


def opened(path: Path) -> sqlite3.Connection:
    """The file, made where there is none; one that is no database makes room for a new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return connected(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        path.unlink(missing_ok=True)
        return connected(path)


def connected(path: Path) -> sqlite3.Connection:
    """The file with its table."""
    connection = sqlite3.connect(path, timeout=PATIENCE)
    try:
        connection.execute("PRAGMA auto_vacuum = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, used INTEGER NOT NULL, rows BLOB NOT NULL)")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
