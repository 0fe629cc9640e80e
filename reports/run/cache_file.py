"""Answers of earlier runs by their keys, in one SQLite file that any number of runs may use at once.

It lies where the platform keeps caches, for all projects together: what is the same is the same everywhere,
and pytest and the command share it. Whatever kills a run, SQLite undoes what was half written. Each entry
carries a checksum over its key and its content, so that a damaged file costs time and never changes an answer.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from platformdirs import user_cache_path

from ...cases.model.mistake import quote_path

LIMIT = 256 << 20
"""Bytes that the file has at most, when a run leaves it; what was not used for longest goes first."""
BATCH = 256
"""So many entries are written together."""
PATIENCE = 30
"""Seconds to wait for other runs that write."""
DAY = 86400
CHECKSUM = 16
"""Bytes of a checksum."""

T = TypeVar("T")


def cache_path() -> Path:
    """The file in the folder that the platform has for caches."""
    return user_cache_path("poolparity", appauthor=False) / "rows-2.sqlite"


class CacheFile:
    """Documents of JSON by keys, for any number of threads.

    The file is opened when it is first needed. Where it cannot be used, `trouble` says why, and nothing is found or kept
    any more. What is found and cannot be read counts as not found, and `damaged_count` counts it.
    """

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        self.path, self.limit, self.trouble = path, limit, ""
        self.damaged_count, self.broken = 0, False
        self.new: dict[bytes, bytes] = {}
        self.used: set[bytes] = set()
        self.lock = threading.RLock()
        self.connection: sqlite3.Connection | None = None

    def try_database(self, do: Callable[[], T]) -> T | None:
        """What is done, or None where the file cannot be used."""
        if self.trouble:
            return None
        try:
            return do()
        except (sqlite3.Error, OSError, OverflowError) as error:
            self.broken = not isinstance(error, (sqlite3.OperationalError, OSError))
            self.trouble = f"answer cache not used: {quote_path(self.path)}: {error}"
            return None

    def get(self, key: bytes) -> Any:
        """The document under a key, None where there is none that can be read."""
        with self.lock:
            entry = self.try_database(lambda: self.execute("SELECT content FROM entries WHERE key = ?", key).fetchone())
            if entry is None:
                return None
            content = unseal(key, entry[0])
            if content is None:
                self.damaged_count += 1
                return None
            self.used.add(key)
        return json.loads(zlib.decompress(content))

    def put(self, key: bytes, document: Any) -> None:
        """Keep a document under a key."""
        content = zlib.compress(json.dumps(document).encode(), 1)
        with self.lock:
            self.new[key] = checksum(key, content) + content
            if len(self.new) >= BATCH:
                self.save()

    def save(self) -> None:
        """Write what is new, and what was used today, all of it or nothing."""
        now = int(time.time())
        with self.lock:
            new = [(key, now, content) for key, content in self.new.items()]
            self.try_database(lambda: self.write("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", new))
            updates = [(now, key, now - DAY) for key in self.used]
            self.try_database(lambda: self.write("UPDATE entries SET used = ? WHERE key = ? AND used < ?", updates))
            self.new, self.used = {}, set()

    def close(self) -> None:
        """Write what is left, make room, and let go of the file."""
        with self.lock:
            self.save()
            if self.connection:
                self.try_database(self.shrink)
                self.connection.close()
        if self.broken:
            remove(self.path)

    def describe_trouble(self) -> str:
        """What was wrong with the cache, a line for each problem; empty where all is well."""
        message = f"{quote_path(self.path)}: {self.damaged_count:,} damaged entries of the answer cache ignored"
        return "\n".join(filter(None, (message if self.damaged_count else "", self.trouble)))

    def shrink(self) -> None:
        """Drop the quarter that was not used for longest, until the file is small enough."""
        while self.size() > self.limit:
            self.write(
                "DELETE FROM entries WHERE key IN (SELECT key FROM entries ORDER BY used LIMIT 1 + (SELECT count(*) FROM entries) / 4)",
                [()],
            )

    def size(self) -> int:
        """How many bytes the file has."""
        pages, page_size = (self.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        return int(pages * page_size)

    def write(self, statement: str, values: Sequence[tuple[object, ...]]) -> None:
        """Do a statement for all values, in one transaction."""
        if values:
            with self.open() as connection:
                connection.executemany(statement, values)

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        """Do one statement."""
        return self.open().execute(statement, values)

    def open(self) -> sqlite3.Connection:
        """The connection to the file, which is opened once."""
        if self.connection is None:
            self.connection = open_database(self.path)
        return self.connection


def open_database(path: Path) -> sqlite3.Connection:
    """The file, made where there is none; one that is no database makes room for a new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return connect(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        remove(path)
        return connect(path)


def connect(path: Path) -> sqlite3.Connection:
    """The file with its table."""
    connection = sqlite3.connect(path, timeout=PATIENCE, check_same_thread=False)  # the lock of CacheFile lets in one at a time
    connection.text_factory = bytes  # a damaged entry may be of any type, and is no text in UTF-8
    try:
        connection.execute("PRAGMA auto_vacuum = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, used INTEGER NOT NULL, content BLOB NOT NULL)")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def remove(path: Path) -> None:
    """Remove a file that is damaged, and what SQLite has beside it; the next run makes a new one."""
    for file in (path, path.with_name(f"{path.name}-journal")):
        file.unlink(missing_ok=True)


def checksum(key: bytes, content: bytes) -> bytes:
    """What tells whether a content is the one that was kept under a key."""
    return hashlib.blake2b(content, digest_size=CHECKSUM, key=key[:64]).digest()


def unseal(key: bytes, entry: Any) -> bytes | None:
    """The content of an entry, None where it is damaged or was kept under another key."""
    if not isinstance(entry, bytes) or entry[:CHECKSUM] != checksum(key, entry[CHECKSUM:]):
        return None
    return entry[CHECKSUM:]
